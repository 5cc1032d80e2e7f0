/* See words.h.
 * SPDX-License-Identifier: MIT */
#include "base/words.h"
#include <string.h>

/* Puts SIZE bytes of TEXT at AT; behind them. */
static char *put(char *at, const char *text, size_t size)
{
    memcpy(at, text, size);
    return at + size;
}

const char *words_joined(struct arena *arena, const struct text_list *list, const char *before,
                         const char *between)
{
    size_t before_size = strlen(before), between_size = strlen(between), size = 1;
    for (size_t i = 0; i < list->count; i++)
        size += between_size + before_size + strlen(list->items[i]);
    char *text = arena_alloc(arena, size), *at = text;
    for (size_t i = 0; i < list->count; i++) {
        at = put(at, between, i ? between_size : 0);
        at = put(at, before, before_size);
        at = put(at, list->items[i], strlen(list->items[i]));
    }
    return text;
}

const char *words_filled(struct arena *arena, const char *text, const char *word, const char *value)
{
    size_t word_size = strlen(word), value_size = strlen(value), count = 0;
    for (const char *at = text; (at = strstr(at, word)); at += word_size)
        count++;
    if (!count)
        return text;
    char *filled = arena_alloc(arena, strlen(text) + count * value_size + 1), *end = filled;
    for (const char *at; (at = strstr(text, word)); text = at + word_size) {
        end = put(end, text, (size_t)(at - text));
        end = put(end, value, value_size);
    }
    put(end, text, strlen(text));
    return filled;
}
