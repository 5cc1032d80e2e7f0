/* /reporters: who reports, over all domains: how regularly, how much, and who has gone silent.
 * SPDX-License-Identifier: MIT
 * Before: page_mx_host.c. Next: page_reports.c */
#include "web/layout.h"
#include "web/page.h"
#include "web/part.h"
#include "web/period.h"

/* Days without a report after which a sender counts as silent, if it had reported on more than these. */
#define SILENT_DAYS 3

struct reporters {
    struct period period;
    struct rows rows;
};

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct reporters *reporters = arena_alloc(visit->arena, sizeof *reporters);
    if (!period_read(visit->request, visit->now_seconds, &reporters->period, err)
        || !read_reporters(visit->reader, visit->arena, reporters->period.from_day,
                           reporters->period.to_day, &reporters->rows, err))
        return false;
    *data = reporters;
    return true;
}

static void print_row(struct html *page, const struct reporter_row *row,
                      const struct period *period)
{
    int32_t end = period->to_day < period->today - 1 ? period->to_day : period->today - 1;
    int64_t possible = end - row->first_day + 1, sessions = row->successful + row->failed;
    html(page, "<tr><th scope=\"row\">%s</th><td>",
         *row->organization ? row->organization : "\u2013");
    if (end - row->last_day > SILENT_DAYS && row->days > SILENT_DAYS)
        part_badge(page, BADGE_WARN, "silent");
    else
        part_badge(page, BADGE_GOOD, "reporting");
    html(page, "</td>");
    html_cell(page, sessions);
    part_failed(page, row->failed);
    html(page, "<td class=\"n\">");
    html_share(page, row->failed, sessions);
    html(page, "</td>");
    html_cell(page, row->untrusted);
    html(page, "<td class=\"n\">%lld of %lld</td><td>", (long long)row->days,
         (long long)(possible > row->days ? possible : row->days));
    html_day(page, row->last_day);
    html(page, "</td></tr>\n");
}

static void print(struct html *page, const void *data)
{
    const struct reporters *reporters = data;
    const struct reporter_row *rows = reporters->rows.first;
    html(page, "<h1>Reporters</h1>\n<p class=\"lead\">Who sent reports, in %s.</p>\n",
         reporters->period.label);
    period_print(page, &reporters->period, "/reporters");
    if (!reporters->rows.count) {
        html(page, "<p>No report covers these days.</p>\n");
        return;
    }
    LAYOUT_TABLE(page, "Organizations, most sessions first", "Organization", "State", "#Sessions",
                 "#Failed", "#Share failed", "#Not verified", "#Days reported since its first",
                 "Last day");
    for (size_t i = 0; i < reporters->rows.count; i++)
        print_row(page, &rows[i], &reporters->period);
    layout_table_end(page);
    part_left_out(page, rows->reporters, reporters->rows.count,
                  "organizations with fewer sessions");
    html(page,
         "<p class=\"note\">An organization is silent when it had reported on more than %d days "
         "and then on none for more than %d. Names are what senders call themselves.</p>\n",
         SILENT_DAYS, SILENT_DAYS);
}

const struct page page_reporters = {
    .path = "/reporters",
    .title = "Reporters",
    .section = "/reporters",
    .load = load,
    .print = print,
};
