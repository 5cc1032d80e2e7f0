/* /rejected: what could not be counted, with its reason and its first bytes. What is printed here is
 * the least trusted text of all.
 * SPDX-License-Identifier: MIT
 * Before: page_report.c */
#include "base/text.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"

#define ROWS_AT_ONCE 50

/* "?after=ID" names the last row of the page before. */
static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct rows *rows = arena_alloc(visit->arena, sizeof *rows);
    const char *after = http_argument(visit->request, "after");
    int64_t id = 0;
    if (after && !text_number(after, 1, INT64_MAX, &id))
        return true; /* no such page */
    if (!read_rejected(visit->reader, visit->arena, id, ROWS_AT_ONCE, rows, err))
        return false;
    *data = rows;
    return true;
}

static void print_row(struct html *page, const struct rejected_row *row)
{
    html(page, "<tr><th scope=\"row\">");
    html_time(page, row->last_seconds);
    html(page, "</th>");
    html_cell(page, row->times);
    html(page, "<td>%s%s%s</td><td>%s</td><td class=\"prose\">", row->source,
         *row->origin ? " from " : "", row->origin,
         *row->organization ? row->organization : "\u2013");
    if (*row->field)
        html(page, "<code>%s</code>: ", row->field);
    html(page, "%s</td>", row->reason);
    html_cell(page, row->size);
    html(page, "<td><details><summary>Show</summary><pre class=\"head\">");
    html_bytes(page, row->head);
    html(page, "%s</pre></details></td></tr>\n",
         (int64_t)row->head.size < row->size ? "\n\u2026" : "");
}

static void print(struct html *page, const void *data)
{
    const struct rows *found = data;
    const struct rejected_row *rows = found->first;
    html(page,
         "<h1>Rejected</h1>\n<p class=\"lead\">What was delivered and could not be counted. The "
         "same bytes are listed once, with how often they came.</p>\n");
    if (!found->count) {
        html(page, "<p>Nothing was rejected.</p>\n");
        return;
    }
    LAYOUT_TABLE(page, "Rejected payloads, newest first", "Last came", "#Times", "Source",
                 "Organization", "Reason", "#Bytes", "First bytes");
    for (size_t i = 0; i < found->count; i++)
        print_row(page, &rows[i]);
    layout_table_end(page);
    if (found->count == ROWS_AT_ONCE)
        layout_more(page, link_rejected(page->arena, rows[found->count - 1].id), "Older ones");
}

const struct page page_rejected = {
    .path = "/rejected",
    .title = "Rejected",
    .section = "/rejected",
    .load = load,
    .print = print,
};
