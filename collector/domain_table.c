/* See domain_table.h.
 * SPDX-License-Identifier: MIT */
#include "collector/domain_table.h"
#include "schema/accepted.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PAUSE_MS         2000
#define PAUSE_UNKNOWN_MS 500 /* before the first list is there */
#define FAILURES_TOLD    5   /* before it: the schema may be about to be made */
#define PAUSE_MOST_MS    15000
/* A look at a million names takes a tenth of a second: no more than this part of the time. */
#define PAUSE_FACTOR 50
#define STATEMENT_MS 60000

struct domain_table {
    char *conninfo;
    struct shared_slot *slot;
    int stop_fd;   /* eventfd: nothing is waited for any more */
    struct pg *pg; /* the thread's alone, as the next two */
    struct accepted_state known;
    int64_t failures; /* looks in a row that failed */
    int64_t look_ms;  /* what the last one took, without reading what had changed */
    pthread_t thread;

    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t changed;
    bool wanted, ending;
    int64_t asked, looked; /* looks asked for, and begun after the asking */
};

static void log_list(const struct accepted *accepted)
{
    char note[200];
    log_event(accepted->state.count ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "domains",
              LOG_NUMBER("table", accepted->state.count),
              LOG_TEXT(accepted->state.count ? NULL : "note",
                       "tlsrpt.accepted_domain is empty: it lets nobody's reports in"));
    if (!accepted->bad)
        return;
    snprintf(note, sizeof note,
             "%" PRId64 " of tlsrpt.accepted_domain are no domain names, first: %s", accepted->bad,
             accepted->first_bad);
    log_event(LOG_LEVEL_WARNING, "domains", LOG_TEXT("note", note));
}

static bool is_known(struct domain_table *table)
{
    const void *present = shared_take(table->slot);
    shared_release(present);
    return present != NULL;
}

static bool refresh(struct domain_table *table, struct err *err)
{
    struct accepted_state now;
    struct accepted fresh;
    const struct pg_patience patience = { .statement_ms = STATEMENT_MS, .stop_fd = table->stop_fd };
    if (!table->pg && !pg_open_within(table->conninfo, patience, &table->pg, err))
        return false;
    int64_t begun = clock_monotonic_ms();
    if (!pg_ready(table->pg, err) || !accepted_look(table->pg, &now, err))
        return false;
    table->look_ms = clock_monotonic_ms() - begun;
    if (is_known(table) && now.count == table->known.count
        && strcmp(now.digest, table->known.digest) == 0)
        return true;
    if (!accepted_read(table->pg, &fresh, err))
        return false;
    table->known = fresh.state;
    log_list(&fresh);
    shared_replace(table->slot, fresh.domains);
    return true;
}

static bool is_ending(struct domain_table *table)
{
    pthread_mutex_lock(&table->mutex);
    bool ending = table->ending;
    pthread_mutex_unlock(&table->mutex);
    return ending;
}

static void look(struct domain_table *table)
{
    struct err err = { 0 };
    bool good = refresh(table, &err);
    bool known = is_known(table);
    table->failures = good ? 0 : table->failures + 1;
    if (table->failures == (known ? 1 : FAILURES_TOLD) && !is_ending(table))
        log_err(LOG_LEVEL_WARNING,
                known ? "domains: table not read, the last list stays"
                      : "domains: table not read, reports wait until it is",
                &err);
}

/* Until it is time to look again, or somebody asks. The mutex is held. */
static void rest(struct domain_table *table, int64_t milliseconds)
{
    int64_t until = clock_monotonic_ms() + milliseconds;
    bool waiting = true;
    while (!table->ending && table->asked == table->looked && (waiting || !table->wanted))
        if (table->wanted)
            waiting = thread_wait(&table->changed, &table->mutex, until);
        else
            pthread_cond_wait(&table->changed, &table->mutex);
}

static int64_t pause_of(struct domain_table *table)
{
    int64_t pause = table->look_ms * PAUSE_FACTOR;
    if (!is_known(table))
        return PAUSE_UNKNOWN_MS;
    return pause < PAUSE_MS ? PAUSE_MS : pause > PAUSE_MOST_MS ? PAUSE_MOST_MS : pause;
}

static void *run(void *context)
{
    struct domain_table *table = context;
    pthread_mutex_lock(&table->mutex);
    rest(table, 0);
    while (!table->ending) {
        int64_t asked = table->asked;
        pthread_mutex_unlock(&table->mutex);
        look(table);
        int64_t pause = pause_of(table);
        pthread_mutex_lock(&table->mutex);
        table->looked = asked;
        pthread_cond_broadcast(&table->changed);
        rest(table, pause);
    }
    pthread_mutex_unlock(&table->mutex);
    return NULL;
}

struct domain_table *domain_table_new(const char *conninfo, struct shared_slot *slot)
{
    struct domain_table *table = memory_new(sizeof *table);
    table->conninfo = memory_text(conninfo);
    table->slot = slot;
    table->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&table->mutex, NULL);
    pthread_cond_init(&table->changed, NULL);
    assert(table->stop_fd >= 0);
    thread_need(&table->thread, run, table);
    return table;
}

void domain_table_want(struct domain_table *table, bool wanted, int milliseconds)
{
    int64_t until = clock_monotonic_ms() + milliseconds;
    bool waiting = true;
    pthread_mutex_lock(&table->mutex);
    table->wanted = wanted;
    int64_t asked = wanted ? ++table->asked : table->asked;
    pthread_cond_broadcast(&table->changed);
    while (wanted && table->looked < asked && waiting)
        waiting = thread_wait(&table->changed, &table->mutex, until);
    pthread_mutex_unlock(&table->mutex);
}

void domain_table_free(struct domain_table **table)
{
    struct domain_table *old = *table;
    if (!old)
        return;
    *table = NULL;
    ssize_t written = write(old->stop_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)written; /* an empty counter has room */
    pthread_mutex_lock(&old->mutex);
    old->ending = true;
    pthread_cond_broadcast(&old->changed);
    pthread_mutex_unlock(&old->mutex);
    pthread_join(old->thread, NULL);
    pg_close(&old->pg);
    close(old->stop_fd);
    pthread_cond_destroy(&old->changed);
    pthread_mutex_destroy(&old->mutex);
    free(old->conninfo);
    free(old);
}
