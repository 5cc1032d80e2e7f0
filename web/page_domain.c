/* /domains/NAME: one domain in the last days: per MX, per kind of failure, per day, the policies
 * that senders saw, and the newest reports.
 *
 * Nothing is shown that no report says: successes that a policy's hosts share are a line of their own
 * and are repeated beside each host that they may belong to, and never divided.
 *
 * SPDX-License-Identifier: MIT
 * Before: page_overview.c, domain_mx.c. Next: page_report.c */
#include "base/clock.h"
#include "base/text.h"
#include "ingest/result.h"
#include "web/domain_mx.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/report_table.h"
#include <string.h>

#define DAYS_DEFAULT   30
#define REPORTS_AT_END 20

static const int spans[] = { 7, 14, 30, 90 };

struct domain {
    const struct domain_row *row;
    int days;
    struct rows by_day, mx, failures, policies, reports;
    int64_t successful, failed, untrusted; /* in these days, mirrored blocks once */
};

static int wanted_days(const struct request *request)
{
    const char *text = http_argument(request, "days");
    int64_t days = 0;
    if (text && text_number(text, 1, 365, &days))
        for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
            if (spans[i] == days)
                return spans[i];
    return DAYS_DEFAULT;
}

static void add_up(struct domain *domain)
{
    const struct day_row *rows = domain->by_day.first;
    for (size_t i = 0; i < domain->by_day.count; i++) {
        domain->successful += rows[i].successful - rows[i].mirrored_successful;
        domain->failed += rows[i].failed - rows[i].mirrored_failed;
        domain->untrusted += rows[i].untrusted;
    }
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct domain *domain = arena_alloc(visit->arena, sizeof *domain);
    struct reader *reader = visit->reader;
    struct arena *arena = visit->arena;
    const char *name = text_host(arena, visit->argument, NULL);
    if (!name)
        return true;
    if (!read_domain(reader, arena, name, &domain->row, err))
        return false;
    if (!domain->row)
        return true;
    domain->days = wanted_days(visit->request);
    const struct span span = {
        .domain_id = domain->row->id,
        .from_day = clock_day(visit->now_seconds) - domain->days, /* these days, and today */
    };
    const struct report_list newest = { .domain_id = span.domain_id, .limit = REPORTS_AT_END };
    if (!read_days(reader, arena, &span, &domain->by_day, err)
        || !read_mx(reader, arena, &span, &domain->mx, err)
        || !read_failures(reader, arena, &span, &domain->failures, err)
        || !read_policies(reader, arena, &span, &domain->policies, err)
        || !read_reports(reader, arena, &newest, &domain->reports, err))
        return false;
    add_up(domain);
    visit->title = domain->row->name;
    *data = domain;
    return true;
}

/* --- head --- */

static void print_spans(struct html *page, const struct domain *domain)
{
    html(page, "<nav class=\"spans\" aria-label=\"Days shown\"><ul>");
    for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
        html(page,
             spans[i] == domain->days
                 ? "<li><a href=\"%s\" aria-current=\"true\">%d days</a></li>\n"
                 : "<li><a href=\"%s\">%d days</a></li>\n",
             link_domain(page->arena, domain->row->name, spans[i]), spans[i]);
    html(page, "</ul></nav>\n");
}

static void print_state(struct html *page, const struct domain *domain)
{
    int64_t sessions = domain->successful + domain->failed;
    html(page, "<p class=\"lead\" id=\"state\">");
    layout_status(page, domain->failed, sessions);
    html(page, " ");
    html_number(page, domain->failed);
    html(page, " of ");
    html_number(page, sessions);
    html(page, " sessions failed (");
    html_share(page, domain->failed, sessions);
    html(page, ") in the last %d days and today.", domain->days);
    if (*domain->row->mode)
        html(page, " The newest MTA-STS policy that senders saw says <code>mode: %s</code>.",
             domain->row->mode);
    html(page, "</p>\n");
    if (domain->untrusted) {
        html(page, "<p class=\"note\">");
        html_number(page, domain->untrusted);
        html(page, " of these sessions are told by senders whose identity nobody has vouched "
                   "for; anybody could have sent those reports.</p>\n");
    }
}

/* --- failures --- */

static void print_failure(struct html *page, const struct failure_row *row)
{
    bool unexplained = strcmp(row->result, "unexplained") == 0;
    const struct result *result = result_find(row->result);
    html(page, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td>", row->result,
         row->policy_type);
    html_cell(page, row->sessions);
    html_cell(page, row->hosts);
    html_cell(page, row->reporters);
    html(page, "<td>");
    html_day(page, row->last_day);
    if (unexplained)
        html(page,
             "</td><td class=\"prose\">The sender counted these sessions as failed and gave no "
             "details.</td><td class=\"prose\">Nothing can be done from here: ask the sender, "
             "or look for a pattern in its other reports.</td></tr>\n");
    else
        html(page, "</td><td class=\"prose\">%s%s</td><td class=\"prose\">%s</td></tr>\n",
             result->meaning,
             result->blocks_under_enforce
                 ? " A sender that enforces the policy does not deliver then."
                 : "",
             result->remedy);
}

static void print_failures(struct html *page, const struct domain *domain)
{
    const struct failure_row *rows = domain->failures.first;
    html(page, "<section id=\"failures\"><h2>Why sessions failed</h2>\n");
    if (!domain->failures.count) {
        html(page, "<p>No session failed in these days.</p></section>\n");
        return;
    }
    LAYOUT_TABLE(page, "Failed sessions by result type", "Result type", "Policy type", "#Sessions",
                 "#Hosts named", "#Reporters", "Last day", "What it means", "What to do");
    for (size_t i = 0; i < domain->failures.count; i++)
        print_failure(page, &rows[i]);
    layout_table_end(page);
    html(page, "<p class=\"note\">Details may add up to more or less than the failed sessions: one "
               "session can fail in two ways, and some senders give no details.</p></section>\n");
}

/* --- days --- */

static void print_day(struct html *page, const struct day_row *row)
{
    int64_t sessions = row->successful + row->failed;
    html(page, "<tr><th scope=\"row\">");
    html_day(page, row->day);
    html(page, "</th><td>%s</td>", row->policy_type);
    html_cell(page, sessions);
    html_cell(page, row->successful);
    html_cell(page, row->failed);
    html(page, "<td class=\"n\">");
    html_share(page, row->failed, sessions);
    html(page, "</td>");
    html_cell(page, row->unexplained);
    html_cell(page, row->reports);
    html(page, "</tr>\n");
}

static void print_days(struct html *page, const struct domain *domain)
{
    const struct day_row *rows = domain->by_day.first;
    html(page, "<section id=\"days\"><h2>Day by day</h2>\n");
    if (!domain->by_day.count) {
        html(page, "<p>No report covers these days.</p></section>\n");
        return;
    }
    LAYOUT_TABLE(page, "Sessions per UTC day and policy type", "Day", "Policy type", "#Sessions",
                 "#Successful", "#Failed", "#Share failed", "#Without details", "#Reports");
    for (size_t i = 0; i < domain->by_day.count; i++)
        print_day(page, &rows[i]);
    layout_table_end(page);
    html(page,
         "<p class=\"note\">Rows of different policy types are not to be added up: some senders "
         "list the same sessions under <code>tlsa</code> and under <code>sts</code>.</p>"
         "</section>\n");
}

/* --- policies and reports --- */

static void print_policy(struct html *page, const struct policy_row *row)
{
    html(page, "<tr><th scope=\"row\">%s</th><td>%s</td><td>", row->type,
         *row->mode ? row->mode : "\u2013");
    layout_words(page, row->mx);
    html(page, "</td>");
    if (row->max_age_seconds < 0)
        html(page, "<td class=\"n\">\u2013</td>");
    else
        html_cell(page, row->max_age_seconds);
    html(page, "<td>");
    html_day(page, row->first_day);
    html(page, "</td><td>");
    html_day(page, row->last_day);
    html(page, "</td>");
    html_cell(page, row->successful);
    html_cell(page, row->failed);
    html(page, "</tr>\n");
}

static void print_policies(struct html *page, const struct domain *domain)
{
    const struct policy_row *rows = domain->policies.first;
    if (!domain->policies.count)
        return;
    html(page, "<section id=\"policies\"><h2>Policies that senders saw</h2>\n");
    LAYOUT_TABLE(page, "Policies quoted in reports, newest first", "Type", "Mode", "MX hosts",
                 "#max_age in seconds", "First seen", "Last seen", "#Successful", "#Failed");
    for (size_t i = 0; i < domain->policies.count; i++)
        print_policy(page, &rows[i]);
    layout_table_end(page);
    html(page, "</section>\n");
}

static void print_reports(struct html *page, const struct domain *domain)
{
    if (!domain->reports.count)
        return;
    html(page, "<section id=\"reports\"><h2>Newest reports</h2>\n");
    report_table(page, &domain->reports);
    if (domain->reports.count == REPORTS_AT_END)
        layout_more(page, link_reports(page->arena, domain->row->name, NULL),
                    "All reports of this domain");
    html(page, "</section>\n");
}

static void print(struct html *page, const void *data)
{
    const struct domain *domain = data;
    html(page, "<h1>%s</h1>\n", domain->row->name);
    print_state(page, domain);
    print_spans(page, domain);
    domain_mx_print(page, &domain->mx, &domain->policies);
    print_failures(page, domain);
    print_days(page, domain);
    print_policies(page, domain);
    print_reports(page, domain);
}

const struct page page_domain = {
    .path = "/domains/*",
    .title = "Domain",
    .section = "/",
    .load = load,
    .print = print,
};
