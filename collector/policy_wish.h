/* What is asked of `tlsrptd policy`: its options, and the policy that they mean.
 * SPDX-License-Identifier: MIT
 * Before: judge/guide_plan.h. Next: cmd_policy.c */
#pragma once

#include "judge/guide_plan.h"
#include "probe/dns.h"

struct policy_wish {
    const char *verb, *domain;
    const char *mode;    /* NULL: as it is */
    struct text_list mx; /* none: as it is */
    bool mx_from_dns;
    int64_t max_age_seconds; /* -1: as it is, or a day */
    bool external, here, renew, yes, json;
    const char *override; /* a reason; NULL: none */
};

/* What is wrong with the options, NULL: nothing. In ARENA, or of ARGV. */
const char *policy_wish_parse(struct arena *arena, int argc, char **argv, struct policy_wish *out);

/* The policy that is meant: what was not named is that of the policy in force. Asks DNS for the MX hosts, if
 * that is wished. ERR_INPUT: a host is none, or there are none; ERR_AGAIN: DNS does not answer. In ARENA. */
MUST_CHECK bool policy_wish_resolve(struct arena *arena, const struct dns_settings *dns,
                                    const struct guide_input *input, const struct policy_wish *wish,
                                    struct guide_wish *out, struct err *err);
