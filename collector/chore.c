/* See chore.h.
 * SPDX-License-Identifier: MIT */
#include "collector/chore.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include <stdlib.h>

struct chore {
    struct chore_work work;
    pthread_t thread;
    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t stopped;
    bool stopping;
};

/* False when it is time to stop. */
static bool rest(struct chore *chore, int64_t seconds)
{
    int64_t until = clock_monotonic_ms() + seconds * 1000;
    bool waiting = true;
    pthread_mutex_lock(&chore->mutex);
    while (!chore->stopping && waiting)
        waiting = thread_wait(&chore->stopped, &chore->mutex, until);
    bool goes_on = !chore->stopping;
    pthread_mutex_unlock(&chore->mutex);
    return goes_on;
}

static void *run(void *thing)
{
    struct chore *chore = thing;
    bool told = false; /* the log knows that it fails */
    size_t count = 0;
    while (rest(chore, count ? 0 : chore->work.pause_seconds)) {
        struct err err = { 0 };
        count = 0;
        bool good = chore->work.some(chore->work.thing, &count, &err);
        if (!good && !told)
            log_err(LOG_LEVEL_WARNING, chore->work.event, &err);
        told = !good;
        count = good ? count : 0;
    }
    return NULL;
}

struct chore *chore_new(const struct chore_work *work)
{
    struct chore *chore = memory_new(sizeof *chore);
    *chore = (struct chore){ .work = *work,
                             .mutex = PTHREAD_MUTEX_INITIALIZER,
                             .stopped = PTHREAD_COND_INITIALIZER };
    thread_need(&chore->thread, run, chore);
    return chore;
}

void chore_free(struct chore **chore)
{
    struct chore *old = *chore;
    *chore = NULL;
    if (!old)
        return;
    pthread_mutex_lock(&old->mutex);
    old->stopping = true;
    pthread_cond_signal(&old->stopped);
    pthread_mutex_unlock(&old->mutex);
    pthread_join(old->thread, NULL);
    pthread_cond_destroy(&old->stopped);
    pthread_mutex_destroy(&old->mutex);
    free(old);
}
