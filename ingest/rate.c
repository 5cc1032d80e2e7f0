/* See rate.h. Sets of a few places each; a key belongs to one set. What is kept is what was used and
 * not yet filled up again: a place with nothing used is as good as empty.
 * SPDX-License-Identifier: MIT */
#include "ingest/rate.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>

#define SETS    4096
#define PLACES  4
#define HOUR_MS INT64_C(3600000)

struct bucket {
    uint64_t key;
    int64_t used;     /* in parts of which PER_HOUR make one millisecond's filling; see fill() */
    int64_t at_ms;    /* when that was so */
    int64_t per_hour; /* for who comes later and must know how full it is */
};

struct rate_table {
    pthread_mutex_t mutex;
    struct bucket buckets[SETS][PLACES];
};

struct rate_table *rate_table_new(void)
{
    struct rate_table *table = memory_new(sizeof *table);
    pthread_mutex_init(&table->mutex, NULL);
    return table;
}

void rate_table_free(struct rate_table **table)
{
    if (*table)
        pthread_mutex_destroy(&(*table)->mutex);
    free(*table);
    *table = NULL;
}

/* One unit of cost is HOUR_MS parts; each millisecond gives back PER_HOUR of them. */
static int64_t used_now(const struct bucket *bucket, int64_t now_ms)
{
    int64_t passed = now_ms - bucket->at_ms, back;
    if (passed <= 0)
        return bucket->used;
    if (__builtin_mul_overflow(passed, bucket->per_hour, &back) || back >= bucket->used)
        return 0;
    return bucket->used - back;
}

/* KEY's bucket; else an empty place or that of the fullest bucket, made KEY's. */
static struct bucket *bucket_of(struct rate_table *table, uint64_t key, int64_t now_ms)
{
    struct bucket *set = table->buckets[(key >> 16) % SETS], *fullest = NULL;
    int64_t least = INT64_MAX;
    for (int i = 0; i < PLACES; i++) {
        if (set[i].key == key)
            return &set[i];
        int64_t used = used_now(&set[i], now_ms);
        if (used < least) {
            least = used;
            fullest = &set[i];
        }
    }
    *fullest = (struct bucket){ .key = key, .at_ms = now_ms };
    return fullest;
}

/* Takes COST if it is there. */
static bool take(struct rate_table *table, uint64_t key, struct rate rate, int64_t cost,
                 int64_t now_ms)
{
    int64_t room = rate.per_hour * rate.burst_minutes * (HOUR_MS / 60);
    struct bucket *bucket = bucket_of(table, key, now_ms);
    bucket->used = used_now(bucket, now_ms);
    bucket->per_hour = rate.per_hour;
    bucket->at_ms = now_ms;
    bool fits = (cost ? cost : 1) * HOUR_MS <= room - bucket->used;
    if (fits)
        bucket->used += cost * HOUR_MS;
    return fits;
}

bool rate_take(struct rate_table *table, uint64_t key, struct rate rate, int64_t cost,
               int64_t now_ms)
{
    if (!rate.per_hour)
        return true;
    pthread_mutex_lock(&table->mutex);
    bool fits = take(table, key, rate, cost, now_ms);
    pthread_mutex_unlock(&table->mutex);
    return fits;
}

void rate_spend(struct rate_table *table, uint64_t key, struct rate rate, int64_t cost,
                int64_t now_ms)
{
    if (!rate.per_hour)
        return;
    pthread_mutex_lock(&table->mutex);
    if (!take(table, key, rate, cost, now_ms))
        bucket_of(table, key, now_ms)->used = rate.per_hour * rate.burst_minutes * (HOUR_MS / 60);
    pthread_mutex_unlock(&table->mutex);
}
