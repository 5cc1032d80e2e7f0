/* See hosting.h.
 * SPDX-License-Identifier: MIT */
#include "schema/hosting.h"
#include "embedded/schema.h"

/* Revisions are seen in the order in which they were given. */
#define BEGIN_LOCKED "BEGIN; SELECT pg_advisory_xact_lock(x'746c73727068'::bigint)"
#define NETWORKS     1000 /* of one version that are told apart */

struct id_row {
    int32_t id;
    const char *name;
};
static const struct column id_columns[] = { COLUMN(id_row, id), COLUMN(id_row, name) };

static struct pg_array *texts_of(struct arena *arena, const struct text_list *list)
{
    struct pg_array *texts = pg_array_new(arena, PG_TEXT);
    for (size_t i = 0; i < list->count; i++)
        pg_array_text(texts, list->items[i]);
    return texts;
}

static bool find_domain(struct pg *pg, struct arena *arena, const char *name, int32_t *out,
                        struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_array(&values, texts_of(arena, &(struct text_list){ &name, 1 }));
    if (!pg_query(pg, SQL(store_domain), &values, COLUMNS(id_row, id_columns), &rows, err))
        return false;
    if (rows.count != 1) /* another one made it at this moment */
        return err_set(err, ERR_AGAIN, "%s: was just made; try again", name);
    *out = ((const struct id_row *)rows.first)->id;
    return true;
}

static bool put(struct pg *pg, const struct hosting_entry *entry, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    int32_t domain_id;
    int64_t made = 0;
    if (!find_domain(pg, &arena, entry->domain, &domain_id, err))
        return false;
    pg_number(&values, domain_id);
    pg_number(&values, entry->known_version);
    pg_text(&values, entry->id);
    pg_bytes(&values, entry->body);
    pg_text(&values, entry->sha256);
    pg_text(&values, entry->mode);
    pg_array(&values, texts_of(&arena, &entry->mx));
    pg_number(&values, entry->max_age_seconds);
    pg_time(&values, entry->now_seconds);
    pg_text(&values, entry->by);
    pg_text(&values, entry->note);
    pg_flag(&values, entry->served);
    pg_text(&values, entry->goal);
    pg_array(&values, texts_of(&arena, &entry->goal_mx));
    pg_flag(&values, entry->begins);
    if (!pg_execute(pg, SQL(hosting_put), &values, &made, err))
        return false;
    return made == 1
           || err_set(err, ERR_INPUT, "%s: somebody else has just changed its policy; look again",
                      entry->domain);
}

bool hosting_put(struct pg *pg, const struct hosting_entry *entry, struct err *err)
{
    if (pg_run(pg, BEGIN_LOCKED, err) && put(pg, entry, err) && pg_run(pg, "COMMIT", err))
        return true;
    pg_rollback(pg);
    return false;
}

static bool change_aim(struct pg *pg, const struct hosting_aim *aim, int64_t now_seconds,
                       struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    int64_t changed = 0;
    pg_text(&values, aim->domain);
    pg_text(&values, aim->goal);
    pg_array(&values, texts_of(&arena, &aim->goal_mx));
    pg_time(&values, now_seconds);
    pg_flag(&values, aim->served);
    pg_flag(&values, aim->ended);
    if (!pg_execute(pg, SQL(hosting_aim), &values, &changed, err))
        return false;
    return changed == 1
           || err_set(err, ERR_INPUT, "%s: no policy was ever made for it", aim->domain);
}

bool hosting_aim(struct pg *pg, const struct hosting_aim *aim, int64_t now_seconds, struct err *err)
{
    if (pg_run(pg, BEGIN_LOCKED, err) && change_aim(pg, aim, now_seconds, err)
        && pg_run(pg, "COMMIT", err))
        return true;
    pg_rollback(pg);
    return false;
}

static const struct column changed_columns[] = {
    COLUMN(hosting_changed_row, revision), COLUMN(hosting_changed_row, domain_id),
    COLUMN(hosting_changed_row, domain),   COLUMN(hosting_changed_row, version),
    COLUMN(hosting_changed_row, served),   COLUMN(hosting_changed_row, body),
    COLUMN(hosting_changed_row, sha256),
};

bool hosting_changed(struct pg *pg, struct arena *arena, int64_t revision, int most,
                     struct rows *hosting_changed_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, revision);
    pg_number(&values, most);
    return pg_query(pg, SQL(hosting_changed), &values,
                    COLUMNS(hosting_changed_row, changed_columns), hosting_changed_rows, err);
}

bool hosting_served(struct pg *pg, const struct hosting_fetch *fetches, size_t count,
                    struct err *err)
{
    static const enum pg_type types[] = { PG_INT4, PG_INT4,        PG_TEXT,        PG_TEXT,
                                          PG_TEXT, PG_TIMESTAMPTZ, PG_TIMESTAMPTZ, PG_INT8 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = { .arena = &arena };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(&arena, types[i]);
    for (const struct hosting_fetch *it = fetches; it < fetches + count; it++) {
        pg_array_number(a[0], it->domain_id);
        pg_array_number(a[1], it->version);
        pg_array_text(a[2], it->client);
        pg_array_text(a[3], it->user_agent);
        pg_array_text(a[4], it->sni);
        pg_array_time(a[5], it->first_seconds);
        pg_array_time(a[6], it->last_seconds);
        pg_array_number(a[7], it->fetches);
    }
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    pg_number(&values, NETWORKS);
    return pg_execute(pg, SQL(hosting_served), &values, NULL, err);
}

bool hosting_purge(struct pg *pg, int64_t before_seconds, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_time(&values, before_seconds);
    return pg_execute(pg, SQL(hosting_purge), &values, NULL, err);
}
