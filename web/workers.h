/* A few threads with a queue before them, for what would hold up a listener: the database, and the
 * comparing of passwords.
 * SPDX-License-Identifier: MIT
 * Before: auth.h. Next: web.h */
#pragma once

#include <stdbool.h>

struct job {
    struct job *next;
};

/* Does a job, whose memory it may free. */
typedef void workers_do(struct job *job, void *context);

struct workers;

struct workers *workers_new(int threads, int most_waiting, workers_do *work, void *context);

/* False when too many wait: the job is still the caller's. Any thread. */
bool workers_put(struct workers *workers, struct job *job);

/* Returns when all that was put is done. Nothing may be put any more. Accepts NULL, sets NULL. */
void workers_free(struct workers **workers);
