/* See heartbeat.h. Hours in which only the spool could take reports are remembered until the database is back; the
 * database is asked once an hour and not more.
 *
 * SPDX-License-Identifier: MIT
 * Before: chore.c. Next: service.c */
#include "collector/heartbeat.h"
#include "collector/chore.h"
#include "schema/collecting.h"
#include "base/clock.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

#define PAUSE        5 /* seconds */
#define STATEMENT_MS 10000
#define HOURS        2400 /* remembered */

struct heartbeat {
    char *database;
    struct pg_patience patience;
    struct spool *spool;
    struct pg *pg;
    struct chore *chore;
    int32_t hours[HOURS]; /* not written yet, oldest first */
    size_t count;
    int32_t written; /* the newest that is */
};

static bool spool_has_room(struct spool *spool)
{
    struct spool_figures figures = { 0 };
    if (spool)
        figures = spool_figures(spool);
    return spool && figures.bytes < figures.max_bytes;
}

static bool write_hours(struct heartbeat *heartbeat, struct err *err)
{
    return (heartbeat->pg
            || pg_open_within(heartbeat->database, heartbeat->patience, &heartbeat->pg, err))
           && pg_ready(heartbeat->pg, err)
           && collecting_add(heartbeat->pg, heartbeat->hours, heartbeat->count, err);
}

static void remember(struct heartbeat *heartbeat, int32_t hour)
{
    if (heartbeat->count && heartbeat->hours[heartbeat->count - 1] == hour)
        return;
    if (heartbeat->count == HOURS) {
        heartbeat->count--;
        memmove(heartbeat->hours, heartbeat->hours + 1, heartbeat->count * sizeof(int32_t));
    }
    heartbeat->hours[heartbeat->count++] = hour;
}

/* That the database is away is told by others. */
static bool beat(void *thing, size_t *count, struct err *err)
{
    struct heartbeat *heartbeat = thing;
    int32_t hour = (int32_t)(clock_now() / 3600);
    size_t before = heartbeat->count;
    struct err fault = { 0 };
    *count = 0;
    if (hour != heartbeat->written)
        remember(heartbeat, hour);
    if (!heartbeat->count)
        return true;
    if (write_hours(heartbeat, &fault)) {
        heartbeat->written = heartbeat->hours[heartbeat->count - 1];
        heartbeat->count = 0;
        return true;
    }
    if (heartbeat->count > before && !spool_has_room(heartbeat->spool))
        heartbeat->count--; /* nobody could take a report */
    if (fault.kind != ERR_AGAIN)
        *err = fault;
    return fault.kind == ERR_AGAIN;
}

struct heartbeat *heartbeat_new(const struct writer_settings *writer)
{
    struct heartbeat *heartbeat = memory_new(sizeof *heartbeat);
    *heartbeat = (struct heartbeat){ .database = memory_text(writer->database),
                                     .patience = { .statement_ms = STATEMENT_MS,
                                                   .stop_fd = writer->stop_fd },
                                     .spool = writer->spool };
    heartbeat->chore = chore_new(&(const struct chore_work){
        .event = "heartbeat", .pause_seconds = PAUSE, .some = beat, .thing = heartbeat });
    return heartbeat;
}

void heartbeat_free(struct heartbeat **heartbeat)
{
    struct heartbeat *old = *heartbeat;
    *heartbeat = NULL;
    if (!old)
        return;
    chore_free(&old->chore);
    pg_close(&old->pg);
    free(old->database);
    free(old);
}
