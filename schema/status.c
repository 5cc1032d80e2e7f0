/* See status.h.
 * SPDX-License-Identifier: MIT */
#include "schema/status.h"
#include "schema/migrate.h"
#include "base/clock.h"
#include "embedded/schema.h"

#define MONTHS_BACK \
    7 /* failure details are kept for 180 days; what is older shares one partition */

/* One program at a time: of two, the one that looked earlier might write later. */
#define BEGIN_LOCKED "BEGIN; SELECT pg_advisory_xact_lock(x'746c73727074'::bigint)"

bool status_refresh(struct pg *pg, int64_t now_seconds, int64_t *refreshed, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_day(&values, clock_day(now_seconds));
    if (pg_run(pg, BEGIN_LOCKED, err)
        && pg_execute(pg, SQL(status_refresh), &values, refreshed, err)
        && pg_run(pg, "COMMIT", err))
        return true;
    pg_rollback(pg);
    return false;
}

bool status_daily(struct pg *pg, int64_t now_seconds, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_day(&values, clock_day(now_seconds));
    return migrate_months(pg, now_seconds, MONTHS_BACK, err)
           && pg_execute(pg, SQL(status_daily), &values, NULL, err);
}
