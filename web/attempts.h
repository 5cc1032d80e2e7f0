/* How often a password may be wrong: a bucket of tokens for each client and one for all.
 *
 * A log-in takes a token before its password is looked at and puts it back when it was right, so
 * that only failures are counted and no crowd of guesses gets in at once. The clients of an IPv6
 * network (/64) share a bucket. Memory is fixed: when there are more clients than buckets, those
 * that were quiet longest are forgotten, and the bucket of all still holds.
 *
 * SPDX-License-Identifier: MIT
 * Before: users.h. Next: auth.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stdint.h>

struct attempts;

/* So many failures a minute, and at once; 0: without end. */
struct attempts *attempts_new(int64_t per_client, int64_t overall);
void attempts_free(struct attempts **attempts); /* accepts NULL, sets NULL */

/* Takes a token for CLIENT (an address as text) at NOW_MS of the monotonic clock. False when there is
 * none: *RETRY_SECONDS says when there will be, *FIRST that it was not said since there last was one.
 * One thread at a time. */
MUST_CHECK bool attempts_take(struct attempts *attempts, const char *client, int64_t now_ms,
                              int64_t *retry_seconds, bool *first);

/* The same for the client's own bucket alone, and takes nothing. */
MUST_CHECK bool attempts_left(struct attempts *attempts, const char *client, int64_t now_ms,
                              int64_t *retry_seconds, bool *first);

/* Puts it back. */
void attempts_return(struct attempts *attempts, const char *client);
