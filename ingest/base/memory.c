/* See memory.h.
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void memory_exhausted(void)
{
    static const char text[] = "tlsrptd: out of memory\n";
    fwrite(text, 1, sizeof text - 1, stderr);
    abort();
}

void *memory_new(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        memory_exhausted();
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *larger = realloc(memory, size ? size : 1);
    if (!larger)
        memory_exhausted();
    return larger;
}

char *memory_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        memory_exhausted();
    return copy;
}
