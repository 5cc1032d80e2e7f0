/* /: all domains, those that need somebody first. Reads one row per domain shown and nothing else, so
 * that it costs the same however many reports and domains there are.
 * SPDX-License-Identifier: MIT
 * Before: pages.c, overview_list.c. Next: page_domain.c */
#include "base/text.h"
#include "web/chart.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/notice.h"
#include "web/overview_list.h"
#include "web/part.h"
#include "web/verdict_page.h"
#include <stdlib.h>
#include <string.h>

#define DAYS_DRAWN 30

struct overview {
    struct overview_row sums;
    struct overview_list list;
    struct rows domains;
    bool takes_any_domain;
    const struct insight *insight;
};

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct overview *overview = arena_alloc(visit->arena, sizeof *overview);
    overview->takes_any_domain = visit->takes_any_domain;
    overview->insight = visit->insight;
    if (!overview_list_read(visit->request, &overview->list, err)
        || !read_overview(visit->reader, visit->arena, &overview->sums, err)
        || !read_domains(visit->reader, visit->arena, &overview->list.domains, &overview->domains,
                         err))
        return false;
    *data = overview;
    return true;
}

/* Where this machine reaches the door for reports; NULL: not by host and port. */
static const char *way_in(struct arena *arena, const char *reports)
{
    if (!reports || text_begins(reports, "unix:"))
        return NULL;
    bool any = text_begins(reports, "[::]:") || text_begins(reports, "0.0.0.0:");
    return any ? arena_printf(arena, "localhost%s", strrchr(reports, ':')) : reports;
}

static void print_first_run(struct html *page, const struct insight *insight)
{
    const char *in = way_in(page->arena, insight->reports);
    const char *port = in ? strrchr(in, ':') : "";
    html(page,
         "<section class=\"card\" id=\"first-run\"><h2>No report yet</h2>\n"
         "<p>This is normal for a day or two: senders deliver one report a day, for the day "
         "before, and only to domains whose record asks for it. Per domain, publish one record, "
         "with names of yours (to use two ways: both addresses in one record, separated by a "
         "comma):</p>\n<pre class=\"wrap\">");
    if (insight->reports)
        html(
            page,
            "_smtp._tls.example.org. IN TXT \"v=TLSRPTv1; rua=https://reports.example.org%s/v1/tlsrpt\"\n",
            strcmp(port, ":443") == 0 ? "" : port);
    html(page,
         "_smtp._tls.example.org. IN TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@example.org\"</pre>\n"
         "<p>Mail to that address goes to the LMTP listener or the maildir, HTTPS to the report "
         "listener. To try the way in with a report of your own, on this machine:</p>\n"
         "<pre class=\"wrap\">");
    if (in)
        html(page, "curl --data-binary @report.json.gz --insecure https://%s/v1/tlsrpt\n", in);
    if (insight->standalone)
        html(page, "tlsrptd --standalone %s ingest report.json", insight->standalone);
    else
        html(page, "tlsrptd ingest report.json");
    html(page,
         "</pre>\n<p>What could not be read as a report is listed under "
         "<a href=\"%s\">Rejected</a>.</p></section>\n",
         link_rejected(page->arena, NULL, NULL));
}

static void print_sums(struct html *page, const struct overview_row *sums)
{
    int64_t sessions = sums->successful + sums->failed;
    html(page, "<dl class=\"figures\" id=\"totals\">\n");
    part_figure(page, "Domains", sums->domains);
    part_figure_to(page, "Failing in enforce", sums->enforced_failing, BADGE_BAD,
                   "/?state=enforce-failing");
    part_figure_to(page, "Failing, not in enforce", sums->failing, BADGE_BAD, "/?state=failing");
    part_figure_to(page, "Silent", sums->silent, BADGE_WARN, "/?state=silent");
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
        html(page, "%s could not be counted: see <a href=\"%s\">Rejected</a>.</p>\n",
             sums->rejected == 1 ? " delivery" : " different deliveries",
             link_rejected(page->arena, NULL, NULL));
    }
}

/* What its reports hold; the verdict says what that means in its mode. */
static void print_state(struct html *page, const struct domain_row *row)
{
    if (row->attention == ATTENTION_SILENT)
        part_badge(page, BADGE_WARN, "silent");
    else
        layout_status(page, row->failed, row->successful + row->failed);
}

/* NUMBERS with a space between; how many there were, at most DAYS_DRAWN. */
static size_t read_numbers(const char *numbers, int64_t out[DAYS_DRAWN])
{
    size_t count = 0;
    char *end;
    for (const char *at = numbers; *at && count < DAYS_DRAWN; at = end) {
        out[count] = strtoll(at, &end, 10);
        if (end == at)
            break;
        count++;
    }
    return count;
}

static void print_trend(struct html *page, const struct domain_row *row)
{
    int64_t sessions[DAYS_DRAWN], failed[DAYS_DRAWN];
    size_t count = read_numbers(row->daily_sessions, sessions);
    if (count && count == read_numbers(row->daily_failed, failed))
        chart_sparkline(page, sessions, failed, count, "Sessions of the 30 days before today");
    else
        html(page, "\u2013");
}

static void print_domain(struct html *page, const struct domain_row *row)
{
    int64_t sessions = row->successful + row->failed;
    html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>",
         link_domain(page->arena, row->name, NULL), row->name);
    print_state(page, row);
    html(page, "</td><td>%s</td><td>", *row->mode ? row->mode : "\u2013");
    verdict_page_word(page, row->stage, row->verdict);
    html(page, "</td>");
    html_cell(page, sessions);
    part_failed(page, row->failed);
    html(page, "<td class=\"n\">");
    html_share(page, row->failed, sessions);
    html(page, "</td><td>");
    print_trend(page, row);
    html(page, "</td><td>%s", row->worst_mx ? row->worst_mx : "\u2013");
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

static void print_domains(struct html *page, const struct overview *overview)
{
    const struct domain_row *rows = overview->domains.first;
    size_t count = overview->domains.count;
    html(page, "<section id=\"domains\" aria-label=\"Domains\">\n");
    overview_list_print(page, &overview->list);
    if (!count) {
        html(page, overview->list.domains.after
                       ? "<p>There are no more domains. <a href=\"/\">Back to the first</a>.</p>"
                         "</section>\n"
                       : "<p>No domain is like this. <a href=\"/\">Show all</a>.</p></section>\n");
        return;
    }
    LAYOUT_TABLE(page, overview_list_caption(&overview->list), "Domain", "State", "Mode", "Verdict",
                 "#Sessions", "#Failed", "#Share failed", "Sessions and failures by day",
                 "Worst MX", "#Reporters", "Last report");
    for (size_t i = 0; i < count; i++)
        print_domain(page, &rows[i]);
    layout_table_end(page);
    if (count == (size_t)overview->list.domains.limit)
        layout_more(page, overview_list_next(page->arena, &overview->list, &rows[count - 1]),
                    "Next domains");
    html(page, "</section>\n");
}

static void print(struct html *page, const void *data)
{
    const struct overview *overview = data;
    html(page, "<h1>Overview</h1>\n<p class=\"lead\">TLS sessions of the last 30 days, as mail "
               "senders reported them.</p>\n");
    notice_print(page, overview->insight, true);
    if (overview->takes_any_domain)
        html(page, "<p class=\"note\">Reports for any domain are taken. Name yours in the setting "
                   "<code>domains.names</code> to refuse all others.</p>\n");
    if (!overview->sums.domains) {
        print_first_run(page, overview->insight);
        return;
    }
    if (!overview->list.domains.after)
        print_sums(page, &overview->sums);
    html(page, "<p class=\"note\">What these domains have published, and how their mail servers "
               "answer, stands under <a href=\"/setup\">Set-up</a>.</p>\n");
    print_domains(page, overview);
}

const struct page page_overview = {
    .path = "/",
    .title = "Overview",
    .section = "/",
    .load = load,
    .print = print,
};
