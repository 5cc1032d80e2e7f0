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

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        memory_exhausted();
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_BYTES / 4 ? size : BLOCK_BYTES;
        struct arena_block *fresh = calloc(1, sizeof *fresh + room);
        if (!fresh)
            memory_exhausted();
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
        memory_exhausted();
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

void arena_keep(struct arena *arena, void *memory, size_t bytes)
{
    arena_on_free(arena, free, memory);
    arena->bytes += bytes;
}

void arena_keep_bytes(struct arena *arena, struct bytes bytes)
{
    union {
        const char *in;
        void *out;
    } memory = { .in = bytes.data };
    arena_keep(arena, memory.out, bytes.size + 1);
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
