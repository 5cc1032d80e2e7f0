/* Credentials that were right not long ago, so that not every request waits for a slow hash. What is
 * kept of them is a digest under a key that never leaves this process. They are known for the client
 * that gave them only: to all others this quick answer would be one to unlimited guesses.
 * SPDX-License-Identifier: MIT
 * Before: basic.h. Next: attempts.h */
#pragma once

#include "web/basic.h"
#include <stdint.h>

#define KNOWN_SECONDS 300

struct known;

struct known *known_new(void);
void known_free(struct known **known); /* accepts NULL, sets NULL */

/* True when they were added for CLIENT (an address as text) less than KNOWN_SECONDS before NOW_MS (monotonic clock). One thread at a
 * time, as with all below. */
bool known_has(const struct known *known, const struct credentials *credentials, const char *client,
               int64_t now_ms);

/* In place of the oldest, where there are too many. */
void known_add(struct known *known, const struct credentials *credentials, const char *client,
               int64_t now_ms);

void known_forget(struct known *known);
