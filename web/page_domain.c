/* /domains/NAME: one domain in a period: per day, per MX, per cause of failure, who reports, the policies
 * that senders saw, and the newest reports.
 *
 * Nothing is shown that no report says: successes that a policy's hosts share are a line of their own
 * and are repeated beside each host that they may belong to, and never divided.
 *
 * SPDX-License-Identifier: MIT
 * Before: page_overview.c, domain_mx.c. Next: page_report.c */
#include "base/clock.h"
#include "base/text.h"
#include "schema/read_setup.h"
#include "web/cause.h"
#include "web/chart.h"
#include "web/domain_mx.h"
#include "web/domain_policies.h"
#include "web/domain_reporters.h"
#include "web/layout.h"
#include "web/part.h"
#include "web/link.h"
#include "web/page.h"
#include "web/report_table.h"
#include "web/setup_page.h"
#include "web/verdict_form.h"
#include "web/verdict_load.h"
#include "web/verdict_page.h"
#include <string.h>

#define REPORTS_AT_END 10
#define CHANGES        20
#define DAY_ROWS       300 /* of the table by policy type */

struct domain {
    const struct domain_row *row;
    struct period period;
    struct rows by_day, mx, trend, failures, reporters, policies, reports;
    struct chart chart;
    struct verdict verdict;
    struct rows changes;                   /* of the verdict */
    const struct form_desk *desk;          /* for the verdict's forms */
    int64_t successful, failed, untrusted; /* in these days, mirrored blocks once */
    const struct setup_row *setup;         /* the newest look at what is published; NULL: none */
};

/* The bars of the chart, and the sums: mirrored blocks count once. */
static void add_up(struct arena *arena, struct domain *domain)
{
    const struct period *period = &domain->period;
    const struct day_row *rows = domain->by_day.first;
    int32_t step = period_step(period);
    size_t count = (size_t)((period->to_day - period->from_day) / step) + 1;
    struct chart_bar *bars = arena_array(arena, count, sizeof *bars);
    for (size_t i = 0; i < count; i++)
        bars[i].day = period->from_day + (int32_t)i * step;
    for (size_t i = 0; i < domain->by_day.count; i++) {
        struct chart_bar *bar = &bars[(rows[i].day - period->from_day) / step];
        int64_t successful = rows[i].successful - rows[i].mirrored_successful;
        int64_t failed = rows[i].failed - rows[i].mirrored_failed;
        bar->reported = true;
        bar->shared += rows[i].shared;
        bar->own += successful - rows[i].shared;
        bar->failed += failed;
        domain->successful += successful;
        domain->failed += failed;
        domain->untrusted += rows[i].untrusted;
    }
    /* Reports come on the day after: one that is not over is no gap. */
    bool open = period->to_day == period->today && count && !bars[count - 1].reported;
    domain->chart = (struct chart){ .bars = bars, .count = count - open, .step_days = step };
}

static bool load_parts(struct visit *visit, struct domain *domain, struct err *err)
{
    struct reader *reader = visit->reader;
    struct arena *arena = visit->arena;
    const struct span span = {
        .domain_id = domain->row->id,
        .from_day = domain->period.from_day,
        .to_day = domain->period.to_day,
    };
    const struct verdict_terms terms = { visit->verdict, visit->now_seconds };
    const struct report_list newest = { .domain_id = span.domain_id, .limit = REPORTS_AT_END };
    return read_days(reader, arena, &span, &domain->by_day, err)
           && read_mx(reader, arena, &span, &domain->mx, err)
           && read_mx_trend(reader, arena, &span, &domain->trend, err)
           && read_failures(reader, arena, &span, &domain->failures, err)
           && read_domain_reporters(reader, arena, &span, &domain->reporters, err)
           && read_policies(reader, arena, &span, &domain->policies, err)
           && read_reports(reader, arena, &newest, &domain->reports, err)
           && read_verdict_changes(reader, arena, span.domain_id, CHANGES, &domain->changes, err)
           && verdict_load(reader, arena, domain->row, &terms, &domain->verdict, err);
}

static void say_absent(struct visit *visit, const char *name)
{
    visit->absent = arena_printf(
        visit->arena,
        "No report has spoken of %s. Senders report on a domain only when its record asks for it and "
        "they sent it mail, and first on the day after. The record is:",
        name);
    visit->absent_lines =
        arena_printf(visit->arena, "_smtp._tls.%s. IN TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@%s\"",
                     name, name);
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct domain *domain = arena_alloc(visit->arena, sizeof *domain);
    const char *name = text_host(visit->arena, visit->argument, NULL);
    if (!name)
        return true;
    if (!period_read(visit->request, visit->now_seconds, &domain->period, err)
        || !read_domain(visit->reader, visit->arena, name, &domain->row, err))
        return false;
    if (!domain->row) {
        say_absent(visit, name);
        return true;
    }
    if (!load_parts(visit, domain, err)
        || !read_setup(visit->reader, visit->arena, name, &domain->setup, err))
        return false;
    add_up(visit->arena, domain);
    domain->desk = &visit->form;
    visit->title = domain->row->name;
    *data = domain;
    return true;
}

static bool take(struct visit *visit, const char **location, struct err *err)
{
    const char *name = text_host(visit->arena, visit->argument, NULL);
    const struct verdict_terms terms = { visit->verdict, visit->now_seconds };
    const struct domain_row *row = NULL;
    struct verdict verdict;
    if (!name)
        return true;
    if (!read_domain(visit->reader, visit->arena, name, &row, err))
        return false;
    if (!row) {
        say_absent(visit, name);
        return true;
    }
    if (!verdict_load(visit->reader, visit->arena, row, &terms, &verdict, err)
        || !verdict_form_take(visit, row->name, &verdict, err))
        return false;
    *location = arena_printf(visit->arena, "%s#verdict", link_domain(visit->arena, name, NULL));
    return true;
}

/* --- head --- */

static void print_state(struct html *page, const struct domain *domain)
{
    const char *mode = domain->row->mode;
    bool enforced = strcmp(mode, "enforce") == 0;
    html(page, "<p class=\"lead\" id=\"state\">");
    if (domain->failed && enforced)
        part_badge(page, BADGE_BAD, "failing in enforce");
    else
        layout_status(page, domain->failed, domain->successful + domain->failed);
    if (*mode) {
        html(page, " ");
        part_badge(page, BADGE_PLAIN, arena_printf(page->arena, "policy mode %s", mode));
    }
    html(page, "</p>\n<p>In %s. ", domain->period.label);
    if (!*mode)
        html(page, "No report of these days or before quotes an MTA-STS policy.");
    else if (domain->failed && enforced)
        html(page, "The newest MTA-STS policy that senders saw is in mode <code>enforce</code>: "
                   "senders that honour it may have refused to deliver in failed sessions.");
    else
        html(page, "The newest MTA-STS policy that senders saw is in mode <code>%s</code>.", mode);
    html(page, "</p>\n");
}

static void print_setup(struct html *page, const struct domain *domain)
{
    html(page,
         "<p id=\"setup\">What is published, and how its mail servers answer: <a "
         "href=\"%s\">set-up</a> ",
         setup_page_link(page->arena, domain->row->name));
    if (domain->setup)
        setup_page_verdict(page, domain->setup->verdict);
    else
        html(page, "not looked at yet");
    html(page, "</p>\n");
}

static void print_figures(struct html *page, const struct domain *domain)
{
    int64_t sessions = domain->successful + domain->failed;
    const struct domain_reporter_row *reporters = domain->reporters.first;
    html(page, "<dl class=\"figures\" id=\"totals\">\n");
    part_figure(page, "Sessions", sessions);
    part_figure(page, "Succeeded", domain->successful);
    part_figure(page, "Failed", domain->failed);
    html(page, "<div><dt>Share failed</dt><dd>");
    html_share(page, domain->failed, sessions);
    html(page, "</dd></div>\n");
    part_figure(page, "Reporters", domain->reporters.count ? reporters->reporters : 0);
    html(page, "<div><dt>Last report</dt><dd>");
    html_time(page, domain->row->last_report_seconds);
    html(page, "</dd></div>\n</dl>\n");
    if (domain->untrusted) {
        html(page, "<p class=\"note\">");
        html_number(page, domain->untrusted);
        html(page, " of these sessions are told by senders whose identity nobody has vouched "
                   "for; anybody could have sent those reports.</p>\n");
    }
}

/* --- days --- */

static void print_day(struct html *page, const struct day_row *row)
{
    int64_t sessions = row->successful + row->failed;
    char day[CLOCK_TEXT_BYTES];
    html(page, "<tr><th scope=\"row\">%s</th><td>%s</td>", clock_day_to_text(row->day, day),
         row->policy_type);
    html_cell(page, sessions);
    html_cell(page, row->successful);
    part_failed(page, row->failed);
    html(page, "<td class=\"n\">");
    html_share(page, row->failed, sessions);
    html(page, "</td>");
    html_cell(page, row->unexplained);
    html_cell(page, row->reports);
    html(page, "</tr>\n");
}

static void print_by_type(struct html *page, const struct domain *domain)
{
    const struct day_row *rows = domain->by_day.first;
    html(page, "<details><summary>By policy type</summary>\n");
    LAYOUT_TABLE(page, "Sessions per UTC day and policy type", "Day", "Policy type", "#Sessions",
                 "#Successful", "#Failed", "#Share failed", "#Without details", "#Reports");
    for (size_t i = 0; i < domain->by_day.count && i < DAY_ROWS; i++)
        print_day(page, &rows[i]);
    layout_table_end(page);
    part_left_out(page, (int64_t)domain->by_day.count, DAY_ROWS, "older rows");
    html(page,
         "<p class=\"note\">Rows of different policy types are not to be added up: some senders "
         "list the same sessions under <code>tlsa</code> and under <code>sts</code>. The chart "
         "counts such sessions once.</p></details>\n");
}

static void print_days(struct html *page, const struct domain *domain)
{
    html(page, "<section id=\"chart\"><h2>Day by day</h2>\n");
    if (domain->by_day.count) {
        chart_print(page, &domain->chart);
        html(page, "</section>\n<section id=\"days\">\n");
        print_by_type(page, domain);
    } else {
        html(page, "<p>No report covers these days. Senders report only when they sent mail, and a "
                   "day later; a longer period may show more.</p>\n");
    }
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
    const struct verdict_view verdict = {
        domain->row->name,    &domain->verdict, &domain->changes,
        domain->period.today, domain->desk,     link_domain(page->arena, domain->row->name, NULL)
    };
    const struct domain_mx mx = { &domain->mx, &domain->trend, &domain->policies, &domain->period };
    part_crumbs(page, "/", "Overview", domain->row->name);
    html(page, "<h1>%s</h1>\n", domain->row->name);
    print_state(page, domain);
    print_setup(page, domain);
    verdict_page_print(page, &verdict);
    period_print(page, &domain->period, link_domain(page->arena, domain->row->name, NULL));
    print_figures(page, domain);
    print_days(page, domain);
    domain_mx_print(page, &mx);
    cause_print(page, &domain->failures, domain->row->name);
    domain_reporters_print(page, &domain->reporters, &domain->policies, &domain->period);
    domain_policies_print(page, &domain->policies);
    print_reports(page, domain);
}

const struct page page_domain = {
    .path = "/domains/*",
    .title = "Domain",
    .section = "/",
    .load = load,
    .print = print,
    .take = take,
};
