/* See web.h.
 *
 * The listener's own threads answer what needs no database; all else waits in a queue for the
 * workers, so that a slow query holds up neither a health check nor a style sheet.
 *
 * SPDX-License-Identifier: MIT */
#include "web/web.h"
#include "web/pages.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define WORKERS_DEFAULT 4
#define QUEUE_MAX       256

struct job {
    struct job *next;
    struct request *request;
};

struct web {
    struct http *http;
    struct site site;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    struct job *first, **end;
    int queued;
    bool ending;
    int workers;
    pthread_t threads[];
};

static struct request *next_request(struct web *web)
{
    struct request *request = NULL;
    pthread_mutex_lock(&web->mutex);
    while (!web->first && !web->ending)
        pthread_cond_wait(&web->changed, &web->mutex);
    struct job *job = web->first;
    if (job) {
        web->first = job->next;
        if (!web->first)
            web->end = &web->first;
        web->queued--;
        request = job->request;
    }
    pthread_mutex_unlock(&web->mutex);
    return request; /* NULL: the end, with nothing left to do */
}

static void *work(void *context)
{
    struct web *web = context;
    struct request *request;
    while ((request = next_request(web)))
        pages_answer(request, &web->site);
    return NULL;
}

static bool put(struct web *web, struct request *request)
{
    struct job *job = arena_alloc(&request->arena, sizeof *job);
    job->request = request;
    pthread_mutex_lock(&web->mutex);
    bool room = web->queued < QUEUE_MAX;
    if (room) {
        *web->end = job;
        web->end = &job->next;
        web->queued++;
        pthread_cond_signal(&web->changed);
    }
    pthread_mutex_unlock(&web->mutex);
    return room;
}

static void handle(struct request *request, void *context)
{
    struct web *web = context;
    if (!pages_answer_now(request) && !put(web, request))
        pages_answer_busy(request);
}

bool web_open(const struct web_settings *settings, struct reader *reader, struct web **out,
              struct err *err)
{
    if (!settings->http.listen.count) {
        *out = NULL;
        return true;
    }
    int workers = settings->workers > 0 ? settings->workers : WORKERS_DEFAULT;
    struct web *web = memory_new(sizeof *web + (size_t)workers * sizeof *web->threads);
    web->site = (struct site){ reader, settings->takes_any_domain };
    web->end = &web->first;
    pthread_mutex_init(&web->mutex, NULL);
    pthread_cond_init(&web->changed, NULL);
    struct http_settings http = settings->http;
    http.loopback_only = "only loopback addresses may be named here, such as 127.0.0.1:8460";
    if (!http_open(&http, handle, web, &web->http, err)) {
        err_prefix(err, "web.listen: ");
        web_close(&web);
        return false;
    }
    for (; web->workers < workers; web->workers++) {
        int failed = pthread_create(&web->threads[web->workers], NULL, work, web);
        assert(!failed);
    }
    *out = web;
    return true;
}

const char *web_address(const struct web *web, size_t index)
{
    return http_address(web->http, index);
}

void web_stop(struct web *web, int seconds)
{
    if (web)
        http_stop(web->http, seconds);
}

void web_close(struct web **web)
{
    struct web *old = *web;
    if (!old)
        return;
    *web = NULL;
    if (old->http)
        http_stop(old->http, 0);
    pthread_mutex_lock(&old->mutex);
    old->ending = true;
    pthread_cond_broadcast(&old->changed);
    pthread_mutex_unlock(&old->mutex);
    for (int i = 0; i < old->workers; i++)
        pthread_join(old->threads[i], NULL);
    http_close(&old->http);
    pthread_cond_destroy(&old->changed);
    pthread_mutex_destroy(&old->mutex);
    free(old);
}
