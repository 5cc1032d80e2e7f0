/* The MX hosts of a domain: who they are, by which addresses, with which TLSA records.
 * SPDX-License-Identifier: MIT
 * Before: names.h. Next: names_servers.h */
#pragma once

#include "probe/names.h"

/* From FACTS->mx_answer to FACTS->mx and null_mx. Without MX records it is the domain itself (RFC 5321
 * section 5.1); "0 ." is no host (RFC 7505). TLSA records are looked for at the name that aliases lead to first, then at
 * the host's own (RFC 7672 section 2.2.3), and are `secure` only where the addresses are, too: elsewhere they stand for
 * nothing (section 2.2.2). */
void names_mx_look(struct arena *arena, const struct names_settings *settings,
                   struct setup_facts *facts);

/* Leaves the first MOST records of ANSWER, and says so in its `why`. */
void names_mx_cut(struct arena *arena, struct setup_answer *answer, size_t most);
