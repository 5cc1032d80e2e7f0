/* See pg_cell.h.
 * SPDX-License-Identifier: MIT */
#include "schema/pg_cell.h"
#include <endian.h>
#include <string.h>

static void put32(struct buf *buf, int32_t number)
{
    uint32_t wire = htobe32((uint32_t)number);
    buf_add(buf, &wire, sizeof wire);
}

void pg_cell_number(struct buf *out, enum pg_type type, int64_t number)
{
    unsigned char wire[8], cell[12];
    uint64_t big = htobe64((uint64_t)number);
    memcpy(wire, &big, sizeof wire);
    size_t size = type == PG_BOOL                      ? 1
                  : type == PG_INT2                    ? 2
                  : type == PG_INT4 || type == PG_DATE ? 4
                                                       : 8;
    uint32_t head = htobe32((uint32_t)size);
    memcpy(cell, &head, sizeof head);
    memcpy(cell + sizeof head, wire + 8 - size, size);
    buf_add(out, cell, sizeof head + size);
}

void pg_cell_day(struct buf *out, int32_t day)
{
    pg_cell_number(out, PG_DATE, day - PG_EPOCH_DAY);
}

void pg_cell_bytes(struct buf *out, struct bytes bytes)
{
    put32(out, (int32_t)bytes.size);
    buf_add(out, bytes.data, bytes.size);
}

void pg_cell_text(struct buf *out, const char *text)
{
    if (text)
        pg_cell_bytes(out, (struct bytes){ text, strlen(text) });
    else
        put32(out, -1);
}
