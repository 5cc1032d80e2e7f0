/* See purge.h.
 * SPDX-License-Identifier: MIT */
#include "schema/purge.h"
#include "base/clock.h"
#include "embedded/schema.h"

bool purge_rejected(struct pg *pg, const struct rejected_limits *limits, int64_t now_seconds,
                    int64_t *removed, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_time(&values, now_seconds - limits->days * DAY_SECONDS);
    pg_number(&values, limits->bytes);
    return pg_execute(pg, SQL(purge_rejected), &values, removed, err);
}
