/* What this process counts while it runs, for /metrics: outcomes of deliveries by door, and how long
 * commits take. Atomic, so that nobody waits to count.
 * SPDX-License-Identifier: MIT
 * Before: entry.h */
#pragma once

#include "ingest/delivery.h"
#include <stdatomic.h>

/* Commits took at most so many microseconds; the last bucket is for all others. */
#define FIGURES_BOUNDS                                                                            \
    {                                                                                             \
        1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, \
            10000000                                                                              \
    }
#define FIGURES_BUCKETS 14

/* All zero at first. */
struct figures {
    _Atomic int64_t reports[SOURCE_COUNT][OUTCOME_COUNT];
    _Atomic int64_t commits[FIGURES_BUCKETS];
    _Atomic int64_t commit_us; /* of all commits */
};

/* DELIVERY is about to be told ANSWER: counts its reports, each by what became of it. */
void figures_answered(struct figures *figures, const struct delivery *delivery,
                      const struct answer *answer);

/* Of a clock that is never set back; only differences mean anything. */
int64_t figures_now_us(void);

/* A batch became durable in so many microseconds. FIGURES may be NULL. */
void figures_committed(struct figures *figures, int64_t microseconds);
