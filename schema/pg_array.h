/* A column of many rows as one parameter, in PostgreSQL's binary form for arrays.
 * SPDX-License-Identifier: MIT
 * Before: pg_cell.h. Next: pg.h */
#pragma once

#include "schema/pg_cell.h"
#include "schema/pg_values.h"

struct pg_array {
    struct buf data; /* freed with the arena given to pg_array_new() */
    enum pg_type type;
    int32_t count;
    bool nulls;
};
struct pg_array *pg_array_new(struct arena *arena, enum pg_type type);
void pg_array_number(struct pg_array *array, int64_t number); /* int2, int4, int8, bool */
void pg_array_text(struct pg_array *array, const char *text); /* text; NULL is SQL's NULL */
void pg_array_bytes(struct pg_array *array, struct bytes bytes);
void pg_array_null(struct pg_array *array);                      /* any */
void pg_array_day(struct pg_array *array, int32_t day);          /* date */
void pg_array_time(struct pg_array *array, int64_t seconds);     /* timestamptz */
void pg_array(struct pg_values *values, struct pg_array *array); /* adds it as a parameter */
