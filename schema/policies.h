/* Which policies the database has, as far as this writer knows: they never change, and a domain's is
 * the same in nearly every report.
 * SPDX-License-Identifier: MIT
 * Before: names.h. Next: store_rows.h */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policies {
    struct policy_slot *slots; /* open addressing */
    size_t room, used;
};

void policies_init(struct policies *policies);
void policies_done(struct policies *policies);

/* False when it was added before: then it need not be written. */
bool policies_add(struct policies *policies, int32_t domain_id, int64_t id);

/* What was added may not have been written: forgets everything. */
void policies_forget(struct policies *policies);

/* Forgets everything when it has grown too large; between batches only. */
void policies_trim(struct policies *policies);
