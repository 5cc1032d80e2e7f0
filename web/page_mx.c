/* /mx: MX hosts over all domains, those that failed most first, or by the beginning of their names.
 * SPDX-License-Identifier: MIT
 * Before: page_domain.c. Next: page_mx_host.c */
#include "base/clock.h"
#include "base/text.h"
#include "web/layout.h"
#include "web/part.h"
#include "web/link.h"
#include "web/page.h"
#include "web/period.h"
#include "web/search.h"
#include "base/url.h"
#include <inttypes.h>
#include <string.h>

#define HOSTS_AT_ONCE 50

struct mx_page {
    struct period period;
    struct mx_list list;
    struct rows rows;
};

/* "?after=FAILED-NAME" names the last row of the page before. */
static bool read_after(const struct request *request, struct arena *arena, struct mx_list *list,
                       struct err *err)
{
    const char *text = http_argument(request, "after");
    struct mx_list_row *after = arena_alloc(arena, sizeof *after);
    if (!text || !*text)
        return true;
    size_t size = strcspn(text, "-");
    if (!text[size] || !text[size + 1]
        || !text_number(arena_copy(arena, text, size), 0, INT64_MAX, &after->failed))
        return err_field(err, ERR_INPUT, "after", "take the link below a page as it is");
    after->mx = text + size + 1;
    list->after = after;
    return true;
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct mx_page *mx = arena_alloc(visit->arena, sizeof *mx);
    const char *name;
    if (!period_read(visit->request, visit->now_seconds, &mx->period, err)
        || !search_read(visit->request, &name, err))
        return false;
    mx->list = (struct mx_list){
        .from_day = mx->period.from_day,
        .to_day = mx->period.to_day,
        .beginning = name,
        .limit = HOSTS_AT_ONCE,
    };
    *data = mx;
    return read_after(visit->request, visit->arena, &mx->list, err)
           && read_mx_list(visit->reader, visit->arena, &mx->list, &mx->rows, err);
}

static void print_row(struct html *page, const struct mx_list_row *row, const struct mx_page *mx)
{
    html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>",
         link_mx(page->arena, row->mx, mx->period.query), row->mx);
    layout_status(page, row->failed, row->failed + row->own);
    html(page, "</td>");
    part_failed(page, row->failed);
    html_cell(page, row->own);
    html(page, "<td>");
    layout_words(page, row->results);
    html(page, "</td><td>");
    if (row->last_failure)
        html_day(page, row->last_failure);
    else
        html(page, "\u2013");
    html(page, "</td></tr>\n");
}

static void print_filter(struct html *page, const struct mx_page *mx)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    html(page,
         "<form class=\"filter\" action=\"/mx\" method=\"get\" role=\"search\"><label>Name begins "
         "with <input name=\"name\" value=\"%s\" maxlength=\"253\" autocomplete=\"off\" "
         "spellcheck=\"false\"></label>",
         mx->list.beginning);
    html(page,
         "<input type=\"hidden\" name=\"from\" value=\"%s\"><input type=\"hidden\" name=\"to\" "
         "value=\"%s\"> <button>Show</button></form>\n",
         clock_day_to_text(mx->period.from_day, from), clock_day_to_text(mx->period.to_day, to));
}

static void print_more(struct html *page, const struct mx_page *mx, const struct mx_list_row *last)
{
    const char *url = url_query(page->arena, "/mx", mx->period.query);
    if (*mx->list.beginning)
        url = url_add(page->arena, url, "name", mx->list.beginning);
    layout_more(page,
                url_add(page->arena, url, "after",
                        arena_printf(page->arena, "%" PRId64 "-%s", last->failed, last->mx)),
                "Next hosts");
}

static void print(struct html *page, const void *data)
{
    const struct mx_page *mx = data;
    const struct mx_list_row *rows = mx->rows.first;
    html(page, "<h1>MX hosts</h1>\n<p class=\"lead\">Over all domains, in %s.</p>\n",
         mx->period.label);
    period_print(page, &mx->period, "/mx");
    print_filter(page, mx);
    if (!mx->rows.count) {
        html(page, *mx->list.beginning ? "<p>No report named a host that begins like this.</p>\n"
                                       : "<p>No host failed by name in these days. Hosts that did "
                                         "not fail are found by their names.</p>\n");
        return;
    }
    LAYOUT_TABLE(page, *mx->list.beginning ? "MX hosts by name" : "MX hosts, most failures first",
                 "Host", "State", "#Failed", "#Own successes", "Causes", "Last failure");
    for (size_t i = 0; i < mx->rows.count; i++)
        print_row(page, &rows[i], mx);
    layout_table_end(page);
    html(page,
         "<p class=\"note\">Reports name a host when a session fails. Successes are a host\u2019s "
         "own only where a policy names no other host: the page of a domain tells what its hosts "
         "share.</p>\n");
    if (mx->rows.count == HOSTS_AT_ONCE)
        print_more(page, mx, &rows[mx->rows.count - 1]);
}

const struct page page_mx = {
    .path = "/mx",
    .title = "MX hosts",
    .section = "/mx",
    .load = load,
    .print = print,
};
