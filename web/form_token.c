/* See form_token.h.
 * SPDX-License-Identifier: MIT
 * Before: form.c. Next: form_page.c */
#include "web/form_token.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TOKEN_SIZE (2 * HASH_BYTES)

/* "https://host:port" is that of the Host header. */
static bool is_same_host(const struct request *request, const char *origin)
{
    const char *host = http_header(request, "Host"), *slashes = strstr(origin, "://");
    return host && *host && slashes && text_same(slashes + 3, host);
}

/* Sec-Fetch-Site decides where it is there: a proxy may have changed the Host, and pages that forbid
 * referrers make browsers send the Origin "null". */
enum form_origin form_origin(const struct request *request)
{
    const char *site = http_header(request, "Sec-Fetch-Site");
    const char *origin = http_header(request, "Origin");
    if (site)
        return text_same(site, "same-origin") ? FORM_ORIGIN_OURS : FORM_ORIGIN_OTHER;
    if (!origin)
        return FORM_ORIGIN_UNTOLD;
    return is_same_host(request, origin) ? FORM_ORIGIN_OURS : FORM_ORIGIN_OTHER;
}

static void write_hex(const unsigned char *bytes, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void form_secret(char out[FORM_SECRET_BYTES])
{
    unsigned char random[(FORM_SECRET_BYTES - 1) / 2];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort(); /* the kernel always has some */
    write_hex(random, sizeof random, out);
    explicit_bzero(random, sizeof random);
}

static void make(const char *secret, const char *user, int32_t day, char out[TOKEN_SIZE + 1])
{
    unsigned char whose[HASH_BYTES], token[HASH_BYTES];
    struct hash fields = { 0 };
    hash_text(&fields, user);
    hash_number(&fields, day);
    hash_done(&fields, whose);
    hash_keyed((struct bytes){ secret, strlen(secret) },
               (struct bytes){ (const char *)whose, sizeof whose }, token);
    write_hex(token, sizeof token, out);
}

const char *form_token(struct arena *arena, const char *secret, const char *user,
                       int64_t now_seconds)
{
    char token[TOKEN_SIZE + 1];
    make(secret, user, clock_day(now_seconds), token);
    return arena_text(arena, token);
}

bool form_token_fits(const char *secret, const char *user, int64_t now_seconds, const char *token)
{
    bool fits = false;
    if (!token || strlen(token) != TOKEN_SIZE)
        return false;
    for (int32_t back = 0; back <= 1; back++) {
        char wanted[TOKEN_SIZE + 1];
        unsigned char other = 0; /* in a time that does not tell where they part */
        make(secret, user, clock_day(now_seconds) - back, wanted);
        for (size_t i = 0; i < TOKEN_SIZE; i++)
            other |= (unsigned char)(wanted[i] ^ token[i]);
        fits |= !other;
    }
    return fits;
}
