/* /reports: all reports, or those of one domain.
 * SPDX-License-Identifier: MIT
 * Before: page_domain.c, report_table.c. Next: page_report.c */
#include "base/text.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/report_table.h"
#include "base/url.h"
#include <string.h>

#define REPORTS_AT_ONCE 100

struct reports {
    const char *domain; /* as asked for; NULL: all */
    bool known;         /* reports spoke of that domain */
    struct report_list list;
    struct report_key before;       /* what list.before points to */
    const struct report_key *reach; /* where a search ended that found less than a page */
    struct rows rows;
};

/* "?failed=1" and the like: a box that is ticked. */
static bool flag(const struct request *request, const char *name, bool *out, struct err *err)
{
    const char *text = http_argument(request, name);
    if (text && *text && strcmp(text, "1") != 0)
        return err_field(err, ERR_INPUT, name, "is 1, or left out");
    *out = text && *text;
    return true;
}

static bool read_list(struct request *request, struct reports *reports, struct err *err)
{
    const char *before = http_argument(request, "before");
    if (before && !report_key_from_text(before, &reports->before))
        return err_field(err, ERR_INPUT, "before", "take the link below a page as it is");
    reports->list.before = before ? &reports->before : NULL;
    reports->list.limit = REPORTS_AT_ONCE;
    return flag(request, "failed", &reports->list.failed, err)
           && flag(request, "untrusted", &reports->list.untrusted, err)
           && flag(request, "deviations", &reports->list.deviating, err);
}

static int filters(const struct report_list *list)
{
    return list->failed + list->untrusted + list->deviating;
}

/* "?domain=NAME" and the filters narrow the list, "?before=KEY" names the last row of the page before. */
static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct reports *reports = arena_alloc(visit->arena, sizeof *reports);
    const char *domain = http_argument(visit->request, "domain");
    const struct domain_row *row = NULL;
    if (!read_list(visit->request, reports, err))
        return false;
    *data = reports;
    if (domain && *domain) {
        const char *name = text_host(visit->arena, domain, NULL);
        reports->domain = name ? name : domain;
        if (name && !read_domain(visit->reader, visit->arena, name, &row, err))
            return false;
        if (!row)
            return true;
        reports->list.domain_id = row->id;
    }
    reports->known = true;
    if (!read_reports(visit->reader, visit->arena, &reports->list, &reports->rows, err))
        return false;
    if (row || filters(&reports->list) < 2 || reports->rows.count == REPORTS_AT_ONCE)
        return true;
    return read_reports_reach(visit->reader, visit->arena, &reports->list, &reports->reach, err);
}

static void print_box(struct html *page, const char *name, const char *label, bool ticked)
{
    html(page,
         ticked ? "<label><input type=\"checkbox\" name=\"%s\" value=\"1\" checked> %s</label>\n"
                : "<label><input type=\"checkbox\" name=\"%s\" value=\"1\"> %s</label>\n",
         name, label);
}

static void print_filter(struct html *page, const struct reports *reports)
{
    html(page,
         "<form class=\"filter\" action=\"/reports\" method=\"get\" role=\"search\">"
         "<label>Domain <input name=\"domain\" value=\"%s\" maxlength=\"253\" "
         "autocomplete=\"off\" spellcheck=\"false\"></label>\n",
         reports->domain);
    print_box(page, "failed", "only with failures", reports->list.failed);
    print_box(page, "untrusted", "only not verified", reports->list.untrusted);
    print_box(page, "deviations", "only with deviations", reports->list.deviating);
    html(page, "<button>Show</button></form>\n");
}

static void print_more(struct html *page, const struct reports *reports,
                       const struct report_key *before, const char *text)
{
    char key[REPORT_KEY_TEXT_BYTES];
    const char *url = link_reports(page->arena, reports->domain, NULL);
    url = url_add(page->arena, url, "failed", reports->list.failed ? "1" : NULL);
    url = url_add(page->arena, url, "untrusted", reports->list.untrusted ? "1" : NULL);
    url = url_add(page->arena, url, "deviations", reports->list.deviating ? "1" : NULL);
    layout_more(page, url_add(page->arena, url, "before", report_key_to_text(before, key)), text);
}

static void print(struct html *page, const void *data)
{
    const struct reports *reports = data;
    const struct report_row *rows = reports->rows.first;
    size_t count = reports->rows.count;
    html(page, "<h1>Reports</h1>\n");
    print_filter(page, reports);
    if (!reports->known) {
        html(page, "<p>No report has spoken of <strong>%s</strong>.</p>\n", reports->domain);
        return;
    }
    if (count)
        report_table(page, &reports->rows);
    else
        html(page, filters(&reports->list) ? "<p>There are no reports like this here.</p>\n"
                                           : "<p>There are no reports here.</p>\n");
    if (count == REPORTS_AT_ONCE) {
        const struct report_row *last = &rows[count - 1];
        const struct report_key key = { last->domain_id, last->day, last->id };
        print_more(page, reports, &key, "Older reports");
    } else if (reports->reach) {
        html(page,
             "<p class=\"note\">The newest %d that fit one of these were looked through.</p>\n",
             REPORTS_LOOKED_AT);
        print_more(page, reports, reports->reach, "Look through older ones");
    }
}

const struct page page_reports = {
    .path = "/reports",
    .title = "Reports",
    .section = "/reports",
    .load = load,
    .print = print,
};
