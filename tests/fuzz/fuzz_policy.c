/* MTA-STS policy texts: the canonical form of a canonical form is itself.
 * SPDX-License-Identifier: MIT */
#include "ingest/policy.h"
#include <assert.h>
#include <string.h>

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t split(struct arena *arena, const char *text, const char **lines)
{
    size_t count = 0;
    while (*text && count < LINES_MAX) {
        size_t length = strcspn(text, "\n");
        lines[count++] = arena_copy(arena, text, length);
        text += length + (text[length] == '\n');
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *lines[LINES_MAX];
    size_t count = split(&arena, arena_copy(&arena, data, size), lines);
    struct policy first = policy_parse(&arena, lines, count);
    count = split(&arena, first.canonical, lines);
    struct policy again = policy_parse(&arena, lines, count);
    if (count < LINES_MAX)
        assert(strcmp(first.canonical, again.canonical) == 0);
    for (size_t i = 0; i < first.mx_count; i++)
        if (policy_matches(first.mx[i], "mx.example.org") && !strchr(first.mx[i], '.'))
            __builtin_trap();
    return 0;
}
