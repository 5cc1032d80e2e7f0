/* See thread.h.
 * SPDX-License-Identifier: MIT */
#include "base/thread.h"
#include <assert.h>
#include <signal.h>
#include <string.h>
#include <time.h>

bool thread_start(pthread_t *thread, void *(*run)(void *thing), void *thing, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(thread, NULL, run, thing);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code == 0 || err_set(err, ERR_SETUP, "cannot start a thread: %s", strerror(code));
}

void thread_need(pthread_t *thread, void *(*run)(void *thing), void *thing)
{
    struct err err = { 0 };
    bool started = thread_start(thread, run, thing, &err);
    assert(started);
}

bool thread_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_ms)
{
    const struct timespec until = { .tv_sec = until_ms / 1000,
                                    .tv_nsec = until_ms % 1000 * 1000000 };
    return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &until) == 0;
}
