/* A look at one address of an MX host: greeting, EHLO, STARTTLS, handshake, QUIT (RFC 3207, RFC 8461 section
 * 4.2). No mail is begun. What the server does not let us see is unknown, not wrong: a greeting of 4yz or 5yz
 * speaks of us, not of its TLS.
 *
 * SPDX-License-Identifier: MIT
 * Before: smtp_reply.h. Next: transfer.h */
#pragma once

#include "probe/wire.h"

struct smtp_target {
    const char *host;             /* as in the MX record: SNI, and the name of the certificate */
    const char *address;          /* one of its addresses; connected to on port 25 */
    const char *domain;           /* whose mail it takes: see tls.h; NULL: none */
    const struct text_list *tlsa; /* of _25._tcp.HOST, validated; NULL: none */
};

/* Takes terms->total_ms at most, with some more for QUIT; terms->step_ms for each answer. Never fails: OUT,
 * in the arena, says how far it came. Any number of threads may look at once; how often an address is looked
 * at is the caller's to bound. */
void smtp_look(struct arena *arena, const struct wire_terms *terms,
               const struct smtp_target *target, struct setup_probe *out);
