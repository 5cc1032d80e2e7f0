/* How often somebody may do something: token buckets in a table of fixed size, by key. Time is passed in.
 *
 * A bucket holds so many minutes' worth of what is allowed in an hour and fills evenly. When there is no
 * place for a new key, the fullest bucket nearby is forgotten: that client had used least of it, and
 * begins anew with a full one. So nobody gets a second helping by bringing many others.
 *
 * SPDX-License-Identifier: MIT
 * Before: budget.h. Next: delivery.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stdint.h>

/* What is asked of clients and reporters; 0: nothing. */
struct rate_settings {
    int64_t client_per_hour;   /* deliveries of one client: an IPv4 address, a /64 of IPv6 */
    int64_t reporter_per_hour; /* reports in one organization's name */
    int64_t
        rejected_per_hour; /* of one client: pieces of RATE_PIECE_BYTES, read or begun, that were
                                  no report */
    int64_t burst_minutes; /* how much of an hour's worth may come at once */
};

#define RATE_PIECE_BYTES (64 << 10)

struct rate {
    int64_t per_hour, burst_minutes;
};

struct rate_table;

struct rate_table *rate_table_new(void); /* about half a megabyte */
void rate_table_free(struct rate_table **table);

/* Takes COST from KEY's bucket at NOW_MS. False, and nothing is taken, when there is less in it; COST 0
 * asks whether one could be taken. PER_HOUR 0: always true. Any thread. */
MUST_CHECK bool rate_take(struct rate_table *table, uint64_t key, struct rate rate, int64_t cost,
                          int64_t now_ms);

/* Takes COST whether it is there or not, down to nothing. */
void rate_spend(struct rate_table *table, uint64_t key, struct rate rate, int64_t cost,
                int64_t now_ms);
