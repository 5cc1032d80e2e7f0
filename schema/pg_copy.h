/* Many rows for COPY in its binary form: for what is only ever added, the cheapest way in.
 * SPDX-License-Identifier: MIT
 * Before: pg_array.h. Next: pg.h */
#pragma once

#include "schema/pg_array.h"

struct pg_copy {
    struct buf data; /* freed with the arena given to pg_copy_new() */
    int columns;
    int64_t rows;
};

struct pg_copy *pg_copy_new(struct arena *arena, int columns);

/* Begins a row; its cells follow, added to copy->data by pg_cell_…(), one for each column. */
void pg_copy_row(struct pg_copy *copy);

/* Ends the data; nothing may be added afterwards. */
struct bytes pg_copy_end(struct pg_copy *copy);
