/* See pg_array.h.
 * SPDX-License-Identifier: MIT */
#include "schema/pg_array.h"
#include "base/clock.h"
#include <assert.h>
#include <endian.h>
#include <string.h>

/* Days and microseconds of PostgreSQL count from 2000-01-01. */
#define POSTGRES_EPOCH_DAY 10957
#define ARRAY_BYTES        (INT32_C(1) << 30)

static void put32(struct buf *buf, int32_t number)
{
    uint32_t wire = htobe32((uint32_t)number);
    buf_add(buf, &wire, sizeof wire);
}

static void array_done(void *array)
{
    buf_done(&((struct pg_array *)array)->data);
}

struct pg_array *pg_array_new(struct arena *arena, enum pg_type type)
{
    struct pg_array *array = arena_alloc(arena, sizeof *array);
    array->type = type;
    array->data = BUF(ARRAY_BYTES);
    arena_on_free(arena, array_done, array);
    /* one dimension, nulls or not, element type, count, lower bound; filled in at the end */
    for (int i = 0; i < 5; i++)
        put32(&array->data, 0);
    return array;
}

void pg_array_number(struct pg_array *array, int64_t number)
{
    unsigned char wire[8];
    uint64_t big = htobe64((uint64_t)number);
    memcpy(wire, &big, sizeof wire);
    size_t size = array->type == PG_BOOL   ? 1
                  : array->type == PG_INT2 ? 2
                  : array->type == PG_INT4 ? 4
                                           : 8;
    put32(&array->data, (int32_t)size);
    buf_add(&array->data, wire + 8 - size, size);
    array->count++;
}

void pg_array_bytes(struct pg_array *array, struct bytes bytes)
{
    put32(&array->data, (int32_t)bytes.size);
    buf_add(&array->data, bytes.data, bytes.size);
    array->count++;
}

void pg_array_text(struct pg_array *array, const char *text)
{
    if (text) {
        pg_array_bytes(array, (struct bytes){ text, strlen(text) });
        return;
    }
    put32(&array->data, -1);
    array->nulls = true;
    array->count++;
}

void pg_array_day(struct pg_array *array, int32_t day)
{
    put32(&array->data, 4);
    put32(&array->data, day - POSTGRES_EPOCH_DAY);
    array->count++;
}

void pg_array_time(struct pg_array *array, int64_t seconds)
{
    pg_array_number(array, (seconds - (int64_t)POSTGRES_EPOCH_DAY * DAY_SECONDS) * 1000000);
}

void pg_array(struct pg_values *values, struct pg_array *array)
{
    assert(!array->data.failed);
    const int32_t head[] = { 1, array->nulls, (int32_t)array->type, array->count, 1 };
    for (size_t i = 0; i < ARRAY_SIZE(head); i++) {
        uint32_t wire = htobe32((uint32_t)head[i]);
        memcpy(array->data.data + i * sizeof wire, &wire, sizeof wire);
    }
    pg_raw(values, array->data.data, array->data.size, true);
}
