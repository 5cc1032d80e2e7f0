/* See domain_reporters.h.
 * SPDX-License-Identifier: MIT */
#include "web/domain_reporters.h"
#include "web/layout.h"
#include "web/part.h"
#include <string.h>

/* Days without a report after which a regular sender counts as silent: reports come the day after. */
#define SILENT_DAYS 3

static const struct policy_row *policy_of(const struct rows *policy_rows, int64_t id)
{
    const struct policy_row *rows = policy_rows->first;
    for (size_t i = 0; i < policy_rows->count; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

/* The newest policy of the type that others quote too; rows are newest first. */
static bool is_newest(const struct rows *policy_rows, const struct policy_row *policy)
{
    const struct policy_row *rows = policy_rows->first;
    for (const struct policy_row *row = rows; row < policy; row++)
        if (strcmp(row->type, policy->type) == 0)
            return false;
    return true;
}

static void print_policy(struct html *page, const struct rows *policy_rows, int64_t id)
{
    const struct policy_row *policy = policy_of(policy_rows, id);
    if (!policy) {
        html(page, "<td>\u2013</td>");
        return;
    }
    html(page, "<td>%s%s%s", policy->type, *policy->mode ? ", mode " : "", policy->mode);
    if (strcmp(policy->type, "sts") == 0 && *policy->body && !is_newest(policy_rows, policy)) {
        html(page, " ");
        part_badge(page, BADGE_WARN, "older text");
    }
    html(page, "</td>");
}

static void print_row(struct html *page, const struct domain_reporter_row *row, int64_t sum,
                      const struct period *period)
{
    int32_t end = period->to_day < period->today - 1 ? period->to_day : period->today - 1;
    int64_t possible = end - row->first_day + 1;
    html(page, "<tr><th scope=\"row\">%s</th>", *row->organization ? row->organization : "\u2013");
    html_cell(page, row->successful + row->failed);
    html(page, "<td class=\"n\">");
    html_share(page, row->successful + row->failed, sum);
    html(page, "</td>");
    part_failed(page, row->failed);
    html(page, "<td class=\"n\">%lld of %lld</td><td>", (long long)row->days,
         (long long)(possible > row->days ? possible : row->days));
    html_day(page, row->last_day);
    if (end - row->last_day >= SILENT_DAYS) {
        html(page, " ");
        part_badge(page, BADGE_WARN, "silent");
    }
    html(page, "</td><td>%s</td>", row->trusted ? "trusted" : "not verified");
}

void domain_reporters_print(struct html *page, const struct rows *reporter_rows,
                            const struct rows *policy_rows, const struct period *period)
{
    const struct domain_reporter_row *rows = reporter_rows->first;
    int64_t sum = 0;
    if (!reporter_rows->count)
        return;
    for (size_t i = 0; i < reporter_rows->count; i++)
        sum += rows[i].successful + rows[i].failed;
    html(page, "<section id=\"reporters\"><h2>Who reports</h2>\n");
    LAYOUT_TABLE(page, "Reporters, most sessions first", "Organization", "#Sessions", "#Share",
                 "#Failed", "#Days reported since its first", "Last day", "Sender",
                 "Policy last quoted");
    for (size_t i = 0; i < reporter_rows->count; i++) {
        print_row(page, &rows[i], sum, period);
        print_policy(page, policy_rows, rows[i].policy_id);
        html(page, "</tr>\n");
    }
    layout_table_end(page);
    part_left_out(page, rows->reporters, reporter_rows->count, "reporters with fewer sessions");
    html(page, "</section>\n");
}
