/* See lanes.h.
 * SPDX-License-Identifier: MIT */
#include "collector/lanes.h"
#include "base/memory.h"
#include "base/thread.h"
#include <pthread.h>
#include <stdlib.h>

#define SMALL_BYTES  (16 << 10) /* as received; usual reports have less than one */
#define LANES        2
#define SMALL_READS  2 /* threads that read small ones only */
#define THREAD_COUNT (SMALL_READS + 1)

enum lane { SMALL, LARGE };

struct job {
    struct job *next;
    struct delivery *delivery;
};

struct lane_queue {
    struct job *first, **end;
};

struct lanes {
    struct hall hall; /* first, so that one is the other */
    struct hall *inner;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t filled[LANES];
    struct lane_queue queues[LANES];
    bool ending;
    pthread_t threads[THREAD_COUNT];
};

static struct delivery *pop(struct lane_queue *queue)
{
    struct job *job = queue->first;
    if (!job)
        return NULL;
    queue->first = job->next;
    if (!queue->first)
        queue->end = &queue->first;
    return job->delivery;
}

static void read_lane(struct lanes *lanes, enum lane lane)
{
    struct delivery *delivery;
    do {
        pthread_mutex_lock(&lanes->mutex);
        while (!(delivery = pop(&lanes->queues[lane])) && !lanes->ending)
            pthread_cond_wait(&lanes->filled[lane], &lanes->mutex);
        pthread_mutex_unlock(&lanes->mutex);
        if (delivery)
            lanes->inner->take(lanes->inner, delivery);
    } while (delivery);
}

static void *read_small(void *lanes)
{
    read_lane(lanes, SMALL);
    return NULL;
}

static void *read_large(void *lanes)
{
    read_lane(lanes, LARGE);
    return NULL;
}

static void refuse(struct delivery *delivery)
{
    struct answer answer = { .outcome = OUTCOME_RETRY, .id = "", .organization = "", .domain = "" };
    err_set(&answer.err, ERR_AGAIN, "too many reports are waiting (limits.memory_bytes)");
    delivery_answer(delivery, &answer);
}

static void lanes_take(struct hall *hall, struct delivery *delivery)
{
    struct lanes *lanes = (struct lanes *)hall;
    delivery->figures = hall->figures;
    if (!delivery->charge.budget)
        delivery->charge.budget = hall->budget;
    if (!charge_set(&delivery->charge, delivery->arena.bytes)) {
        refuse(delivery);
        return;
    }
    struct job *job = arena_alloc(&delivery->arena, sizeof *job);
    job->delivery = delivery;
    /* What lies in a maildir or in the spool comes from one place, and in its order. */
    bool large = delivery->bytes.size > SMALL_BYTES || !delivery->spoolable;
    enum lane lane = large ? LARGE : SMALL;
    pthread_mutex_lock(&lanes->mutex);
    *lanes->queues[lane].end = job;
    lanes->queues[lane].end = &job->next;
    pthread_cond_signal(&lanes->filled[lane]);
    pthread_mutex_unlock(&lanes->mutex);
}

static bool lanes_wait(struct hall *hall, int milliseconds)
{
    struct hall *inner = ((struct lanes *)hall)->inner;
    return inner->wait(inner, milliseconds);
}

struct lanes *lanes_new(struct hall *hall, struct budget *budget)
{
    struct lanes *lanes = memory_new(sizeof *lanes);
    lanes->hall = *hall; /* and what else doors may want of it */
    lanes->hall.take = lanes_take;
    lanes->hall.wait = lanes_wait;
    lanes->hall.budget = budget;
    lanes->inner = hall;
    pthread_mutex_init(&lanes->mutex, NULL);
    for (int i = 0; i < LANES; i++) {
        pthread_cond_init(&lanes->filled[i], NULL);
        lanes->queues[i].end = &lanes->queues[i].first;
    }
    for (int i = 0; i < THREAD_COUNT; i++)
        thread_need(&lanes->threads[i], i < SMALL_READS ? read_small : read_large, lanes);
    return lanes;
}

struct hall *lanes_hall(struct lanes *lanes)
{
    return &lanes->hall;
}

void lanes_free(struct lanes **lanes)
{
    struct lanes *old = *lanes;
    if (!old)
        return;
    *lanes = NULL;
    pthread_mutex_lock(&old->mutex);
    old->ending = true;
    for (int i = 0; i < LANES; i++)
        pthread_cond_broadcast(&old->filled[i]);
    pthread_mutex_unlock(&old->mutex);
    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_join(old->threads[i], NULL);
    for (int i = 0; i < LANES; i++)
        pthread_cond_destroy(&old->filled[i]);
    pthread_mutex_destroy(&old->mutex);
    free(old);
}
