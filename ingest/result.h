/* The vocabulary of RFC 8460 section 4.3: result types and policy types, one table each. The parser,
 * the database (which keeps them as text), pages and verdicts all read these tables.
 *
 * SPDX-License-Identifier: MIT
 * Before: report.h. Next: policy.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stddef.h>

enum result_class {
    RESULT_CLASS_BLOCKING,  /* enforce refuses the session (RFC 8461 section 5) */
    RESULT_CLASS_RETRIEVAL, /* the policy was not obtained: enforce does not take effect */
    RESULT_CLASS_DANE,      /* refused today already by senders that validate DANE */
    RESULT_CLASS_UNKNOWN,
};

struct result {
    const char *name; /* as registered: "certificate-expired" */
    enum result_class class;
    bool blocks_under_enforce;
    const char *side;    /* whose: "receiving MX", "policy host", "DNS", "cannot be told" */
    const char *meaning; /* a sentence for people */
    const char *remedy;  /* what to do, a sentence */
    const char *example; /* a command that shows the fault, with {mx} and {domain}; NULL: none */
    const char *section; /* of which RFC */
};

/* By name without regard to case; the row of `other` when there is none. Never NULL. */
const struct result *result_find(const char *name);

/* True for the row of names that are not registered. */
bool result_is_other(const struct result *result);

/* Rows in table order; NULL after the last. For pages and tests. */
const struct result *result_at(size_t index);

enum policy_type {
    POLICY_STS,
    POLICY_TLSA,
    POLICY_NO_POLICY_FOUND,
    POLICY_OTHER,
};

/* "sts", "tlsa", "no-policy-found", "other". */
const char *policy_type_to_text(enum policy_type type);

/* Without regard to case; POLICY_OTHER for any other. */
enum policy_type policy_type_from_text(const char *text);
