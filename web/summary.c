/* See summary.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary.h"
#include "base/clock.h"
#include "schema/read.h"
#include "web/link.h"
#include "web/period.h"
#include "base/url.h"
#include <inttypes.h>
#include <string.h>

#define SETTLED_DAYS 2 /* the reports of a week's last day have come by then */

int32_t summary_newest(int32_t today)
{
    int year, week;
    clock_week_of(today, &year, &week);
    return clock_week_day(year, week) - 7;
}

static const char *word_of(enum week_kind kind)
{
    static const char *const words[] = {
        [WEEK_NEW] = "new",       [WEEK_WORSE] = "worse", [WEEK_GOING_ON] = "going on",
        [WEEK_BETTER] = "better", [WEEK_GONE] = "gone",
    };
    return words[kind];
}

static enum summary_state state_of(const struct summary *summary)
{
    const struct week_totals_row *totals = &summary->totals;
    const struct summary_kind *kinds = summary->kinds;
    if (kinds[WEEK_NEW].lines || kinds[WEEK_WORSE].lines || summary->silent_all
        || summary->verdicts.worse || summary->verdicts.ready || summary->setup.all[LIVE_WEEK_NEW]
        || summary->setup.all[LIVE_WEEK_ENDS])
        return SUMMARY_LOOK;
    if (totals->failed || kinds[WEEK_GOING_ON].lines || kinds[WEEK_BETTER].lines)
        return SUMMARY_STEADY;
    return totals->reporters ? SUMMARY_CALM : SUMMARY_EMPTY;
}

void summary_put_setup(struct summary *summary, const struct rows *live_week_rows)
{
    const struct live_week_row *rows = live_week_rows->first;
    summary->setup = (struct summary_setup){ .rows = rows, .count = live_week_rows->count };
    for (size_t i = 0; i < live_week_rows->count; i++)
        summary->setup.all[rows[i].kind] = rows[i].of_kind;
}

void summary_put_together(struct summary *summary, const struct rows *week_line_rows,
                          const struct rows *week_silent_rows, const struct rows *week_verdict_rows)
{
    const struct week_line_row *row = week_line_rows->first;
    const struct week_silent_row *silent = week_silent_rows->first;
    const struct week_verdict_row *verdict = week_verdict_rows->first;
    for (size_t i = 0; i < week_line_rows->count; i++) {
        struct summary_kind *kind = &summary->kinds[row[i].kind];
        if (!kind->count)
            kind->rows = &row[i];
        kind->count++;
        kind->lines = row[i].of_kind;
        kind->shown = row[i].place;
    }
    summary->silent = silent;
    summary->silent_count = week_silent_rows->count;
    summary->silent_all = week_silent_rows->count ? silent->reporters : 0;
    if (week_verdict_rows->count)
        summary->verdicts =
            (struct summary_verdicts){ verdict, week_verdict_rows->count, verdict->domains,
                                       verdict->worse, verdict->ready };
    summary->state = state_of(summary);
}

/* *ID is 0 for all domains; *KNOWN says whether a report ever spoke of DOMAIN. */
static bool find_domain(struct reader *reader, struct arena *arena, const char *domain, int32_t *id,
                        bool *known, struct err *err)
{
    const struct domain_row *row = NULL;
    if (domain && !read_domain(reader, arena, domain, &row, err))
        return false;
    *known = !domain || row;
    *id = row ? row->id : 0;
    return true;
}

/* All that needs no database. */
static struct summary *frame(struct arena *arena, const struct summary_wish *wish)
{
    struct summary *summary = arena_alloc(arena, sizeof *summary);
    *summary = (struct summary){
        .domain = wish->domain,
        .week = period_week_to_text(arena, wish->monday),
        .week_before = period_week_to_text(arena, wish->monday - 7),
        .week_after = period_week_to_text(arena, wish->monday + 7),
        .monday = wish->monday,
        .over = wish->monday + 6 < wish->today,
        .settled = wish->monday + 6 + SETTLED_DAYS < wish->today,
    };
    return summary;
}

const struct summary *summary_blank(struct arena *arena, const struct summary_wish *wish)
{
    return frame(arena, wish);
}

bool summary_read(struct reader *reader, struct arena *arena, const struct summary_wish *wish,
                  const struct summary **out, struct err *err)
{
    struct summary *summary = frame(arena, wish);
    struct week week = { .monday = wish->monday };
    struct rows lines, silent, verdicts, setup;
    bool known = false;
    *out = NULL;
    if (!find_domain(reader, arena, wish->domain, &week.domain_id, &known, err))
        return false;
    if (!known)
        return true;
    if (!read_week_totals(reader, arena, &week, &summary->totals, err)
        || (!wish->domain && !read_week_domains(reader, arena, &week, &summary->domains, err))
        || !read_week_lines(reader, arena, &week, &lines, err)
        || !read_week_silent(reader, arena, &week, &silent, err)
        || !read_week_verdicts(reader, arena, &week, &verdicts, err)
        || !read_live_week(reader, arena, &week, SUMMARY_SETUP_ROWS, &setup, err))
        return false;
    summary_put_setup(summary, &setup);
    summary_put_together(summary, &lines, &silent, &verdicts);
    *out = summary;
    return true;
}

size_t summary_rows_of_line(const struct summary_kind *kind, size_t at)
{
    size_t end = at + 1;
    while (end < kind->count && kind->rows[end].place == kind->rows[at].place)
        end++;
    return end - at;
}

/* --- words --- */

static void add_count(struct buf *out, int64_t number, const char *one, const char *many)
{
    if (number)
        buf_printf(out, "%s%" PRId64 " %s", out->size ? ", " : "", number,
                   number == 1 ? one : many);
}

/* "2 new failures, 1 worse, 1 reporter silent, 1 verdict worse", of what there is. */
static void add_counts(struct buf *out, const struct summary *summary)
{
    static const enum week_kind order[] = { WEEK_NEW, WEEK_WORSE, WEEK_GOING_ON, WEEK_BETTER,
                                            WEEK_GONE };
    bool any = false;
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        int64_t lines = summary->kinds[order[i]].lines;
        if (!lines)
            continue;
        const char *noun = any ? "" : lines == 1 ? " failure" : " failures";
        bool is_new = order[i] == WEEK_NEW; /* "2 new failures", but "2 failures worse" */
        buf_printf(out, "%s%" PRId64 "%s %s%s", any ? ", " : "", lines, is_new ? "" : noun,
                   word_of(order[i]), is_new ? noun : "");
        any = true;
    }
    add_count(out, summary->silent_all, "reporter silent", "reporters silent");
    add_count(out, summary->verdicts.worse, "verdict worse", "verdicts worse");
    add_count(out, summary->verdicts.ready, "domain ready to enforce", "domains ready to enforce");
    add_count(out, summary->setup.all[LIVE_WEEK_NEW], "new fault of a set-up",
              "new faults of set-ups");
    add_count(out, summary->setup.all[LIVE_WEEK_ENDS], "certificate running out",
              "certificates running out");
}

static const char *counts_of(struct arena *arena, const struct summary *summary)
{
    CLEANUP(buf_done) struct buf text = BUF(1000);
    add_counts(&text, summary);
    return arena_text(arena, buf_get(&text));
}

const char *summary_headline(struct arena *arena, const struct summary *summary)
{
    const char *counts = counts_of(arena, summary);
    switch (summary->state) {
    case SUMMARY_EMPTY:
        return *counts ? arena_printf(arena, "No report tells of this week: %s.", counts)
                       : "No report tells of this week.";
    case SUMMARY_CALM:
        return *counts ? arena_printf(arena, "All is well, there is nothing to do: %s.", counts)
                       : "All is well, there is nothing to do: no session failed.";
    case SUMMARY_STEADY:
        return *counts ? arena_printf(arena, "Nothing new and nothing worse: %s.", counts)
                       : "Nothing new and nothing worse.";
    case SUMMARY_LOOK:
        break;
    }
    return arena_printf(arena, "This needs a look: %s.", counts);
}

const char *summary_subject(struct arena *arena, const struct summary *summary)
{
    const char *counts = counts_of(arena, summary);
    const char *what = summary->state == SUMMARY_CALM    ? "nothing to do"
                       : summary->state == SUMMARY_EMPTY ? "no reports"
                       : *counts                         ? counts
                                                         : "nothing new";
    return arena_printf(arena, "TLS of %s in week %s: %s",
                        summary->domain ? summary->domain : "all domains", summary->week, what);
}

/* The first word of NAMES. */
static const char *first_of(struct arena *arena, const char *names)
{
    return arena_copy(arena, names, strcspn(names, " "));
}

const char *summary_evidence(struct arena *arena, const struct summary *summary,
                             const struct week_line_row *line)
{
    bool gone = line->kind == WEEK_GONE;
    const char *week = arena_printf(arena, "week=%s", gone ? summary->week_before : summary->week);
    if (summary->domain)
        return link_domain(arena, summary->domain, week);
    if (line->mx)
        return link_mx(arena, line->mx, week);
    return *line->names ? link_domain(arena, first_of(arena, line->names), week) : "/";
}

const char *summary_days(struct arena *arena, const struct summary *summary)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    return arena_printf(arena, "%s to %s", clock_day_to_text(summary->monday, from),
                        clock_day_to_text(summary->monday + 6, to));
}
