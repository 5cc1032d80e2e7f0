/* See retry.h.
 * SPDX-License-Identifier: MIT */
#include "collector/retry.h"
#include <pthread.h>
#include <string.h>

#define WAIT_MS 200

struct retry {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t answered;
    size_t open;
    int64_t *ids; /* counted now */
    size_t counted;
    struct err away; /* why one must be tried once more */
};

/* One delivery under way; in its arena. */
struct attempt {
    struct retry *retry;
    int64_t id;
};

/* True when each report of the delivery is in the ledger now. */
static bool all_counted(const struct delivery *delivery)
{
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next)
        if (entry->outcome != OUTCOME_STORED && entry->outcome != OUTCOME_DUPLICATE)
            return false;
    return true;
}

/* In a thread of the writer, or in ours. */
static void on_answer(struct delivery *delivery, const struct answer *answer)
{
    const struct attempt *attempt = delivery->door;
    struct retry *retry = attempt->retry;
    pthread_mutex_lock(&retry->mutex);
    if (all_counted(delivery))
        retry->ids[retry->counted++] = attempt->id;
    if (answer->outcome == OUTCOME_RETRY && retry->away.kind == ERR_NONE)
        retry->away = answer->err;
    retry->open--;
    pthread_cond_signal(&retry->answered);
    pthread_mutex_unlock(&retry->mutex);
    delivery_free(&delivery);
}

static void bring(struct intake *intake, struct retry *retry, const struct kept_rejected *row)
{
    struct delivery *delivery = delivery_new(SOURCE_COMMAND, row->origin);
    struct attempt *attempt = arena_alloc(&delivery->arena, sizeof *attempt);
    *attempt = (struct attempt){ retry, row->id };
    if (!source_from_text(row->source, &delivery->source))
        delivery->source = SOURCE_COMMAND;
    delivery->bytes = (struct bytes){ arena_copy(&delivery->arena, row->head.data, row->head.size),
                                      row->head.size };
    delivery->received_seconds = row->first_seconds;
    delivery->vouched = row->vouched;
    delivery->vouched_by = arena_text(&delivery->arena, row->vouched_by);
    delivery->again = true;
    delivery->answered = on_answer;
    delivery->door = attempt;
    pthread_mutex_lock(&retry->mutex);
    retry->open++;
    pthread_mutex_unlock(&retry->mutex);
    intake->hall.wait(&intake->hall, WAIT_MS);
    intake->hall.take(&intake->hall, delivery);
}

static bool try_rows(struct intake *intake, struct pg *pg, const struct rows *rows,
                     struct retry_counts *counts, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct retry retry = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                           .answered = PTHREAD_COND_INITIALIZER,
                           .ids = arena_array(&arena, rows->count, sizeof(int64_t)) };
    const struct kept_rejected *row = rows->first;
    for (size_t i = 0; i < rows->count; i++)
        bring(intake, &retry, &row[i]);
    pthread_mutex_lock(&retry.mutex);
    while (retry.open)
        pthread_cond_wait(&retry.answered, &retry.mutex);
    pthread_mutex_unlock(&retry.mutex);
    pthread_cond_destroy(&retry.answered);
    pthread_mutex_destroy(&retry.mutex);
    counts->tried += (int64_t)rows->count;
    if (!kept_release(pg, retry.ids, retry.counted, err))
        return false;
    counts->counted += (int64_t)retry.counted;
    if (retry.away.kind == ERR_NONE)
        return true;
    *err = retry.away;
    return false;
}

bool retry_rejected(struct intake *intake, struct pg *pg, const struct kept_range *range,
                    struct retry_counts *counts, struct err *err)
{
    struct rows rows = { .count = 1 };
    int64_t after_id = 0;
    while (rows.count) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        if (!kept_rejected(pg, &arena, range, after_id, &rows, err)
            || !try_rows(intake, pg, &rows, counts, err))
            return false;
        if (rows.count)
            after_id = ((const struct kept_rejected *)rows.first)[rows.count - 1].id;
    }
    return true;
}
