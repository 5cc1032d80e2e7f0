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

struct refreshed_row {
    int64_t refreshed;
};
static const struct column refreshed_columns[] = { COLUMN(refreshed_row, refreshed) };

/* Adds to *REFRESHED what STATEMENT gives. */
static bool refresh(struct pg *pg, struct statement statement, const struct pg_values *values,
                    int64_t *refreshed, struct err *err)
{
    struct rows rows;
    if (!pg_query(pg, statement, values, COLUMNS(refreshed_row, refreshed_columns), &rows, err))
        return false;
    *refreshed += ((const struct refreshed_row *)rows.first)->refreshed;
    return true;
}

bool status_refresh(struct pg *pg, int64_t now_seconds, int64_t *refreshed, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values today = { .arena = &arena };
    const struct pg_values nothing = { .arena = &arena };
    int64_t count = 0;
    pg_day(&today, clock_day(now_seconds));
    if (pg_run(pg, BEGIN_LOCKED, err) && refresh(pg, SQL(status_refresh), &today, &count, err)
        && refresh(pg, SQL(status_mx_refresh), &nothing, &count, err)
        && pg_run(pg, "COMMIT", err)) {
        *refreshed = count;
        return true;
    }
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
