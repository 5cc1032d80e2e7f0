/* See attempts.h.
 *
 * What fills a bucket at N tokens a minute are N in each millisecond, a token being 60000 of them:
 * nothing is rounded.
 *
 * SPDX-License-Identifier: MIT */
#include "web/attempts.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/network.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SETS      512 /* of buckets: a client's place is in one of them */
#define WAYS      8
#define IPV6_BITS 64
#define MINUTE_MS 60000
#define TOKEN     MINUTE_MS /* see above */

struct bucket {
    int64_t key; /* of the client; 0: free */
    int64_t level;
    int64_t at_ms; /* of that level */
    bool told;     /* that it is empty */
};

struct attempts {
    int64_t per_client, overall_most; /* a minute; 0: without end */
    unsigned char secret[16];         /* nobody can choose whose bucket he shares */
    struct bucket overall;
    struct bucket clients[SETS][WAYS];
};

struct attempts *attempts_new(int64_t per_client, int64_t overall)
{
    struct attempts *attempts = memory_new(sizeof *attempts);
    attempts->per_client = per_client;
    attempts->overall_most = overall;
    attempts->overall.level = overall * TOKEN;
    if (getrandom(attempts->secret, sizeof attempts->secret, 0) != sizeof attempts->secret)
        abort(); /* the kernel always has some */
    return attempts;
}

void attempts_free(struct attempts **attempts)
{
    free(*attempts);
    *attempts = NULL;
}

/* Never 0. */
static int64_t key_of(const struct attempts *attempts, const char *client)
{
    struct {
        unsigned char secret[16];
        struct network network;
    } from = { .secret = { 0 } };
    unsigned char digest[HASH_BYTES];
    memcpy(from.secret, attempts->secret, sizeof from.secret);
    network_of_client(client, IPV6_BITS, &from.network);
    hash_bytes(&from, sizeof from, digest);
    return hash_key(digest) | 1;
}

static void fill(struct bucket *bucket, int64_t most, int64_t now_ms)
{
    int64_t passed = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
    bucket->level += (passed < MINUTE_MS ? passed : MINUTE_MS) * most;
    if (bucket->level > most * TOKEN)
        bucket->level = most * TOKEN;
    bucket->at_ms = now_ms;
}

static struct bucket *find(struct attempts *attempts, int64_t key)
{
    struct bucket *set = attempts->clients[(uint64_t)key / 2 % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

/* Its own, or the one that was quiet longest. */
static struct bucket *find_or_make(struct attempts *attempts, const char *client, int64_t now_ms)
{
    int64_t key = key_of(attempts, client);
    struct bucket *found = find(attempts, key);
    if (found)
        return found;
    struct bucket *set = attempts->clients[(uint64_t)key / 2 % SETS], *oldest = set;
    for (size_t i = 0; i < WAYS; i++)
        if (!set[i].key || (oldest->key && set[i].at_ms < oldest->at_ms))
            oldest = &set[i];
    *oldest = (struct bucket){ key, attempts->per_client * TOKEN, now_ms, false };
    return oldest;
}

static int64_t seconds_until_token(const struct bucket *bucket, int64_t most)
{
    int64_t missing = TOKEN - bucket->level;
    return missing / most / 1000 + 1;
}

/* Whether BUCKET, which MOST tokens a minute fill, has one. */
static bool has_token(struct bucket *bucket, int64_t most, int64_t now_ms, int64_t *retry_seconds,
                      bool *first)
{
    fill(bucket, most, now_ms);
    if (!most || bucket->level >= TOKEN)
        return true;
    *retry_seconds = seconds_until_token(bucket, most);
    *first = !bucket->told;
    bucket->told = true;
    return false;
}

bool attempts_left(struct attempts *attempts, const char *client, int64_t now_ms,
                   int64_t *retry_seconds, bool *first)
{
    return has_token(find_or_make(attempts, client, now_ms), attempts->per_client, now_ms,
                     retry_seconds, first);
}

bool attempts_take(struct attempts *attempts, const char *client, int64_t now_ms,
                   int64_t *retry_seconds, bool *first)
{
    struct bucket *own = find_or_make(attempts, client, now_ms), *overall = &attempts->overall;
    if (!has_token(own, attempts->per_client, now_ms, retry_seconds, first)
        || !has_token(overall, attempts->overall_most, now_ms, retry_seconds, first))
        return false;
    own->level -= TOKEN;
    overall->level -= TOKEN;
    own->told = overall->told = false;
    return true;
}

void attempts_return(struct attempts *attempts, const char *client)
{
    struct bucket *own = find(attempts, key_of(attempts, client));
    if (own)
        own->level += TOKEN; /* fill() cuts what is too much */
    attempts->overall.level += TOKEN;
}
