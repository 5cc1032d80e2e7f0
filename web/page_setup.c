/* /setup/NAME: the set-up of one domain: its steps, what was found and what to do, what is published, its mail
 * servers, and how all that came to be.
 * SPDX-License-Identifier: MIT
 * Before: page_setups.c. Next: api_setup.c */
#include "base/text.h"
#include "judge/setup_judge.h"
#include "schema/read_setup.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/part.h"
#include "web/setup_page.h"
#include <string.h>

#define FINDINGS 100
#define RUNS     12
#define VALUES   12 /* of each kind */
#define MX_ROWS  200

struct setup {
    const char *name;
    const struct setup_row *row; /* NULL: never looked at */
    struct rows findings, mx, runs;
    struct setup_past past;
    const struct insight *insight;
};

static bool load_parts(struct visit *visit, struct setup *setup, struct err *err)
{
    struct reader *reader = visit->reader;
    struct arena *arena = visit->arena;
    int32_t id = setup->row->domain_id;
    return read_setup_findings(reader, arena, id, FINDINGS, &setup->findings, err)
           && read_setup_mx(reader, arena, id, &setup->mx, err)
           && read_setup_runs(reader, arena, id, RUNS, &setup->runs, err)
           && read_setup_past(reader, arena, setup->name, &setup->past, err);
}

static void say_absent(struct visit *visit, const char *name)
{
    visit->absent = arena_printf(visit->arena,
                                 "%s was never looked at, and no report has spoken of it. To look "
                                 "at it now, on the machine of this service:",
                                 name);
    visit->absent_lines = arena_printf(visit->arena, "tlsrptd check %s", name);
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct setup *setup = arena_alloc(visit->arena, sizeof *setup);
    const struct domain_row *domain = NULL;
    setup->name = text_host(visit->arena, visit->argument, NULL);
    setup->insight = visit->insight;
    if (!setup->name)
        return true;
    if (!read_setup(visit->reader, visit->arena, setup->name, &setup->row, err)
        || !read_domain(visit->reader, visit->arena, setup->name, &domain, err)
        || (setup->row && !load_parts(visit, setup, err)))
        return false;
    if (!setup->row && !domain) {
        say_absent(visit, setup->name);
        return true;
    }
    visit->title = arena_printf(visit->arena, "Set-up of %s", setup->name);
    *data = setup;
    return true;
}

/* --- head --- */

static void print_steps(struct html *page, const struct setup_row *row)
{
    html(page, "<ol class=\"steps\" id=\"steps\">\n");
    for (int step = 0; step < SETUP_STEPS; step++) {
        const char *state = setup_page_step(page->arena, row->steps, (size_t)step);
        html(page, "<li><span>%s</span> ", setup_step_label((enum setup_step)step));
        setup_page_state(page, state ? state : "");
        html(page, "</li>\n");
    }
    html(page, "</ol>\n");
}

static void print_head(struct html *page, const struct setup *setup)
{
    const struct setup_row *row = setup->row;
    html(page, "<p class=\"lead\" id=\"state\">");
    setup_page_verdict(page, row->verdict);
    if (*row->mode) {
        html(page, " ");
        part_badge(page, BADGE_PLAIN, arena_printf(page->arena, "policy mode %s", row->mode));
    }
    html(page, "</p>\n<p>Looked at ");
    html_time(page, row->checked_seconds);
    html(page, ", mail servers ");
    html_time(page, row->probed_seconds);
    html(page,
         ". What <a href=\"%s\">senders report</a> stands on the domain's page; the way to <a "
         "href=\"%s/policy\">another policy</a>, on a page of its own.</p>\n",
         link_domain(page->arena, setup->name, NULL), setup_page_link(page->arena, setup->name));
    print_steps(page, row);
}

/* --- findings --- */

static void print_finding(struct html *page, const struct setup_finding_row *row)
{
    html(page, "<li>");
    setup_page_severity(page, row->severity);
    html(page, " <strong>%s</strong>", row->title);
    if (*row->subject)
        html(page, " (%s)", row->subject);
    if (row->blocks)
        html(page, " <span class=\"quiet\">enforce has to wait for it</span>");
    html(page, "<div>%s</div>\n", row->evidence);
    if (*row->fix) {
        html(page, "<div>What to do: ");
        part_prose(page, row->fix);
        html(page, "</div>\n");
    }
    html(page, "<div class=\"quiet\"><code>%s</code>%s%s, since ", row->code,
         *row->rule ? ", " : "", row->rule);
    html_time(page, row->first_seconds);
    html(page, "</div>");
    if (row->letter)
        html(page,
             "<details><summary>A letter about it, to be sent</summary>\n"
             "<pre class=\"letter\">%s</pre></details>\n",
             row->letter);
    html(page, "</li>\n");
}

static bool is_note(const struct setup_finding_row *row)
{
    return strcmp(row->severity, "info") == 0;
}

/* Those that are there and are notes, or are not; how many. */
static size_t print_some(struct html *page, const struct setup *setup, bool notes)
{
    const struct setup_finding_row *rows = setup->findings.first;
    size_t count = 0;
    for (size_t i = 0; i < setup->findings.count; i++) {
        if (rows[i].gone_seconds || is_note(&rows[i]) != notes)
            continue;
        if (!count++)
            html(page, notes ? "<details id=\"notes\"><summary>Worth knowing</summary>\n<ul>\n"
                             : "<ul class=\"findings\">\n");
        print_finding(page, &rows[i]);
    }
    if (count)
        html(page, notes ? "</ul></details>\n" : "</ul>\n");
    return count;
}

static void print_findings(struct html *page, const struct setup *setup)
{
    html(page, "<section id=\"findings\"><h2>Findings</h2>\n");
    if (!print_some(page, setup, false))
        html(page, "<p>Nothing is wrong.</p>\n");
    print_some(page, setup, true);
    part_left_out(page, (int64_t)setup->findings.count + (setup->findings.count == FINDINGS),
                  FINDINGS, "findings");
    html(page, "</section>\n");
}

static void print_gone(struct html *page, const struct setup *setup)
{
    const struct setup_finding_row *rows = setup->findings.first;
    bool any = false;
    for (size_t i = 0; i < setup->findings.count; i++) {
        if (!rows[i].gone_seconds)
            continue;
        if (!any)
            html(page, "<details id=\"gone\"><summary>Findings that are over</summary>\n<ul>\n");
        any = true;
        html(page, "<li>");
        html_time(page, rows[i].first_seconds);
        html(page, " to ");
        html_time(page, rows[i].gone_seconds);
        html(page, ": %s%s%s <code>%s</code></li>\n", rows[i].title, *rows[i].subject ? ", " : "",
             rows[i].subject, rows[i].code);
    }
    html(page, any ? "</ul></details>\n" : "");
}

/* --- what is published --- */

static const struct setup_policy_row *policy_of(const struct setup *setup)
{
    const struct setup_policy_row *rows = setup->past.policies.first;
    for (size_t i = 0; i < setup->past.policies.count; i++)
        if (strcmp(rows[i].policy_sha256, setup->row->policy_sha256) == 0)
            return &rows[i];
    return NULL;
}

static const struct setup_value_row *value_of(const struct setup *setup, const char *kind)
{
    const struct setup_value_row *rows = setup->past.values.first;
    for (size_t i = 0; i < setup->past.values.count; i++)
        if (strcmp(rows[i].kind, kind) == 0)
            return &rows[i];
    return NULL;
}

static void print_record(struct html *page, const struct setup *setup)
{
    const struct setup_value_row *id = value_of(setup, "id");
    const struct setup_value_row *rpt = value_of(setup, "rpt");
    html(page, "<dl class=\"fields\">\n<div><dt><code>_mta-sts</code> record</dt><dd>");
    if (*setup->row->id)
        html(page, "id <code>%s</code>", setup->row->id);
    else
        html(page, "none that senders can use");
    if (*setup->row->id && id && id->ttl_seconds >= 0)
        html(page, ", TTL at most %lld s", (long long)id->ttl_seconds);
    html(page, "</dd></div>\n<div><dt><code>_smtp._tls</code> record</dt><dd>%s</dd></div>\n",
         rpt ? rpt->value : "none that senders can use");
    html(page, "<div><dt>Policy</dt><dd>");
    if (*setup->row->mode)
        html(page, "mode %s, max_age %lld s", setup->row->mode,
             (long long)setup->row->max_age_seconds);
    else
        html(page, "none that senders can use");
    html(page, "</dd></div>\n</dl>\n");
}

static void print_published(struct html *page, const struct setup *setup)
{
    const struct setup_policy_row *policy = policy_of(setup);
    const char *url =
        arena_printf(page->arena, "https://mta-sts.%s/.well-known/mta-sts.txt", setup->name);
    html(page, "<section id=\"published\"><h2>Published</h2>\n");
    print_record(page, setup);
    html(page,
         "<p>Open <a href=\"%s\" rel=\"noreferrer\">%s</a>. A browser follows redirects and "
         "completes missing intermediates; senders don't.</p>\n",
         url, url);
    if (policy)
        html(page, "<p>What it served, byte for byte:</p>\n<pre class=\"wrap\">%s</pre>\n",
             policy->body);
    html(page, "</section>\n");
}

/* --- mail servers --- */

static void print_certificate(struct html *page, const struct setup_mx_row *row)
{
    html(page, "<td>");
    if (row->certificate)
        html_time(page, row->certificate_end_seconds);
    else
        html(page, "\u2013");
    html(page, "</td>");
}

static void print_server(struct html *page, const struct setup_mx_row *row)
{
    static const struct {
        enum badge badge;
        const char *label;
    } passes[] = { { BADGE_PLAIN, "not known" }, { BADGE_GOOD, "passes" }, { BADGE_BAD, "fails" } };
    bool known = row->passes >= 0 && row->passes < (int32_t)ARRAY_SIZE(passes);
    html(page, "<tr><th scope=\"row\">%s</th><td>%s</td><td>", row->mx,
         *row->address ? row->address : "none");
    part_badge(page, passes[known ? row->passes : 0].badge, passes[known ? row->passes : 0].label);
    html(page, "</td><td>%s</td><td>%s</td><td>%s</td>", row->reach, row->starttls,
         *row->tls ? row->tls : "\u2013");
    print_certificate(page, row);
    html(page, "<td>%s</td><td class=\"prose\">%s</td><td>", row->dane,
         *row->why ? row->why : "\u2013");
    html_time(page, row->probed_seconds);
    html(page, "</td></tr>\n");
}

/* Those in the MX records now, or those that were once. */
static void print_table(struct html *page, const struct setup *setup, bool present)
{
    const struct setup_mx_row *rows = setup->mx.first;
    size_t count = 0;
    for (size_t i = 0; i < setup->mx.count && count < MX_ROWS; i++) {
        if (rows[i].present != present)
            continue;
        if (!count++)
            LAYOUT_TABLE(page,
                         present ? "Addresses of the hosts in the MX records, by preference"
                                 : "Addresses of hosts that were in the MX records once",
                         "MX host", "Address", "STARTTLS and certificate", "Port 25", "STARTTLS",
                         "TLS", "Certificate until", "DANE", "What is the matter", "Looked at");
        print_server(page, &rows[i]);
    }
    if (count)
        layout_table_end(page);
    else if (present)
        html(page, "<p>No MX host is known.</p>\n");
}

static void print_servers(struct html *page, const struct setup *setup)
{
    html(page, "<section id=\"servers\"><h2>Mail servers</h2>\n");
    print_table(page, setup, true);
    html(page, "</section>\n");
}

/* --- history --- */

static void print_values(struct html *page, const struct setup *setup, const char *kind,
                         const char *caption)
{
    const struct setup_value_row *rows = setup->past.values.first;
    size_t count = 0;
    for (size_t i = 0; i < setup->past.values.count && count < VALUES; i++) {
        if (strcmp(rows[i].kind, kind) != 0)
            continue;
        if (!count++)
            LAYOUT_TABLE(page, caption, "Value", "First seen", "Last seen");
        html(page, "<tr><th scope=\"row\" class=\"prose\">%s</th><td>", rows[i].value);
        html_time(page, rows[i].first_seconds);
        html(page, "</td><td>");
        html_time(page, rows[i].last_seconds);
        html(page, "</td></tr>\n");
    }
    if (count)
        layout_table_end(page);
}

static void print_policies(struct html *page, const struct setup *setup)
{
    const struct setup_policy_row *rows = setup->past.policies.first;
    if (!setup->past.policies.count)
        return;
    LAYOUT_TABLE(page, "Policies that were served, each with the record's id of that time",
                 "Policy, SHA-256", "Id", "Mode", "#max_age", "First seen", "Last seen");
    for (size_t i = 0; i < setup->past.policies.count && i < VALUES; i++) {
        html(page, "<tr><th scope=\"row\"><code>%s</code>\u2026</th><td>%s</td><td>%s</td>",
             arena_copy(page->arena, rows[i].policy_sha256, strnlen(rows[i].policy_sha256, 12)),
             *rows[i].id ? rows[i].id : "none", rows[i].mode);
        html_cell(page, rows[i].max_age_seconds);
        html(page, "<td>");
        html_time(page, rows[i].first_seconds);
        html(page, "</td><td>");
        html_time(page, rows[i].last_seconds);
        html(page, "</td></tr>\n");
    }
    layout_table_end(page);
}

static void print_runs(struct html *page, const struct setup *setup)
{
    const struct setup_run_row *rows = setup->runs.first;
    LAYOUT_TABLE(page, "The newest looks", "When", "Set-up", "#Errors", "#Warnings",
                 "Mail servers too");
    for (size_t i = 0; i < setup->runs.count; i++) {
        html(page, "<tr><th scope=\"row\">");
        html_time(page, rows[i].at_seconds);
        html(page, "</th><td>");
        setup_page_verdict(page, rows[i].verdict);
        html(page, "</td>");
        html_cell(page, rows[i].errors);
        html_cell(page, rows[i].warnings);
        html(page, "<td>%s</td></tr>\n", rows[i].probed ? "yes" : "no");
    }
    layout_table_end(page);
}

static void print_history(struct html *page, const struct setup *setup)
{
    html(page, "<section id=\"history\"><h2>History</h2>\n");
    print_gone(page, setup);
    html(page, "<details><summary>Policies, ids and MX records that were seen</summary>\n");
    print_policies(page, setup);
    print_values(page, setup, "id", "Ids of the MTA-STS record");
    print_values(page, setup, "mx-set", "Hosts in the MX records");
    print_values(page, setup, "rpt", "TLS-RPT records");
    print_table(page, setup, false);
    html(page, "</details>\n<details><summary>When it was looked at</summary>\n");
    print_runs(page, setup);
    html(page, "</details>\n</section>\n");
}

static void print_now(struct html *page, const struct setup *setup)
{
    html(page,
         "<section id=\"now\"><h2>%s</h2>\n<p>To look at it now, on the machine of this "
         "service:</p>\n",
         setup->row ? "Look again" : "Not looked at yet");
    setup_page_command(page, setup->insight, setup->name);
    if (!setup->row)
        html(page,
             "<p>Else its turn comes within the hour, if it is one of the domains of the setting "
             "<code>domains.names</code> or reports speak of it, and <code>check.enabled</code> is "
             "on. How to publish its first policy, step by step: <a href=\"%s/policy\">policy</a>."
             "</p>\n",
             setup_page_link(page->arena, setup->name));
    html(page, "</section>\n");
}

static void print(struct html *page, const void *data)
{
    const struct setup *setup = data;
    part_crumbs(page, "/setup", "Set-up", setup->name);
    html(page, "<h1>Set-up of %s</h1>\n", setup->name);
    if (setup->row) {
        print_head(page, setup);
        print_findings(page, setup);
        print_published(page, setup);
        print_servers(page, setup);
        print_history(page, setup);
    }
    print_now(page, setup);
}

const struct page page_setup = {
    .path = "/setup/*",
    .title = "Set-up",
    .section = "/setup",
    .load = load,
    .print = print,
};
