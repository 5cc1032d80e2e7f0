/* See crew.h.
 * SPDX-License-Identifier: MIT */
#include "probe/crew.h"
#include "base/thread.h"
#include <pthread.h>

struct crew {
    void (*work)(struct arena *arena, void *thing, size_t index);
    void *thing;
    size_t count;
    pthread_mutex_t mutex; /* for what follows */
    size_t next;
};

struct hand {
    struct crew *crew;
    struct arena *arena;
    pthread_t thread;
    bool started;
};

static void free_arena(void *arena)
{
    arena_free(arena);
}

struct arena *crew_arena(struct arena *owner)
{
    struct arena *arena = arena_alloc(owner, sizeof *arena);
    arena_on_free(owner, free_arena, arena);
    return arena;
}

static void *run(void *thing)
{
    struct hand *hand = thing;
    struct crew *crew = hand->crew;
    for (;;) {
        pthread_mutex_lock(&crew->mutex);
        size_t index = crew->next < crew->count ? crew->next++ : crew->count;
        pthread_mutex_unlock(&crew->mutex);
        if (index == crew->count)
            return NULL;
        crew->work(hand->arena, crew->thing, index);
    }
}

void crew_run(struct arena *arena, size_t threads, size_t count,
              void (*work)(struct arena *arena, void *thing, size_t index), void *thing)
{
    struct crew crew = {
        .work = work, .thing = thing, .count = count, .mutex = PTHREAD_MUTEX_INITIALIZER
    };
    threads = threads < count ? threads : count;
    struct hand *hands = arena_array(arena, threads + 1, sizeof *hands);
    for (size_t i = 0; i < threads; i++)
        hands[i] = (struct hand){ .crew = &crew, .arena = crew_arena(arena) };
    for (size_t i = 1; i < threads; i++) {
        struct err err = { 0 };
        hands[i].started = thread_start(&hands[i].thread, run, &hands[i], &err);
    }
    if (threads)
        run(&hands[0]);
    for (size_t i = 1; i < threads; i++)
        if (hands[i].started)
            pthread_join(hands[i].thread, NULL);
    pthread_mutex_destroy(&crew.mutex);
}
