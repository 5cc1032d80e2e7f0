/* See letter.h.
 * SPDX-License-Identifier: MIT */
#include "judge/letter.h"
#include "base/arena.h"
#include "base/clock.h"

#define VALUE_BYTES 80
#define TEXT_BYTES  800

static void add_cut(struct buf *out, const char *value, size_t most)
{
    size_t size = 0, from = out->size;
    for (const char *c = value; *c && size < most; c++, size++) {
        char shown = (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c;
        buf_add(out, &shown, 1);
    }
    while (size && ((unsigned char)value[size] & 0xc0) == 0x80)
        size--; /* not half a character */
    if (!out->failed && out->size > from + size) {
        out->size = from + size;
        out->data[out->size] = '\0';
    }
}

void letter_value(struct buf *out, const char *value)
{
    add_cut(out, value, VALUE_BYTES);
}

void letter_text(struct buf *out, const char *text)
{
    add_cut(out, text, TEXT_BYTES);
}

void letter_day(struct buf *out, int32_t day)
{
    char text[CLOCK_TEXT_BYTES];
    buf_text(out, clock_day_to_text(day, text));
}

void letter_end(struct buf *out, const char *offer)
{
    buf_printf(out, "\nCould you look into it? %s\n\nKind regards\n", offer);
}
