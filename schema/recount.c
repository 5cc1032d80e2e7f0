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

bool recount_add(struct recount *recount, struct entry *const *entries,
                 const struct kept_row *const *rows, size_t count, struct report_key *keys,
                 struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct store *store = &recount->store;
    assert(count <= RECOUNT_BATCH);
    if (!count)
        return true;
    if (!store_names(store, entries, count, err))
        return false;
    const struct store_ids ids = { &store->domains, &store->reporters, &store->mxs,
                                   &store->policies };
    struct store_row *counted = arena_array(&arena, count, sizeof *counted);
    for (size_t i = 0; i < count; i++) {
        counted[i] = (struct store_row){ .entry = entries[i],
                                         .variant = rows[i]->variant,
                                         .inserted = true };
        store_row_identify(&counted[i], &ids);
        keys[i] = counted[i].key;
    }
    recount->reports += (int64_t)count;
    return write_all(recount, &arena, counted, count, &ids, err);
}

bool recount_done(struct recount *recount, struct err *err)
{
    return pg_run(recount->pg, recount_analyze_sql, err);
}
