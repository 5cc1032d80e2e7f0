/* See recheck.h. What is taken from the database is not removed before it is settled: should the
 * program end in between, it comes again. A report that passes now is found as a duplicate of the one
 * that is stored, and that one is trusted from then on (schema/promote.h).
 *
 * SPDX-License-Identifier: MIT
 * Before: verify.c. Next: service.c */
#include "collector/recheck.h"
#include "collector/chore.h"
#include "ingest/gunzip.h"
#include "base/log.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>

#define AT_ONCE      4
#define PAUSE_MOST   60 /* seconds between two looks */
#define STATEMENT_MS 10000
#define HALL_WAIT_MS 1000

struct recheck {
    char *database;
    struct pg_patience patience;
    struct unverified_limits limits;
    struct hall *hall;
    struct pg *pg; /* the thread only */
    struct chore *chore;
    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t changed;
    size_t open; /* in the hall */
};

/* A mail in the hall. */
struct attempt {
    struct recheck *recheck;
    const struct unverified_row *row;
    struct delivery *delivery; /* NULL: not brought */
    enum outcome outcome;
};

static void on_answer(struct delivery *delivery, const struct answer *answer)
{
    struct attempt *attempt = delivery->door;
    struct recheck *recheck = attempt->recheck;
    pthread_mutex_lock(&recheck->mutex);
    attempt->outcome = answer->outcome;
    recheck->open--;
    pthread_cond_signal(&recheck->changed);
    pthread_mutex_unlock(&recheck->mutex);
}

/* Brings one mail; what is damaged in the database is not brought. */
static void bring(struct recheck *recheck, struct attempt *attempt)
{
    static const struct limits limits = LIMITS_OF_KEPT(1024);
    const struct unverified_row *row = attempt->row;
    struct hall *hall = recheck->hall;
    struct delivery *delivery = delivery_new(SOURCE_COMMAND, row->origin);
    struct err err = { 0 };
    bool trailing;
    if (!source_from_text(row->source, &delivery->source)
        || !gunzip(&delivery->arena, row->mail, &limits, &delivery->bytes, &trailing, &err)) {
        delivery_free(&delivery);
        return;
    }
    delivery->received_seconds = row->received_seconds;
    delivery->again = true;
    delivery->answered = on_answer;
    delivery->door = attempt;
    attempt->delivery = delivery;
    pthread_mutex_lock(&recheck->mutex);
    recheck->open++;
    pthread_mutex_unlock(&recheck->mutex);
    hall->wait(hall, HALL_WAIT_MS);
    hall->take(hall, delivery);
}

static bool is_unknown(const struct delivery *delivery)
{
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next)
        if (entry->admission.sender.method && entry->admission.sender.result == PROOF_UNKNOWN)
            return true;
    return false;
}

static void log_settled(const struct delivery *delivery)
{
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next)
        log_event(LOG_LEVEL_INFO, "sender", LOG_TEXT("id", entry->id),
                  LOG_TEXT("result", proof_to_text(entry->admission.sender.result)),
                  LOG_TEXT("domain", entry->admission.sender.domain),
                  LOG_TEXT("reason", entry->admission.ground));
}

static bool settle(struct recheck *recheck, struct attempt *attempt, struct err *err)
{
    struct delivery *delivery = attempt->delivery;
    if (!delivery)
        return unverified_settle(recheck->pg, attempt->row->id, NULL, err);
    if (attempt->outcome == OUTCOME_RETRY)
        return true;
    bool unknown = is_unknown(delivery);
    if (unknown && !attempt->row->last)
        return true;
    for (struct entry *entry = delivery->entries; entry && unknown; entry = entry->next)
        if (entry->admission.sender.result == PROOF_UNKNOWN)
            entry->admission.ground =
                arena_printf(&delivery->arena, "given up after three days: %s",
                             entry->admission.sender.reason);
    log_settled(delivery);
    return unverified_settle(recheck->pg, attempt->row->id, delivery, err);
}

/* Tries what has come due; *COUNT of them. */
static bool try_some(void *thing, size_t *count, struct err *err)
{
    struct recheck *recheck = thing;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct attempt attempts[AT_ONCE] = { 0 };
    struct rows rows;
    if (!recheck->pg && !pg_open_within(recheck->database, recheck->patience, &recheck->pg, err))
        return false;
    if (!pg_ready(recheck->pg, err)
        || !unverified_take(recheck->pg, &arena, &recheck->limits, AT_ONCE, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count && i < AT_ONCE; i++) {
        attempts[i].recheck = recheck;
        attempts[i].row = (const struct unverified_row *)rows.first + i;
        bring(recheck, &attempts[i]);
    }
    pthread_mutex_lock(&recheck->mutex);
    while (recheck->open)
        pthread_cond_wait(&recheck->changed, &recheck->mutex);
    pthread_mutex_unlock(&recheck->mutex);
    bool good = true;
    for (size_t i = 0; i < rows.count && i < AT_ONCE; i++) {
        good = good && settle(recheck, &attempts[i], err);
        delivery_free(&attempts[i].delivery);
    }
    *count = rows.count;
    return good;
}

struct recheck *recheck_new(const struct writer_settings *settings, struct hall *hall)
{
    struct recheck *recheck = memory_new(sizeof *recheck);
    *recheck = (struct recheck){ .database = memory_text(settings->database),
                                 .patience = { .statement_ms = STATEMENT_MS,
                                               .stop_fd = settings->stop_fd },
                                 .limits = settings->unverified,
                                 .hall = hall,
                                 .mutex = PTHREAD_MUTEX_INITIALIZER,
                                 .changed = PTHREAD_COND_INITIALIZER };
    int64_t pause = recheck->limits.first_seconds / 2;
    recheck->chore =
        chore_new(&(const struct chore_work){ .event = "senders",
                                              .pause_seconds = pause < 1            ? 1
                                                               : pause > PAUSE_MOST ? PAUSE_MOST
                                                                                    : pause,
                                              .some = try_some,
                                              .thing = recheck });
    return recheck;
}

void recheck_free(struct recheck **recheck)
{
    struct recheck *old = *recheck;
    *recheck = NULL;
    if (!old)
        return;
    chore_free(&old->chore);
    pg_close(&old->pg);
    pthread_cond_destroy(&old->changed);
    pthread_mutex_destroy(&old->mutex);
    free(old->database);
    free(old);
}
