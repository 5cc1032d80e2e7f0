/* Who fetched which policy since the ledger was told last: a sum for each version and client, bounded
 * whatever strangers do and however long the database is away.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy_table.h. Next: policy_host.h */
#pragma once

#include "schema/hosting.h"

struct policy_fetches;

struct policy_fetches *policy_fetches_new(void);
void policy_fetches_free(struct policy_fetches **fetches); /* sets NULL; accepts NULL */

/* Notes one fetch, or several; waits for nothing but a moment's lock. When there are too many clients the
 * next are summed up as "others", so that it always stays known when a version was served. */
void policy_fetches_add(struct policy_fetches *fetches, const struct hosting_fetch *fetch);

/* Gives at most MOST of them, in the arena, and forgets them: what cannot be written is added again. */
size_t policy_fetches_take(struct policy_fetches *fetches, struct arena *arena, size_t most,
                           struct hosting_fetch **out);
