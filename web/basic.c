/* See basic.h.
 * SPDX-License-Identifier: MIT */
#include "web/basic.h"
#include "base/text.h"
#include <string.h>

/* Base64 (RFC 4648 section 4) with its padding, into OUT, which has room for 3/4 of SIZE. */
static bool decode(const char *text, size_t size, char *out, size_t *out_size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t padding = size && text[size - 1] == '=' ? 1 + (size > 1 && text[size - 2] == '=') : 0;
    unsigned bits = 0, count = 0;
    *out_size = 0;
    if (size % 4 != 0)
        return false;
    for (size_t i = 0; i < size - padding; i++) {
        const char *letter = memchr(letters, text[i], sizeof letters - 1);
        if (!letter)
            return false;
        bits = bits << 6 | (unsigned)(letter - letters);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[(*out_size)++] = (char)(bits >> count & 0xff);
        }
    }
    return true;
}

bool basic_parse(struct arena *arena, const char *value, struct credentials *out)
{
    if (!value || !text_begins(value, "Basic "))
        return false;
    value += strlen("Basic ");
    value += strspn(value, " ");
    size_t size = strlen(value), pair_size;
    char *pair = arena_alloc(arena, size + 1);
    if (!decode(value, size, pair, &pair_size))
        return false;
    for (size_t i = 0; i < pair_size; i++)
        if ((unsigned char)pair[i] < ' ' || pair[i] == 0x7f)
            return false;
    char *colon = strchr(pair, ':');
    if (!colon)
        return false;
    *colon = '\0';
    *out = (struct credentials){ pair, colon + 1 };
    return true;
}
