/* See writer.h. One mutex guards the queue and the state; batches are written outside of it.
 *
 *   there ──a batch or a look fails──► away ──upkeep_try() after a pause──► there
 *
 * Pauses double until a batch was written: a database that can be reached and takes nothing (its disk is
 * full) is not asked more often than one that cannot.
 *
 * SPDX-License-Identifier: MIT */
#include "schema/writer.h"
#include "schema/queue.h"
#include "schema/store.h"
#include "schema/upkeep.h"
#include "base/clock.h"
#include "base/thread.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#define STATUS_PAUSE_MS 3000  /* between two looks at what was touched */
#define STATUS_IDLE_MS  60000 /* when nothing was written */
#define STATUS_RETRY_MS 10000 /* after an error */
#define PURGE_SHARE     16    /* of the limit: how much comes between two purges */
#define STATEMENT_MS    30000 /* for one statement of a batch */
#define PAUSE_FIRST_MS  500   /* before a database that is away is tried again */
#define PAUSE_MOST_MS   30000

struct writer {
    struct writer_settings settings;
    char *database; /* what settings.database points to */
    pthread_mutex_t mutex;
    pthread_cond_t filled;  /* something to write, or stopping */
    pthread_cond_t emptied; /* room in the queue, or the database is back */
    pthread_cond_t touched; /* something for upkeep: a batch, a failure, the end */
    struct queue queue;
    int64_t busy;     /* writers that have a batch in hand */
    bool stopping;    /* nothing more is taken */
    bool drained;     /* and all is written */
    bool dirty;       /* a batch was committed since the last look at the status */
    int64_t rejected; /* bytes kept of what could not be counted, since the last purge */

    bool away;
    struct err health;        /* why */
    int64_t pause_ms, due_ms; /* the last pause (0: none since a batch was written), and its end */
    int migrations;
    bool migrated, has_reader;
    pthread_t *threads; /* settings.connections of them */
    pthread_t upkeep_thread;
};

/* --- state; the mutex is held --- */

static bool has_room(const struct writer *writer)
{
    return writer->queue.reports < (size_t)writer->settings.queue_reports
           && writer->queue.bytes < (size_t)writer->settings.queue_bytes;
}

/* While others are writing, a writer joins them only for half a full batch: few large transactions cost
 * the database far less than many small ones, and nothing waits longer than for the one under way. */
static bool is_due(const struct writer *writer)
{
    return writer->queue.first
           && (writer->busy == 0 || writer->stopping || writer->away
               || writer->queue.reports * 2 >= (size_t)writer->settings.batch_reports);
}

/* A pause of LENGTH, a quarter more or less: programs that lost one database do not return as one. */
static int64_t jittered(int64_t length_ms)
{
    uint32_t dice = 0;
    ssize_t got = getrandom(&dice, sizeof dice, GRND_NONBLOCK);
    (void)got; /* without dice it is a quarter less */
    return length_ms * 3 / 4 + (int64_t)(dice % (uint32_t)(length_ms / 2));
}

static void note_away(struct writer *writer, const struct err *err)
{
    int64_t next = writer->pause_ms ? writer->pause_ms * 2 : PAUSE_FIRST_MS;
    writer->pause_ms = next < PAUSE_MOST_MS ? next : PAUSE_MOST_MS;
    writer->due_ms = clock_monotonic_ms() + jittered(writer->pause_ms);
    writer->away = true;
    writer->health = *err;
    pthread_cond_broadcast(&writer->filled); /* what is queued goes to the spool */
    pthread_cond_signal(&writer->touched);
}

static void note_there(struct writer *writer)
{
    writer->away = false;
    writer->health = (struct err){ 0 };
    pthread_cond_broadcast(&writer->emptied);
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

/* What is undecided must come again, because of ERR. */
static void put_off(struct delivery *delivery, const struct err *err)
{
    for (struct entry *entry = delivery->entries; entry; entry = entry->next)
        if (entry->outcome != OUTCOME_REFUSED) {
            entry->outcome = OUTCOME_RETRY;
            entry->err = *err;
        }
}

static void put_off_all(const struct waiting *taken, const struct err *err)
{
    for (; taken; taken = taken->next)
        put_off(taken->delivery, err);
}

static bool must_come_again(const struct delivery *delivery)
{
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next)
        if (entry->outcome == OUTCOME_RETRY)
            return true;
    return false;
}

/* Answers what is decided; what must come again goes to the spool, if it may. */
static void answer_all(struct writer *writer, struct waiting *taken)
{
    struct spool *spool = writer->settings.spool;
    while (taken) {
        struct delivery *delivery = taken->delivery;
        taken = taken->next; /* it goes with the delivery */
        struct err full = { 0 };
        if (spool && delivery->spoolable && must_come_again(delivery)) {
            if (spool_put(spool, delivery, true, &full))
                continue; /* it is the spool's, and may be answered and gone already */
            for (struct entry *entry = delivery->entries; entry; entry = entry->next)
                if (entry->outcome == OUTCOME_RETRY)
                    entry->err = full;
        }
        struct answer answer = entry_answer(delivery);
        delivery_answer(delivery, &answer);
    }
}

/* Writes one batch; false, and nothing is decided, when the database is away. */
static bool write_batch(const struct writer *writer, struct store *store,
                        const struct waiting *taken, size_t count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct entry **entries = entries_of(&arena, taken, count);
    const struct pg_patience patience = { .statement_ms = STATEMENT_MS,
                                          .stop_fd = writer->settings.stop_fd };
    if (store->pg || pg_open_within(writer->settings.database, patience, &store->pg, err))
        return store_batch(store, entries, undecided(entries, count), err);
    put_off_all(taken, err);
    return false;
}

static void write_taken(struct writer *writer, struct store *store, struct waiting *taken,
                        size_t count)
{
    struct err err = { 0 };
    bool written = write_batch(writer, store, taken, count, &err);
    pthread_mutex_lock(&writer->mutex);
    writer->busy--;
    writer->dirty = writer->dirty || written;
    writer->rejected += store->rejected_bytes;
    store->rejected_bytes = 0;
    if (written) {
        writer->pause_ms = 0;
        note_there(writer);
        pthread_cond_signal(&writer->touched);
    } else if (!writer->away) {
        note_away(writer, &err);
    }
    pthread_mutex_unlock(&writer->mutex);
}

static void *write_loop(void *argument)
{
    struct writer *writer = argument;
    struct store store;
    store_init(&store, NULL, writer->settings.rejected.head_bytes);
    store.unverified = writer->settings.unverified;
    store.figures = writer->settings.figures;
    for (;;) {
        pthread_mutex_lock(&writer->mutex);
        while (!is_due(writer) && !writer->stopping)
            pthread_cond_wait(&writer->filled, &writer->mutex);
        size_t count = 0;
        struct waiting *taken =
            queue_take(&writer->queue, (size_t)writer->settings.batch_reports, &count);
        bool away = writer->away;
        struct err why = writer->health;
        writer->busy += !away;
        pthread_cond_broadcast(&writer->emptied);
        pthread_mutex_unlock(&writer->mutex);
        if (!taken)
            break;
        if (away)
            put_off_all(taken, &why);
        else
            write_taken(writer, &store, taken, count);
        answer_all(writer, taken);
    }
    store_done(&store);
    pg_close(&store.pg);
    return NULL;
}

/* --- upkeep --- */

/* Tries a database that is away. */
static void try_again(struct writer *writer, struct upkeep *upkeep)
{
    struct err err = { 0 };
    bool there = upkeep_try(upkeep, &err);
    pthread_mutex_lock(&writer->mutex);
    writer->migrations = upkeep->migrations;
    writer->migrated = upkeep->migrated;
    writer->has_reader = upkeep->has_reader;
    if (there)
        note_there(writer);
    else
        note_away(writer, &err);
    writer->dirty = writer->dirty || there; /* a day may have begun meanwhile */
    pthread_mutex_unlock(&writer->mutex);
}

/* Purges now and then, before what came meanwhile can matter beside the limit. */
static bool keep_up(struct writer *writer, struct upkeep *upkeep)
{
    const struct rejected_limits *limits = &writer->settings.rejected;
    struct err err = { 0 };
    bool purged;
    pthread_mutex_lock(&writer->mutex);
    int64_t came = writer->rejected;
    writer->dirty = false;
    pthread_mutex_unlock(&writer->mutex);
    bool good = upkeep_do(upkeep, limits, came > limits->bytes / PURGE_SHARE, &purged, &err);
    struct err lost = { 0 };
    bool there = good || (upkeep->pg && pg_ready(upkeep->pg, &lost));
    pthread_mutex_lock(&writer->mutex);
    writer->rejected -= purged ? came : 0;
    if (!there && !writer->away)
        note_away(writer, upkeep->pg ? &lost : &err);
    pthread_mutex_unlock(&writer->mutex);
    return good;
}

/* At once after a commit, unless the last look was just now; and now and then in any case: the day may
 * turn, and other programs may have left something. A database that is away: when it is due. */
static void pause_until_needed(struct writer *writer, bool good)
{
    int64_t now = clock_monotonic_ms();
    int64_t idle = now + (good ? STATUS_IDLE_MS : STATUS_RETRY_MS),
            earliest = now + STATUS_PAUSE_MS;
    pthread_mutex_lock(&writer->mutex);
    while (!writer->drained) {
        int64_t until = writer->away ? writer->due_ms : good && writer->dirty ? earliest : idle;
        if (until <= clock_monotonic_ms())
            break;
        thread_wait(&writer->touched, &writer->mutex, until);
    }
    pthread_mutex_unlock(&writer->mutex);
}

static void *upkeep_loop(void *argument)
{
    struct writer *writer = argument;
    struct upkeep upkeep = { .database = writer->settings.database,
                             .stop_fd = writer->settings.stop_fd,
                             .migrated = !writer->settings.migrates,
                             .today = INT32_MIN };
    for (bool last = false, good = true; !last;) {
        pthread_mutex_lock(&writer->mutex);
        last = writer->drained;
        bool away = writer->away;
        pthread_mutex_unlock(&writer->mutex);
        if (!away || (last && upkeep.migrated)) { /* a database that takes no batch may take this */
            good = keep_up(writer, &upkeep);
        } else if (!last) {
            try_again(writer, &upkeep);
            good = true;
        }
        pause_until_needed(writer, good);
    }
    upkeep_done(&upkeep);
    return NULL;
}

/* --- public --- */

struct writer *writer_new(const struct writer_settings *settings)
{
    struct writer *writer = memory_new(sizeof *writer);
    writer->settings = *settings;
    writer->settings.database = writer->database = memory_text(settings->database);
    writer->away = settings->migrates; /* until the tables are there */
    queue_init(&writer->queue);
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->filled, NULL);
    pthread_cond_init(&writer->emptied, NULL);
    pthread_cond_init(&writer->touched, NULL);
    writer->threads = memory_new((size_t)settings->connections * sizeof *writer->threads);
    for (int64_t i = 0; i < settings->connections; i++)
        thread_need(&writer->threads[i], write_loop, writer);
    thread_need(&writer->upkeep_thread, upkeep_loop, writer);
    return writer;
}

bool writer_put(struct writer *writer, struct delivery *delivery, struct err *err)
{
    struct err why = { 0 };
    pthread_mutex_lock(&writer->mutex);
    bool stopping = writer->stopping;
    bool fits = has_room(writer) && !writer->away && !stopping;
    if (fits) {
        queue_put(&writer->queue, delivery);
        pthread_cond_signal(&writer->filled);
    } else if (stopping) {
        err_set(&why, ERR_AGAIN, "shutting down");
    } else if (writer->away) {
        why = writer->health;
    }
    pthread_mutex_unlock(&writer->mutex);
    if (fits)
        return true;
    if (why.kind == ERR_NONE)
        err_set(&why, ERR_AGAIN, "too many reports are waiting for the database");
    if (writer->settings.spool && delivery->spoolable && !stopping) {
        put_off(delivery, &why);
        return spool_put(writer->settings.spool, delivery, false, err);
    }
    *err = why;
    return false;
}

bool writer_wait(struct writer *writer, int milliseconds)
{
    int64_t until = clock_monotonic_ms() + milliseconds;
    bool waiting = true;
    pthread_mutex_lock(&writer->mutex);
    while ((!has_room(writer) || writer->away) && waiting)
        waiting = thread_wait(&writer->emptied, &writer->mutex, until);
    bool ready = has_room(writer) && !writer->away;
    pthread_mutex_unlock(&writer->mutex);
    return ready;
}

struct writer_state writer_state(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct writer_state state = { writer->away, writer->health, writer->migrations,
                                  writer->migrated, writer->has_reader };
    pthread_mutex_unlock(&writer->mutex);
    return state;
}

static void writer_done(struct writer *writer)
{
    pthread_cond_destroy(&writer->filled);
    pthread_cond_destroy(&writer->emptied);
    pthread_cond_destroy(&writer->touched);
    pthread_mutex_destroy(&writer->mutex);
    free(writer->threads);
    free(writer->database);
    free(writer);
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
    pthread_join(writer->upkeep_thread, NULL);
    writer_done(writer);
}

void writer_free(struct writer **writer)
{
    if (*writer)
        end(*writer);
    *writer = NULL;
}
