/* See glyph.h.
 * SPDX-License-Identifier: MIT */
#include "base/glyph.h"
#include "base/text.h"
#include <string.h>

struct range {
    unsigned first, last;
};
static const struct range unseen[] = {
    { 0x80, 0x9f },     { 0xad, 0xad },       { 0x61c, 0x61c },   { 0x180e, 0x180e },
    { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
    { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
};
static const struct range marks[] = {
    { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x1ab0, 0x1aff },
    { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
};

bool glyph_next(struct bytes bytes, size_t *size, unsigned *character)
{
    unsigned char lead = (unsigned char)*bytes.data;
    size_t wanted = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    *size = 1;
    *character = lead;
    if (wanted == 1)
        return true;
    if (wanted > bytes.size || !text_is_utf8(bytes.data, wanted))
        return false;
    *size = wanted;
    *character = lead & (0x7fU >> wanted);
    for (size_t i = 1; i < wanted; i++)
        *character = *character << 6 | ((unsigned char)bytes.data[i] & 0x3f);
    return true;
}

static bool stands_in(const struct range *ranges, size_t count, unsigned character)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

bool glyph_is_unseen(unsigned character)
{
    return stands_in(unseen, ARRAY_SIZE(unseen), character);
}

bool glyph_is_mark(unsigned character)
{
    return stands_in(marks, ARRAY_SIZE(marks), character);
}

void glyph_add_number(struct buf *out, unsigned character)
{
    buf_printf(out, "\u27e8U+%04X\u27e9", character);
}

void glyph_add_text(struct buf *out, const char *text, size_t most)
{
    struct bytes rest = { text, strlen(text) };
    int above = 0;
    for (; rest.size && most > 0; most--) {
        size_t size = 0;
        unsigned character = 0;
        bool good = glyph_next(rest, &size, &character);
        above = good && glyph_is_mark(character) ? above + 1 : 0;
        if (!good || character < ' ' || character == 0x7f)
            buf_text(out, character == '\t' || character == '\n' ? " " : "\ufffd");
        else if (glyph_is_unseen(character) || above > GLYPH_MARKS_MAX)
            glyph_add_number(out, character);
        else
            buf_add(out, rest.data, size);
        rest = (struct bytes){ rest.data + size, rest.size - size };
    }
    if (rest.size)
        buf_text(out, "\u2026");
}
