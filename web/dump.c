/* See dump.h.
 * SPDX-License-Identifier: MIT */
#include "web/dump.h"
#include "base/glyph.h"
#include <string.h>

#define BINARY_PERCENT 5
#define HEX_WIDTH      16

static bool is_control(unsigned character)
{
    return (character < ' ' && character != '\n' && character != '\r' && character != '\t')
           || character == 0x7f;
}

static struct bytes behind(struct bytes bytes, size_t size)
{
    return (struct bytes){ bytes.data + size, bytes.size - size };
}

bool dump_is_binary(struct bytes bytes)
{
    size_t odd = 0, whole = bytes.size, size;
    unsigned character;
    if (memchr(bytes.data, 0, bytes.size))
        return true;
    for (; bytes.size; bytes = behind(bytes, size))
        odd += !glyph_next(bytes, &size, &character) || is_control(character);
    return odd * 100 > whole * BINARY_PERCENT;
}

/* The size of the field name with its colon at the beginning of BYTES; 0 when there is none. Names are
 * of letters, digits and "-" in practice, though RFC 5322 would allow `{"a":` too. */
static size_t field_name(struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] == ':')
            return i ? i + 1 : 0;
        char c = bytes.data[i], lower = (char)(c | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return 0;
    }
    return 0;
}

struct bytes dump_headers(struct bytes bytes)
{
    struct bytes rest = bytes;
    while (rest.size && *rest.data != '\n' && *rest.data != '\r') {
        bool folded = rest.size < bytes.size && (*rest.data == ' ' || *rest.data == '\t');
        if (!folded && !field_name(rest))
            return (struct bytes){ .data = "" };
        const char *end = memchr(rest.data, '\n', rest.size);
        rest = behind(rest, end ? (size_t)(end - rest.data) + 1 : rest.size);
    }
    return (struct bytes){ bytes.data, bytes.size - rest.size };
}

static void put_character(struct buf *out, struct bytes bytes, unsigned character)
{
    if (character == '\r' && bytes.size > 1 && bytes.data[1] == '\n')
        return; /* CRLF is one end of a line */
    if (character == 0x7f)
        buf_text(out, "\u2421");
    else if (is_control(character) || character == '\r') /* U+2400 and on: e2 90 80 … */
        buf_printf(out, "\xe2\x90%c", (int)(0x80 + character));
    else if (glyph_is_unseen(character))
        glyph_add_number(out, character);
    else
        buf_printf(out, "%c", (int)character);
}

void dump_text(struct html *page, struct bytes bytes)
{
    CLEANUP(buf_done) struct buf out = BUF(HTML_BYTES_MAX);
    for (size_t size; bytes.size; bytes = behind(bytes, size)) {
        unsigned character;
        if (!glyph_next(bytes, &size, &character))
            buf_printf(&out, "\\x%02x", character);
        else if (size > 1 && !glyph_is_unseen(character))
            buf_add(&out, bytes.data, size);
        else
            put_character(&out, bytes, character);
    }
    html(page, "%s", buf_get(&out));
}

void dump_hex(struct html *page, struct bytes bytes)
{
    CLEANUP(buf_done) struct buf out = BUF(HTML_BYTES_MAX);
    for (size_t at = 0; at < bytes.size; at += HEX_WIDTH) {
        size_t count = bytes.size - at < HEX_WIDTH ? bytes.size - at : HEX_WIDTH;
        buf_printf(&out, "%06zx ", at);
        for (size_t i = 0; i < HEX_WIDTH; i++)
            if (i < count)
                buf_printf(&out, "%s%02x", i == HEX_WIDTH / 2 ? "  " : " ",
                           (unsigned char)bytes.data[at + i]);
            else
                buf_text(&out, i == HEX_WIDTH / 2 ? "    " : "   ");
        buf_text(&out, "  ");
        for (size_t i = 0; i < count; i++) {
            char c = bytes.data[at + i];
            buf_printf(&out, "%c", c >= ' ' && c <= '~' ? c : '.');
        }
        buf_text(&out, "\n");
    }
    html(page, "%s", buf_get(&out));
}
