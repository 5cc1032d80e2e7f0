/* The summary of an ISO week (Monday to Sunday, UTC): which failures are new, worse, better or gone since
 * the week before, per MX, result type and reporter; who fell silent; sums. One model with several
 * printers: the page /weeks/YYYY-Www, `tlsrptd summary` as text and JSON, and HTML for mail.
 *
 * SPDX-License-Identifier: MIT
 * Before: schema/read_week.h, schema/read_live.h, period.h. Next: summary_words.h */
#pragma once

#include "schema/read_live.h"
#include "base/err.h"

/* What is to be done about a week. */
enum summary_state {
    SUMMARY_EMPTY,  /* no report tells of it */
    SUMMARY_CALM,   /* nothing failed, nobody fell silent */
    SUMMARY_STEADY, /* nothing new, nothing worse, nobody fell silent, nothing became ready, no
                       certificate runs out */
    SUMMARY_LOOK,
};

/* Rows of one kind: lines of WEEK_LINES at most, each WEEK_TELLERS rows at most. */
struct summary_kind {
    const struct week_line_row *rows;
    size_t count;  /* of rows */
    int64_t lines; /* how many there are, */
    int64_t shown; /* and how many of them are in rows */
};

/* Verdicts that changed; of one domain also one that did not. */
struct summary_verdicts {
    const struct week_verdict_row *rows;
    size_t count;              /* of rows */
    int64_t all, worse, ready; /* domains whose verdict changed; of these */
};

/* What came and went in live set-ups, and certificates that run out. */
struct summary_setup {
    const struct live_week_row *rows; /* by kind, SUMMARY_SETUP_ROWS of each at most */
    size_t count;
    int64_t all[LIVE_WEEK_ENDS + 1]; /* how many there are, by enum live_week_kind */
};
#define SUMMARY_SETUP_ROWS 20

struct summary {
    const char *domain; /* NULL: all */
    const char *week;   /* "2026-W47" */
    const char *week_before, *week_after;
    int32_t monday; /* a day; the week ends six days later */
    bool over;      /* its last day has passed */
    bool settled;   /* and so long ago that its reports have come */
    struct week_totals_row totals;
    struct week_domains_row domains;          /* zeros for one domain */
    struct summary_kind kinds[WEEK_GONE + 1]; /* by enum week_kind */
    const struct week_silent_row *silent;
    size_t silent_count;
    int64_t silent_all; /* how many there are */
    struct summary_verdicts verdicts;
    struct summary_setup setup;
    enum summary_state state;
};

/* The Monday of the newest week that is over on TODAY. */
int32_t summary_newest(int32_t today);

/* Which summary. */
struct summary_wish {
    const char *domain;    /* NULL: all */
    int32_t monday, today; /* days */
};

/* *OUT is in ARENA, and NULL when no report ever spoke of the domain. */
MUST_CHECK bool summary_read(struct reader *reader, struct arena *arena,
                             const struct summary_wish *wish, const struct summary **out,
                             struct err *err);

/* The same of a domain of which no report ever spoke. */
const struct summary *summary_blank(struct arena *arena, const struct summary_wish *wish);

/* Puts rows of read_live_week() there, before the rest is put together. Pure. */
void summary_put_setup(struct summary *summary, const struct rows *live_week_rows);

/* Puts rows of read_week_lines(), read_week_silent() and read_week_verdicts(), and the sums that are in
 * *SUMMARY already, together: kinds, silence, verdicts, state. Pure. */
void summary_put_together(struct summary *summary, const struct rows *week_line_rows,
                          const struct rows *week_silent_rows,
                          const struct rows *week_verdict_rows);

/* How many rows the line has that begins with row AT of KIND. */
size_t summary_rows_of_line(const struct summary_kind *kind, size_t at);

/* What is to be told first, a sentence; and the same without a full stop, to stand in a subject. */
const char *summary_headline(struct arena *arena, const struct summary *summary);
const char *summary_subject(struct arena *arena, const struct summary *summary);

/* Path of the page that proves a line: of its MX, or else of its domain, in the week in which it failed. */
const char *summary_evidence(struct arena *arena, const struct summary *summary,
                             const struct week_line_row *line);

/* "2026-11-16 to 2026-11-22" */
const char *summary_days(struct arena *arena, const struct summary *summary);
