/* See demo_fill.h.
 * SPDX-License-Identifier: MIT */
#include "collector/demo_fill.h"
#include "collector/demo.h"
#include "collector/demo_look.h"
#include "collector/looks.h"
#include "base/clock.h"
#include "base/log.h"
#include <pthread.h>

#define WAIT_MS 1000

static const int look_days_ago[] = { 35, 8, 1, 0 };

struct filling {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    int64_t open, stored, others; /* deliveries */
};

static void on_answer(struct delivery *delivery, const struct answer *answer)
{
    struct filling *filling = delivery->door;
    pthread_mutex_lock(&filling->mutex);
    filling->open--;
    if (answer->outcome == OUTCOME_STORED)
        filling->stored++;
    else
        filling->others++;
    pthread_cond_signal(&filling->answered);
    pthread_mutex_unlock(&filling->mutex);
    delivery_free(&delivery);
}

static void bring(struct hall *hall, struct filling *filling, const struct buf *json)
{
    struct delivery *delivery = delivery_new(SOURCE_COMMAND, "demo");
    delivery->bytes =
        (struct bytes){ arena_copy(&delivery->arena, json->data, json->size), json->size };
    delivery->vouched = true;
    delivery->vouched_by = "sample report";
    delivery->answered = on_answer;
    delivery->door = filling;
    pthread_mutex_lock(&filling->mutex);
    filling->open++;
    pthread_mutex_unlock(&filling->mutex);
    (void)hall->wait(hall, WAIT_MS); /* the samples are not worth a longer one */
    hall->take(hall, delivery);
}

void demo_fill(struct hall *hall)
{
    struct filling filling = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                               .answered = PTHREAD_COND_INITIALIZER };
    CLEANUP(buf_done) struct buf json = BUF(DEMO_REPORT_BYTES);
    struct demo demo = demo_begin(clock_now());
    while (demo_next(&demo, &json))
        bring(hall, &filling, &json);
    pthread_mutex_lock(&filling.mutex);
    while (filling.open)
        pthread_cond_wait(&filling.answered, &filling.mutex);
    pthread_mutex_unlock(&filling.mutex);
    log_event(LOG_LEVEL_INFO, "demo", LOG_NUMBER("stored", filling.stored),
              LOG_NUMBER("known_or_not_taken", filling.others));
    pthread_cond_destroy(&filling.answered);
    pthread_mutex_destroy(&filling.mutex);
}

static bool keep_look(struct pg *pg, size_t index, int64_t at_seconds, int64_t now_seconds,
                      bool *more, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct look look;
    *more = demo_look(&arena, index, at_seconds, now_seconds, &look.facts, &look.history);
    if (!*more)
        return true;
    look.result = setup_judge(&arena, &look.facts, &look.history);
    return look_keep(pg, &look, true, err);
}

void demo_fill_looks(const char *database)
{
    struct pg *pg = NULL;
    struct err err = { 0 };
    int64_t now = clock_now();
    bool good = pg_open(database, &pg, &err), more = true;
    for (size_t i = 0; good && more; i++)
        for (size_t j = 0; good && more && j < ARRAY_SIZE(look_days_ago); j++)
            good = keep_look(pg, i, now - look_days_ago[j] * DAY_SECONDS, now, &more, &err);
    if (!good)
        log_err(LOG_LEVEL_WARNING, "demo", &err);
    pg_close(&pg);
}
