/* See verdicts.h.
 * SPDX-License-Identifier: MIT
 * Before: read_verdict.c */
#include "schema/verdicts.h"
#include "base/clock.h"
#include "embedded/schema.h"

/* One program at a time: of two, the one that looked earlier might write later. */
#define BEGIN_LOCKED "BEGIN; SELECT pg_advisory_xact_lock(x'746c73727075'::bigint)"

static const struct column due_columns[] = {
    COLUMN(verdict_due_row, domain_id), COLUMN(verdict_due_row, domain),
    COLUMN(verdict_due_row, stage),     COLUMN(verdict_due_row, verdict),
    COLUMN(verdict_due_row, tries),
};

bool verdicts_take(struct pg *pg, struct arena *arena, int most, struct rows *verdict_due_rows,
                   struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, most);
    if (pg_run(pg, BEGIN_LOCKED, err)
        && pg_query(pg, SQL(verdict_take), &values, COLUMNS(verdict_due_row, due_columns),
                    verdict_due_rows, err))
        return true;
    pg_rollback(pg);
    return false;
}

bool verdicts_store(struct pg *pg, const struct verdict_entry *entries, size_t count,
                    int64_t now_seconds, struct err *err)
{
    static const enum pg_type types[] = { PG_INT4, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT4,
                                          PG_INT4, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT4 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = { .arena = &arena };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(&arena, types[i]);
    for (const struct verdict_entry *it = entries; it < entries + count; it++) {
        pg_array_number(a[0], it->domain_id);
        pg_array_text(a[1], it->stage);
        pg_array_text(a[2], it->verdict);
        pg_array_text(a[3], it->dane);
        pg_array_text(a[4], it->result);
        pg_array_number(a[5], it->reasons);
        pg_array_number(a[6], it->clean_days);
        pg_array_text(a[7], it->code);
        pg_array_text(a[8], it->sentence);
        pg_array_text(a[9], it->input);
        pg_array_number(a[10], it->weight);
    }
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    pg_time(&values, now_seconds);
    pg_day(&values, clock_day(now_seconds));
    return pg_execute(pg, SQL(verdict_store), &values, NULL, err);
}

bool verdicts_part_begin(struct pg *pg, struct err *err)
{
    return pg_run(pg, "SAVEPOINT part", err);
}

bool verdicts_part_end(struct pg *pg, bool good, struct err *err)
{
    return pg_run(pg, good ? "RELEASE part" : "ROLLBACK TO part; RELEASE part", err);
}

bool verdicts_postpone(struct pg *pg, const struct verdict_due_row *due, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_number(&values, due->domain_id);
    pg_number(&values, due->tries + 1);
    return pg_execute(pg, SQL(verdict_postpone), &values, NULL, err);
}

bool verdicts_done(struct pg *pg, struct err *err)
{
    if (pg_run(pg, "COMMIT", err))
        return true;
    pg_rollback(pg);
    return false;
}

void verdicts_undo(struct pg *pg)
{
    pg_rollback(pg);
}

/* The statement tells by its rows whether there was anything of that name. */
static bool run_known(struct pg *pg, struct statement statement, const struct pg_values *values,
                      bool *known, struct err *err)
{
    int64_t rows = 0;
    if (!pg_execute(pg, statement, values, &rows, err))
        return false;
    *known = rows > 0;
    return true;
}

bool verdicts_acknowledge(struct pg *pg, const struct verdict_ack_entry *entry, bool *known,
                          struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_text(&values, entry->domain);
    pg_text(&values, entry->mx);
    pg_text(&values, entry->result);
    pg_day(&values, entry->last_day);
    pg_text(&values, entry->note);
    pg_text(&values, entry->who);
    return run_known(pg, SQL(verdict_ack), &values, known, err);
}

bool verdicts_withdraw(struct pg *pg, const struct verdict_ack_entry *entry, bool *known,
                       struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_text(&values, entry->domain);
    pg_text(&values, entry->mx);
    pg_text(&values, entry->result);
    return run_known(pg, SQL(verdict_withdraw), &values, known, err);
}
