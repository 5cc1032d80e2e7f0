/* See report.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/report.h"
#include "ingest/report_policy.h"
#include "base/clock.h"
#include "base/text.h"
#include <string.h>

#define RANGE_SECONDS     (25 * 3600)        /* a day, and an hour of grace */
#define RANGE_MAX_SECONDS (32 * DAY_SECONDS) /* beyond this it belongs to no day */
#define FUTURE_SECONDS    (2 * DAY_SECONDS)
#define RFC_8460_YEAR     2018

static void header(const struct field *root, const struct mail *mail, struct report *out)
{
    struct field organization = field_member(root, "organization-name");
    const char *name = field_text(&organization);
    if (!name || !*name)
        field_note(&organization, DEVIATION_ORGANIZATION_MISSING, NULL);
    out->organization = name ? name : "";

    struct field contact = field_member(root, "contact-info");
    const char *address = field_text(&contact);
    if (!address || !*address)
        field_note(&contact, DEVIATION_CONTACT_INFO_MISSING, NULL);
    else
        out->contact = address;
    const char *at = out->contact ? strrchr(out->contact, '@') : NULL;
    if (at)
        out->submitter = text_host(root->reading->arena, at + 1, NULL);
    if (!out->submitter && mail && mail->submitter)
        out->submitter = text_host(root->reading->arena, mail->submitter, NULL);
}

/* Microsoft: "<digits>+" and "<digits>+<domain>"; others put the mail's <id>. */
static bool is_odd_id(const char *id)
{
    size_t size = strlen(id);
    size_t number = strspn(id, "0123456789");
    return size == 0 || id[0] == '<' || id[size - 1] == '>' || id[size - 1] == '+'
           || (number && id[number] == '+');
}

static void report_id(const struct field *root, struct report *out)
{
    struct field field = field_member(root, "report-id");
    const char *id = field_text(&field);
    out->report_id = id ? id : "";
    if (!id || !*id)
        field_note(&field, DEVIATION_REPORT_ID_MISSING, NULL);
    else if (field.kind == FIELD_NUMBER || is_odd_id(id))
        field_note(&field, DEVIATION_REPORT_ID_ODD, NULL);
}

static bool date_of(const struct field *field, int64_t *out)
{
    static const struct {
        enum clock_oddity oddity;
        enum deviation_code code;
    } oddities[] = {
        { CLOCK_WITHOUT_ZONE, DEVIATION_DATE_WITHOUT_ZONE },
        { CLOCK_DATE_ONLY, DEVIATION_DATE_ONLY },
        { CLOCK_FRACTION, DEVIATION_DATE_FRACTION },
        { CLOCK_OFFSET, DEVIATION_DATE_OFFSET },
    };
    const char *text = field_text(field);
    if (!text)
        return field_fail(field, ERR_INPUT, "missing");
    unsigned odd = 0;
    char *trimmed = text_trim(field->reading->arena, text, strlen(text));
    if (!clock_from_text(trimmed, out, &odd))
        return field_fail(field, ERR_INPUT, "not a date and time (RFC 3339)");
    for (size_t i = 0; i < ARRAY_SIZE(oddities); i++)
        if (odd & oddities[i].oddity)
            field_note(field, oddities[i].code, NULL);
    return true;
}

static bool date_range(const struct field *root, int64_t now, struct report *out)
{
    struct field range = field_member(root, "date-range");
    struct field start = field_member(&range, "start-datetime");
    struct field end = field_member(&range, "end-datetime");
    if (!date_of(&start, &out->begin_seconds))
        return false;
    if (end.kind == FIELD_ABSENT || end.kind == FIELD_NULL) {
        field_note(&end, DEVIATION_END_MISSING, NULL);
        out->end_seconds = out->begin_seconds + DAY_SECONDS - 1;
    } else if (!date_of(&end, &out->end_seconds)) {
        return false;
    }

    int64_t length = out->end_seconds - out->begin_seconds;
    if (length > RANGE_MAX_SECONDS || length < -RANGE_MAX_SECONDS)
        return field_fail(&range, ERR_INPUT, "longer than 32 days, or ends before it begins");
    if (length > RANGE_SECONDS || length < 0)
        field_note(&range, DEVIATION_RANGE_LONG, length < 0 ? "ends before it begins" : NULL);
    else if (length == DAY_SECONDS && out->end_seconds % DAY_SECONDS == 0)
        field_note(&end, DEVIATION_END_NEXT_MIDNIGHT, NULL);
    if (out->begin_seconds > now + FUTURE_SECONDS)
        field_note(&start, DEVIATION_FUTURE_DATE, NULL);
    else if (clock_day(out->begin_seconds) < clock_day_of(RFC_8460_YEAR, 1, 1))
        field_note(&start, DEVIATION_ANCIENT_DATE, NULL);
    out->day = clock_day(out->begin_seconds);
    return true;
}

/* Reads each block on its own; the error of the first bad one counts only when none is left. */
static bool policies(const struct field *root, const struct mail *mail, struct report *out)
{
    struct reading *reading = root->reading;
    struct err *err = reading->err, first = { 0 };
    struct field list = field_member(root, "policies");
    if (list.kind != FIELD_LIST)
        return field_fail(&list, ERR_INPUT, "missing, or not a list");
    size_t count = field_length(&list), details = 0;
    if (count == 0)
        return field_fail(&list, ERR_INPUT, "empty: there is nothing to count");
    if (count > (size_t)reading->limits->policies)
        return field_fail(&list, ERR_LIMIT, "too many policies (limits.policies)");
    const char *domain = mail ? mail->report_domain : NULL;

    out->policies = arena_array(reading->arena, count, sizeof *out->policies);
    for (struct field element = { 0 }; field_next(&list, &element);) {
        struct err fault = { 0 };
        reading->err = &fault;
        bool good =
            report_policy_parse(&element, domain, &details, &out->policies[out->policy_count]);
        reading->err = err;
        if (fault.kind == ERR_LIMIT) {
            *err = fault;
            return false;
        }
        if (good) {
            out->policy_count++;
            continue;
        }
        char text[ERR_TEXT_BYTES];
        field_note(&element, DEVIATION_POLICY_SKIPPED, err_to_text(&fault, text, sizeof text));
        if (first.kind == ERR_NONE)
            first = fault;
    }
    if (out->policy_count)
        return true;
    *err = first;
    return false;
}

static bool mirrors(const struct report_policy *a, const struct report_policy *b)
{
    bool types = (a->type == POLICY_STS && b->type == POLICY_TLSA)
                 || (a->type == POLICY_TLSA && b->type == POLICY_STS);
    return types && a->successful_sessions == b->successful_sessions
           && a->failed_sessions == b->failed_sessions
           && a->successful_sessions + a->failed_sessions > 0 && strcmp(a->domain, b->domain) == 0;
}

/* Finds blocks that tell the same sessions again, each at most once, and sums up the rest. */
static bool sum_up(const struct field *root, struct report *report)
{
    bool *taken = arena_array(root->reading->arena, report->policy_count, sizeof *taken);
    bool mirrored = false, several = false;
    for (size_t i = 0; i < report->policy_count; i++) {
        struct report_policy *block = &report->policies[i];
        several = several || strcmp(block->domain, report->policies[0].domain) != 0;
        for (size_t k = 0; k < i && !block->mirrored; k++) {
            if (taken[k] || report->policies[k].mirrored || !mirrors(&report->policies[k], block))
                continue;
            block->mirrored = taken[k] = mirrored = true;
        }
        if (block->mirrored)
            continue;
        report->successful_sessions += block->successful_sessions;
        report->failed_sessions += block->failed_sessions;
        if (report->successful_sessions > REPORT_COUNT_MAX
            || report->failed_sessions > REPORT_COUNT_MAX)
            return field_fail(root, ERR_INPUT, "the policies' sum is above 2^53");
    }
    if (mirrored)
        field_note(root, DEVIATION_MIRRORED_POLICIES, NULL);
    if (several)
        field_note(root, DEVIATION_SEVERAL_DOMAINS, NULL);
    return true;
}

static void hash_policy(struct hash *hash, const struct report_policy *block)
{
    hash_text(hash, block->domain);
    hash_text(hash, block->type_name);
    hash_number(hash, block->successful_sessions);
    hash_number(hash, block->failed_sessions);
    hash_number(hash, (int64_t)block->line_count);
    for (size_t i = 0; i < block->line_count; i++)
        hash_text(hash, block->lines[i]);
    hash_number(hash, (int64_t)block->mx_host_count);
    for (size_t i = 0; i < block->mx_host_count; i++)
        hash_text(hash, block->mx_hosts[i]);
    for (const struct failure_detail *d = block->details; d < block->details + block->detail_count;
         d++) {
        hash_text(hash, d->result_type);
        hash_text(hash, d->sending_mta_ip);
        hash_text(hash, d->receiving_mx_hostname);
        hash_text(hash, d->receiving_mx_helo);
        hash_text(hash, d->receiving_ip);
        hash_text(hash, d->additional_information);
        hash_text(hash, d->failure_reason_code);
        hash_number(hash, d->failed_sessions);
    }
}

static void identify(struct report *report)
{
    struct hash hash = { 0 };
    hash_text(&hash, report->organization);
    hash_text(&hash, report->report_id);
    hash_number(&hash, report->begin_seconds);
    hash_text(&hash, report->policies[0].domain);
    hash_done(&hash, report->identity);

    hash_text(&hash, report->contact);
    hash_number(&hash, report->end_seconds);
    for (size_t i = 0; i < report->policy_count; i++)
        hash_policy(&hash, &report->policies[i]);
    hash_done(&hash, report->content);
}

bool report_parse(struct arena *arena, const struct payload *payload, const struct limits *limits,
                  int64_t now_seconds, struct report *out, struct err *err)
{
    struct report report = { .deviations = payload->deviations };
    /* The list's end must not point into the copy that is given away. */
    report.deviations.end = NULL;
    for (struct deviation **at = &report.deviations.first; *at; at = &(*at)->next)
        report.deviations.end = &(*at)->next;

    CLEANUP(arena_free) struct arena scratch = { 0 };
    struct limits own = *limits; /* less what other memory of the delivery takes */
    own.delivery_bytes -= payload->texts ? (int64_t)payload->texts->bytes : 0;
    struct reading reading = { arena, &scratch, &own, &report.deviations, err, NULL };
    struct field root;
    if (!field_open(&reading, payload->json, &root))
        return false;
    if (root.kind != FIELD_OBJECT)
        return err_set(err, ERR_INPUT, "JSON, but not an object");
    header(&root, payload->mail, &report);
    out->organization = report.organization;
    report_id(&root, &report);
    if (!date_range(&root, now_seconds, &report) || !policies(&root, payload->mail, &report)
        || !sum_up(&root, &report))
        return false;
    identify(&report);
    *out = report;
    return true;
}
