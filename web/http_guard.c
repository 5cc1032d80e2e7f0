/* See http_guard.h. One mutex for all; what is under it takes microseconds.
 * SPDX-License-Identifier: MIT */
#include "web/http_guard.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/thread.h"
#include "web/http_terms.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LOOK_MS 500 /* between two looks at the times */
/* A client's connections beyond its limit are told so (429) up to this many times the limit. */
#define EXCESS_FACTOR 2

struct http_visit {
    struct visit visit; /* first, so that one is the other */
    struct http_guard *guard;
};

struct http_guard {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* only by `ending` */
    struct visits visits;
    struct shared_slot *terms;
    pthread_t thread;
    bool ending;
};

/* Within the mutex the socket is open: http_guard_close() comes before close(2). */
static void end(const struct visit *visit)
{
    if (visit)
        shutdown(visit->fd, SHUT_RDWR);
}

static void *look(void *context)
{
    struct http_guard *guard = context;
    pthread_mutex_lock(&guard->mutex);
    while (!guard->ending) {
        struct visit *late;
        while ((late = visits_overdue(&guard->visits, clock_monotonic_ms())))
            end(late);
        thread_wait(&guard->changed, &guard->mutex, clock_monotonic_ms() + LOOK_MS);
    }
    pthread_mutex_unlock(&guard->mutex);
    return NULL;
}

static struct visit_rules rules_of(const struct http_settings *settings)
{
    return (struct visit_rules){
        .most = settings->connections,
        .per_client = settings->per_client,
        .seconds = { [VISIT_ARRIVED] = settings->handshake_seconds,
                     [VISIT_ASKING] = settings->header_seconds,
                     [VISIT_SENDING] = settings->request_seconds,
                     [VISIT_READING] = settings->request_seconds,
                     [VISIT_IDLE] = settings->timeout_seconds },
        .grace_seconds = settings->header_seconds,
        .bytes_per_second = settings->bytes_per_second,
    };
}

struct http_guard *http_guard_new(const struct http_settings *settings, struct shared_slot *terms)
{
    const struct visit_rules rules = rules_of(settings);
    struct http_guard *guard = memory_new(sizeof *guard);
    visits_init(&guard->visits, &rules);
    guard->terms = terms;
    pthread_mutex_init(&guard->mutex, NULL);
    pthread_cond_init(&guard->changed, NULL);
    thread_need(&guard->thread, look, guard);
    return guard;
}

void http_guard_change(struct http_guard *guard, const struct http_settings *settings)
{
    pthread_mutex_lock(&guard->mutex);
    int64_t most = guard->visits.rules.most;
    guard->visits.rules = rules_of(settings);
    guard->visits.rules.most = most; /* libmicrohttpd's own bound cannot follow */
    pthread_mutex_unlock(&guard->mutex);
}

void http_guard_free(struct http_guard **guard)
{
    struct http_guard *old = *guard;
    if (!old)
        return;
    *guard = NULL;
    pthread_mutex_lock(&old->mutex);
    old->ending = true;
    pthread_cond_broadcast(&old->changed);
    pthread_mutex_unlock(&old->mutex);
    pthread_join(old->thread, NULL);
    pthread_cond_destroy(&old->changed);
    pthread_mutex_destroy(&old->mutex);
    free(old);
}

struct http_visit *http_guard_open(struct http_guard *guard, int fd)
{
    struct http_visit *visit = memory_new(sizeof *visit);
    char client[LISTEN_TEXT_BYTES];
    listen_peer_to_text(fd, client);
    visit->guard = guard;
    const struct http_terms *terms = shared_take(guard->terms);
    bool unlimited = network_list_has(&terms->unlimited, client)
                     || network_list_has(&terms->trusted_proxies, client);
    shared_release(terms);
    pthread_mutex_lock(&guard->mutex);
    visits_add(&guard->visits, &visit->visit, fd, client, unlimited, clock_monotonic_ms());
    if (visit->visit.excess
        && visit_siblings(&visit->visit) > guard->visits.rules.per_client * EXCESS_FACTOR)
        end(&visit->visit); /* not marked as leaving: it is about to leave by itself */
    end(visits_victim(&guard->visits));
    pthread_mutex_unlock(&guard->mutex);
    return visit;
}

void http_guard_close(struct http_visit *visit)
{
    if (!visit)
        return;
    pthread_mutex_lock(&visit->guard->mutex);
    visits_remove(&visit->guard->visits, &visit->visit);
    pthread_mutex_unlock(&visit->guard->mutex);
    free(visit);
}

void http_guard_enter(struct http_visit *visit, enum visit_phase phase)
{
    if (!visit)
        return;
    pthread_mutex_lock(&visit->guard->mutex);
    visit_enter(&visit->visit, phase, clock_monotonic_ms());
    pthread_mutex_unlock(&visit->guard->mutex);
}

void http_guard_received(struct http_visit *visit, size_t bytes)
{
    if (!visit)
        return;
    pthread_mutex_lock(&visit->guard->mutex);
    visit->visit.bytes += (int64_t)bytes;
    pthread_mutex_unlock(&visit->guard->mutex);
}

bool http_guard_is_excess(const struct http_visit *visit)
{
    return visit && visit->visit.excess; /* set when it began, and never changed */
}
