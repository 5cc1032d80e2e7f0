/* Memory of one unit of work: a delivery, a web request, a batch. Everything is freed at once by
 * arena_free(), and foreign objects (a JSON tree, a PGresult) hang on it by arena_on_free().
 *
 * An arena has one owner at a time and is never shared between threads. Running out of memory ends
 * the program with a message: nothing that was acknowledged is in memory only.
 *
 * SPDX-License-Identifier: MIT
 * Next: buf.h */
#pragma once

#include "base/buf.h"
#include "base/macros.h"
#include "base/memory.h"
#include <stdarg.h>
#include <stddef.h>

struct arena {
    struct arena_block *blocks; /* newest first */
    struct arena_hook *hooks;   /* newest first */
    size_t bytes;               /* of all blocks and of what arena_keep() was given */
};

/* SIZE zeroed bytes, aligned for any object; never NULL. Freed with the arena. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* COUNT zeroed elements of SIZE bytes; ends the program when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((malloc));

/* A copy of TEXT; NULL gives NULL. */
char *arena_text(struct arena *arena, const char *text);

/* A NUL-terminated copy of SIZE bytes, which may hold NUL themselves. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);

char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);

/* Calls RUN(THING) when the arena is freed, last registered first, before any memory goes. */
void arena_on_free(struct arena *arena, void (*run)(void *thing), void *thing);

/* Takes over MEMORY of malloc(), BYTES large: freed with the arena, and counted in its bytes. */
void arena_keep(struct arena *arena, void *memory, size_t bytes);

/* The same for what is read only from now on. */
void arena_keep_bytes(struct arena *arena, struct bytes bytes);

/* Frees all of it and leaves an empty arena that can be used again. Safe on { 0 }. */
void arena_free(struct arena *arena);
