/* All questions to DNS of one look at a domain: its records of MTA-STS and TLS-RPT, where they belong and where
 * they do not; its MX hosts, their addresses and TLSA records; its policy host; and what each server of its zone,
 * and further resolvers, say of the same.
 *
 * What does not depend on each other is asked at the same time; nothing lasts longer than its limit. Names and
 * records of strangers are bounded, and in the one form of text_host().
 *
 * SPDX-License-Identifier: MIT
 * Before: dns.h. Next: names_mx.h */
#pragma once

#include "base/network.h"
#include "probe/dns.h"

#define NAMES_MX_MAX        50 /* hosts that are looked at */
#define NAMES_ADDRESSES_MAX 20 /* of each name, of each family */

struct names_settings {
    struct dns *
        dns; /* of dns_open(); one look puts some forty questions to it, and three for each MX host */
    struct text_list resolvers;       /* further ones, to compare with; as in dns.servers */
    const struct network_list *allow; /* see vet_address(); for addresses of name servers */
    int64_t server_ms;                /* longest wait for one of these servers */
    int64_t until_ms;                 /* for all of it: clock_monotonic_ms() */
};

/* Fills in what struct setup_facts has of DNS: from `sts` to `domain_soa`, and of each of `mx` its name,
 * preference, and answers. FACTS->domain is given, in canonical form. In ARENA. Blocks; any thread. Never
 * fails: each answer has its status. */
void names_look(struct arena *arena, const struct names_settings *settings,
                struct setup_facts *facts);
