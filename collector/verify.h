/* Verifies the senders of mails, between the hall's reading and its writing. Most mails are settled at
 * once; those whose keys must be asked for in DNS wait with a few threads, so that no door does.
 *
 * Nothing is lost and nobody waits for long when DNS is slow or too many come: their senders are
 * `unknown`.
 *
 * SPDX-License-Identifier: MIT
 * Before: dns.h. Next: intake.h */
#pragma once

#include "collector/settings.h"
#include "ingest/entry.h"

struct verifier;

/* Starts THREADS, which ask DNS (not owned). What is verified is given to DONE in one of them. */
struct verifier *verifier_new(struct dns *dns, int64_t threads,
                              void (*done)(void *context, struct delivery *delivery),
                              void *context);

/* Fills the admission of all entries of DELIVERY that came by mail. True when that is done; false
 * when the verifier has taken the delivery over. SETTINGS may be released afterwards. */
MUST_CHECK bool verifier_take(struct verifier *verifier, struct delivery *delivery,
                              const struct settings *settings);

/* Waits at most MILLISECONDS for room; false when there is none. */
bool verifier_wait(struct verifier *verifier, int milliseconds);

/* Hands over what it has, and ends. Accepts NULL; sets NULL. */
void verifier_free(struct verifier **verifier);
