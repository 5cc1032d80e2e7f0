/* See record_uri.h.
 * SPDX-License-Identifier: MIT
 * Before: record.c. Next: policy_lint.c */
#include "ingest/record_uri.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL_BYTES 64 /* RFC 5321 section 4.5.3.1.1 */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The first byte that no URI may hold as it is, or that RFC 8460 wants encoded; SIZE_MAX: all is well. */
static size_t bad_byte(const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        unsigned char c = (unsigned char)text[i];
        bool bad = c <= ' ' || c >= 0x7f || strchr("!,;\"<>\\^`{|}", c);
        if (c == '%')
            bad = hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0;
        if (bad)
            return i;
    }
    return SIZE_MAX;
}

/* Percent-decoded; what would be a control character stays encoded. */
static char *decoded(struct arena *arena, const char *text, size_t size)
{
    char *out = arena_alloc(arena, size + 1), *end = out;
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '%' && i + 2 < size ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        int byte = low >= 0 ? high * 16 + low : -1;
        if (byte > ' ' && byte != 0x7f) {
            *end++ = (char)byte;
            i += 2;
        } else {
            *end++ = text[i];
        }
    }
    return out;
}

static char *lower(char *text)
{
    for (char *c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return text;
}

/* A host with a domain above it; reports do not go to single labels. */
static const char *host_of(struct arena *arena, const char *text, size_t size)
{
    const char *host = text_host(arena, arena_copy(arena, text, size), NULL);
    return host && strchr(host, '.') && *host != '*' ? host : NULL;
}

static bool read_mail(struct arena *arena, struct record_uri *uri, const char *rest)
{
    char *address = decoded(arena, rest, strcspn(rest, "?"));
    char *at = strrchr(address, '@');
    if (!at || at == address || at - address > LOCAL_BYTES || strpbrk(address, " \t<>"))
        return false;
    uri->domain = host_of(arena, at + 1, strlen(at + 1));
    if (!uri->domain)
        return false;
    *at = '\0';
    if (strchr(address, '@'))
        return false;
    uri->same = arena_printf(arena, "mailto:%s@%s", lower(address), uri->domain);
    return true;
}

static bool read_https(struct arena *arena, struct record_uri *uri, const char *rest)
{
    if (strncmp(rest, "//", 2) != 0)
        return false;
    const char *host = rest + 2;
    size_t size = strcspn(host, "/?#");
    const char *path = host + size;
    size_t name = size;
    while (name && isdigit((unsigned char)host[name - 1]))
        name--;
    int64_t port = 443;
    if (name && host[name - 1] == ':') {
        if (name < size
            && !text_number(arena_copy(arena, host + name, size - name), 1, 65535, &port))
            return false;
        size = name - 1;
    }
    const char *address = text_address(arena, arena_copy(arena, host, size), NULL);
    uri->domain = address ? address : host_of(arena, host, size);
    if (!uri->domain || memchr(host, '@', size))
        return false;
    uri->same = arena_printf(arena, "https://%s:%d%s%s", uri->domain, (int)port,
                             *path == '/' ? "" : "/", decoded(arena, path, strcspn(path, "#")));
    return true;
}

struct record_uri record_uri_read(struct arena *arena, const char *text, enum record_flaw *flaw,
                                  size_t *at)
{
    struct record_uri uri = { .text = text, .scheme = RECORD_OTHER };
    *flaw = RECORD_FLAWS;
    *at = 0;
    if (text_begins(text, "mailto:")) {
        uri.scheme = RECORD_MAILTO;
        uri.usable = read_mail(arena, &uri, text + strlen("mailto:"));
        *flaw = uri.usable ? RECORD_FLAWS : RECORD_URI_MAIL;
    } else if (text_begins(text, "https:")) {
        uri.scheme = RECORD_HTTPS;
        uri.usable = read_https(arena, &uri, text + strlen("https:"));
        *flaw = uri.usable ? RECORD_FLAWS : RECORD_URI_HTTPS;
    } else {
        *flaw = *text ? RECORD_URI_SCHEME : RECORD_RUA_EMPTY;
    }
    size_t bad = bad_byte(text);
    if (uri.usable && bad != SIZE_MAX) {
        *flaw = RECORD_URI_ENCODING;
        *at = bad;
        uri.usable = false;
    }
    return uri;
}
