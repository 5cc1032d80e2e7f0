/* See upkeep.h.
 * SPDX-License-Identifier: MIT
 * Next: writer.c */
#include "schema/upkeep.h"
#include "schema/migrate.h"
#include "schema/setup.h"
#include "schema/status.h"
#include "base/clock.h"
#include "embedded/schema.h"

#define PATIENCE_MS (600 * 1000) /* for one statement; those of the day may be long */

struct writable_row {
    bool writable;
};
static const struct column writable_columns[] = { COLUMN(writable_row, writable) };

static bool connect(struct upkeep *upkeep, struct err *err)
{
    const struct pg_patience patience = { .statement_ms = PATIENCE_MS, .stop_fd = upkeep->stop_fd };
    return upkeep->pg ? pg_ready(upkeep->pg, err)
                      : pg_open_within(upkeep->database, patience, &upkeep->pg, err);
}

static bool is_writable(struct upkeep *upkeep, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    if (!connect(upkeep, err)
        || !pg_query(upkeep->pg, SQL(database_writable), &values,
                     COLUMNS(writable_row, writable_columns), &rows, err))
        return false;
    return ((const struct writable_row *)rows.first)->writable
           || err_set(err, ERR_AGAIN, "database: it is read only, a standby perhaps");
}

/* On a connection without a limit: a migration takes the time that it takes. */
static bool make_tables(struct upkeep *upkeep, struct err *err)
{
    struct pg *pg = NULL;
    int applied = 0;
    upkeep->migrated = pg_open_within(upkeep->database,
                                      (struct pg_patience){ .stop_fd = upkeep->stop_fd }, &pg, err)
                       && migrate(pg, &applied, err) && migrate_reader(pg, &upkeep->has_reader, err)
                       && status_daily(pg, clock_now(), err);
    upkeep->migrations += applied;
    pg_close(&pg);
    return upkeep->migrated;
}

bool upkeep_try(struct upkeep *upkeep, struct err *err)
{
    struct err first = { 0 };
    /* A connection that was lost while idle is known to be so only when it is used. */
    bool there =
        is_writable(upkeep, &first) || (first.kind == ERR_AGAIN && is_writable(upkeep, err));
    if (!there && err->kind == ERR_NONE)
        *err = first;
    if (!there)
        pg_close(&upkeep->pg); /* what it once was told does not hold for the next */
    return there && (upkeep->migrated || make_tables(upkeep, err));
}

bool upkeep_do(struct upkeep *upkeep, const struct rejected_limits *limits, bool wanted,
               bool *purged, struct err *err)
{
    int64_t now = clock_now(), refreshed = 1, removed;
    *purged = false;
    if (!connect(upkeep, err))
        return false;
    bool new_day = upkeep->today != clock_day(now);
    if (new_day && !status_daily(upkeep->pg, now, err))
        return false;
    *purged = (new_day || wanted) && purge_rejected(upkeep->pg, limits, now, &removed, err)
              && (!new_day || setup_purge(upkeep->pg, now, &removed, err));
    if ((new_day || wanted) && !*purged)
        return false;
    upkeep->today = clock_day(now);
    while (refreshed > 0)
        if (!status_refresh(upkeep->pg, now, &refreshed, err))
            return false;
    return true;
}

void upkeep_done(struct upkeep *upkeep)
{
    pg_close(&upkeep->pg);
}
