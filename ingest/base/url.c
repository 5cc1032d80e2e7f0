/* See url.h.
 * SPDX-License-Identifier: MIT */
#include "base/url.h"
#include <string.h>

/* TEXT with all encoded but what is unreserved, and the bytes of KEEP. */
static const char *encode(struct arena *arena, const char *text, const char *keep)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, strlen(text) * 3 + 1), *end = out;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (strchr(unreserved, *c) || strchr(keep, *c)) {
            *end++ = (char)*c;
            continue;
        }
        *end++ = '%';
        *end++ = hex[*c >> 4];
        *end++ = hex[*c & 15];
    }
    return out;
}

const char *url_path(struct arena *arena, const char *prefix, const char *text)
{
    return arena_printf(arena, "%s%s", prefix, encode(arena, text, ""));
}

const char *url_query(struct arena *arena, const char *url, const char *query)
{
    if (!query || !*query)
        return url;
    return arena_printf(arena, "%s%c%s", url, strchr(url, '?') ? '&' : '?', query);
}

const char *url_add(struct arena *arena, const char *url, const char *name, const char *value)
{
    if (!value)
        return url;
    return url_query(arena, url, arena_printf(arena, "%s=%s", name, encode(arena, value, "")));
}

const char *url_again(struct arena *arena, const char *path)
{
    return encode(arena, path, "/");
}
