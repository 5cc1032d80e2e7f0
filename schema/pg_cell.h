/* One value in PostgreSQL's binary form, with its size before it, as arrays and COPY have it.
 * SPDX-License-Identifier: MIT
 * Before: pg_values.h. Next: pg_array.h */
#pragma once

#include "base/buf.h"
#include <stdint.h>

enum pg_type {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_DATE = 1082,
    PG_TIMESTAMPTZ = 1184,
};

/* Days and microseconds of PostgreSQL count from 2000-01-01. */
#define PG_EPOCH_DAY 10957

/* TYPE: int2, int4, int8, bool, timestamptz (microseconds since 2000) or date (days since 2000). */
void pg_cell_number(struct buf *out, enum pg_type type, int64_t number);
void pg_cell_day(struct buf *out, int32_t day);
void pg_cell_bytes(struct buf *out, struct bytes bytes); /* bytea or text */
void pg_cell_text(struct buf *out, const char *text);    /* NULL is SQL's NULL */
