/* See policy_fetches.h.
 * SPDX-License-Identifier: MIT */
#include "collector/policy_fetches.h"
#include "base/scatter.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS      4096
#define CLIENTS_MOST 20000
#define MOST         200000 /* "others" of very many versions */

struct noted {
    struct noted *next;         /* of its bucket */
    struct hosting_fetch fetch; /* its texts are one piece of memory, of `client` */
};

struct policy_fetches {
    pthread_mutex_t mutex;
    struct noted *buckets[BUCKETS];
    size_t count;
    size_t next; /* the bucket that is taken from */
};

struct policy_fetches *policy_fetches_new(void)
{
    struct policy_fetches *fetches = memory_new(sizeof *fetches);
    *fetches = (struct policy_fetches){ .mutex = PTHREAD_MUTEX_INITIALIZER };
    return fetches;
}

static void texts_free(const struct hosting_fetch *fetch)
{
    union {
        const char *in;
        char *out;
    } text = { .in = fetch->client };
    free(text.out);
}

/* Copies of the texts, as one piece. */
static void keep_texts(struct hosting_fetch *fetch)
{
    size_t client = strlen(fetch->client) + 1, sni = strlen(fetch->sni) + 1;
    size_t agent = strlen(fetch->user_agent) + 1;
    char *text = memory_new(client + sni + agent);
    memcpy(text, fetch->client, client);
    memcpy(text + client, fetch->sni, sni);
    memcpy(text + client + sni, fetch->user_agent, agent);
    fetch->client = text;
    fetch->sni = text + client;
    fetch->user_agent = text + client + sni;
}

static struct noted **place_of(struct policy_fetches *fetches, const struct hosting_fetch *fetch)
{
    uint64_t sum =
        scatter_text(fetch->client) + (uint32_t)fetch->domain_id + (uint32_t)fetch->version;
    struct noted **at = &fetches->buckets[sum % BUCKETS];
    while (*at
           && ((*at)->fetch.domain_id != fetch->domain_id || (*at)->fetch.version != fetch->version
               || strcmp((*at)->fetch.client, fetch->client) != 0))
        at = &(*at)->next;
    return at;
}

static void add_to(struct noted *noted, const struct hosting_fetch *fetch)
{
    struct hosting_fetch *sum = &noted->fetch;
    if (fetch->first_seconds < sum->first_seconds)
        sum->first_seconds = fetch->first_seconds;
    sum->fetches += fetch->fetches;
    if (fetch->last_seconds < sum->last_seconds)
        return;
    sum->last_seconds = fetch->last_seconds;
    struct hosting_fetch fresh = *fetch;
    keep_texts(&fresh);
    texts_free(sum);
    sum->client = fresh.client;
    sum->sni = fresh.sni;
    sum->user_agent = fresh.user_agent;
}

void policy_fetches_add(struct policy_fetches *fetches, const struct hosting_fetch *fetch)
{
    struct hosting_fetch it = *fetch;
    pthread_mutex_lock(&fetches->mutex);
    struct noted **at = place_of(fetches, &it);
    if (!*at && fetches->count >= CLIENTS_MOST) {
        it.client = "others";
        it.user_agent = it.sni = "";
        at = place_of(fetches, &it);
    }
    if (*at) {
        add_to(*at, &it);
    } else if (fetches->count < MOST) {
        keep_texts(&it);
        *at = memory_new(sizeof **at);
        **at = (struct noted){ .fetch = it };
        fetches->count++;
    }
    pthread_mutex_unlock(&fetches->mutex);
}

size_t policy_fetches_take(struct policy_fetches *fetches, struct arena *arena, size_t most,
                           struct hosting_fetch **out)
{
    size_t count = 0;
    struct hosting_fetch *taken = arena_array(arena, most, sizeof *taken);
    pthread_mutex_lock(&fetches->mutex);
    for (size_t i = 0; i < BUCKETS && fetches->count && count < most;) {
        struct noted *noted = fetches->buckets[fetches->next];
        if (!noted) {
            fetches->next = (fetches->next + 1) % BUCKETS;
            i++;
            continue;
        }
        fetches->buckets[fetches->next] = noted->next;
        fetches->count--;
        taken[count] = noted->fetch;
        taken[count].client = arena_text(arena, noted->fetch.client);
        taken[count].sni = arena_text(arena, noted->fetch.sni);
        taken[count++].user_agent = arena_text(arena, noted->fetch.user_agent);
        texts_free(&noted->fetch);
        free(noted);
    }
    pthread_mutex_unlock(&fetches->mutex);
    *out = taken;
    return count;
}

void policy_fetches_free(struct policy_fetches **fetches)
{
    struct policy_fetches *old = *fetches;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct hosting_fetch *rest;
    if (!old)
        return;
    *fetches = NULL;
    while (policy_fetches_take(old, &arena, 1000, &rest) > 0)
        continue;
    pthread_mutex_destroy(&old->mutex);
    free(old);
}
