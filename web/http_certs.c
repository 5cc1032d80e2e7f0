/* See http_certs.h.
 * SPDX-License-Identifier: MIT
 * Before: http_tls.c. Next: http.c */
#include "web/http_certs.h"
#include "web/http_tls.h"
#include "base/clock.h"
#include "base/scatter.h"
#include "base/text.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST    1000 /* kept in memory; some 20 KiB each */
#define BUCKETS 1024
#define LOOK_MS 1000 /* a kept one's files are looked at no more often */
#define PREFIX  "mta-sts."

/* What tells whether files are as they were. */
struct stamp {
    struct {
        dev_t device;
        ino_t node;
        off_t size;
        struct timespec changed;
    } files[2];
};

struct pair {
    char certificate[PATH_MAX], key[PATH_MAX];
    struct stamp stamp;
};

struct kept {
    struct kept *next;          /* of its bucket */
    struct kept *newer, *older; /* in the order of use */
    const struct http_tls *tls; /* NULL: what is there cannot be used */
    struct stamp stamp;         /* of the files that it is made of, or that could not be used */
    int64_t looked_ms;
    char host[];
};

/* What changes behind a pointer to const: nobody can see it. */
struct cache {
    pthread_mutex_t mutex;
    struct kept *buckets[BUCKETS];
    struct kept *newest, *oldest;
    size_t count;
};

struct http_certs {
    struct shared shared;
    char *directory;
    void (*told)(const char *host, const struct err *err);
    struct cache *cache;
};

/* --- what is kept; the mutex is held --- */

static void unlink_use(struct cache *cache, struct kept *kept)
{
    *(kept->newer ? &kept->newer->older : &cache->newest) = kept->older;
    *(kept->older ? &kept->older->newer : &cache->oldest) = kept->newer;
}

static void link_newest(struct cache *cache, struct kept *kept)
{
    kept->newer = NULL;
    kept->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = kept;
    cache->newest = kept;
}

static struct kept **place_of(struct cache *cache, const char *host)
{
    struct kept **at = &cache->buckets[scatter_text(host) % BUCKETS];
    while (*at && strcmp((*at)->host, host) != 0)
        at = &(*at)->next;
    return at;
}

static void drop(struct cache *cache, struct kept *kept)
{
    struct kept **at = place_of(cache, kept->host);
    *at = kept->next;
    unlink_use(cache, kept);
    cache->count--;
    shared_release(kept->tls);
    free(kept);
}

static struct kept *make(struct cache *cache, const char *host)
{
    size_t size = strlen(host) + 1;
    struct kept *kept = memory_new(sizeof *kept + size), **at = place_of(cache, host);
    *kept = (struct kept){ 0 };
    memcpy(kept->host, host, size);
    *at = kept;
    link_newest(cache, kept);
    cache->count++;
    return kept;
}

/* Takes the ownership of TLS over; NULL: only the stamp is new. */
static void remember(struct cache *cache, const char *host, const struct http_tls *tls,
                     const struct stamp *stamp)
{
    struct kept *kept = *place_of(cache, host);
    if (!kept)
        kept = make(cache, host);
    if (tls) {
        shared_release(kept->tls);
        kept->tls = tls;
    }
    kept->stamp = *stamp;
    kept->looked_ms = clock_monotonic_ms();
    while (cache->count > MOST)
        drop(cache, cache->oldest);
}

static const struct http_tls *used(struct cache *cache, const char *host)
{
    struct kept *kept = *place_of(cache, host);
    if (!kept)
        return NULL;
    unlink_use(cache, kept);
    link_newest(cache, kept);
    if (kept->tls)
        shared_keep(kept->tls);
    return kept->tls;
}

/* --- files --- */

static bool look(const char *path, struct stamp *stamp, size_t which)
{
    struct stat found;
    if (stat(path, &found) != 0 || !S_ISREG(found.st_mode))
        return false;
    stamp->files[which].device = found.st_dev;
    stamp->files[which].node = found.st_ino;
    stamp->files[which].size = found.st_size;
    stamp->files[which].changed = found.st_mtim;
    return true;
}

/* Where DIRECTORY has files for NAME. */
static bool find_pair(const char *directory, const char *name, struct pair *out)
{
    static const struct {
        const char *certificate, *key;
    } forms[] = { { "/fullchain.pem", "/privkey.pem" }, { ".pem", ".key" } };
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        memset(&out->stamp, 0, sizeof out->stamp); /* it is compared byte by byte */
        int a = snprintf(out->certificate, sizeof out->certificate, "%s/%s%s", directory, name,
                         forms[i].certificate);
        int b = snprintf(out->key, sizeof out->key, "%s/%s%s", directory, name, forms[i].key);
        if (a < (int)sizeof out->certificate && b < (int)sizeof out->key
            && look(out->certificate, &out->stamp, 0) && look(out->key, &out->stamp, 1))
            return true;
    }
    return false;
}

/* A name becomes part of a path. */
static bool is_safe(const char *host)
{
    return *host && *host != '.'
           && host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0'
           && !strstr(host, "..");
}

/* Above is looked for policy hosts alone: each domain has one, while strangers have any number of other names for the
 * same files. */
static bool find_files(const char *directory, const char *host, struct pair *out)
{
    return find_pair(directory, host, out)
           || (text_begins(host, PREFIX) && strchr(host + sizeof PREFIX - 1, '.')
               && find_pair(directory, host + sizeof PREFIX - 1, out));
}

static const struct http_tls *load(const struct http_certs *certs, const char *host,
                                   const struct pair *pair)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct http_tls *tls = NULL;
    struct err err = { 0 };
    if (http_tls_load(&arena, pair->certificate, pair->key, &tls, &err)
        && !http_tls_fits(tls, host))
        err_set(&err, ERR_SETUP, "the certificate %s is not for %s", pair->certificate, host);
    if (err.kind == ERR_NONE) {
        shared_keep(tls);
        return tls;
    }
    if (certs->told)
        certs->told(host, &err);
    return NULL;
}

/* --- the whole --- */

static void certs_free(void *thing)
{
    struct http_certs *certs = thing;
    while (certs->cache->oldest)
        drop(certs->cache, certs->cache->oldest);
    pthread_mutex_destroy(&certs->cache->mutex);
    free(certs->cache);
    free(certs->directory);
    free(certs);
}

struct http_certs *http_certs_new(const char *directory,
                                  void (*told)(const char *host, const struct err *err))
{
    struct http_certs *certs = memory_new(sizeof *certs);
    shared_init(&certs->shared, certs_free);
    certs->directory = memory_text(directory);
    certs->told = told;
    certs->cache = memory_new(sizeof *certs->cache);
    pthread_mutex_init(&certs->cache->mutex, NULL);
    return certs;
}

/* Whether what is kept of HOST was looked at just now; *STAMP, *KNOWN: what it is made of. */
static bool is_fresh(struct cache *cache, const char *host, struct stamp *stamp, bool *known)
{
    const struct kept *kept = *place_of(cache, host);
    *known = kept != NULL;
    if (kept)
        *stamp = kept->stamp;
    return kept && clock_monotonic_ms() - kept->looked_ms < LOOK_MS;
}

const struct http_tls *http_certs_find(const struct http_certs *certs, const char *host)
{
    struct cache *cache = certs->cache;
    struct pair pair;
    struct stamp stamp;
    bool known;
    if (!*certs->directory || !is_safe(host))
        return NULL;
    pthread_mutex_lock(&cache->mutex);
    bool fresh = is_fresh(cache, host, &stamp, &known);
    const struct http_tls *found = fresh ? used(cache, host) : NULL;
    pthread_mutex_unlock(&cache->mutex);
    if (fresh)
        return found;
    bool there = find_files(certs->directory, host, &pair);
    bool same = known && (!there || memcmp(&pair.stamp, &stamp, sizeof stamp) == 0);
    const struct http_tls *fit = there && !same ? load(certs, host, &pair) : NULL;
    pthread_mutex_lock(&cache->mutex);
    if (there || known)
        remember(cache, host, fit, there ? &pair.stamp : &stamp);
    found = used(cache, host);
    pthread_mutex_unlock(&cache->mutex);
    return found;
}
