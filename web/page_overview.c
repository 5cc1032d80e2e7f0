/* /: all domains, most failures first. Reads one row per domain and nothing else, so that it costs
 * the same however many reports there are.
 * SPDX-License-Identifier: MIT
 * Before: pages.c. Next: page_domain.c */
#include "base/text.h"
#include "web/layout.h"
#include "web/part.h"
#include "web/link.h"
#include "web/page.h"
#include "web/url.h"

#define DOMAINS_AT_ONCE 100

struct overview {
    struct overview_row sums;
    struct rows domains;
    bool first_page, takes_any_domain;
};

/* "?failed=N&after=NAME" names the last row of the page before. */
static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct overview *overview = arena_alloc(visit->arena, sizeof *overview);
    struct domain_row after = { .name = http_argument(visit->request, "after") };
    const char *failed = http_argument(visit->request, "failed");
    overview->takes_any_domain = visit->takes_any_domain;
    overview->first_page =
        !after.name || !failed || !text_number(failed, 0, INT64_MAX, &after.failed);
    if (!read_overview(visit->reader, visit->arena, &overview->sums, err)
        || !read_domains(visit->reader, visit->arena, overview->first_page ? NULL : &after,
                         DOMAINS_AT_ONCE, &overview->domains, err))
        return false;
    *data = overview;
    return true;
}

static void print_first_run(struct html *page)
{
    html(
        page,
        "<section class=\"card\" id=\"first-run\"><h2>No report yet</h2>\n"
        "<p>Senders deliver one report a day, so the first one comes a day after this record is "
        "published. Per domain, publish one of:</p>\n"
        "<pre>_smtp._tls.example.org. IN TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@example.org\"\n"
        "_smtp._tls.example.org. IN TXT \"v=TLSRPTv1; rua=https://reports.example.org:8443/v1/tlsrpt\"</pre>\n"
        "<p>Mail to that address goes to the LMTP listener or the maildir, HTTPS to the report "
        "listener. To try the way in with a report of your own:</p>\n"
        "<pre>curl --data-binary @report.json.gz --insecure https://localhost:8443/v1/tlsrpt\n"
        "tlsrptd ingest report.json</pre>\n"
        "<p>What could not be read as a report is listed under <a href=\"%s\">Rejected</a>.</p>"
        "</section>\n",
        link_rejected(page->arena, NULL, NULL));
}

static void print_sums(struct html *page, const struct overview_row *sums)
{
    int64_t sessions = sums->successful + sums->failed;
    html(page, "<dl class=\"figures\" id=\"totals\">\n");
    part_figure(page, "Domains", sums->domains);
    part_figure(page, "Sessions", sessions);
    part_figure(page, "Failed", sums->failed);
    html(page, "<div><dt>Share failed</dt><dd>");
    html_share(page, sums->failed, sessions);
    html(page, "</dd></div>\n<div><dt>Last report</dt><dd>");
    html_time(page, sums->last_report_seconds);
    html(page, "</dd></div>\n</dl>\n");
    if (sums->rejected) {
        html(page, "<p class=\"note\">In these 30 days ");
        html_number(page, sums->rejected);
        html(page, " kinds of payload could not be counted: see <a href=\"%s\">Rejected</a>.</p>\n",
             link_rejected(page->arena, NULL, NULL));
    }
}

static void print_domain(struct html *page, const struct domain_row *row)
{
    int64_t sessions = row->successful + row->failed;
    html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>",
         link_domain(page->arena, row->name, NULL), row->name);
    layout_status(page, row->failed, sessions);
    html(page, "</td>");
    html_cell(page, sessions);
    html_cell(page, row->failed);
    html(page, "<td class=\"n\">");
    html_share(page, row->failed, sessions);
    html(page, "</td>");
    html(page, "<td>%s", row->worst_mx ? row->worst_mx : "\u2013");
    if (row->worst_mx) {
        html(page, " <span class=\"quiet\">(");
        html_number(page, row->worst_mx_failed);
        html(page, "&nbsp;failed)</span>");
    }
    html(page, "</td>");
    html_cell(page, row->reporters);
    html(page, "<td>");
    html_time(page, row->last_report_seconds);
    html(page, "</td></tr>\n");
}

static void print_domains(struct html *page, const struct rows *domains)
{
    const struct domain_row *rows = domains->first;
    LAYOUT_TABLE(page, "Domains, most failed sessions first", "Domain", "State", "#Sessions",
                 "#Failed", "#Share failed", "Worst MX", "#Reporters", "Last report");
    for (size_t i = 0; i < domains->count; i++)
        print_domain(page, &rows[i]);
    layout_table_end(page);
    if (domains->count < DOMAINS_AT_ONCE)
        return;
    const struct domain_row *last = &rows[domains->count - 1];
    layout_more(page,
                url_add(page->arena,
                        arena_printf(page->arena, "/?failed=%lld", (long long)last->failed),
                        "after", last->name),
                "Next domains");
}

static void print(struct html *page, const void *data)
{
    const struct overview *overview = data;
    html(page, "<h1>Overview</h1>\n<p class=\"lead\">TLS sessions of the last 30 days, as mail "
               "senders reported them.</p>\n");
    if (overview->takes_any_domain)
        html(page, "<p class=\"note\">Reports for any domain are taken. Name yours in the setting "
                   "<code>domains.names</code> to refuse all others.</p>\n");
    if (overview->first_page && !overview->sums.domains) {
        print_first_run(page);
        return;
    }
    if (overview->first_page)
        print_sums(page, &overview->sums);
    print_domains(page, &overview->domains);
}

const struct page page_overview = {
    .path = "/",
    .title = "Overview",
    .section = "/",
    .load = load,
    .print = print,
};
