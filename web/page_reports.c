/* /reports: all reports, or those of one domain.
 * SPDX-License-Identifier: MIT
 * Before: page_domain.c, report_table.c. Next: page_report.c */
#include "base/text.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/report_table.h"

#define REPORTS_AT_ONCE 100

struct reports {
    const char *domain; /* as asked for; NULL: all */
    bool known;         /* reports spoke of that domain */
    struct rows rows;
};

/* "?domain=NAME" narrows the list, "?before=KEY" names the last row of the page before. */
static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct reports *reports = arena_alloc(visit->arena, sizeof *reports);
    const char *domain = http_argument(visit->request, "domain");
    const char *before = http_argument(visit->request, "before");
    const struct domain_row *row = NULL;
    struct report_key key;
    if (before && !report_key_from_text(before, &key))
        return true; /* no such page */
    *data = reports;
    if (domain && *domain) {
        const char *name = text_host(visit->arena, domain, NULL);
        reports->domain = name ? name : domain;
        if (name && !read_domain(visit->reader, visit->arena, name, &row, err))
            return false;
        if (!row)
            return true;
    }
    reports->known = true;
    const struct report_list list = {
        .domain_id = row ? row->id : 0,
        .before = before ? &key : NULL,
        .limit = REPORTS_AT_ONCE,
    };
    return read_reports(visit->reader, visit->arena, &list, &reports->rows, err);
}

static void print_filter(struct html *page, const struct reports *reports)
{
    html(page,
         "<form class=\"filter\" action=\"%s\" method=\"get\"><label for=\"domain\">Domain</label> "
         "<input id=\"domain\" name=\"domain\" value=\"%s\" maxlength=\"253\" autocomplete=\"off\" "
         "spellcheck=\"false\"> <button>Show</button></form>\n",
         link_reports(page->arena, NULL, NULL), reports->domain);
}

static void print(struct html *page, const void *data)
{
    const struct reports *reports = data;
    const struct report_row *rows = reports->rows.first;
    html(page, "<h1>Reports</h1>\n");
    print_filter(page, reports);
    if (!reports->known) {
        html(page, "<p>No report has spoken of <strong>%s</strong>.</p>\n", reports->domain);
        return;
    }
    if (!reports->rows.count) {
        html(page, "<p>There are no reports here.</p>\n");
        return;
    }
    report_table(page, &reports->rows);
    if (reports->rows.count < REPORTS_AT_ONCE)
        return;
    const struct report_row *last = &rows[reports->rows.count - 1];
    const struct report_key key = { last->domain_id, last->day, last->id };
    layout_more(page, link_reports(page->arena, reports->domain, &key), "Older reports");
}

const struct page page_reports = {
    .path = "/reports",
    .title = "Reports",
    .section = "/reports",
    .load = load,
    .print = print,
};
