/* See figures.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/figures.h"
#include "ingest/entry.h"
#include <time.h>

static void add(_Atomic int64_t *figure, int64_t number)
{
    atomic_fetch_add_explicit(figure, number, memory_order_relaxed);
}

void figures_answered(struct figures *figures, const struct delivery *delivery,
                      const struct answer *answer)
{
    _Atomic int64_t *reports = figures->reports[delivery->source];
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next) {
        /* What is to come again of a delivery in the spool comes from there. */
        bool kept = answer->outcome == OUTCOME_SPOOLED && entry->outcome == OUTCOME_RETRY;
        add(&reports[kept ? OUTCOME_SPOOLED : entry->outcome], 1);
    }
    if (!delivery->entries) /* nobody has looked into it */
        add(&reports[answer->outcome], answer->reports ? (int64_t)answer->reports : 1);
}

int64_t figures_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void figures_committed(struct figures *figures, int64_t microseconds)
{
    static const int64_t bounds[] = FIGURES_BOUNDS;
    size_t bucket = 0;
    if (!figures)
        return;
    while (bucket < ARRAY_SIZE(bounds) && microseconds > bounds[bucket])
        bucket++;
    add(&figures->commits[bucket], 1);
    add(&figures->commit_us, microseconds);
}
