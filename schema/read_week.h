/* What the summary of an ISO week asks: its failures beside those of the week before, over all domains or
 * in one. Over all domains it is read from ledger.reporter_day, whose rows do not grow with the number of
 * domains; which domains a failure concerns is found among so many rows of the tally and no more.
 *
 * Mirrored sessions count once. Rows and errors are as in read.h.
 *
 * SPDX-License-Identifier: MIT
 * Before: read.h. Next: web/summary.h */
#pragma once

#include "schema/reader.h"
#include <stdint.h>

struct week {
    int32_t monday;
    int32_t domain_id; /* 0: all domains */
};

/* Of the week, and of the one before. */
struct week_totals_row {
    int64_t successful, failed; /* sessions */
    int64_t untrusted;          /* of both: told by senders that nobody vouches for */
    int64_t reporters;
    int64_t successful_before, failed_before, untrusted_before, reporters_before;
};
MUST_CHECK bool read_week_totals(struct reader *reader, struct arena *arena,
                                 const struct week *week, struct week_totals_row *out,
                                 struct err *err);

/* In how many domains sessions failed: at least so many when WEEK_ROWS_LOOKED_AT were looked at. */
struct week_domains_row {
    int64_t domains, looked;
    int64_t domains_before, looked_before;
};
#define WEEK_ROWS_LOOKED_AT 100000
MUST_CHECK bool read_week_domains(struct reader *reader, struct arena *arena,
                                  const struct week *week, struct week_domains_row *out,
                                  struct err *err);

enum week_kind {
    WEEK_NEW = 1, /* none the week before */
    WEEK_WORSE,   /* more by a quarter at least, and by five sessions */
    WEEK_GOING_ON,
    WEEK_BETTER, /* fewer, likewise */
    WEEK_GONE,   /* none any more */
};

/* Failures of one result type at one MX as one reporter tells of them. Rows of one line follow each
 * other, the reporter that tells of most first; lines of one kind do too. */
struct week_line_row {
    int32_t kind;    /* enum week_kind */
    int64_t of_kind; /* lines there are of it */
    int64_t place;   /* of the line in its kind, from 1: the largest */
    const char *mx;  /* NULL: not named */
    const char *result;
    int64_t failed, before;  /* sessions of the line, this week and the week before */
    int64_t untrusted;       /* of `failed` */
    bool heard;              /* a reporter that told of it the week before reported this week */
    int64_t domains, looked; /* this week, when gone the week before; at least so many when
                                WEEK_LINE_LOOKED_AT; 0 in one domain */
    const char *names;       /* of three of them, with spaces between, most failures first */
    int64_t reporters;       /* of the line; three at most have rows */
    const char *organization;
    int64_t told, told_before; /* of `failed` and `before` */
};
#define WEEK_LINES          20 /* most of a kind */
#define WEEK_TELLERS        3
#define WEEK_LINE_LOOKED_AT 2000
MUST_CHECK bool read_week_lines(struct reader *reader, struct arena *arena, const struct week *week,
                                struct rows *week_line_rows, struct err *err);

/* A reporter with reports of WEEK_SILENT_DAYS of the week before or more, and of no day of the week. */
struct week_silent_row {
    const char *organization;
    int64_t days;
    int64_t sessions; /* of the week before */
    int32_t last_day;
    int64_t reporters; /* how many there are; rows tell of the WEEK_LINES largest */
};
#define WEEK_SILENT_DAYS 3
MUST_CHECK bool read_week_silent(struct reader *reader, struct arena *arena,
                                 const struct week *week, struct rows *week_silent_rows,
                                 struct err *err);

enum week_turn {
    WEEK_TURN_WORSE = 1,
    WEEK_TURN_READY, /* to enforce, with limits or without */
    WEEK_TURN_OTHER,
    WEEK_TURN_NONE, /* the verdict is older than the week */
};

/* A domain whose verdict changed in the week, and the verdict at its end. Worse ones come first. */
struct week_verdict_row {
    const char *domain;
    int32_t turn;             /* enum week_turn */
    const char *from_verdict; /* at the week's beginning; "": none was */
    const char *stage, *verdict;
    const char *sentence;          /* of the heaviest reason */
    int64_t at_seconds;            /* of the last change */
    int64_t changes;               /* in the week */
    int64_t domains, worse, ready; /* over all: with a change; of these */
};

/* At most WEEK_LINES; of one domain its verdict even when it did not change. */
MUST_CHECK bool read_week_verdicts(struct reader *reader, struct arena *arena,
                                   const struct week *week, struct rows *week_verdict_rows,
                                   struct err *err);
