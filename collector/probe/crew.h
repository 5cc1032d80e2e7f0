/* Many small pieces of work by a few threads, which wait for strangers most of the time.
 * SPDX-License-Identifier: MIT
 * Before: smtp.h. Next: recall.h */
#pragma once

#include "base/arena.h"

/* Calls WORK(ARENA, THING, 0) to WORK(…, COUNT - 1), at most THREADS at a time, and returns when all have returned.
 * Each thread gives its own arena, which goes with ARENA. Where the system has no thread left, the caller's does
 * it all. */
void crew_run(struct arena *arena, size_t threads, size_t count,
              void (*work)(struct arena *arena, void *thing, size_t index), void *thing);

/* An empty arena that is freed with OWNER: for a thread of its own, while OWNER is another's. */
struct arena *crew_arena(struct arena *owner);
