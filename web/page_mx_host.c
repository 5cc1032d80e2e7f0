/* /mx/HOST: one MX over all domains: its days, why sessions failed, which domains it concerns, what
 * failure details say of it, and a letter to whoever runs it.
 * SPDX-License-Identifier: MIT
 * Before: page_mx.c, mx_letter.c. Next: page_reporters.c */
#include "base/text.h"
#include "web/cause.h"
#include "web/chart.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/mx_letter.h"
#include "web/page.h"
#include "web/part.h"
#include <string.h>

struct host {
    const struct mx_host_row *row;
    struct period period;
    struct rows days, failures, domains, evidence;
    struct chart chart;
    int64_t own, failed;
};

static void add_up(struct arena *arena, struct host *host)
{
    const struct period *period = &host->period;
    const struct mx_day_row *rows = host->days.first;
    int32_t step = period_step(period);
    size_t count = (size_t)((period->to_day - period->from_day) / step) + 1;
    struct chart_bar *bars = arena_array(arena, count, sizeof *bars);
    for (size_t i = 0; i < count; i++)
        bars[i].day = period->from_day + (int32_t)i * step;
    for (size_t i = 0; i < host->days.count; i++) {
        struct chart_bar *bar = &bars[(rows[i].day - period->from_day) / step];
        bar->reported = true;
        bar->own += rows[i].own;
        bar->failed += rows[i].failed;
        host->own += rows[i].own;
        host->failed += rows[i].failed;
    }
    for (size_t i = 0; i < count; i++)
        bars[i].reported = true; /* a day on which it is not named is one without failures */
    host->chart = (struct chart){ .bars = bars, .count = count, .step_days = step };
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct host *host = arena_alloc(visit->arena, sizeof *host);
    struct reader *reader = visit->reader;
    struct arena *arena = visit->arena;
    const char *name = text_host(arena, visit->argument, NULL);
    if (!name)
        return true;
    if (!period_read(visit->request, visit->now_seconds, &host->period, err)
        || !read_mx_host(reader, arena, name, host->period.to_day, &host->row, err))
        return false;
    if (!host->row) {
        visit->absent =
            arena_printf(arena,
                         "No report has named a mail server %s. Reports name one when a "
                         "session fails there, or when a policy has no other host.",
                         name);
        return true;
    }
    const struct mx_span span = {
        .mx_id = host->row->id,
        .from_day = host->period.from_day,
        .to_day = host->period.to_day,
    };
    if (!read_mx_host_days(reader, arena, &span, &host->days, err)
        || !read_mx_host_failures(reader, arena, &span, &host->failures, err)
        || !read_mx_host_domains(reader, arena, &span, &host->domains, err)
        || !read_mx_host_evidence(reader, arena, &span, &host->evidence, err))
        return false;
    add_up(arena, host);
    visit->title = arena_printf(arena, "MX %s", host->row->name);
    *data = host;
    return true;
}

static void print_day(struct html *page, const char *label, int32_t day)
{
    html(page, "<div><dt>%s</dt><dd>", label);
    if (day)
        html_day(page, day);
    else
        html(page, "\u2013");
    html(page, "</dd></div>\n");
}

static void print_figures(struct html *page, const struct host *host)
{
    const struct mx_domain_row *domains = host->domains.first;
    html(page, "<dl class=\"figures\" id=\"totals\">\n");
    part_figure(page, "Failed sessions", host->failed);
    part_figure(page, "Own successes", host->own);
    part_figure(page, "Domains affected", host->domains.count ? domains->domains : 0);
    print_day(page, "Present failures began", host->row->began);
    print_day(page, "Last failure", host->row->last_failure);
    html(page, "</dl>\n");
}

static void print_domains(struct html *page, const struct host *host)
{
    const struct mx_domain_row *rows = host->domains.first;
    if (!host->domains.count)
        return;
    html(page, "<section id=\"domains\"><h2>Domains affected</h2>\n");
    LAYOUT_TABLE(page, "Domains whose sessions failed at this host, most first", "Domain",
                 "Policy mode", "#Failed", "#Reporters", "Last failure");
    for (size_t i = 0; i < host->domains.count; i++) {
        html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>%s</td>",
             link_domain(page->arena, rows[i].name, host->period.query), rows[i].name,
             *rows[i].mode ? rows[i].mode : "\u2013");
        part_failed(page, rows[i].failed);
        html_cell(page, rows[i].reporters);
        html(page, "<td>");
        html_day(page, rows[i].last_failure);
        html(page, "</td></tr>\n");
    }
    layout_table_end(page);
    part_left_out(page, rows->domains, host->domains.count, "domains with fewer failures");
    html(page, "</section>\n");
}

static const char *label_of(const char *kind)
{
    static const struct {
        const char *kind, *label;
    } labels[] = {
        { "address", "address that was reached" },
        { "helo", "name it gave (HELO)" },
        { "reason", "reason code" },
        { "reporter", "told by" },
        { "sender", "address of the sender" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
        if (strcmp(labels[i].kind, kind) == 0)
            return labels[i].label;
    return kind;
}

static void print_evidence(struct html *page, const struct host *host)
{
    const struct evidence_row *rows = host->evidence.first;
    html(page, "<section id=\"evidence\"><h2>Evidence</h2>\n");
    if (!host->evidence.count) {
        html(page, "<p>No failure detail of these days says more.</p></section>\n");
        return;
    }
    LAYOUT_TABLE(page, "What failure details say, at most ten values of a kind", "What", "Value",
                 "#Failed sessions");
    for (size_t i = 0; i < host->evidence.count; i++) {
        html(page, "<tr><th scope=\"row\">%s</th><td>%s</td>", label_of(rows[i].kind),
             rows[i].value);
        html_cell(page, rows[i].sessions);
        html(page, "</tr>\n");
    }
    layout_table_end(page);
    html(page, "</section>\n");
}

static void print_letter(struct html *page, const struct host *host)
{
    const struct mx_letter letter = { host->row, &host->failures, &host->domains, &host->evidence,
                                      &host->period };
    if (!host->failures.count)
        return;
    html(page,
         "<section id=\"letter\"><h2>A letter to whoever runs this server</h2>\n"
         "<p>Ready to be copied; it holds the evidence above, and the names of the domains.</p>\n"
         "<pre class=\"letter\" tabindex=\"0\" aria-label=\"Letter\">%s</pre></section>\n",
         mx_letter(page->arena, &letter));
}

static void print(struct html *page, const void *data)
{
    const struct host *host = data;
    part_crumbs(page, "/mx", "MX hosts", host->row->name);
    html(page, "<h1>%s</h1>\n<p class=\"lead\">", host->row->name);
    layout_status(page, host->failed, host->failed + host->own);
    html(page, "</p>\n<p>In %s, over all domains.</p>\n", host->period.label);
    period_print(page, &host->period, link_mx(page->arena, host->row->name, NULL));
    print_figures(page, host);
    html(page, "<section id=\"chart\"><h2>Day by day</h2>\n");
    chart_print(page, &host->chart);
    html(page, "<p class=\"note\">Successes that a policy\u2019s hosts share are not among these: "
               "no report says whose they are.</p></section>\n");
    cause_print(page, &host->failures, NULL);
    print_domains(page, host);
    print_evidence(page, host);
    print_letter(page, host);
}

const struct page page_mx_host = {
    .path = "/mx/*",
    .title = "MX",
    .section = "/mx",
    .load = load,
    .print = print,
};
