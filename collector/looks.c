/* See looks.h.
 * SPDX-License-Identifier: MIT */
#include "collector/looks.h"
#include "collector/look_entry.h"
#include "schema/read_hosting.h"
#include "schema/read_setup.h"
#include "base/clock.h"
#include "probe/recall.h"
#include <stdlib.h>
#include <string.h>

#define QUESTIONS 64 /* to DNS at once: a look has some forty */

struct looks {
    struct dns *dns;
    struct recall *recall;
    struct checker *checker;
};

bool looks_open(const struct settings *settings, const char *database, struct pg_patience patience,
                struct looks **out, struct err *err)
{
    struct looks *looks = memory_new(sizeof *looks);
    struct dns_settings dns = settings->dns;
    dns.questions = dns.questions > QUESTIONS ? dns.questions : QUESTIONS;
    *looks = (struct looks){ .recall = recall_new(database, patience) };
    if (dns_open(&dns, &looks->dns, err)
        && checker_new(&settings->check, looks->dns, looks->recall, &looks->checker, err)) {
        *out = looks;
        return true;
    }
    looks_close(&looks);
    return false;
}

void looks_stop(struct looks *looks)
{
    checker_stop(looks->checker);
}

void looks_close(struct looks **looks)
{
    struct looks *old = *looks;
    *looks = NULL;
    if (!old)
        return;
    checker_free(&old->checker);
    dns_close(&old->dns);
    recall_free(&old->recall);
    free(old);
}

/* --- what is known from before --- */

static struct setup_seen_list values_of(struct arena *arena, const struct rows *rows,
                                        const char *kind)
{
    const struct setup_value_row *all = rows->first;
    struct setup_seen *items = arena_array(arena, rows->count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(all[i].kind, kind) == 0)
            items[count++] = (struct setup_seen){ all[i].value, all[i].first_seconds,
                                                  all[i].last_seconds, all[i].ttl_seconds };
    return (struct setup_seen_list){ items, count };
}

static struct setup_seen_list reported_of(struct arena *arena, const struct rows *rows)
{
    const struct setup_reported_row *all = rows->first;
    struct setup_seen *items = arena_array(arena, rows->count + 1, sizeof *items);
    for (size_t i = 0; i < rows->count; i++)
        items[i] = (struct setup_seen){ all[i].mx, (int64_t)all[i].first_day * DAY_SECONDS,
                                        (int64_t)all[i].last_day * DAY_SECONDS, -1 };
    return (struct setup_seen_list){ items, rows->count };
}

static void take_pairs(struct arena *arena, const struct rows *rows, struct setup_history *out)
{
    const struct setup_policy_row *all = rows->first;
    struct setup_pair *pairs = arena_array(arena, rows->count + 1, sizeof *pairs);
    for (size_t i = 0; i < rows->count; i++)
        pairs[i] = (struct setup_pair){ all[i].id,
                                        all[i].policy_sha256,
                                        all[i].mode,
                                        all[i].max_age_seconds,
                                        all[i].first_seconds,
                                        all[i].last_seconds };
    out->pairs = pairs;
    out->pair_count = rows->count;
}

static bool take_hosted(struct reader *reader, struct arena *arena, const char *domain,
                        struct setup_history *out, struct err *err)
{
    struct rows hosted, versions;
    if (!read_hosting(reader, arena, domain, &hosted, err))
        return false;
    const struct hosting_row *one = hosted.first;
    out->given_up = hosted.count && one->ended;
    if (hosted.count == 0 || !one->served || one->ended)
        return true;
    if (!read_hosting_versions(reader, arena, one->domain_id, 1, &versions, err))
        return false;
    const struct hosting_version_row *newest = versions.first;
    if (versions.count && newest->version == one->version) {
        out->hosted_policy = arena_copy(arena, newest->body.data, newest->body.size);
        out->hosted_id = newest->id;
    }
    return true;
}

bool look_remember(const struct settings *settings, struct reader *reader, struct arena *arena,
                   const char *domain, struct setup_history *out, struct err *err)
{
    struct setup_history history = { .own_rua = settings->check.own_rua };
    struct setup_past past;
    if (!read_setup_past(reader, arena, domain, &past, err)
        || !take_hosted(reader, arena, domain, &history, err))
        return false;
    history.ids = values_of(arena, &past.values, "id");
    history.mx = values_of(arena, &past.values, "mx");
    history.reported_mx = reported_of(arena, &past.reported);
    history.last_report_seconds = past.last_report_seconds;
    take_pairs(arena, &past.policies, &history);
    *out = history;
    return true;
}

/* --- the look --- */

void look_at(struct looks *looks, struct arena *arena, const struct check_wish *wish,
             struct look *out)
{
    check_domain(looks->checker, arena, wish, &out->facts);
    out->result = setup_judge(arena, &out->facts, &out->history);
}

bool look_keep(struct pg *pg, const struct look *look, bool probed, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_entry entry;
    look_entry(&arena, &look->facts, &look->result, &entry);
    entry.probed = probed;
    return setup_store(pg, &entry, err);
}
