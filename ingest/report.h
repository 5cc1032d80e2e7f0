/* The report of RFC 8460 section 4 as we count it.
 *
 * Reading is in two steps: what cannot be counted is an error that names the field; what merely
 * departs from the RFC is noted in `deviations`. Each policy is read on its own: a bad one is left
 * out and does not lose the others.
 *
 * All strings live in the arena given to report_parse(), are UTF-8 and bounded. Counts are sessions.
 *
 * SPDX-License-Identifier: MIT
 * Before: field.h. Next: result.h */
#pragma once

#include "ingest/payload.h"
#include "ingest/policy.h"
#include "ingest/result.h"
#include "base/hash.h"
#include <stdint.h>

#define REPORT_COUNT_MAX (INT64_C(1) << 53) /* I-JSON, RFC 7493 section 2.2 */

struct failure_detail {
    const struct result *result; /* the registered row, or that of `other` */
    const char *result_type;     /* as counted: registered name, or the sender's in lower case */
    const char *sending_mta_ip;  /* canonical, or the sender's text; NULL if absent, as below */
    const char *receiving_mx_hostname; /* canonical */
    const char *receiving_mx_helo;
    const char *receiving_ip;
    const char *additional_information;
    const char *failure_reason_code;
    int64_t failed_sessions;
};

struct report_policy {
    enum policy_type type;
    const char *type_name; /* as sent, bounded */
    const char *domain;    /* canonical */
    const char **lines;    /* of policy-string */
    size_t line_count;
    const char *
        *mx_hosts; /* canonical patterns; from mx-host, or for sts from the policy's mx lines */
    size_t mx_host_count;
    struct policy text; /* of an sts policy; empty for others */
    int64_t successful_sessions, failed_sessions;
    struct failure_detail *details;
    size_t detail_count;
    int64_t detailed_sessions; /* sum over details; may be more or less than failed_sessions */
    const char *only_host; /* the one concrete host of the policy; NULL when there are several */
    bool mirrored; /* the same sessions stand in an earlier block under another policy type */
};

struct report {
    const char *organization; /* never NULL; "" when missing */
    const char *contact;      /* NULL when missing */
    const char *submitter;    /* domain of the contact, else the mail's; NULL if neither */
    const char *report_id;    /* never NULL */
    int64_t begin_seconds, end_seconds;
    int32_t day;                    /* UTC day that the report is counted on */
    struct report_policy *policies; /* the countable ones; at least one */
    size_t policy_count;
    int64_t successful_sessions, failed_sessions; /* over policies that are not mirrored */
    struct deviations deviations;                 /* begins with the payload's */
    unsigned char identity[HASH_BYTES]; /* organization, report-id, begin, first policy domain */
    unsigned char content[HASH_BYTES];  /* all that is counted: the same for a re-sent report */
};

/* Reads PAYLOAD's JSON at the time NOW_SECONDS (for dates in the future). False with ERR_INPUT or
 * ERR_LIMIT, the field being a path such as policies[0].summary.total-failure-session-count; of *OUT
 * no more than the organization is then set, so that people see whose report it was. */
MUST_CHECK bool report_parse(struct arena *arena, const struct payload *payload,
                             const struct limits *limits, int64_t now_seconds, struct report *out,
                             struct err *err);
