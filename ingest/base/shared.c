/* See shared.h.
 * SPDX-License-Identifier: MIT */
#include "base/shared.h"
#include <stddef.h>
#include <stdint.h>

/* Owners are counted in things that are constant to those who use them. */
static struct shared *head(const void *thing)
{
    return (struct shared *)(uintptr_t)thing;
}

void shared_init(struct shared *thing, void (*free)(void *thing))
{
    atomic_init(&thing->owners, 1);
    thing->free = free;
}

void shared_keep(const void *thing)
{
    atomic_fetch_add_explicit(&head(thing)->owners, 1, memory_order_relaxed);
}

void shared_release(const void *thing)
{
    if (thing && atomic_fetch_sub_explicit(&head(thing)->owners, 1, memory_order_acq_rel) == 1)
        head(thing)->free(head(thing));
}

void shared_slot_init(struct shared_slot *slot, void *thing)
{
    pthread_mutex_init(&slot->mutex, NULL);
    slot->present = thing;
}

void shared_slot_done(struct shared_slot *slot)
{
    shared_release(slot->present);
    slot->present = NULL;
    pthread_mutex_destroy(&slot->mutex);
}

const void *shared_take(struct shared_slot *slot)
{
    pthread_mutex_lock(&slot->mutex);
    const struct shared *present = slot->present;
    if (present)
        shared_keep(present); /* in the lock: else it could be replaced and freed in between */
    pthread_mutex_unlock(&slot->mutex);
    return present;
}

void shared_replace(struct shared_slot *slot, void *thing)
{
    pthread_mutex_lock(&slot->mutex);
    struct shared *old = slot->present;
    slot->present = thing;
    pthread_mutex_unlock(&slot->mutex);
    shared_release(old);
}
