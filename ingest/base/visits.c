/* See visits.h. All visits are looked at in turn: there are a few thousand at most, and they are
 * looked at once a second, or when one must go.
 * SPDX-License-Identifier: MIT */
#include "base/visits.h"
#include "base/arena.h"
#include "base/scatter.h"
#include <stdlib.h>
#include <string.h>

#define SIX_BITS 64

/* All visits of one client. */
struct visit_client {
    struct visit_client *next; /* of the same bucket */
    struct network network;
    int64_t count;
    bool free;
};

static struct visit_client **bucket_of(struct visits *visits, const struct network *network)
{
    uint64_t hash = scatter(network->address, sizeof network->address);
    return &visits->clients[hash % ARRAY_SIZE(visits->clients)];
}

static struct visit_client *client_of(struct visits *visits, const char *text, bool free)
{
    struct network network;
    network_of_client(text, SIX_BITS, &network);
    struct visit_client **bucket = bucket_of(visits, &network);
    for (struct visit_client *client = *bucket; client; client = client->next)
        if (memcmp(&client->network, &network, sizeof network) == 0)
            return client;
    struct visit_client *client = memory_new(sizeof *client);
    *client = (struct visit_client){ .next = *bucket, .network = network, .free = free };
    *bucket = client;
    return client;
}

static void client_leaves(struct visits *visits, struct visit_client *client)
{
    if (--client->count)
        return;
    struct visit_client **at = bucket_of(visits, &client->network);
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    free(client);
}

void visits_init(struct visits *visits, const struct visit_rules *rules)
{
    *visits = (struct visits){ .rules = *rules };
}

void visits_add(struct visits *visits, struct visit *visit, int fd, const char *client, bool free,
                int64_t now_ms)
{
    *visit = (struct visit){ .prev = visits->last,
                             .client = client_of(visits, client, free),
                             .begun_ms = now_ms,
                             .since_ms = now_ms,
                             .fd = fd };
    *(visits->last ? &visits->last->next : &visits->first) = visit;
    visits->last = visit;
    visits->count++;
    visit->client->count++;
    visit->excess = visits->rules.per_client && !visit->client->free
                    && visit->client->count > visits->rules.per_client;
}

void visits_remove(struct visits *visits, struct visit *visit)
{
    *(visit->prev ? &visit->prev->next : &visits->first) = visit->next;
    *(visit->next ? &visit->next->prev : &visits->last) = visit->prev;
    visits->count -= !visit->leaving;
    client_leaves(visits, visit->client);
}

void visit_enter(struct visit *visit, enum visit_phase phase, int64_t now_ms)
{
    visit->phase = phase;
    visit->since_ms = now_ms;
    visit->bytes = 0;
}

int64_t visit_deadline(const struct visits *visits, const struct visit *visit)
{
    const struct visit_rules *rules = &visits->rules;
    int64_t deadline = INT64_MAX;
    if (visit->phase == VISIT_WAITING)
        return deadline;
    if (rules->seconds[visit->phase])
        deadline = visit->since_ms + rules->seconds[visit->phase] * 1000;
    if (visit->phase == VISIT_SENDING && rules->bytes_per_second) {
        int64_t earned = visit->since_ms + rules->grace_seconds * 1000
                         + visit->bytes * 1000 / rules->bytes_per_second;
        deadline = earned < deadline ? earned : deadline;
    }
    int64_t end = visit->begun_ms + rules->session_seconds * 1000;
    return rules->session_seconds && end < deadline ? end : deadline;
}

static struct visit *send_away(struct visits *visits, struct visit *visit)
{
    visit->leaving = true;
    visits->count--;
    return visit;
}

struct visit *visits_overdue(struct visits *visits, int64_t now_ms)
{
    for (struct visit *visit = visits->first; visit; visit = visit->next)
        if (!visit->leaving && visit_deadline(visits, visit) <= now_ms)
            return send_away(visits, visit);
    return NULL;
}

/* What a client has reached counts for nothing, only when it got there: whoever means to stay slow
 * says as much as he can at once, and whoever is honest is never long in one phase. */
static bool goes_before(const struct visit *a, const struct visit *b)
{
    int64_t of_a = a->client->free ? 0 : a->client->count;
    int64_t of_b = b->client->free ? 0 : b->client->count;
    return of_a != of_b ? of_a > of_b : a->since_ms < b->since_ms;
}

struct visit *visits_victim(struct visits *visits)
{
    struct visit *victim = NULL, *newest = visits->last;
    if (visits->count <= visits->rules.most)
        return NULL;
    for (struct visit *visit = visits->first; visit != newest; visit = visit->next)
        if (!visit->leaving && visit->phase != VISIT_WAITING
            && (!victim || goes_before(visit, victim)))
            victim = visit;
    if (!victim && !newest->leaving && newest->phase != VISIT_WAITING)
        victim = newest;
    return victim ? send_away(visits, victim) : NULL;
}

int64_t visit_siblings(const struct visit *visit)
{
    return visit->client->count;
}
