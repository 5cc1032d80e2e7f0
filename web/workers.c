/* See workers.h.
 * SPDX-License-Identifier: MIT */
#include "web/workers.h"
#include "base/arena.h"
#include "base/thread.h"
#include <pthread.h>
#include <stdlib.h>

struct workers {
    workers_do *work;
    void *context;
    int most_waiting;
    pthread_mutex_t mutex; /* guards all below, but for the threads */
    pthread_cond_t changed;
    struct job *first, **end;
    int waiting;
    bool ending;
    int count;
    pthread_t threads[];
};

/* NULL: the end, with nothing left to do. */
static struct job *next_job(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    while (!workers->first && !workers->ending)
        pthread_cond_wait(&workers->changed, &workers->mutex);
    struct job *job = workers->first;
    if (job) {
        workers->first = job->next;
        if (!workers->first)
            workers->end = &workers->first;
        workers->waiting--;
    }
    pthread_mutex_unlock(&workers->mutex);
    return job;
}

static void *work(void *context)
{
    struct workers *workers = context;
    struct job *job;
    while ((job = next_job(workers)))
        workers->work(job, workers->context);
    return NULL;
}

struct workers *workers_new(int threads, int most_waiting, workers_do *todo, void *context)
{
    struct workers *workers =
        memory_new(sizeof *workers + (size_t)threads * sizeof *workers->threads);
    workers->work = todo;
    workers->context = context;
    workers->most_waiting = most_waiting;
    workers->end = &workers->first;
    pthread_mutex_init(&workers->mutex, NULL);
    pthread_cond_init(&workers->changed, NULL);
    for (; workers->count < threads; workers->count++)
        thread_need(&workers->threads[workers->count], work, workers);
    return workers;
}

bool workers_put(struct workers *workers, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&workers->mutex);
    bool room = workers->waiting < workers->most_waiting;
    if (room) {
        *workers->end = job;
        workers->end = &job->next;
        workers->waiting++;
        pthread_cond_signal(&workers->changed);
    }
    pthread_mutex_unlock(&workers->mutex);
    return room;
}

void workers_free(struct workers **workers)
{
    struct workers *old = *workers;
    if (!old)
        return;
    *workers = NULL;
    pthread_mutex_lock(&old->mutex);
    old->ending = true;
    pthread_cond_broadcast(&old->changed);
    pthread_mutex_unlock(&old->mutex);
    for (int i = 0; i < old->count; i++)
        pthread_join(old->threads[i], NULL);
    pthread_cond_destroy(&old->changed);
    pthread_mutex_destroy(&old->mutex);
    free(old);
}
