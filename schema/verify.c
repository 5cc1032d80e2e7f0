/* See verify.h.
 * SPDX-License-Identifier: MIT */
#include "schema/verify.h"
#include "schema/recount.h"
#include "embedded/schema.h"
#include <string.h>

#define SHOWN 20 /* differences of one kind */

struct difference_row {
    const char *place, *kept, *recounted;
    int64_t total;
};
static const struct column difference_columns[] = {
    COLUMN(difference_row, place),
    COLUMN(difference_row, kept),
    COLUMN(difference_row, recounted),
    COLUMN(difference_row, total),
};

static void tell(struct verify *verify, const struct difference *difference)
{
    verify->differences += 1 + difference->more;
    verify->differs(verify, difference);
}

static void tell_unreadable(struct verify *verify, struct arena *arena, const char *what,
                            const struct kept_row *row, const struct err *err)
{
    const struct difference difference = kept_unreadable(arena, what, row, err);
    tell(verify, &difference);
}

/* --- reports --- */

static void compare_report(struct verify *verify, struct arena *arena,
                           const struct recounted *report)
{
    struct kept_change change = kept_compare(arena, report->row, report->entry, &report->key);
    if (*change.kept || *change.now)
        tell(verify, &(struct difference){ .place = kept_place(arena, "report", report->row),
                                           .kept = change.kept,
                                           .recounted = change.now });
}

/* The reports behind *KEY; *MORE says whether there may be others. */
static bool recount_batch(struct verify *verify, struct recount *recount, struct report_key *key,
                          bool *more, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct kept_reading reading = { .limits = verify->limits };
    struct recounted reports[RECOUNT_BATCH];
    struct rows rows;
    size_t count = 0;
    if (!kept_next(recount->pg, &arena, &verify->range, key, &rows, err))
        return false;
    const struct kept_row *row = rows.first;
    for (size_t i = 0; i < rows.count; i++) {
        struct entry *entry = kept_entry(&arena, &row[i], &reading);
        if (entry->err.kind != ERR_NONE)
            tell_unreadable(verify, &arena, "report", &row[i], &entry->err);
        else
            reports[count++] = (struct recounted){ entry, &row[i], *key };
    }
    if (!recount_identify(recount, reports, count, err)
        || !recount_add(recount, reports, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        compare_report(verify, &arena, &reports[i]);
    if (rows.count)
        *key = (struct report_key){ row[rows.count - 1].domain_id, row[rows.count - 1].day,
                                    row[rows.count - 1].id };
    *more = rows.count == RECOUNT_BATCH;
    return true;
}

static bool recount_all(struct verify *verify, struct recount *recount, struct err *err)
{
    struct report_key key = { 0 };
    int64_t total = 0;
    bool more = true;
    if (!kept_count(recount->pg, &verify->range, &total, err))
        return false;
    while (more) {
        if (!recount_batch(verify, recount, &key, &more, err))
            return false;
        verify->progress(verify, recount->reports, total);
    }
    verify->reports = recount->reports;
    return recount_done(recount, err);
}

/* --- conflicts --- */

static void compare_conflict(struct verify *verify, struct arena *arena, const struct kept_row *row)
{
    static const char what[] = "conflict with report";
    const struct kept_reading reading = { .limits = verify->limits };
    const struct entry *entry = kept_entry(arena, row, &reading);
    if (entry->err.kind != ERR_NONE)
        tell_unreadable(verify, arena, what, row, &entry->err);
    else if (row->content.size != HASH_BYTES
             || memcmp(row->content.data, entry->report.content, HASH_BYTES) != 0)
        tell(verify, &(struct difference){ .place = kept_place(arena, what, row),
                                           .kept = "content of another digest",
                                           .recounted = "content as read" });
}

static bool compare_conflicts(struct verify *verify, struct pg *pg, struct err *err)
{
    struct rows rows = { .count = 1 };
    struct arena arena[2] = { { 0 }, { 0 } }; /* the last row of a batch begins the next one */
    const struct kept_row *after = NULL;
    bool good = true;
    for (int turn = 0; good && rows.count; turn = !turn) {
        arena_free(&arena[turn]);
        good = kept_conflicts(pg, &arena[turn], &verify->range, after, &rows, err);
        const struct kept_row *row = rows.first;
        for (size_t i = 0; good && i < rows.count; i++)
            compare_conflict(verify, &arena[turn], after = &row[i]);
    }
    arena_free(&arena[0]);
    arena_free(&arena[1]);
    return good;
}

/* --- tables --- */

static bool compare_table(struct verify *verify, struct pg *pg, struct statement statement,
                          struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    pg_day(&values, verify->range.from_day);
    pg_day(&values, verify->range.to_day);
    pg_number(&values, verify->range.domain_id);
    pg_number(&values, SHOWN);
    if (!pg_query(pg, statement, &values, COLUMNS(difference_row, difference_columns), &rows, err))
        return false;
    const struct difference_row *row = rows.first;
    for (size_t i = 0; i < rows.count; i++)
        tell(verify, &(struct difference){
                         .place = row[i].place,
                         .kept = row[i].kept,
                         .recounted = row[i].recounted,
                         .more = i + 1 == rows.count ? row[i].total - (int64_t)rows.count : 0,
                     });
    return true;
}

static bool compare_tables(struct verify *verify, struct pg *pg, struct err *err)
{
    bool all_domains = verify->range.domain_id == 0;
    bool all = all_domains && verify->range.from_day == VERIFY_FIRST_DAY
               && verify->range.to_day == VERIFY_LAST_DAY;
    return compare_table(verify, pg, SQL(verify_tally), err)
           && compare_table(verify, pg, SQL(verify_failure), err)
           && compare_table(verify, pg, SQL(verify_domain), err)
           && compare_table(verify, pg, SQL(verify_policy), err)
           && (!all_domains
               || (compare_table(verify, pg, SQL(verify_mx_day), err)
                   && compare_table(verify, pg, SQL(verify_reporter_day), err)))
           && (!all || compare_table(verify, pg, SQL(verify_status), err));
}

static bool compare(struct verify *verify, struct pg *pg, struct err *err)
{
    struct recount recount;
    bool good = recount_begin(&recount, pg, err) && recount_all(verify, &recount, err)
                && compare_conflicts(verify, pg, err) && compare_tables(verify, pg, err);
    recount_end(&recount);
    return good;
}

bool verify_ledger(struct pg *pg, struct verify *verify, struct err *err)
{
    /* One moment of the database, and in the end nothing of it is written. */
    bool good =
        pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ", err) && compare(verify, pg, err);
    pg_rollback(pg);
    return good;
}
