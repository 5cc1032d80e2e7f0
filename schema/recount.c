/* See recount.h.
 * SPDX-License-Identifier: MIT */
#include "schema/recount.h"
#include "schema/store_rows.h"
#include "embedded/schema.h"
#include <assert.h>

bool recount_begin(struct recount *recount, struct pg *pg, struct err *err)
{
    *recount = (struct recount){ .pg = pg };
    store_init(&recount->store, pg, 0);
    return pg_run(pg, recount_tables_sql, err);
}

void recount_end(struct recount *recount)
{
    store_done(&recount->store);
}

static bool write_all(struct recount *recount, struct arena *arena, struct store_row *rows,
                      size_t count, const struct store_ids *ids, struct err *err)
{
    struct pg *pg = recount->pg;
    struct pg_values policies;
    struct store_follow follow;
    if (store_rows_policies(arena, rows, count, ids, &policies)
        && !pg_execute(pg, SQL(recount_policy), &policies, NULL, err))
        return false;
    store_rows_follow(arena, rows, count, ids, &follow);
    return (!follow.any_domain
            || pg_execute(pg, SQL(recount_domain), &follow.report_domain, NULL, err))
           && (!follow.failure->rows || pg_put(pg, SQL(recount_failure), follow.failure, err))
           && pg_execute(pg, SQL(recount_tally), &follow.tally, NULL, err);
}

static struct store_ids ids_of(struct recount *recount)
{
    struct store *store = &recount->store;
    return (struct store_ids){ &store->domains, &store->reporters, &store->mxs, &store->policies };
}

static struct store_row *rows_of(struct arena *arena, const struct recounted *reports, size_t count)
{
    struct store_row *rows = arena_array(arena, count, sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct store_row){ .entry = reports[i].entry,
                                      .key = reports[i].key,
                                      .variant = reports[i].row->variant,
                                      .inserted = true };
    return rows;
}

bool recount_identify(struct recount *recount, struct recounted *reports, size_t count,
                      struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct store_ids ids = ids_of(recount);
    struct entry *entries[RECOUNT_BATCH];
    assert(count <= RECOUNT_BATCH);
    for (size_t i = 0; i < count; i++)
        entries[i] = reports[i].entry;
    if (!store_names(&recount->store, entries, count, err))
        return false;
    struct store_row *rows = rows_of(&arena, reports, count);
    for (size_t i = 0; i < count; i++) {
        store_row_identify(&rows[i], &ids);
        reports[i].key = rows[i].key;
    }
    return true;
}

bool recount_add(struct recount *recount, const struct recounted *reports, size_t count,
                 struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct store_ids ids = ids_of(recount);
    recount->reports += (int64_t)count;
    return !count || write_all(recount, &arena, rows_of(&arena, reports, count), count, &ids, err);
}

struct pg_values recount_rows(struct recount *recount, struct arena *arena,
                              const struct recounted *reports, size_t count)
{
    const struct store_ids ids = ids_of(recount);
    return store_rows_report(arena, rows_of(arena, reports, count), count, &ids);
}

bool recount_done(struct recount *recount, struct err *err)
{
    return pg_run(recount->pg, recount_analyze_sql, err);
}
