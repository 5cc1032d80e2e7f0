/* See tally.h.
 * SPDX-License-Identifier: MIT */
#include "schema/tally.h"
#include "ingest/result.h"
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

static int by_counter(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;
    int order = ORDER(a->domain_id, b->domain_id);
    order = order ? order : strcmp(a->policy_type, b->policy_type);
    return order ? order : strcmp(a->result, b->result);
}

static int by_mx(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;
    return ORDER(a->mx_id, b->mx_id);
}

static int by_mx_day(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;
    int order = ORDER(a->mx_id, b->mx_id);
    order = order ? order : ORDER(a->day, b->day);
    order = order ? order : ORDER(a->trusted, b->trusted);
    return order ? order : strcmp(a->result, b->result);
}

static int by_reporter_day(const void *left, const void *right)
{
    const struct tally_row *a = left, *b = right;
    int order = ORDER(a->day, b->day);
    order = order ? order : ORDER(a->reporter_id, b->reporter_id);
    return order ? order : by_mx_day(left, right);
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
        if (row->at_seconds > last->at_seconds)
            last->at_seconds = row->at_seconds;
    }
    tally->count = kept;
}

static struct pg_values values_of(struct arena *arena, struct pg_array *const *arrays, size_t count)
{
    struct pg_values values = { .arena = arena };
    for (size_t i = 0; i < count; i++)
        pg_array(&values, arrays[i]);
    return values;
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
    return values_of(tally->arena, a, ARRAY_SIZE(types));
}

/* As in ledger.counter. Names that nobody registered are strangers' and without end. */
static const char *counted_result(const char *result)
{
    static const char *const ours[] = { "successful", "total-failure", "unexplained" };
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
        if (strcmp(result, ours[i]) == 0)
            return ours[i];
    return result_find(result)->name;
}

struct pg_values tally_touched_values(const struct tally *tally)
{
    static const enum pg_type types[] = { PG_INT4, PG_TIMESTAMPTZ, PG_TEXT,
                                          PG_TEXT, PG_INT8,        PG_INT8 };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct tally copy = *tally;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(tally->arena, types[i]);
    copy.rows = arena_array(tally->arena, tally->count, sizeof *copy.rows);
    for (size_t i = 0; i < tally->count; i++) {
        copy.rows[i] = tally->rows[i];
        copy.rows[i].result = counted_result(copy.rows[i].result);
    }
    sum_up(&copy, by_counter);
    for (const struct tally_row *row = copy.rows; row < copy.rows + copy.count; row++) {
        pg_array_number(a[0], row->domain_id);
        if (row->at_seconds == TALLY_NOTHING_CAME)
            pg_array_null(a[1]);
        else
            pg_array_time(a[1], row->at_seconds);
        pg_array_text(a[2], row->policy_type);
        pg_array_text(a[3], row->result);
        pg_array_number(a[4], row->sessions);
        pg_array_number(a[5], row->mirrored_sessions);
    }
    return values_of(tally->arena, a, ARRAY_SIZE(types));
}

struct pg_values tally_reporter_day_values(const struct tally *tally)
{
    static const enum pg_type types[] = { PG_DATE, PG_INT4, PG_INT4, PG_TEXT, PG_BOOL, PG_INT8 };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct tally copy = *tally;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(tally->arena, types[i]);
    copy.rows = arena_array(tally->arena, tally->count, sizeof *copy.rows);
    for (size_t i = 0; i < tally->count; i++) {
        copy.rows[i] = tally->rows[i];
        if (strcmp(copy.rows[i].result, "successful") == 0)
            copy.rows[i].mx_id = 0;
    }
    sum_up(&copy, by_reporter_day);
    for (const struct tally_row *row = copy.rows; row < copy.rows + copy.count; row++) {
        pg_array_day(a[0], row->day);
        pg_array_number(a[1], row->reporter_id);
        pg_array_number(a[2], row->mx_id);
        pg_array_text(a[3], row->result);
        pg_array_number(a[4], row->trusted);
        pg_array_number(a[5], row->sessions - row->mirrored_sessions);
    }
    return values_of(tally->arena, a, ARRAY_SIZE(types));
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
    return values_of(tally->arena, a, ARRAY_SIZE(types));
}

struct pg_values tally_touched_mx_values(struct tally *tally, bool *any)
{
    struct pg_array *a[] = { pg_array_new(tally->arena, PG_INT4),
                             pg_array_new(tally->arena, PG_INT8) };
    for (struct tally_row *row = tally->rows; row < tally->rows + tally->count; row++)
        if (strcmp(row->result, "successful") == 0)
            row->sessions = row->mirrored_sessions = 0;
    sum_up(tally, by_mx);
    for (const struct tally_row *row = tally->rows; row < tally->rows + tally->count; row++) {
        if (!row->mx_id || row->sessions == row->mirrored_sessions)
            continue;
        pg_array_number(a[0], row->mx_id);
        pg_array_number(a[1], row->sessions - row->mirrored_sessions);
    }
    *any = a[0]->count > 0;
    return values_of(tally->arena, a, ARRAY_SIZE(a));
}
