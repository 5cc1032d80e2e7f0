/* An end to a stop that does not come to its end. Some waits cannot be cut short: the resolver's for the
 * name of a database server, the kernel's for a disk. What hangs there has been acknowledged to nobody,
 * so that leaving it behind loses no more than a crash would: nothing.
 * SPDX-License-Identifier: MIT
 * Before: service.h */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct last_resort {
    pthread_t thread;
    int seconds, fd; /* an eventfd: cancelled */
    bool begun;
};

/* Unless it is cancelled within SECONDS the process logs that, and ends with 0. */
void last_resort_begin(struct last_resort *resort, int seconds);

/* Accepts { 0 } too. */
void last_resort_cancel(struct last_resort *resort);
