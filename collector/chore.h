/* A thread of the service that works, rests, and works again until it is stopped: what is done beside the doors.
 * That the work fails is logged once, until it has succeeded again.
 *
 * SPDX-License-Identifier: MIT
 * Before: settings.h. Next: recheck.h, evaluator.h */
#pragma once

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct chore;

struct chore_work {
    const char *event; /* that the log calls it by; not copied */
    int64_t pause_seconds;
    /* Does some of what there is to do; *COUNT of it. 0, or false: it rests before it is called again. */
    bool (*some)(void *thing, size_t *count, struct err *err);
    void *thing; /* whose work it is */
};

/* Starts with a rest. */
struct chore *chore_new(const struct chore_work *work);

/* Waits for the work in hand, and for nothing else. Accepts NULL; sets NULL. */
void chore_free(struct chore **chore);
