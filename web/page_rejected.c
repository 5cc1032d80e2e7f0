/* /rejected: what could not be counted, with its reason and its first bytes. What is printed here is
 * the least trusted text of all.
 * SPDX-License-Identifier: MIT
 * Before: page_report.c, rejected_list.c. Next: page_rejection.c */
#include "ingest/delivery.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/rejected_list.h"
#include <string.h>

#define ROWS_AT_ONCE 50

struct found {
    struct rejected_list list;
    struct rows rows;
};

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct found *found = arena_alloc(visit->arena, sizeof *found);
    struct err wrong = { 0 };
    if (!rejected_list_read(visit->request, &found->list, &wrong))
        return true; /* no such page */
    found->list.limit = ROWS_AT_ONCE;
    if (!read_rejected(visit->reader, visit->arena, &found->list, &found->rows, err))
        return false;
    *data = found;
    return true;
}

static void print_filter(struct html *page, const struct rejected_list *list)
{
    html(
        page,
        "<form class=\"filter\" action=\"%s\" method=\"get\"><label for=\"source\">Came by</label> "
        "<select id=\"source\" name=\"source\"><option value=\"\">any way</option>",
        link_rejected(page->arena, NULL, NULL));
    for (enum source source = SOURCE_HTTPS; source <= SOURCE_COMMAND; source++) {
        const char *name = source_to_text(source);
        bool chosen = list->source && strcmp(list->source, name) == 0;
        html(page, chosen ? "<option selected>%s</option>" : "<option>%s</option>", name);
    }
    html(page,
         "</select> <label for=\"text\">Reason, organization or origin</label> "
         "<input id=\"text\" name=\"text\" value=\"%s\" maxlength=\"200\" autocomplete=\"off\" "
         "spellcheck=\"false\"> <button>Show</button></form>\n",
         list->text);
}

static void print_row(struct html *page, const struct rejected_row *row)
{
    html(page, "<tr><th scope=\"row\"><a href=\"%s\">", link_rejection(page->arena, row->id));
    html_time(page, row->last_seconds);
    html(page, "</a></th>");
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
    const struct found *found = data;
    const struct rejected_row *rows = found->rows.first;
    bool all = !found->list.source && !found->list.text;
    html(page,
         "<h1>Rejected</h1>\n<p class=\"lead\">What was delivered and could not be counted. The "
         "same bytes are listed once, with how often they came. After an upgrade, or with a higher "
         "limit, <code>tlsrptd reingest --rejected</code> tries them again.</p>\n");
    if (!found->rows.count && all) {
        html(page, "<p>Nothing was rejected.</p>\n");
        return;
    }
    print_filter(page, &found->list);
    if (!found->rows.count) {
        html(page, "<p>There is nothing like this.</p>\n");
        return;
    }
    LAYOUT_TABLE(page, "Rejected payloads, newest first", "Last came", "#Times", "Source",
                 "Organization", "Reason", "#Bytes", "First bytes");
    for (size_t i = 0; i < found->rows.count; i++)
        print_row(page, &rows[i]);
    layout_table_end(page);
    if (found->rows.count == ROWS_AT_ONCE)
        layout_more(page,
                    link_rejected(page->arena, &found->list,
                                  rejected_list_cursor(page->arena, &rows[ROWS_AT_ONCE - 1])),
                    "Older ones");
}

const struct page page_rejected = {
    .path = "/rejected",
    .title = "Rejected",
    .section = "/rejected",
    .load = load,
    .print = print,
};
