/* See known.h.
 * SPDX-License-Identifier: MIT */
#include "web/known.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KNOWN_MAX    256
#define SECRET_BYTES 32

struct entry {
    unsigned char digest[HASH_BYTES];
    int64_t until_ms; /* 0: free */
};

struct known {
    char secret[SECRET_BYTES * 2 + 1]; /* as text, for hash_text() */
    struct entry entries[KNOWN_MAX];
};

struct known *known_new(void)
{
    struct known *known = memory_new(sizeof *known);
    unsigned char random[SECRET_BYTES];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort(); /* the kernel always has some */
    for (size_t i = 0; i < sizeof random; i++) {
        known->secret[2 * i] = (char)('a' + (random[i] >> 4));
        known->secret[2 * i + 1] = (char)('a' + (random[i] & 15));
    }
    explicit_bzero(random, sizeof random);
    return known;
}

void known_free(struct known **known)
{
    if (*known)
        explicit_bzero(*known, sizeof **known);
    free(*known);
    *known = NULL;
}

static void digest_of(const struct known *known, const struct credentials *credentials,
                      const char *client, unsigned char out[HASH_BYTES])
{
    struct hash hash = { 0 };
    hash_text(&hash, known->secret);
    hash_text(&hash, client);
    hash_text(&hash, credentials->name);
    hash_text(&hash, credentials->password);
    hash_done(&hash, out);
}

bool known_has(const struct known *known, const struct credentials *credentials, const char *client,
               int64_t now_ms)
{
    unsigned char digest[HASH_BYTES];
    digest_of(known, credentials, client, digest);
    /* The time tells how far digests agree: nothing to whoever lacks the key. */
    for (size_t i = 0; i < KNOWN_MAX; i++)
        if (known->entries[i].until_ms > now_ms
            && memcmp(known->entries[i].digest, digest, sizeof digest) == 0)
            return true;
    return false;
}

void known_add(struct known *known, const struct credentials *credentials, const char *client,
               int64_t now_ms)
{
    struct entry *oldest = known->entries;
    for (size_t i = 0; i < KNOWN_MAX; i++)
        if (known->entries[i].until_ms < oldest->until_ms)
            oldest = &known->entries[i];
    digest_of(known, credentials, client, oldest->digest);
    oldest->until_ms = now_ms + KNOWN_SECONDS * INT64_C(1000);
}

void known_forget(struct known *known)
{
    memset(known->entries, 0, sizeof known->entries);
}
