/* See writer.h. One mutex guards the queue and the state; batches are written outside of it. Beside
 * the writers one thread keeps the domains' status current.
 * SPDX-License-Identifier: MIT */
#include "schema/writer.h"
#include "schema/status.h"
#include "schema/store.h"
#include "base/clock.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define STATUS_PAUSE_MS 3000  /* between two looks at what was touched */
#define STATUS_IDLE_MS  60000 /* when nothing was written */
#define STATUS_RETRY_MS 10000 /* after an error */
#define PURGE_SHARE     16    /* of the limit: how much comes between two purges */

/* One delivery in the queue; in the delivery's arena. */
struct waiting {
    struct waiting *next;
    struct delivery *delivery;
    size_t bytes; /* all that the delivery holds in memory */
};

struct writer {
    struct writer_settings settings;
    char *database; /* what settings.database points to */
    pthread_mutex_t mutex;
    pthread_cond_t filled;  /* something to write, or stopping */
    pthread_cond_t emptied; /* room in the queue */
    pthread_cond_t touched; /* a batch was committed, or the writers have ended */
    struct waiting *first, **end;
    size_t reports, bytes; /* waiting */
    int64_t busy;          /* writers that have a batch in hand */
    bool stopping;         /* nothing more is taken */
    bool drained;          /* and all is written */
    bool dirty;            /* a batch was committed since the last look at the status */
    int64_t rejected;      /* bytes kept of what could not be counted, since the last purge */
    struct err health;     /* of the last batch; ERR_NONE when it was written */
    pthread_t *threads;    /* settings.connections of them */
    pthread_t status_thread;
};

/* --- the queue; the mutex is held --- */

static void enqueue(struct writer *writer, struct delivery *delivery)
{
    struct waiting *waiting = arena_alloc(&delivery->arena, sizeof *waiting);
    waiting->delivery = delivery;
    waiting->bytes = delivery->arena.bytes;
    *writer->end = waiting;
    writer->end = &waiting->next;
    writer->reports += delivery->entry_count;
    writer->bytes += waiting->bytes;
}

static bool has_room(const struct writer *writer)
{
    return writer->reports < (size_t)writer->settings.queue_reports
           && writer->bytes < (size_t)writer->settings.queue_bytes;
}

/* While others are writing, a writer joins them only for half a full batch: few large transactions cost
 * the database far less than many small ones, and nothing waits longer than for the one under way. */
static bool is_due(const struct writer *writer)
{
    return writer->first
           && (writer->busy == 0 || writer->stopping
               || writer->reports * 2 >= (size_t)writer->settings.batch_reports);
}

/* Takes what waits, up to the bound but at least one delivery; a list in order of arrival. */
static struct waiting *dequeue(struct writer *writer, size_t *entries)
{
    struct waiting *taken = writer->first, **end = &taken;
    *entries = 0;
    while (*end
           && (*entries == 0
               || *entries + (*end)->delivery->entry_count
                      <= (size_t)writer->settings.batch_reports)) {
        *entries += (*end)->delivery->entry_count;
        writer->bytes -= (*end)->bytes;
        end = &(*end)->next;
    }
    writer->reports -= *entries;
    writer->first = *end;
    *end = NULL;
    if (!writer->first)
        writer->end = &writer->first;
    return taken;
}

/* --- writing --- */

static struct entry **entries_of(struct arena *arena, const struct waiting *taken, size_t count)
{
    struct entry **entries = arena_array(arena, count, sizeof *entries);
    size_t at = 0;
    for (const struct waiting *w = taken; w; w = w->next)
        for (struct entry *entry = w->delivery->entries; entry; entry = entry->next)
            if (entry->outcome != OUTCOME_REFUSED)
                entries[at++] = entry;
            else
                entries[--count] = entry; /* behind the others: the hall has decided */
    return entries;
}

static size_t undecided(struct entry *const *entries, size_t count)
{
    while (count && entries[count - 1]->outcome == OUTCOME_REFUSED)
        count--;
    return count;
}

static void answer_all(struct waiting *taken)
{
    while (taken) {
        struct delivery *delivery = taken->delivery;
        taken = taken->next; /* it goes with the delivery */
        struct answer answer = entry_answer(delivery);
        delivery_answer(delivery, &answer);
    }
}

static void write_taken(struct writer *writer, struct store *store, struct waiting *taken,
                        size_t count)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct entry **entries = entries_of(&arena, taken, count);
    struct err err = { 0 };
    size_t open = undecided(entries, count);
    bool written = false;
    if (store->pg || pg_open(writer->settings.database, &store->pg, &err))
        written = store_batch(store, entries, open, &err);
    else
        for (size_t i = 0; i < open; i++) {
            entries[i]->outcome = OUTCOME_RETRY;
            entries[i]->err = err;
        }

    pthread_mutex_lock(&writer->mutex);
    writer->busy--;
    writer->health = written ? (struct err){ 0 } : err;
    writer->dirty = writer->dirty || written;
    writer->rejected += store->rejected_bytes;
    store->rejected_bytes = 0;
    pthread_cond_signal(&writer->touched);
    pthread_mutex_unlock(&writer->mutex);
    answer_all(taken);
}

static void *write_loop(void *argument)
{
    struct writer *writer = argument;
    struct store store;
    store_init(&store, NULL, writer->settings.rejected.head_bytes);
    for (;;) {
        pthread_mutex_lock(&writer->mutex);
        while (!is_due(writer) && !writer->stopping)
            pthread_cond_wait(&writer->filled, &writer->mutex);
        size_t count = 0;
        struct waiting *taken = dequeue(writer, &count);
        writer->busy++;
        pthread_cond_broadcast(&writer->emptied);
        pthread_mutex_unlock(&writer->mutex);
        if (!taken)
            break;
        write_taken(writer, &store, taken, count);
    }
    store_done(&store);
    pg_close(&store.pg);
    return NULL;
}

/* --- status --- */

static struct timespec in_ms(int64_t milliseconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += milliseconds / 1000;
    at.tv_nsec += milliseconds % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Once a day, and before what came meanwhile can matter beside the limit. */
static bool purge(struct writer *writer, struct pg *pg, int64_t now, bool new_day, struct err *err)
{
    const struct rejected_limits *limits = &writer->settings.rejected;
    int64_t removed;
    pthread_mutex_lock(&writer->mutex);
    int64_t came = writer->rejected;
    bool due = new_day || came > limits->bytes / PURGE_SHARE;
    if (due)
        writer->rejected = 0;
    pthread_mutex_unlock(&writer->mutex);
    if (!due || purge_rejected(pg, limits, now, &removed, err))
        return true;
    pthread_mutex_lock(&writer->mutex);
    writer->rejected += came;
    pthread_mutex_unlock(&writer->mutex);
    return false;
}

/* Refreshes until nothing is touched; false after an error. */
static bool refresh(struct writer *writer, struct pg **pg, int32_t *today)
{
    struct err err = { 0 };
    int64_t now = clock_now(), refreshed = 1;
    if (!*pg && !pg_open(writer->settings.database, pg, &err))
        return false;
    if (!pg_ready(*pg, &err))
        return false;
    bool new_day = *today != clock_day(now);
    if ((new_day && !status_daily(*pg, now, &err)) || !purge(writer, *pg, now, new_day, &err))
        return false;
    *today = clock_day(now);
    while (refreshed > 0)
        if (!status_refresh(*pg, now, &refreshed, &err))
            return false;
    return true;
}

/* At once after a commit, unless the last look was just now; and now and then in any case: the day may turn, and other
 * programs may have left something. */
static void pause_until_touched(struct writer *writer, bool good)
{
    struct timespec until = in_ms(good ? STATUS_IDLE_MS : STATUS_RETRY_MS);
    struct timespec earliest = in_ms(STATUS_PAUSE_MS);
    int waited = 0;
    pthread_mutex_lock(&writer->mutex);
    while (!writer->drained && !(good && writer->dirty) && waited == 0)
        waited = pthread_cond_timedwait(&writer->touched, &writer->mutex, &until);
    for (waited = 0; !writer->drained && waited == 0;)
        waited = pthread_cond_timedwait(&writer->touched, &writer->mutex, &earliest);
    pthread_mutex_unlock(&writer->mutex);
}

static void *status_loop(void *argument)
{
    struct writer *writer = argument;
    struct pg *pg = NULL;
    int32_t today = INT32_MIN;
    bool last = false;
    while (!last) {
        pthread_mutex_lock(&writer->mutex);
        last = writer->drained;
        writer->dirty = false;
        pthread_mutex_unlock(&writer->mutex);
        bool good = refresh(writer, &pg, &today);

        pause_until_touched(writer, good);
    }
    pg_close(&pg);
    return NULL;
}

/* --- public --- */

static void make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct writer *writer_new(const struct writer_settings *settings)
{
    struct writer *writer = memory_new(sizeof *writer);
    writer->settings = *settings;
    writer->settings.database = writer->database = memory_text(settings->database);
    writer->end = &writer->first;
    pthread_mutex_init(&writer->mutex, NULL);
    make_condition(&writer->filled);
    make_condition(&writer->emptied);
    make_condition(&writer->touched);
    writer->threads = memory_new((size_t)settings->connections * sizeof *writer->threads);
    int failed = 0;
    for (int64_t i = 0; i < settings->connections; i++)
        failed |= pthread_create(&writer->threads[i], NULL, write_loop, writer);
    failed |= pthread_create(&writer->status_thread, NULL, status_loop, writer);
    assert(!failed); /* without its threads the program cannot live */
    return writer;
}

bool writer_put(struct writer *writer, struct delivery *delivery, struct err *err)
{
    pthread_mutex_lock(&writer->mutex);
    bool fits = has_room(writer) && !writer->stopping;
    if (fits) {
        enqueue(writer, delivery);
        pthread_cond_signal(&writer->filled);
    }
    bool stopping = writer->stopping;
    pthread_mutex_unlock(&writer->mutex);
    return fits
           || err_set(err, ERR_AGAIN, stopping ? "shutting down" : "too many reports are waiting");
}

bool writer_wait(struct writer *writer, int milliseconds)
{
    struct timespec until = in_ms(milliseconds);
    int waited = 0;
    pthread_mutex_lock(&writer->mutex);
    while (!has_room(writer) && waited == 0)
        waited = pthread_cond_timedwait(&writer->emptied, &writer->mutex, &until);
    bool room = has_room(writer);
    pthread_mutex_unlock(&writer->mutex);
    return room;
}

bool writer_healthy(struct writer *writer, struct err *err)
{
    pthread_mutex_lock(&writer->mutex);
    struct err health = writer->health;
    pthread_mutex_unlock(&writer->mutex);
    if (health.kind == ERR_NONE)
        return true;
    *err = health;
    return false;
}

static void end(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    pthread_cond_broadcast(&writer->filled);
    pthread_mutex_unlock(&writer->mutex);
    for (int64_t i = 0; i < writer->settings.connections; i++)
        pthread_join(writer->threads[i], NULL);

    pthread_mutex_lock(&writer->mutex);
    writer->drained = true;
    pthread_cond_broadcast(&writer->touched);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->status_thread, NULL);

    pthread_cond_destroy(&writer->filled);
    pthread_cond_destroy(&writer->emptied);
    pthread_cond_destroy(&writer->touched);
    pthread_mutex_destroy(&writer->mutex);
    free(writer->threads);
    free(writer->database);
    free(writer);
}

void writer_free(struct writer **writer)
{
    if (*writer)
        end(*writer);
    *writer = NULL;
}
