/* See pg_copy.h.
 * SPDX-License-Identifier: MIT */
#include "schema/pg_copy.h"
#include <assert.h>
#include <endian.h>

#define COPY_BYTES (INT32_C(1) << 30)

/* Signature, no flags, no header extension. */
static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";

static void put16(struct buf *buf, int number)
{
    uint16_t wire = htobe16((uint16_t)number);
    buf_add(buf, &wire, sizeof wire);
}

static void done(void *copy)
{
    buf_done(&((struct pg_copy *)copy)->data);
}

struct pg_copy *pg_copy_new(struct arena *arena, int columns)
{
    struct pg_copy *copy = arena_alloc(arena, sizeof *copy);
    copy->data = BUF(COPY_BYTES);
    copy->columns = columns;
    arena_on_free(arena, done, copy);
    buf_add(&copy->data, head, sizeof head); /* the last NUL is the header's */
    return copy;
}

void pg_copy_row(struct pg_copy *copy)
{
    put16(&copy->data, copy->columns);
    copy->rows++;
}

struct bytes pg_copy_end(struct pg_copy *copy)
{
    put16(&copy->data, -1);
    assert(!copy->data.failed);
    return (struct bytes){ copy->data.data, copy->data.size };
}
