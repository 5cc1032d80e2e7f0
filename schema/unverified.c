/* See unverified.h.
 * SPDX-License-Identifier: MIT */
#include "schema/unverified.h"
#include "ingest/gunzip.h"
#include "base/hash.h"
#include "embedded/schema.h"

static const struct column columns[] = {
    COLUMN(unverified_row, id),     COLUMN(unverified_row, source),
    COLUMN(unverified_row, origin), COLUMN(unverified_row, received_seconds),
    COLUMN(unverified_row, last),   COLUMN(unverified_row, mail),
};

static bool is_to_keep(const struct store_row *row)
{
    const struct entry *entry = row->entry;
    return (row->inserted || row->doubtful) && entry->admission.sender.method
           && entry->admission.sender.result == PROOF_UNKNOWN;
}

static void keep(struct arena *arena, struct pg_array *const *a, const struct delivery *delivery)
{
    unsigned char digest[HASH_BYTES];
    hash_bytes(delivery->bytes.data, delivery->bytes.size, digest);
    pg_array_bytes(a[0], (struct bytes){ (const char *)digest, HASH_BYTES });
    pg_array_text(a[1], source_to_text(delivery->source));
    pg_array_text(a[2], delivery->origin);
    pg_array_time(a[3], delivery->received_seconds);
    pg_array_bytes(a[4], gunzip_reverse(arena, delivery->bytes));
}

bool unverified_keep(struct pg *pg, struct arena *arena, const struct store_row *rows, size_t count,
                     const struct unverified_limits *limits, struct err *err)
{
    static const enum pg_type types[] = { PG_BYTEA, PG_TEXT, PG_TEXT, PG_TIMESTAMPTZ, PG_BYTEA };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = { .arena = arena };
    const struct delivery *last = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(arena, types[i]);
    for (const struct store_row *row = rows; row < rows + count; row++)
        if (is_to_keep(row) && row->entry->delivery != last) {
            last = row->entry->delivery; /* its entries follow each other */
            keep(arena, a, last);
        }
    if (!a[0]->count)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    pg_number(&values, limits->bytes);
    pg_number(&values, limits->first_seconds);
    return pg_execute(pg, SQL(unverified_keep), &values, NULL, err);
}

bool unverified_take(struct pg *pg, struct arena *arena, const struct unverified_limits *limits,
                     int most, struct rows *out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, limits->first_seconds);
    pg_number(&values, most);
    return pg_query(pg, SQL(unverified_take), &values, COLUMNS(unverified_row, columns), out, err);
}

static bool tell(struct pg *pg, struct arena *arena, const struct delivery *delivery,
                 struct err *err)
{
    static const enum pg_type types[] = { PG_INT4, PG_DATE, PG_INT8, PG_TEXT, PG_TEXT,
                                          PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = { .arena = arena };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(arena, types[i]);
    for (const struct entry *entry = delivery ? delivery->entries : NULL; entry;
         entry = entry->next) {
        struct report_key key;
        if (!entry->id || !report_key_from_text(entry->id, &key))
            continue;
        pg_array_number(a[0], key.domain_id);
        pg_array_day(a[1], key.day);
        pg_array_number(a[2], key.id);
        pg_array_text(a[3], entry->admission.ground);
        store_sender(a + 4, &entry->admission.sender);
    }
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    return pg_execute(pg, SQL(unverified_tell), &values, NULL, err);
}

bool unverified_settle(struct pg *pg, int64_t id, const struct delivery *delivery, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct pg_array *ids = pg_array_new(&arena, PG_INT8);
    pg_array_number(ids, id);
    pg_array(&values, ids);
    return tell(pg, &arena, delivery, err)
           && pg_execute(pg, SQL(unverified_settle), &values, NULL, err);
}
