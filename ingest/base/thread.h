/* Threads of the service, and waiting with a limit.
 *
 * Signals are for the main thread, so a thread is born with all of them blocked; and every wait goes by
 * the monotonic clock, whatever somebody sets the time of day to.
 *
 * SPDX-License-Identifier: MIT
 * Before: clock.h. Next: shared.h */
#pragma once

#include "base/err.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Starts RUN(THING), to be joined by the caller. ERR_SETUP: the system gives no more threads. */
MUST_CHECK bool thread_start(pthread_t *thread, void *(*run)(void *thing), void *thing,
                             struct err *err);

/* The same for what cannot live without it: the program ends if there is none. */
void thread_need(pthread_t *thread, void *(*run)(void *thing), void *thing);

/* Waits for CONDITION (made with default attributes), with MUTEX held, until clock_monotonic_ms() is
 * UNTIL_MS; false when that has come. May wake up for nothing, as conditions do. */
bool thread_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_ms);
