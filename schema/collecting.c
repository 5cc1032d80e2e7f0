/* See collecting.h.
 * SPDX-License-Identifier: MIT
 * Before: verdicts.c */
#include "schema/collecting.h"
#include "embedded/schema.h"

bool collecting_add(struct pg *pg, const int32_t *hours, size_t count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct pg_array *array = pg_array_new(&arena, PG_INT4);
    for (size_t i = 0; i < count; i++)
        pg_array_number(array, hours[i]);
    pg_array(&values, array);
    return pg_execute(pg, SQL(collecting_add), &values, NULL, err);
}
