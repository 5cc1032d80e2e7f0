/* See pg_array.h.
 * SPDX-License-Identifier: MIT */
#include "schema/pg_array.h"
#include "base/clock.h"
#include <assert.h>
#include <endian.h>
#include <string.h>

#define ARRAY_BYTES (INT32_C(1) << 30)

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
    /* one dimension, nulls or not, element type, count, lower bound: filled in at the end */
    static const int32_t head[5];
    buf_add(&array->data, head, sizeof head);
    return array;
}

void pg_array_number(struct pg_array *array, int64_t number)
{
    pg_cell_number(&array->data, array->type, number);
    array->count++;
}

void pg_array_bytes(struct pg_array *array, struct bytes bytes)
{
    pg_cell_bytes(&array->data, bytes);
    array->count++;
}

void pg_array_text(struct pg_array *array, const char *text)
{
    pg_cell_text(&array->data, text);
    array->nulls = array->nulls || !text;
    array->count++;
}

void pg_array_null(struct pg_array *array)
{
    pg_array_text(array, NULL);
}

void pg_array_day(struct pg_array *array, int32_t day)
{
    pg_cell_day(&array->data, day);
    array->count++;
}

void pg_array_time(struct pg_array *array, int64_t seconds)
{
    pg_array_number(array, (seconds - (int64_t)PG_EPOCH_DAY * DAY_SECONDS) * 1000000);
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
