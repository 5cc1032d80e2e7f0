/* See budget.h. One mutex guards the sums and every body that is being received: whoever needs room
 * may free another thread's body while that thread waits for its client.
 * SPDX-License-Identifier: MIT */
#include "ingest/budget.h"
#include "base/arena.h"
#include <pthread.h>
#include <stdlib.h>

#define RESERVE 4 /* a quarter is for small ones */

struct budget {
    pthread_mutex_t mutex; /* guards all below, and what the holds have */
    size_t most, used, peak;
    struct hold *holds;
};

struct budget *budget_new(int64_t bytes)
{
    struct budget *budget = memory_new(sizeof *budget);
    budget->most = (size_t)bytes;
    pthread_mutex_init(&budget->mutex, NULL);
    return budget;
}

void budget_free(struct budget **budget)
{
    if (!*budget)
        return;
    pthread_mutex_destroy(&(*budget)->mutex);
    free(*budget);
    *budget = NULL;
}

void budget_read(struct budget *budget, size_t *used, size_t *peak)
{
    pthread_mutex_lock(&budget->mutex);
    *used = budget->used;
    *peak = budget->peak;
    pthread_mutex_unlock(&budget->mutex);
}

/* --- the mutex is held, if there is a budget --- */

static void unlist(struct hold *hold)
{
    if (!hold->at)
        return;
    *hold->at = hold->next;
    if (hold->next)
        hold->next->at = hold->at;
    hold->at = NULL;
}

static void enlist(struct hold *hold)
{
    struct budget *budget = hold->budget;
    hold->next = budget->holds;
    hold->at = &budget->holds;
    if (hold->next)
        hold->next->at = &hold->next;
    budget->holds = hold;
}

static void release(struct hold *hold)
{
    bool failed = hold->bytes.failed;
    buf_done(&hold->bytes);
    hold->bytes.failed = failed;
    if (hold->budget)
        hold->budget->used -= hold->charged;
    hold->charged = 0;
    unlist(hold);
}

static struct hold *largest(const struct budget *budget)
{
    struct hold *found = NULL;
    for (struct hold *hold = budget->holds; hold; hold = hold->next)
        if (!found || hold->charged > found->charged)
            found = hold;
    return found;
}

/* Room for MORE bytes of something that is then SIZE large in all; others that are larger may be
 * dropped for it. */
static bool make_room(struct budget *budget, size_t size, size_t more)
{
    size_t most = size > BUDGET_SMALL ? budget->most - budget->most / RESERVE : budget->most;
    while (budget->used + more > most) {
        struct hold *victim = largest(budget);
        if (!victim || victim->charged <= size)
            return false;
        release(victim);
        victim->dropped = true;
    }
    budget->used += more;
    if (budget->used > budget->peak)
        budget->peak = budget->used;
    return true;
}

/* What buf_add() would allocate. */
static size_t capacity_for(const struct buf *buf, size_t size)
{
    size_t want = buf->size + size + 1;
    size_t twice = buf->capacity * 2 < buf->max + 1 ? buf->capacity * 2 : buf->max + 1;
    return want <= buf->capacity ? buf->capacity : want > twice ? want : twice;
}

static void add(struct hold *hold, const void *bytes, size_t size)
{
    struct buf *buf = &hold->bytes;
    if (hold->dropped || buf->failed)
        return;
    if (size > buf->max - buf->size) {
        buf->failed = true;
        release(hold);
        return;
    }
    size_t capacity = capacity_for(buf, size);
    if (hold->budget && capacity > hold->charged) {
        unlist(hold); /* not to be dropped for itself */
        if (!make_room(hold->budget, capacity, capacity - hold->charged)) {
            release(hold);
            hold->dropped = true;
            return;
        }
        hold->charged = capacity;
        enlist(hold);
    }
    buf_add(buf, bytes, size);
}

/* --- public --- */

static void lock(struct budget *budget)
{
    if (budget)
        pthread_mutex_lock(&budget->mutex);
}

static void unlock(struct budget *budget)
{
    if (budget)
        pthread_mutex_unlock(&budget->mutex);
}

bool charge_set(struct charge *charge, size_t bytes)
{
    struct budget *budget = charge->budget;
    bool fits = true;
    if (!budget)
        return true;
    lock(budget);
    if (bytes > charge->bytes)
        fits = make_room(budget, bytes, bytes - charge->bytes);
    else
        budget->used -= charge->bytes - bytes;
    unlock(budget);
    if (fits)
        charge->bytes = bytes;
    return fits;
}

void charge_done(struct charge *charge)
{
    struct budget *budget = charge->budget;
    lock(budget);
    if (budget)
        budget->used -= charge->bytes;
    unlock(budget);
    *charge = (struct charge){ 0 };
}

void hold_init(struct hold *hold, struct budget *budget, size_t max)
{
    *hold = (struct hold){ .budget = budget, .bytes = BUF(max) };
}

void hold_add(struct hold *hold, const void *bytes, size_t size)
{
    lock(hold->budget);
    add(hold, bytes, size);
    unlock(hold->budget);
}

enum hold_state hold_state(struct hold *hold)
{
    lock(hold->budget);
    enum hold_state state = hold->dropped        ? HOLD_DROPPED
                            : hold->bytes.failed ? HOLD_TOO_LARGE
                                                 : HOLD_WHOLE;
    unlock(hold->budget);
    return state;
}

struct bytes hold_take(struct hold *hold, struct charge *charge)
{
    lock(hold->budget);
    struct bytes bytes = { hold->bytes.data, hold->bytes.size };
    *charge = (struct charge){ hold->budget, hold->charged };
    hold->bytes = BUF(hold->bytes.max);
    hold->charged = 0;
    unlist(hold);
    unlock(hold->budget);
    return bytes;
}

void hold_done(struct hold *hold)
{
    lock(hold->budget);
    release(hold);
    hold->bytes.failed = hold->dropped = false;
    unlock(hold->budget);
}
