/* tlsrptd show FILE: one report for a person, without any database.
 * SPDX-License-Identifier: MIT
 * Before: files.c */
#include "collector/command.h"
#include "collector/files.h"
#include "base/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Strings of strangers: control characters would reach the terminal. */
static void put_safe(const char *text)
{
    for (; text && *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void put_line(const char *name, const char *text)
{
    printf("%-14s", name);
    put_safe(text ? text : "(missing)");
    putchar('\n');
}

static void print_detail(const struct failure_detail *detail)
{
    const struct {
        const char *name, *value;
    } fields[] = {
        { "at", detail->receiving_mx_hostname },   { "helo", detail->receiving_mx_helo },
        { "address", detail->receiving_ip },       { "from", detail->sending_mta_ip },
        { "reason", detail->failure_reason_code }, { "see", detail->additional_information },
    };
    printf("    %" PRId64 " × ", detail->failed_sessions);
    put_safe(detail->result_type);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (fields[i].value && *fields[i].value) {
            printf("  %s ", fields[i].name);
            put_safe(fields[i].value);
        }
    printf("\n        %s %s\n", detail->result->meaning, detail->result->remedy);
}

static void print_policy(const struct report_policy *policy)
{
    printf("\n%s policy for ", policy_type_to_text(policy->type));
    put_safe(policy->domain);
    printf("%s\n", policy->mirrored ? "  (the same sessions as above)" : "");
    printf("  %" PRId64 " succeeded, %" PRId64 " failed", policy->successful_sessions,
           policy->failed_sessions);
    if (policy->only_host) {
        printf(", all at ");
        put_safe(policy->only_host);
    }
    putchar('\n');
    for (size_t i = 0; i < policy->line_count; i++) {
        printf("  | ");
        put_safe(policy->lines[i]);
        putchar('\n');
    }
    for (size_t i = 0; i < policy->detail_count; i++)
        print_detail(&policy->details[i]);
    if (policy->failed_sessions > policy->detailed_sessions)
        printf("    %" PRId64 " × unexplained: the report gives no details for them\n",
               policy->failed_sessions - policy->detailed_sessions);
}

static void print_deviations(const struct deviations *list)
{
    if (list->count)
        printf("\nDeviations from RFC 8460 (%zu):\n", list->count);
    for (const struct deviation *d = list->first; d; d = d->next) {
        printf("  %s", deviation_to_text(d->code));
        if (*d->path) {
            printf(" at ");
            put_safe(d->path);
        }
        printf(": %s", deviation_meaning(d->code));
        if (d->note) {
            printf(" (");
            put_safe(d->note);
            printf(")");
        }
        putchar('\n');
    }
}

static void print_report(const struct report *report)
{
    char begin[CLOCK_TEXT_BYTES], end[CLOCK_TEXT_BYTES];
    put_line("Organization", report->organization);
    put_line("Contact", report->contact);
    put_line("Report id", report->report_id);
    printf("%-14s%s to %s\n", "Range", clock_to_text(report->begin_seconds, begin),
           clock_to_text(report->end_seconds, end));
    for (size_t i = 0; i < report->policy_count; i++)
        print_policy(&report->policies[i]);
    print_deviations(&report->deviations);
}

/* True when every report in the delivery can be counted. */
static bool print_delivery(struct delivery *delivery, const struct limits *limits)
{
    bool good = true, first = true;
    for (const struct payload *p = payload_open(delivery, limits); p; p = p->next, first = false) {
        struct report report;
        struct err err = p->err;
        if (!first)
            printf("\n----\n\n");
        if (err.kind == ERR_NONE
            && report_parse(&delivery->arena, p, limits, delivery->received_seconds, &report,
                            &err)) {
            print_report(&report);
            continue;
        }
        fflush(stdout);
        command_fail(delivery->origin, &err);
        good = false;
    }
    return good;
}

static int show(const struct limits *limits, const char *path)
{
    struct files files;
    struct err err = { 0 };
    CLEANUP(buf_done) struct buf bytes = BUF((size_t)limits->message_bytes + 65536);
    bool more = true, good = true;
    int code = EX_OK;
    if (!files_open(&files, &path, 1, (size_t)limits->message_bytes, &err)) {
        code = command_fail("show", &err) == EX_CONFIG ? EX_NOINPUT : EX_SOFTWARE;
        more = false;
    }
    while (more) {
        const char *from = "";
        if (!files_next(&files, &bytes, &from, &more, &err)) {
            code = command_fail("show", &err) == EX_UNAVAILABLE ? EX_NOINPUT : EX_SOFTWARE;
            break;
        }
        if (!more)
            break;
        struct delivery *delivery = delivery_new(SOURCE_COMMAND, from);
        delivery->bytes = (struct bytes){ buf_get(&bytes), bytes.size };
        good = print_delivery(delivery, limits) && good;
        delivery_free(&delivery);
    }
    files_close(&files);
    return good ? code : EX_DATAERR;
}

static int run(struct context *context, int argc, char **argv)
{
    if (argc != 2)
        return command_usage(&cmd_show, "it takes one file, or - for standard input");
    return show(&context->settings.limits, argv[1]);
}

const struct command cmd_show = {
    .name = "show",
    .arguments = "FILE",
    .summary = "Print a report for a person; needs no database",
    .help = "FILE is a report (JSON, gzip) or a mail with one in it, or - for standard input.\n"
            "Exit codes: 0, 65 it cannot be read as a report, 66 no such file.\n",
    .run = run,
};
