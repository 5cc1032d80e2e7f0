/* The parameters of one statement, added one after another.
 * SPDX-License-Identifier: MIT
 * Next: pg_array.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdint.h>

#define PG_PARAMETERS 40
struct pg_values {
    struct arena *arena; /* for what is made of the values */
    int count;
    const char *data[PG_PARAMETERS];
    int sizes[PG_PARAMETERS];
    int binary[PG_PARAMETERS];
};

void pg_text(struct pg_values *values, const char *text); /* NULL is SQL's NULL */
void pg_number(struct pg_values *values, int64_t number);
void pg_flag(struct pg_values *values, bool flag);
void pg_bytes(struct pg_values *values, struct bytes bytes); /* bytea */
void pg_day(struct pg_values *values, int32_t day);          /* date */
void pg_time(struct pg_values *values, int64_t seconds);     /* timestamptz */
void pg_time_us(struct pg_values *values, int64_t us);       /* timestamptz, microseconds */

/* SIZE bytes in PostgreSQL's text or binary form, which must live as long as VALUES. */
void pg_raw(struct pg_values *values, const char *data, size_t size, bool binary);
