/* What is replaced while others use it: settings, lists of domains, certificates. Whoever takes the
 * present one may use it until he releases it, whatever replaces it meanwhile; the last owner frees
 * it. Such a thing is never changed once others can see it, so that nobody waits for anybody.
 *
 *     struct list { struct shared shared; … };            first, so that one is the other
 *     const struct list *now = shared_take(&slot); … shared_release(now);
 *
 * SPDX-License-Identifier: MIT
 * Before: arena.h */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

struct shared {
    atomic_int owners;
    void (*free)(void *thing);
};

/* Where the present one is found; its mutex is held for a moment only. */
struct shared_slot {
    pthread_mutex_t mutex;
    struct shared *present; /* NULL: none yet */
};

/* The caller is its one owner. FREE gets THING. */
void shared_init(struct shared *thing, void (*free)(void *thing));

/* One more owner. */
void shared_keep(const void *thing);

/* One owner less; frees with the last. Accepts NULL. */
void shared_release(const void *thing);

/* THING may be NULL; the slot takes the caller's ownership over. */
void shared_slot_init(struct shared_slot *slot, void *thing);
void shared_slot_done(struct shared_slot *slot); /* accepts { 0 } */

/* The present one, to be released; NULL when there is none. */
const void *shared_take(struct shared_slot *slot);

/* THING, whose ownership the slot takes over, is the present one from now on; the old one goes when
 * its last user releases it. */
void shared_replace(struct shared_slot *slot, void *thing);
