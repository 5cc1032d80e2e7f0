/* See reader.h.
 * SPDX-License-Identifier: MIT */
#include "schema/reader.h"
#include <pthread.h>
#include <stdlib.h>

struct slot {
    struct pg *pg; /* NULL until first used */
    bool taken;
};

struct reader {
    char *conninfo;
    struct pg_patience patience;
    pthread_mutex_t mutex; /* guards `taken` of all slots */
    pthread_cond_t freed;
    int count;
    struct slot slots[];
};

struct reader *reader_new(const char *conninfo, int connections, struct pg_patience patience)
{
    int count = connections > 0 ? connections : 1;
    struct reader *reader = memory_new(sizeof *reader + (size_t)count * sizeof *reader->slots);
    reader->conninfo = memory_text(conninfo);
    reader->patience = patience;
    reader->count = count;
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->freed, NULL);
    return reader;
}

void reader_free(struct reader **reader)
{
    struct reader *old = *reader;
    if (!old)
        return;
    *reader = NULL;
    for (int i = 0; i < old->count; i++)
        pg_close(&old->slots[i].pg);
    pthread_cond_destroy(&old->freed);
    pthread_mutex_destroy(&old->mutex);
    free(old->conninfo);
    free(old);
}

/* Prefers a slot that is connected already. */
static struct slot *find_free(struct reader *reader)
{
    struct slot *unused = NULL;
    for (int i = 0; i < reader->count; i++) {
        struct slot *slot = &reader->slots[i];
        if (!slot->taken && slot->pg)
            return slot;
        if (!slot->taken)
            unused = slot;
    }
    return unused;
}

static struct slot *take(struct reader *reader)
{
    struct slot *slot;
    pthread_mutex_lock(&reader->mutex);
    while (!(slot = find_free(reader)))
        pthread_cond_wait(&reader->freed, &reader->mutex);
    slot->taken = true;
    pthread_mutex_unlock(&reader->mutex);
    return slot;
}

static void give_back(struct reader *reader, struct slot *slot)
{
    pthread_mutex_lock(&reader->mutex);
    slot->taken = false;
    pthread_cond_signal(&reader->freed);
    pthread_mutex_unlock(&reader->mutex);
}

static bool connect_slot(const struct reader *reader, struct slot *slot, struct err *err)
{
    return slot->pg ? pg_ready(slot->pg, err)
                    : pg_open_within(reader->conninfo, reader->patience, &slot->pg, err);
}

bool reader_ask(struct reader *reader, struct statement statement, const struct pg_values *values,
                struct columns columns, struct rows *out, struct err *err)
{
    struct slot *slot = take(reader);
    struct err first = { 0 };
    bool done = connect_slot(reader, slot, &first)
                && pg_query(slot->pg, statement, values, columns, out, &first);
    if (!done && first.kind == ERR_AGAIN && slot->pg) {
        /* A connection that was lost while idle is known to be so only now. */
        struct err second = { 0 };
        done = pg_ready(slot->pg, &second)
               && pg_query(slot->pg, statement, values, columns, out, &second);
        first = second;
    }
    give_back(reader, slot);
    if (!done)
        *err = first;
    return done;
}

bool reader_ready(struct reader *reader, struct err *err)
{
    struct row {
        int32_t one;
    };
    static const struct column columns[] = { COLUMN(row, one) };
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct pg_values nothing = { .arena = &arena };
    struct rows rows;
    return reader_ask(reader,
                      (struct statement){ "reader_ready",
                                          "SELECT 1 AS one FROM ledger.domain_status LIMIT 1" },
                      &nothing, COLUMNS(row, columns), &rows, err);
}

struct rows rows_of_domain(const struct rows *rows, size_t size, int32_t domain_id)
{
    const char *first = rows->first;
    size_t low = 0, high = rows->count, end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (*(const int32_t *)(const void *)(first + middle * size) < domain_id)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low;
         end < rows->count && *(const int32_t *)(const void *)(first + end * size) == domain_id;)
        end++;
    return (struct rows){ (char *)rows->first + low * size, end - low };
}
