/* See clerk.h. People change something a few times a day: no connection is kept for it.
 * SPDX-License-Identifier: MIT
 * Before: evaluator.c. Next: service.c */
#include "collector/clerk.h"
#include "base/log.h"

#define STATEMENT_MS 10000 /* somebody waits before a page */

static void log_done(const char *event, const struct verdict_ack_entry *entry)
{
    log_event(LOG_LEVEL_INFO, event, LOG_TEXT("domain", entry->domain),
              LOG_TEXT(*entry->mx ? "mx" : NULL, entry->mx), LOG_TEXT("result", entry->result),
              LOG_TEXT(*entry->who ? "user" : NULL, entry->who));
}

static bool acknowledge(void *context, const struct verdict_ack_entry *entry, bool *known,
                        struct err *err)
{
    const struct clerk *clerk = context;
    struct pg *pg = NULL;
    bool good = pg_open_within(clerk->database, clerk->patience, &pg, err)
                && verdicts_acknowledge(pg, entry, known, err);
    pg_close(&pg);
    if (good && *known)
        log_done("acknowledged", entry);
    return good;
}

static bool withdraw(void *context, const struct verdict_ack_entry *entry, bool *known,
                     struct err *err)
{
    const struct clerk *clerk = context;
    struct pg *pg = NULL;
    bool good = pg_open_within(clerk->database, clerk->patience, &pg, err)
                && verdicts_withdraw(pg, entry, known, err);
    pg_close(&pg);
    if (good && *known)
        log_done("withdrawn", entry);
    return good;
}

static bool change_policy(void *context, const struct policy_change *change, struct err *err)
{
    const struct clerk *clerk = context;
    const struct hosting_entry *entry = &change->entry;
    struct pg *pg = NULL;
    bool good = pg_open_within(clerk->database, clerk->patience, &pg, err)
                && policy_change_store(pg, change, err);
    pg_close(&pg);
    if (good)
        log_event(LOG_LEVEL_INFO, "policy", LOG_TEXT("domain", entry->domain),
                  LOG_TEXT("mode", entry->mode), LOG_TEXT("id", entry->id),
                  LOG_TEXT("goal", change->ends ? "ended" : entry->goal),
                  LOG_TEXT(*entry->by ? "user" : NULL, entry->by));
    return good;
}

void clerk_init(struct clerk *clerk, const char *database, int stop_fd)
{
    *clerk = (struct clerk){
        .desk = { .acknowledge = acknowledge,
                  .withdraw = withdraw,
                  .change_policy = change_policy,
                  .context = clerk },
        .database = database,
        .patience = { .statement_ms = STATEMENT_MS, .stop_fd = stop_fd },
    };
}
