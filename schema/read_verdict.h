/* What verdicts are made of: the evidence of one domain or of many, as rows of the ledger.
 * SPDX-License-Identifier: MIT
 * Before: read.h. Next: web/verdict.h */
#pragma once

#include "schema/reader.h"
#include "schema/pg.h"

/* Sessions of one UTC day, told by one reporter, under one policy, at one MX, with one result. */
struct verdict_row {
    int32_t domain_id;
    int32_t day;
    const char *reporter; /* organization */
    int64_t policy_id;    /* of a verdict_policy_row of the same domain */
    const char *policy_type;
    const char *mx;     /* NULL: not named */
    const char *result; /* "successful", "total-failure", "unexplained", or a result type */
    int64_t sessions;   /* mirrored ones too: policy types are never added together here */
    int64_t transient;  /* of these: the reason code speaks of a timeout or a lost connection */
    int64_t addressed;  /* of these: a detail names the receiving address */
};

/* A policy that the rows quote. */
struct verdict_policy_row {
    int32_t domain_id;
    int64_t id;
    const char *mode;        /* of an sts policy; "" when not told */
    const char *mx;          /* patterns with a space between, sorted; "" when not told */
    int64_t max_age_seconds; /* -1 when not told */
};
