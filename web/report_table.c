/* See report_table.h.
 * SPDX-License-Identifier: MIT */
#include "web/report_table.h"
#include "web/layout.h"
#include "web/part.h"
#include "web/link.h"

static void print_row(struct html *page, const struct report_row *row)
{
    const struct report_key key = { row->domain_id, row->day, row->id };
    html(page,
         row->failed ? "<tr class=\"failing\"><th scope=\"row\"><a href=\"%s\">"
                     : "<tr><th scope=\"row\"><a href=\"%s\">",
         link_report(page->arena, &key));
    html_day(page, row->day);
    html(page, "</a></th><td><a href=\"%s\">%s</a></td><td>%s</td>",
         link_domain(page->arena, row->domain, NULL), row->domain, row->organization);
    html_cell(page, row->successful + row->failed);
    part_failed(page, row->failed);
    html(page, "<td>%s</td><td>%s</td><td>", row->trusted ? "trusted" : "not verified",
         row->source);
    html_time(page, row->received_seconds);
    html(page, "</td>");
    html_cell(page, row->deviations);
    html(page, "</tr>\n");
}

void report_table(struct html *page, const struct rows *report_rows)
{
    const struct report_row *rows = report_rows->first;
    LAYOUT_TABLE(page, "Reports, newest day first", "Day", "Domain", "Organization", "#Sessions",
                 "#Failed", "Sender", "Came by", "Received", "#Deviations");
    for (size_t i = 0; i < report_rows->count; i++)
        print_row(page, &rows[i]);
    layout_table_end(page);
}
