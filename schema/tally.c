/* See tally.h.
 * SPDX-License-Identifier: MIT */
#include "schema/tally.h"
#include <stdlib.h>
#include <string.h>

#define SESSIONS_MAX INT64_C(1000000000000000000) /* as in ledger.sessions() */

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

void tally_add(struct tally *tally, const struct tally_row *row)
{
    if (tally->count == tally->room) {
        tally->room = tally->room ? tally->room * 2 : 256;
        struct tally_row *more = arena_array(tally->arena, tally->room, sizeof *more);
        if (tally->count)
            memcpy(more, tally->rows, tally->count * sizeof *more);
        tally->rows = more;
    }
    tally->rows[tally->count++] = *row;
}

/* The order of the primary key: writers that take rows in one order do not deadlock. */
static int by_key(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;
    int order = ORDER(a->domain_id, b->domain_id);
    order = order ? order : ORDER(a->day, b->day);
    order = order ? order : ORDER(a->reporter_id, b->reporter_id);
    order = order ? order : ORDER(a->policy_id, b->policy_id);
    order = order ? order : ORDER(a->mx_id, b->mx_id);
    order = order ? order : ORDER(a->trusted, b->trusted);
    return order ? order : strcmp(a->result, b->result);
}

static int by_mx_day(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;
    int order = ORDER(a->mx_id, b->mx_id);
    order = order ? order : ORDER(a->day, b->day);
    order = order ? order : ORDER(a->trusted, b->trusted);
    return order ? order : strcmp(a->result, b->result);
}

/* Sums stop at the largest that the database keeps, instead of turning over. */
static int64_t add(int64_t a, int64_t b)
{
    return a + b < SESSIONS_MAX ? a + b : SESSIONS_MAX;
}

/* Sorts and adds up rows of equal keys. */
static void sum_up(struct tally *tally, int (*compare)(const void *, const void *))
{
    size_t kept = 0;
    if (tally->count)
        qsort(tally->rows, tally->count, sizeof *tally->rows, compare);
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];
        struct tally_row *last = kept ? &tally->rows[kept - 1] : NULL;
        if (!last || compare(last, row) != 0) {
            tally->rows[kept++] = *row;
            continue;
        }
        last->sessions = add(last->sessions, row->sessions);
        last->mirrored_sessions = add(last->mirrored_sessions, row->mirrored_sessions);
        last->reports += row->reports;
    }
    tally->count = kept;
}

struct pg_values tally_values(struct tally *tally)
{
    static const enum pg_type types[] = {
        PG_INT4, PG_DATE, PG_INT4, PG_INT8, PG_INT4, PG_TEXT,
        PG_BOOL, PG_TEXT, PG_INT8, PG_INT8, PG_INT4,
    };
    struct pg_array *a[ARRAY_SIZE(types)];
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(tally->arena, types[i]);
    sum_up(tally, by_key);
    for (const struct tally_row *row = tally->rows; row < tally->rows + tally->count; row++) {
        pg_array_number(a[0], row->domain_id);
        pg_array_day(a[1], row->day);
        pg_array_number(a[2], row->reporter_id);
        pg_array_number(a[3], row->policy_id);
        pg_array_number(a[4], row->mx_id);
        pg_array_text(a[5], row->result);
        pg_array_number(a[6], row->trusted);
        pg_array_text(a[7], row->policy_type);
        pg_array_number(a[8], row->sessions);
        pg_array_number(a[9], row->mirrored_sessions);
        pg_array_number(a[10], row->reports);
    }
    struct pg_values values = { .arena = tally->arena };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    return values;
}

struct pg_values tally_mx_day_values(struct tally *tally, bool *any)
{
    static const enum pg_type types[] = { PG_INT4, PG_DATE, PG_TEXT, PG_BOOL, PG_INT8 };
    struct pg_array *a[ARRAY_SIZE(types)];
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(tally->arena, types[i]);
    sum_up(tally, by_mx_day);
    for (const struct tally_row *row = tally->rows; row < tally->rows + tally->count; row++) {
        if (!row->mx_id || (row->mirrored_sessions && row->mirrored_sessions == row->sessions))
            continue;
        pg_array_number(a[0], row->mx_id);
        pg_array_day(a[1], row->day);
        pg_array_text(a[2], row->result);
        pg_array_number(a[3], row->trusted);
        pg_array_number(a[4], row->sessions - row->mirrored_sessions);
    }
    *any = a[0]->count > 0;
    struct pg_values values = { .arena = tally->arena };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    return values;
}
