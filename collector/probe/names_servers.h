/* What each server of a domain's zone says of its records, and what further resolvers do: they should all say
 * the same (RFC 8461 section 8.1: what is stale somewhere is stale for some senders).
 * SPDX-License-Identifier: MIT
 * Before: names_mx.h. Next: vet.h */
#pragma once

#include "probe/names.h"

struct names_servers {
    struct setup_answers sts, rpt, mx; /* each server in the same place of all three */
};

/* Finds the servers of the zone that DOMAIN is in, by names and addresses, and asks each at the same time. Where an
 * alias leads out of a server's zones, our resolver goes on. A server that is not asked has an answer too: LOOKUP_NONE
 * with its reason. All in ARENA. */
void names_servers_look(struct arena *arena, const struct names_settings *settings,
                        const char *domain, struct names_servers *out);

/* The same of the further resolvers of SETTINGS. */
void names_servers_resolvers(struct arena *arena, const struct names_settings *settings,
                             const char *domain, struct names_servers *out);
