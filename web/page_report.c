/* /reports/ID: everything in one report and all that is known of how it came, and
 * /reports/ID/original: its JSON as it was sent.
 *
 * The contents are read again from the original bytes, so that what is shown is what was sent and
 * not what the tables keep of it.
 *
 * SPDX-License-Identifier: MIT
 * Before: page_reports.c. Next: page_rejected.c */
#include "ingest/gunzip.h"
#include "ingest/report.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/part.h"
#include <inttypes.h>
#include <string.h>

#define DETAILS_SHOWN  1000
#define POLICIES_SHOWN 200

static const struct limits limits = LIMITS_OF_KEPT(4096);

struct shown {
    struct report_key key;
    const struct report_detail_row *row;
    struct rows conflicts;
    bool readable;
    struct report report; /* when readable */
    struct err why;       /* when not */
};

static bool find(struct visit *visit, struct report_key *key, const struct report_detail_row **row,
                 struct err *err)
{
    *row = NULL;
    return !report_key_from_text(visit->argument, key)
           || read_report(visit->reader, visit->arena, key, row, err);
}

static bool read_again(struct visit *visit, struct shown *shown)
{
    const struct report_detail_row *row = shown->row;
    struct mail *mail = arena_alloc(visit->arena, sizeof *mail);
    struct payload *payload = arena_alloc(visit->arena, sizeof *payload);
    bool trailing = false;
    *mail = (struct mail){ .report_domain = row->mail_domain, .submitter = row->mail_submitter };
    payload->mail = row->mail_domain || row->mail_submitter ? mail : NULL;
    return gunzip(visit->arena, row->original, &limits, &payload->json, &trailing, &shown->why)
           && report_parse(visit->arena, payload, &limits, row->received_seconds, &shown->report,
                           &shown->why);
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct shown *shown = arena_alloc(visit->arena, sizeof *shown);
    if (!find(visit, &shown->key, &shown->row, err))
        return false;
    if (!shown->row) {
        visit->absent = "There is no such report, or it has become too old and was removed.";
        return true;
    }
    if (!read_conflicts(visit->reader, visit->arena, &shown->key, &shown->conflicts, err))
        return false;
    shown->readable = read_again(visit, shown);
    visit->title = arena_printf(visit->arena, "Report of %s for %s", shown->row->organization,
                                shown->row->domain);
    *data = shown;
    return true;
}

/* --- what is known of it --- */

static void print_field(struct html *page, const char *name, const char *value)
{
    html(page, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value && *value ? value : "\u2013");
}

static void print_arrival(struct html *page, const struct report_detail_row *row)
{
    html(page, "<div><dt>Received</dt><dd>");
    html_time(page, row->received_seconds);
    html(page, " by %s%s%s</dd></div>\n", row->source, *row->origin ? " from " : "", row->origin);
    if (row->arrivals > 1) {
        html(page, "<div><dt>Arrivals</dt><dd>");
        html_number(page, row->arrivals);
        html(page, " times, counted once; last ");
        html_time(page, row->last_arrival_seconds);
        html(page, " by %s</dd></div>\n", row->last_arrival_source);
    }
    if (row->mail_from)
        print_field(page, "Mail from", row->mail_from);
    if (row->mail_domain)
        print_field(page, "TLS-Report-Domain", row->mail_domain);
    if (row->mail_submitter)
        print_field(page, "TLS-Report-Submitter", row->mail_submitter);
    if (row->mail_message_id)
        print_field(page, "Message-ID", row->mail_message_id);
}

static void print_sender(struct html *page, const struct report_detail_row *row)
{
    html(page, "<div><dt>Sender</dt><dd>%s: %s</dd></div>\n",
         row->trusted ? "trusted" : "not verified", row->trust_ground);
    if (!row->sender_method)
        return;
    bool ours = strcmp(row->sender_method, "dkim") == 0;
    html(page, "<div><dt>DKIM</dt><dd>%s", row->sender_result);
    if (row->sender_domain)
        html(page, ", domain <code>%s</code>", row->sender_domain);
    if (row->sender_selector)
        html(page, ", selector <code>%s</code>", row->sender_selector);
    html(page, "%s</dd></div>\n", ours ? "" : " (Authentication-Results of our mail server)");
}

static void print_header(struct html *page, const struct shown *shown)
{
    const struct report_detail_row *row = shown->row;
    html(page, "<dl class=\"fields\" id=\"header\">\n");
    print_field(page, "Organization", row->organization);
    print_field(page, "Report id", row->report_id);
    print_field(page, "Contact", row->contact);
    print_field(page, "Submitter", row->submitter);
    html(page, "<div><dt>Range</dt><dd>");
    html_time(page, row->begin_seconds);
    html(page, " to ");
    html_time(page, row->end_seconds);
    html(page, "</dd></div>\n<div><dt>Sessions</dt><dd>");
    html_number(page, row->successful);
    html(page, " successful, ");
    html_number(page, row->failed);
    html(page, " failed</dd></div>\n");
    print_sender(page, row);
    print_arrival(page, row);
    html(page, "</dl>\n");
    if (row->variant)
        html(page,
             "<p class=\"note\">Another sender used the same organization, id and range before "
             "this one; both are counted.</p>\n");
    html(page, "<p><a class=\"button\" href=\"%s\">Download the original JSON</a></p>\n",
         link_original(page->arena, &shown->key));
}

/* --- deviations --- */

static bool noted(const struct report *report, const char *code)
{
    for (const struct deviation *d = report->deviations.first; d; d = d->next)
        if (strcmp(deviation_to_text(d->code), code) == 0)
            return true;
    return false;
}

static void print_deviation(struct html *page, const char *code, const char *where,
                            const char *meaning, const char *note)
{
    html(
        page,
        "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td><td class=\"prose\">%s%s%s</td></tr>\n",
        code, *where ? where : "\u2013", meaning, note ? " " : "", note ? note : "");
}

/* Those of the container it came in (gzip, mail) are in the row only: by their code. */
static void print_container_deviations(struct html *page, const struct shown *shown)
{
    for (const char *at = shown->row->deviations; *at;) {
        size_t size = strcspn(at, " ");
        const char *code = arena_copy(page->arena, at, size);
        for (int i = 0; i < DEVIATION_COUNT_OF_CODES; i++)
            if (strcmp(deviation_to_text((enum deviation_code)i), code) == 0
                && !noted(&shown->report, code))
                print_deviation(page, code, "", deviation_meaning((enum deviation_code)i), NULL);
        at += size + (at[size] == ' ');
    }
}

static void print_deviations(struct html *page, const struct shown *shown)
{
    const struct deviations *list = &shown->report.deviations;
    html(page, "<section id=\"deviations\"><h2>Deviations from RFC 8460</h2>\n");
    if (!list->count && !*shown->row->deviations) {
        html(page, "<p>None.</p></section>\n");
        return;
    }
    LAYOUT_TABLE(page, "Deviations, none of which stopped the report from being counted",
                 "Deviation", "Where", "What it means");
    print_container_deviations(page, shown);
    for (const struct deviation *d = list->first; d; d = d->next)
        print_deviation(page, deviation_to_text(d->code), d->path, deviation_meaning(d->code),
                        d->note);
    layout_table_end(page);
    if (list->count > DEVIATIONS_MAX)
        html(page, "<p class=\"note\">%zu were found; the first %d are listed.</p>\n", list->count,
             DEVIATIONS_MAX);
    html(page, "</section>\n");
}

/* --- policies --- */

static void print_detail(struct html *page, const struct failure_detail *detail)
{
    html(page, "<tr><th scope=\"row\"><code>%s</code></th>", detail->result_type);
    html_cell(page, detail->failed_sessions);
    html(page, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
         detail->receiving_mx_hostname, detail->receiving_mx_helo, detail->receiving_ip,
         detail->sending_mta_ip, detail->failure_reason_code, detail->additional_information);
    html(page, "</tr>\n");
}

/* Once for each result type, below the table. */
static void print_meanings(struct html *page, const struct failure_detail *details, size_t count)
{
    html(page, "<dl class=\"fields\">\n");
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < i && details[k].result != details[i].result)
            k++;
        if (k == i)
            html(page, "<div><dt><code>%s</code></dt><dd>%s</dd></div>\n", details[i].result->name,
                 details[i].result->meaning);
    }
    html(page, "</dl>\n");
}

static void print_details(struct html *page, const struct report_policy *policy, size_t *left)
{
    if (!policy->detail_count) {
        if (policy->failed_sessions)
            html(page,
                 "<p class=\"note\">The sender gave no details of the failed sessions.</p>\n");
        return;
    }
    size_t shown = policy->detail_count < *left ? policy->detail_count : *left;
    *left -= shown;
    LAYOUT_TABLE(page, "Failure details", "Result type", "#Sessions", "Receiving MX", "HELO",
                 "Receiving address", "Sending address", "Reason code", "Additional information");
    for (size_t i = 0; i < shown; i++)
        print_detail(page, &policy->details[i]);
    layout_table_end(page);
    print_meanings(page, policy->details, shown);
    if (shown < policy->detail_count)
        html(page, "<p class=\"note\">%zu more are in the original JSON.</p>\n",
             policy->detail_count - shown);
}

static void print_policy(struct html *page, const struct report_policy *policy, size_t number,
                         size_t *details_left)
{
    html(
        page,
        "<section class=\"card policy\"><h3>%zu: <code>%s</code> for <a href=\"%s\">%s</a></h3>\n<p>",
        number, policy->type_name, link_domain(page->arena, policy->domain, NULL), policy->domain);
    html_number(page, policy->successful_sessions);
    html(page, " sessions successful, ");
    html_number(page, policy->failed_sessions);
    html(page, " failed.%s</p>\n",
         policy->mirrored
             ? " These sessions stand in an earlier block under another policy type and "
               "are not added to the report\u2019s total."
             : "");
    if (policy->mx_host_count) {
        html(page, "<p>MX hosts:");
        for (size_t i = 0; i < policy->mx_host_count; i++)
            html(page, "%s <code>%s</code>", i ? "," : "", policy->mx_hosts[i]);
        html(page, "</p>\n");
    }
    if (policy->line_count) {
        html(page, "<pre>");
        for (size_t i = 0; i < policy->line_count; i++)
            html(page, "%s\n", policy->lines[i]);
        html(page, "</pre>\n");
    }
    print_details(page, policy, details_left);
    html(page, "</section>\n");
}

static void print_policies(struct html *page, const struct report *report)
{
    size_t left = DETAILS_SHOWN;
    html(page, "<section id=\"policies\"><h2>Policies</h2>\n");
    for (size_t i = 0; i < report->policy_count && i < POLICIES_SHOWN; i++)
        print_policy(page, &report->policies[i], i + 1, &left);
    if (report->policy_count > POLICIES_SHOWN)
        html(page, "<p class=\"note\">%zu more policies are in the original JSON.</p>\n",
             report->policy_count - POLICIES_SHOWN);
    html(page, "</section>\n");
}

static void print_conflicts(struct html *page, const struct rows *conflicts)
{
    const struct conflict_row *rows = conflicts->first;
    if (!conflicts->count)
        return;
    html(page,
         "<section id=\"conflicts\"><h2>Conflicts</h2>\n<p>These came under the same organization, "
         "id and range with other contents, and seem to be from the same sender. They are kept "
         "and not counted.</p>\n");
    LAYOUT_TABLE(page, "Reports in conflict with this one", "Received", "Source", "Contact",
                 "#Times", "#Bytes (gzip)");
    for (size_t i = 0; i < conflicts->count; i++) {
        html(page, "<tr><th scope=\"row\">");
        html_time(page, rows[i].received_seconds);
        html(page, "</th><td>%s%s%s</td><td>%s</td>", rows[i].source,
             *rows[i].origin ? " from " : "", rows[i].origin, rows[i].contact);
        html_cell(page, rows[i].arrivals);
        html_cell(page, rows[i].size);
        html(page, "</tr>\n");
    }
    layout_table_end(page);
    html(page, "</section>\n");
}

static void print(struct html *page, const void *data)
{
    const struct shown *shown = data;
    part_crumbs(page, link_reports(page->arena, NULL, NULL), "Reports", shown->row->report_id);
    html(page, "<h1>Report of %s</h1>\n<p class=\"lead\">For <a href=\"%s\">%s</a>, UTC day ",
         *shown->row->organization ? shown->row->organization : "an unnamed organization",
         link_domain(page->arena, shown->row->domain, NULL), shown->row->domain);
    html_day(page, shown->key.day);
    html(page, ".</p>\n");
    print_header(page, shown);
    if (shown->readable) {
        print_deviations(page, shown);
        print_policies(page, &shown->report);
    } else {
        char text[ERR_TEXT_BYTES];
        html(page, "<p class=\"note\">The kept original can no longer be read: %s</p>\n",
             err_to_text(&shown->why, text, sizeof text));
    }
    print_conflicts(page, &shown->conflicts);
}

const struct page page_report = {
    .path = "/reports/*",
    .title = "Report",
    .section = "/reports",
    .load = load,
    .print = print,
};

/* --- the original --- */

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    struct report_key key;
    const struct report_detail_row *row;
    struct bytes json;
    bool trailing;
    if (!find(visit, &key, &row, err))
        return false;
    if (!row)
        return true;
    if (!gunzip(visit->arena, row->original, &limits, &json, &trailing, err)) {
        err->kind = ERR_BUG; /* ours: we compressed it */
        return false;
    }
    *out = (struct response){
        .status = 200,
        .type = "application/json",
        .body = json,
        .headers = { { .name = "Content-Disposition",
                       .value =
                           arena_printf(visit->arena, "attachment; filename=\"tlsrpt-%s.json\"",
                                        visit->argument) },
                     { .name = "Cache-Control", .value = "no-store" } },
    };
    return true;
}

const struct page page_original = {
    .path = "/reports/*/original",
    .title = "Original",
    .section = "",
    .serve = serve,
};
