/* The policy host's part of a look at a domain: the policy at each address; then, at one of them, HEAD and other
 * clients' names; where no policy came, whether it lies somewhere else, for whoever is to mend it.
 * SPDX-License-Identifier: MIT
 * Before: recall.h. Next: check.h */
#pragma once

#include "probe/dns.h"
#include "probe/wire.h"

struct check_policy {
    const struct wire_terms *terms; /* of one connection */
    int64_t until_ms;               /* for all of it: clock_monotonic_ms() */
    struct dns *dns;
    bool clients; /* other clients' names too */
    struct setup_facts *facts;
};

/* Fills in `fetches`, `head`, `clients` and `elsewhere` of the facts, by host_a and host_aaaa. In ARENA. */
void check_policy_look(struct arena *arena, const struct check_policy *look);
