/* See promote.h.
 * SPDX-License-Identifier: MIT */
#include "schema/promote.h"
#include "embedded/schema.h"
#include <inttypes.h>
#include <stdlib.h>

#define DOMAINS_BYTES (1 << 20)

struct promoted_row {
    int32_t domain_id, day;
    int64_t id;
};
static const struct column columns[] = { COLUMN(promoted_row, domain_id), COLUMN(promoted_row, day),
                                         COLUMN(promoted_row, id) };

static int by_number(const void *a, const void *b)
{
    const int32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The ids of the domains that REPORT is counted for, each once and in order; *COUNT of them. */
static const int32_t *domains_of(struct arena *arena, const struct report *report,
                                 const struct store_ids *ids, size_t *count)
{
    int32_t *list = arena_array(arena, report->policy_count, sizeof *list);
    for (size_t i = 0; i < report->policy_count; i++)
        list[i] = names_id(ids->domains, report->policies[i].domain);
    qsort(list, report->policy_count, sizeof *list, by_number);
    *count = 0;
    for (size_t i = 0; i < report->policy_count; i++)
        if (i == 0 || list[i] != list[i - 1])
            list[(*count)++] = list[i];
    return list;
}

static const char *domains_text(struct arena *arena, const struct store_row *row,
                                const struct store_ids *ids)
{
    CLEANUP(buf_done) struct buf text = BUF(DOMAINS_BYTES);
    size_t count;
    const int32_t *list = domains_of(arena, &row->entry->report, ids, &count);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%" PRId32, i ? "," : "", list[i]);
    return arena_text(arena, buf_get(&text));
}

/* The first of those that vouch for one report has its sessions moved. */
static void mark(struct store_row *rows, size_t count, const struct promoted_row *key)
{
    for (struct store_row *row = rows; row < rows + count; row++)
        if (row->vouches && row->key.domain_id == key->domain_id && row->key.day == key->day
            && row->key.id == key->id) {
            row->promoted = true;
            return;
        }
}

bool promote_reports(struct pg *pg, struct arena *arena, struct store_row *rows, size_t count,
                     const struct store_ids *ids, struct err *err)
{
    static const enum pg_type types[] = { PG_INT4, PG_DATE, PG_INT8, PG_TEXT, PG_TEXT,
                                          PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = { .arena = arena };
    struct rows promoted;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(arena, types[i]);
    for (const struct store_row *row = rows; row < rows + count; row++) {
        if (!row->vouches)
            continue;
        pg_array_number(a[0], row->key.domain_id);
        pg_array_day(a[1], row->key.day);
        pg_array_number(a[2], row->key.id);
        pg_array_text(a[3], row->entry->admission.ground);
        store_sender(a + 4, &row->entry->admission.sender);
        pg_array_text(a[9], row->beside ? NULL : domains_text(arena, row, ids));
    }
    if (!a[0]->count)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    if (!pg_query(pg, SQL(promote_report), &values, COLUMNS(promoted_row, columns), &promoted, err))
        return false;
    for (size_t i = 0; i < promoted.count; i++)
        mark(rows, count, (const struct promoted_row *)promoted.first + i);
    return true;
}

bool promote_failures(struct pg *pg, struct arena *arena, const struct store_row *rows,
                      size_t count, const struct store_ids *ids, struct err *err)
{
    struct pg_array *a[] = { pg_array_new(arena, PG_INT4), pg_array_new(arena, PG_DATE),
                             pg_array_new(arena, PG_INT8) };
    struct pg_values values = { .arena = arena };
    for (const struct store_row *row = rows; row < rows + count; row++) {
        if (!row->promoted)
            continue;
        size_t domains;
        const int32_t *list = domains_of(arena, &row->entry->report, ids, &domains);
        for (size_t i = 0; i < domains; i++) {
            pg_array_number(a[0], list[i]);
            pg_array_day(a[1], row->key.day);
            pg_array_number(a[2], row->key.id);
        }
    }
    if (!a[0]->count)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(a); i++)
        pg_array(&values, a[i]);
    return pg_execute(pg, SQL(promote_failure), &values, NULL, err);
}
