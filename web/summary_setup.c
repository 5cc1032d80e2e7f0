/* See summary_setup.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary_setup.h"
#include "base/clock.h"
#include "base/url.h"
#include <inttypes.h>

static const struct {
    const char *word, *title;
} kinds[] = {
    [LIVE_WEEK_NEW] = { "new", "New in set-ups" },
    [LIVE_WEEK_GONE] = { "gone", "Gone from set-ups" },
    [LIVE_WEEK_ENDS] = { "certificates", "Certificates of MX hosts that run out within 21 days" },
};

const char *summary_setup_title(enum live_week_kind kind)
{
    return kinds[kind].title;
}

const char *summary_setup_word(enum live_week_kind kind)
{
    return kinds[kind].word;
}

const char *summary_setup_name(const struct live_week_row *row)
{
    return row->kind == LIVE_WEEK_ENDS ? row->subject : row->domain;
}

const char *summary_setup_what(struct arena *arena, const struct live_week_row *row)
{
    char day[CLOCK_TEXT_BYTES];
    clock_day_to_text(clock_day(row->at_seconds), day);
    if (row->kind == LIVE_WEEK_ENDS)
        return arena_printf(arena, "its certificate runs out on %s; %" PRId64 " domain%s", day,
                            row->domains, row->domains == 1 ? "" : "s");
    return arena_printf(arena, "%s %s %s: %s%s%s%s", row->severity,
                        row->kind == LIVE_WEEK_NEW ? "since" : "until", day, row->title,
                        *row->subject ? " (" : "", row->subject, *row->subject ? ")" : "");
}

const char *summary_setup_path(struct arena *arena, const struct summary *summary,
                               const struct live_week_row *row)
{
    const char *domain = row->kind == LIVE_WEEK_ENDS ? summary->domain : row->domain;
    return domain ? url_path(arena, "/setup/", domain) : "/setup";
}

const struct live_week_row *summary_setup_rows(const struct summary *summary,
                                               enum live_week_kind kind, size_t *count)
{
    const struct summary_setup *setup = &summary->setup;
    size_t begin = 0;
    while (begin < setup->count && setup->rows[begin].kind != (int32_t)kind)
        begin++;
    for (*count = 0;
         begin + *count < setup->count && setup->rows[begin + *count].kind == (int32_t)kind;)
        ++*count;
    return setup->rows + begin;
}
