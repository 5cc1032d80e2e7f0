/* See watch.h. Which domains are due is in the ledger, and so is what was seen; a domain that is taken is due
 * again at its next moment, whatever becomes of the look.
 *
 * SPDX-License-Identifier: MIT
 * Before: evaluator.c. Next: service.c */
#include "collector/watch.h"
#include "collector/chore.h"
#include "collector/looks.h"
#include "schema/setup.h"
#include "base/clock.h"
#include "base/log.h"
#include "probe/crew.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE          2     /* seconds, when nothing is due */
#define ENLIST_MS      60000 /* between two looks at which domains are ours */
#define ENLIST_AT_ONCE 1000
#define DOMAINS_MOST   20000 /* what can be looked at in an hour, and more */
#define AT_ONCE        4     /* domains taken, for each that is looked at at the same time */
#define STATEMENT_MS   60000
#define TOLD_MOST      100 /* domains of which the log knows that their looks are not kept */

struct watch {
    const struct settings *settings; /* as they were at the start */
    char *database;
    struct pg_patience patience;
    struct intake *intake;
    struct looks *looks;
    struct reader *reader;
    struct chore *chore;
    bool told;             /* the chore's thread only: the log knows that there are too many */
    int64_t enlist_ms;     /* the chore's thread only: when to look for domains again */
    pthread_mutex_t mutex; /* for what follows */
    struct pg *pg;
    int32_t faulty[TOLD_MOST]; /* domains; the log knows of them */
    size_t faulty_count;
    bool told_more; /* the log knows that there are others */
    atomic_bool stopping;
};

/* --- which domains --- */

struct wanted {
    struct arena *arena;
    const char **items;
    size_t count;
    bool cut; /* there are more */
};

static void add(struct wanted *wanted, const char *name)
{
    if (text_begins(name, "*"))
        return;
    wanted->cut = wanted->count == DOMAINS_MOST;
    if (!wanted->cut)
        wanted->items[wanted->count++] = arena_text(wanted->arena, name);
}

static void add_set(struct wanted *wanted, const struct domains *set)
{
    for (const char *at = set ? set->names : NULL; at && at < set->names + set->size;
         at += strlen(at) + 1)
        add(wanted, at);
}

static void add_hosted(struct wanted *wanted, const struct rows *rows)
{
    const struct setup_candidate_row *all = rows->first;
    for (size_t i = 0; i < rows->count; i++)
        if (all[i].hosted)
            add(wanted, all[i].domain);
}

static void add_reported(struct wanted *wanted, const struct rules *rules, const struct rows *rows)
{
    const struct setup_candidate_row *all = rows->first;
    for (size_t i = 0; i < rows->count; i++)
        if (!all[i].hosted
            && (admit_takes_all(rules) || domains_have(rules->names, all[i].domain)
                || domains_have(rules->table, all[i].domain)))
            add(wanted, all[i].domain);
}

static void collect(struct watch *watch, struct wanted *wanted, const struct rows *candidates)
{
    const struct settings *settings = shared_take(&watch->intake->settings);
    const struct domains *table = shared_take(&watch->intake->domains);
    struct rules rules = settings->rules;
    if (rules.table && table)
        rules.table = table;
    add_hosted(wanted,
               candidates); /* where there are more than can be looked at, the first count */
    add_set(wanted, rules.names);
    add_set(wanted, rules.table);
    add_reported(wanted, &rules, candidates);
    shared_release(table);
    shared_release(settings);
}

/* Says to the ledger which domains are to be watched. */
static bool enlist(struct watch *watch, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct wanted wanted = { .arena = &arena,
                             .items = arena_array(&arena, DOMAINS_MOST, sizeof *wanted.items) };
    int64_t now = clock_now();
    struct rows candidates;
    if (clock_monotonic_ms() < watch->enlist_ms)
        return true;
    if (!setup_candidates(watch->pg, &arena, now, DOMAINS_MOST, &candidates, err))
        return false;
    collect(watch, &wanted, &candidates);
    if (wanted.cut && !watch->told)
        log_event(LOG_LEVEL_WARNING, "checks", LOG_NUMBER("domains", DOMAINS_MOST),
                  LOG_TEXT("note", "there are more domains: the others are not looked at"));
    watch->told = wanted.cut;
    for (size_t i = 0; i < wanted.count; i += ENLIST_AT_ONCE) {
        size_t left = wanted.count - i;
        const struct text_list some = { wanted.items + i,
                                        left < ENLIST_AT_ONCE ? left : ENLIST_AT_ONCE };
        if (!setup_watch(watch->pg, &some, now, err))
            return false;
    }
    watch->enlist_ms = clock_monotonic_ms() + ENLIST_MS;
    return true;
}

/* --- looking --- */

struct turn {
    struct watch *watch;
    const struct setup_due_row *due;
    struct err away; /* the watch's mutex is for it */
};

/* The log is told of each domain once until a look at it is kept, and once that there are more than it is told of. */
static void tell(struct watch *watch, const struct setup_due_row *due, struct err *fault)
{
    for (size_t i = 0; i < watch->faulty_count; i++)
        if (watch->faulty[i] == due->domain_id)
            return;
    if (watch->faulty_count < TOLD_MOST) {
        watch->faulty[watch->faulty_count++] = due->domain_id;
        err_prefix(fault, "%s: this look is not kept: ", due->domain);
        log_err(LOG_LEVEL_ERROR, "checks", fault);
    } else if (!watch->told_more) {
        watch->told_more = true;
        log_event(LOG_LEVEL_ERROR, "checks", LOG_NUMBER("domains", TOLD_MOST),
                  LOG_TEXT("note", "looks at more domains are not kept: the others are not named"));
    }
}

static void forget(struct watch *watch, int32_t domain_id)
{
    for (size_t i = 0; i < watch->faulty_count; i++)
        if (watch->faulty[i] == domain_id)
            watch->faulty[i] = watch->faulty[--watch->faulty_count];
    if (watch->faulty_count == 0)
        watch->told_more = false;
}

/* FAULT: NULL where the look was kept. That the database is away is told once; what is wrong with one domain
 * neither hides what is wrong with the next nor keeps it waiting. */
static void settle(struct turn *turn, const struct setup_due_row *due, struct err *fault)
{
    struct watch *watch = turn->watch;
    pthread_mutex_lock(&watch->mutex);
    if (!fault)
        forget(watch, due->domain_id);
    else if (fault->kind == ERR_AGAIN)
        turn->away = *fault;
    else
        tell(watch, due, fault);
    pthread_mutex_unlock(&watch->mutex);
}

static bool keep(struct watch *watch, const struct look *look, bool probed, struct err *err)
{
    pthread_mutex_lock(&watch->mutex);
    bool good = pg_ready(watch->pg, err) && look_keep(watch->pg, look, probed, err);
    pthread_mutex_unlock(&watch->mutex);
    return good;
}

static void look_at_one(struct arena *shared, void *thing, size_t index)
{
    CLEANUP(arena_free) struct arena arena = { 0 }; /* of this look alone */
    struct turn *turn = thing;
    struct watch *watch = turn->watch;
    const struct setup_due_row *due = &turn->due[index];
    const struct check_wish wish = { .domain = due->domain,
                                     .probes = due->probes,
                                     .clients = due->probes };
    struct look *look = arena_alloc(&arena, sizeof *look);
    struct err err = { 0 };
    (void)shared;
    if (watch->stopping)
        return;
    bool good =
        look_remember(watch->settings, watch->reader, &arena, due->domain, &look->history, &err);
    if (good)
        look_at(watch->looks, &arena, &wish, look);
    if (watch->stopping)
        return;
    good = good && keep(watch, look, due->probes, &err);
    settle(turn, due, good ? NULL : &err);
}

static bool look_at_some(void *thing, size_t *count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct watch *watch = thing;
    const struct check_settings *check = &watch->settings->check;
    const struct setup_turn turn = { .look_seconds = check->dns_seconds,
                                     .probe_seconds = check->probe_seconds,
                                     .now_seconds = clock_now(),
                                     .most = (int)check->parallel * AT_ONCE };
    struct turn looking = { .watch = watch };
    struct rows rows;
    if (watch->stopping)
        return true;
    if (!(watch->pg || pg_open_within(watch->database, watch->patience, &watch->pg, err))
        || !pg_ready(watch->pg, err) || !enlist(watch, err)
        || !setup_claim(watch->pg, &arena, &turn, &rows, err))
        return false;
    looking.due = rows.first;
    crew_run(&arena, (size_t)check->parallel, rows.count, look_at_one, &looking);
    *count = rows.count;
    *err = looking.away;
    return err->kind == ERR_NONE;
}

bool watch_new(const struct settings *settings, const struct writer_settings *writer,
               struct intake *intake, struct watch **out, struct err *err)
{
    const struct pg_patience patience = { .statement_ms = STATEMENT_MS,
                                          .stop_fd = writer->stop_fd };
    const struct pg_patience reading = { .statement_ms = STATEMENT_MS,
                                         .stop_fd = writer->stop_fd,
                                         .only_reads = true };
    *out = NULL;
    if (!settings->check.enabled)
        return true;
    struct watch *watch = memory_new(sizeof *watch);
    *watch = (struct watch){ .settings = settings,
                             .database = memory_text(writer->database),
                             .patience = patience,
                             .intake = intake,
                             .reader = reader_new(writer->database, 1, reading),
                             .mutex = PTHREAD_MUTEX_INITIALIZER };
    if (!looks_open(settings, writer->database, patience, &watch->looks, err)) {
        watch_free(&watch);
        return false;
    }
    watch->chore = chore_new(&(const struct chore_work){
        .event = "checks", .pause_seconds = PAUSE, .some = look_at_some, .thing = watch });
    *out = watch;
    return true;
}

void watch_stop(struct watch *watch)
{
    if (!watch)
        return;
    watch->stopping = true;
    looks_stop(watch->looks);
}

void watch_free(struct watch **watch)
{
    struct watch *old = *watch;
    *watch = NULL;
    if (!old)
        return;
    chore_free(&old->chore);
    looks_close(&old->looks);
    reader_free(&old->reader);
    pg_close(&old->pg);
    pthread_mutex_destroy(&old->mutex);
    free(old->database);
    free(old);
}
