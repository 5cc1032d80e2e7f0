/* GET of a policy (RFC 8461 section 3.3) at one address, and what the certificate there is worth: one look
 * tells of both. A policy behind a certificate with flaws is no policy: its contents serve for diagnosis only.
 *
 * No redirect is followed, no proxy used, no cookie or password sent, no compression asked for.
 *
 * SPDX-License-Identifier: MIT
 * Before: transfer.h. Next: dns.h */
#pragma once

#include "probe/wire.h"

#define FETCH_PATH "/.well-known/mta-sts.txt"

struct fetch_target {
    const char *host; /* "mta-sts.example.org": URL, Host, SNI, and the name of the certificate */
    const char *path; /* FETCH_PATH, or another for diagnosis */
    const char *address; /* one of the host's, connected to on port 443 */
    const char *client;  /* User-Agent; "": none is sent */
    bool plain;          /* http: on port 80, for diagnosis */
    bool head;           /* HEAD */
};

/* Takes terms->total_ms at most. Never fails: OUT, in the arena, says how far it came; `why` is set when the
 * answer did not come to its end, `cut` when that was within the body. Any number of threads may look at once. */
void fetch_look(struct arena *arena, const struct wire_terms *terms,
                const struct fetch_target *target, struct setup_fetch *out);
