/* See arena.h. Blocks are carved from the front; a large request gets a block of its own.
 * SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer each request is a block of its own, so that overruns are seen. */
#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_BYTES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_BYTES 0
#endif
#endif
#ifndef BLOCK_BYTES
#define BLOCK_BYTES 4000
#endif

struct arena_block {
    struct arena_block *next;
    size_t used, size; /* bytes of memory[] */
    max_align_t memory[];
};

struct arena_hook {
    struct arena_hook *next;
    void (*run)(void *);
    void *thing;
};

NORETURN static void out_of_memory(void)
{
    static const char text[] = "tlsrptd: out of memory\n";
    fwrite(text, 1, sizeof text - 1, stderr);
    abort();
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_BYTES / 4 ? size : BLOCK_BYTES;
        struct arena_block *fresh = calloc(1, sizeof *fresh + room);
        if (!fresh)
            out_of_memory();
        fresh->size = room;
        arena->bytes += sizeof *fresh + room;
        if (block && room == size) { /* full from the start: the present block stays in front */
            fresh->next = block->next;
            block->next = fresh;
        } else {
            fresh->next = block;
            arena->blocks = fresh;
        }
        block = fresh;
    }
    void *memory = (char *)block->memory + block->used;
    block->used += size;
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    return arena_alloc(arena, bytes);
}

char *arena_text(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    if (size)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    int size = vsnprintf(NULL, 0, format, values);
    va_end(values);
    char *text = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

void arena_on_free(struct arena *arena, void (*run)(void *thing), void *thing)
{
    struct arena_hook *hook = arena_alloc(arena, sizeof *hook);
    *hook = (struct arena_hook){ .next = arena->hooks, .run = run, .thing = thing };
    arena->hooks = hook;
}

void arena_free(struct arena *arena)
{
    for (struct arena_hook *hook = arena->hooks; hook; hook = hook->next)
        hook->run(hook->thing);
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){ 0 };
}

void *memory_new(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        out_of_memory();
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *larger = realloc(memory, size ? size : 1);
    if (!larger)
        out_of_memory();
    return larger;
}

char *memory_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        out_of_memory();
    return copy;
}
