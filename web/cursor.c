/* See cursor.h.
 * SPDX-License-Identifier: MIT */
#include "web/cursor.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

#define TEXT_MAX 4096 /* bytes of one field */

static void part(struct buf *out)
{
    if (out->size)
        buf_text(out, ".");
}

void cursor_number(struct buf *out, int64_t number)
{
    part(out);
    buf_printf(out, "%" PRId64, number);
}

void cursor_text(struct buf *out, const char *text)
{
    part(out);
    buf_text(out, "x"); /* so that an empty text is a field, too */
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        buf_printf(out, "%02x", *at);
}

/* The field, in ARENA; NULL when there is none left. */
static const char *take(struct arena *arena, const char **cursor)
{
    size_t size = strcspn(*cursor, ".");
    if (!size)
        return NULL;
    const char *field = arena_copy(arena, *cursor, size);
    *cursor += size + ((*cursor)[size] == '.');
    return field;
}

bool cursor_take_number(struct arena *arena, const char **cursor, int64_t min, int64_t max,
                        int64_t *out)
{
    const char *field = take(arena, cursor);
    return field && text_number(field, min, max, out);
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool cursor_take_text(struct arena *arena, const char **cursor, const char **out)
{
    const char *field = take(arena, cursor);
    size_t size = field ? strlen(field) : 0;
    if (!field || *field != 'x' || size % 2 != 1 || size > 2 * TEXT_MAX)
        return false;
    char *text = arena_alloc(arena, size / 2 + 1);
    for (size_t i = 0; i < size / 2; i++) {
        int high = digit(field[1 + 2 * i]), low = digit(field[2 + 2 * i]);
        if (high < 0 || low < 0 || !(high || low))
            return false;
        text[i] = (char)(high << 4 | low);
    }
    if (!text_is_utf8(text, size / 2))
        return false;
    *out = text;
    return true;
}
