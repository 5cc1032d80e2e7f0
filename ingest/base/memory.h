/* Memory that is never wanting: without it the program ends with a message, since nothing that was
 * acknowledged is in memory only.
 * SPDX-License-Identifier: MIT
 * Before: macros.h. Next: arena.h */
#pragma once

#include "base/macros.h"
#include <stddef.h>

/* calloc() and realloc() for objects that outlive any arena: never NULL. What is new is all zero. */
void *memory_new(size_t size) __attribute__((malloc, alloc_size(1)));
void *memory_resize(void *memory, size_t size) __attribute__((alloc_size(2)));
char *memory_text(const char *text) __attribute__((malloc));

/* The end of the program: more was asked for than there is. */
NORETURN void memory_exhausted(void);
