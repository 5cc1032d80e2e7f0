/* See report_policy.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/report_policy.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

#define LINES_MAX 1000 /* of one policy-string, and patterns of one mx-host */

/* Names that the tally keeps for itself; see schema/migrations. */
static const char *const reserved_results[] = { "successful", "total-failure", "unexplained" };

/* Texts in which every byte is replaced by three grow; lists of nothing cost their rows. */
static bool is_spent(const struct field *field)
{
    const struct reading *reading = field->reading;
    return (int64_t)reading->arena->bytes > reading->limits->delivery_bytes;
}

static bool is_affordable(const struct field *field)
{
    return !is_spent(field)
           || field_fail(field, ERR_LIMIT,
                         "more memory than one delivery may take (limits.delivery_bytes)");
}

struct lines {
    const char **items;
    size_t count, room;
};

static void add_line(struct arena *arena, struct lines *lines, const char *text, size_t size)
{
    if (lines->count >= LINES_MAX || !size)
        return;
    if (lines->count == lines->room) {
        lines->room = lines->room ? lines->room * 2 : 8;
        const char **more = arena_array(arena, lines->room, sizeof *more);
        if (lines->count)
            memcpy(more, lines->items, lines->count * sizeof *more);
        lines->items = more;
    }
    lines->items[lines->count++] = text_trim(arena, text, size);
}

/* A policy written as one string, line by line. */
static void split_lines(struct arena *arena, struct lines *lines, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\r\n");
        add_line(arena, lines, text, size);
        text += size;
        text += strspn(text, "\r\n");
    }
}

/* A string that holds a JSON list, as Microsoft writes TLSA records; false when it holds none. */
static bool nested_lines(const struct field *string, struct lines *lines, const char *text)
{
    if (text[0] != '[')
        return false;
    struct err ignored = { 0 };
    struct reading reading = *string->reading;
    reading.err = &ignored;
    struct field inner;
    if (!field_open(&reading, (struct bytes){ text, strlen(text) }, &inner)
        || inner.kind != FIELD_LIST)
        return false;
    for (struct field element = { 0 }; field_next(&inner, &element);) {
        const char *line = field_text(&element);
        if (line)
            add_line(reading.arena, lines, line, strlen(line));
    }
    field_note(string, DEVIATION_POLICY_STRING_NESTED, NULL);
    return true;
}

static void add_string(const struct field *string, struct lines *lines)
{
    const char *text = field_long_text(string);
    if (text && !nested_lines(string, lines, text))
        split_lines(string->reading->arena, lines, text);
}

static struct lines policy_string(const struct field *policy, enum policy_type type)
{
    struct lines lines = { 0 };
    struct field field = field_member(policy, "policy-string");
    for (struct field element = { 0 };
         field_next(&field, &element) && element.index < LINES_MAX && !is_spent(&field);)
        add_string(&element, &lines);
    if (field.kind == FIELD_TEXT) {
        size_t before = field.reading->deviations->count;
        add_string(&field, &lines);
        if (field.reading->deviations->count == before)
            field_note(&field, DEVIATION_POLICY_STRING_STRING, NULL);
    } else if (!lines.count && (type == POLICY_STS || type == POLICY_TLSA)) {
        field_note(&field, DEVIATION_POLICY_STRING_ABSENT, NULL);
    }
    return lines;
}

/* A host or pattern in canonical form; NULL and noted when it is none. */
static const char *host_of(const struct field *field)
{
    const char *text = field_text(field);
    if (!text || !*text)
        return NULL;
    bool odd = false;
    const char *host = text_host(field->reading->arena, text, &odd);
    if (!host)
        field_note(field, DEVIATION_HOST_ODD, "not a host name; left out");
    else if (odd)
        field_note(field, DEVIATION_HOST_ODD, NULL);
    return host;
}

static struct lines mx_hosts(const struct field *policy, enum policy_type type)
{
    struct lines hosts = { 0 };
    struct field field = field_member(policy, "mx-host");
    if (field.kind == FIELD_ABSENT) {
        struct field other = field_member(policy, "mx-host-pattern");
        if (other.kind != FIELD_ABSENT) {
            field_note(&other, DEVIATION_MX_HOST_NAME, NULL);
            field = other;
        }
    }
    for (struct field element = { 0 }; field_next(&field, &element) && element.index < LINES_MAX;) {
        const char *host = host_of(&element);
        if (host)
            add_line(policy->reading->arena, &hosts, host, strlen(host));
    }
    if (field.kind == FIELD_TEXT) {
        field_note(&field, DEVIATION_MX_HOST_STRING, NULL);
        const char *host = host_of(&field);
        if (host)
            add_line(policy->reading->arena, &hosts, host, strlen(host));
    } else if (!hosts.count && type == POLICY_STS) {
        field_note(&field, DEVIATION_MX_HOST_ABSENT, NULL);
    }
    return hosts;
}

static void policy_type(const struct field *policy, struct report_policy *out)
{
    struct field field = field_member(policy, "policy-type");
    const char *text = field_text(&field);
    out->type_name = text ? text : "";
    out->type = policy_type_from_text(out->type_name);
    if (!text || strcmp(text, policy_type_to_text(out->type)) != 0)
        field_note(&field, DEVIATION_POLICY_TYPE_UNKNOWN, NULL);
}

static bool policy_domain(const struct field *policy, const char *domain_of_mail,
                          struct report_policy *out)
{
    struct field field = field_member(policy, "policy-domain");
    const char *text = field_text(&field);
    bool odd = false;
    if (!text || !*text) {
        field_note(&field, DEVIATION_POLICY_DOMAIN_MISSING, NULL);
        text = domain_of_mail;
        if (!text)
            return field_fail(&field, ERR_INPUT,
                              "missing, and no TLS-Report-Domain header names it");
    }
    const char *domain = text_host(policy->reading->arena, text, &odd);
    if (!domain)
        return field_fail(&field, ERR_INPUT, "not a domain name");
    if (odd && text != domain_of_mail)
        field_note(&field, DEVIATION_HOST_ODD, NULL);
    out->domain = domain;
    return true;
}

static bool summary(const struct field *element, struct report_policy *out)
{
    struct field field = field_member(element, "summary");
    struct field good = field_member(&field, "total-successful-session-count");
    struct field bad = field_member(&field, "total-failure-session-count");
    bool has_good = good.kind != FIELD_ABSENT && good.kind != FIELD_NULL;
    bool has_bad = bad.kind != FIELD_ABSENT && bad.kind != FIELD_NULL;
    if (!has_good && !has_bad)
        return field_fail(&field, ERR_INPUT, "neither of its session counts is there");
    if (has_good && !field_count(&good, &out->successful_sessions))
        return false;
    if (has_bad && !field_count(&bad, &out->failed_sessions))
        return false;
    if (!has_good || !has_bad)
        field_note(has_good ? &bad : &good, DEVIATION_COUNT_MISSING, NULL);
    return true;
}

/* --- failure details --- */

static const char *address_of(const struct field *detail, const char *name,
                              enum deviation_code when_missing)
{
    struct field field = field_member(detail, name);
    const char *text = field_text(&field);
    if (!text || !*text) {
        field_note(&field, when_missing, NULL);
        return NULL;
    }
    bool odd = false;
    const char *address = text_address(field.reading->arena, text, &odd);
    if (!address)
        field_note(&field, DEVIATION_IP_ODD, "not an address; kept as text");
    else if (odd)
        field_note(&field, DEVIATION_IP_ODD, NULL);
    return address ? address : text;
}

static const char *text_of(const struct field *detail, const char *name)
{
    struct field field = field_member(detail, name);
    return field_text(&field);
}

static void result_type(const struct field *detail, struct failure_detail *out)
{
    struct field field = field_member(detail, "result-type");
    const char *text = field_text(&field);
    out->result = result_find(text ? text : "");
    if (!text || !*text || strcmp(text, out->result->name) != 0)
        field_note(&field, DEVIATION_RESULT_TYPE_UNKNOWN, NULL);
    out->result_type = out->result->name;
    if (!result_is_other(out->result) || !text || !*text)
        return;
    char *name = text_trim(field.reading->arena, text, strnlen(text, 64));
    for (char *c = name; *c; c++)
        *c = (*c > ' ' && *c < 0x7f) ? (char)tolower((unsigned char)*c) : '-';
    for (size_t i = 0; i < ARRAY_SIZE(reserved_results); i++)
        if (strcmp(name, reserved_results[i]) == 0)
            return;
    if (*name)
        out->result_type = name;
}

static bool detail_parse(const struct field *detail, struct failure_detail *out)
{
    struct field count = field_member(detail, "failed-session-count");
    if (count.kind == FIELD_ABSENT || count.kind == FIELD_NULL) {
        field_note(&count, DEVIATION_FAILED_SESSION_COUNT_MISSING, NULL);
        out->failed_sessions = 1;
    } else if (!field_count(&count, &out->failed_sessions)) {
        return false;
    }
    result_type(detail, out);
    struct field mx = field_member(detail, "receiving-mx-hostname");
    if (mx.kind == FIELD_TEXT)
        out->receiving_mx_hostname = host_of(&mx);
    if (!out->receiving_mx_hostname)
        field_note(&mx, DEVIATION_MX_HOSTNAME_MISSING, NULL);
    out->sending_mta_ip = address_of(detail, "sending-mta-ip", DEVIATION_SENDING_MTA_IP_MISSING);
    out->receiving_ip = address_of(detail, "receiving-ip", DEVIATION_RECEIVING_IP_MISSING);
    out->receiving_mx_helo = text_of(detail, "receiving-mx-helo");
    out->additional_information = text_of(detail, "additional-information");
    out->failure_reason_code = text_of(detail, "failure-reason-code");
    return true;
}

static bool add_detail(const struct field *field, size_t *details, struct report_policy *out)
{
    ++*details; /* also those that are left out: they cost the same */
    if (field->kind != FIELD_OBJECT) {
        field_note(field, DEVIATION_DETAIL_SKIPPED, "not an object");
        return true;
    }
    if (*details > (size_t)field->reading->limits->details)
        return field_fail(field, ERR_LIMIT, "too many failure details (limits.details)");
    struct failure_detail *detail = &out->details[out->detail_count];
    if (!is_affordable(field) || !detail_parse(field, detail))
        return false;
    out->detailed_sessions += detail->failed_sessions;
    if (out->detailed_sessions > REPORT_COUNT_MAX)
        return field_fail(field, ERR_INPUT, "the details' sum is above 2^53");
    out->detail_count++;
    return true;
}

static bool details_parse(const struct field *element, size_t *details, struct report_policy *out)
{
    struct arena *arena = element->reading->arena;
    struct field field = field_member(element, "failure-details");
    if (field.kind == FIELD_NULL)
        field_note(&field, DEVIATION_DETAILS_NULL, NULL);
    if (field.kind == FIELD_OBJECT) {
        field_note(&field, DEVIATION_DETAILS_OBJECT, NULL);
        out->details = arena_alloc(arena, sizeof *out->details);
        return add_detail(&field, details, out);
    }
    size_t count = field_length(&field);
    if (count + *details > (size_t)element->reading->limits->details)
        return field_fail(&field, ERR_LIMIT, "too many failure details (limits.details)");
    out->details = arena_array(arena, count, sizeof *out->details);
    for (struct field detail = { 0 }; field_next(&field, &detail);) {
        if (!add_detail(&detail, details, out))
            return false;
    }
    return true;
}

bool report_policy_parse(const struct field *element, const char *domain_of_mail, size_t *details,
                         struct report_policy *out)
{
    struct report_policy block = { 0 };
    struct field policy = field_member(element, "policy");
    if (policy.kind != FIELD_OBJECT)
        return field_fail(&policy, ERR_INPUT, "missing, or not an object");
    policy_type(&policy, &block);
    if (!is_affordable(element) || !policy_domain(&policy, domain_of_mail, &block)
        || !summary(element, &block) || !details_parse(element, details, &block))
        return false;

    struct lines lines = policy_string(&policy, block.type);
    struct lines hosts = mx_hosts(&policy, block.type);
    block.lines = lines.items;
    block.line_count = lines.count;
    block.text.canonical = "";
    block.text.mode = "";
    block.text.max_age_seconds = -1;
    if (block.type == POLICY_STS)
        block.text = policy_parse(element->reading->arena, lines.items, lines.count);
    block.mx_hosts = hosts.count ? hosts.items : block.text.mx;
    block.mx_host_count = hosts.count ? hosts.count : block.text.mx_count;
    if (block.mx_host_count == 1 && block.mx_hosts[0][0] != '*')
        block.only_host = block.mx_hosts[0];
    if (block.detailed_sessions != block.failed_sessions)
        field_note(element, DEVIATION_DETAILS_DIFFER_FROM_TOTAL, NULL);
    if (!is_affordable(element))
        return false;
    *out = block;
    return true;
}
