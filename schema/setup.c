/* See setup.h.
 * SPDX-License-Identifier: MIT
 * Before: verdicts.c. Next: read_setup.c */
#include "schema/setup.h"
#include "embedded/schema.h"

struct flag_row {
    bool changed;
};
static const struct column flag_columns[] = { COLUMN(flag_row, changed) };

struct id_row {
    int32_t id;
    const char *name;
};
static const struct column id_columns[] = { COLUMN(id_row, id), COLUMN(id_row, name) };

/* --- a look --- */

/* One that is being written. */
struct storing {
    struct pg *pg;
    struct arena arena;
    const struct setup_entry *entry;
    int32_t domain_id;
    bool newest, changed;
    struct err *err;
};

static struct pg_values values_of(struct storing *it)
{
    struct pg_values values = { .arena = &it->arena };
    pg_number(&values, it->domain_id);
    pg_time_us(&values, it->entry->at_us);
    return values;
}

static void add_texts(struct pg_values *values, const char *const *texts, size_t count)
{
    struct pg_array *array = pg_array_new(values->arena, PG_TEXT);
    for (size_t i = 0; i < count; i++)
        pg_array_text(array, texts[i] ? texts[i] : "");
    pg_array(values, array);
}

static void add_gates(struct pg_values *values, const int32_t gates[SETUP_GATE_COUNT])
{
    struct pg_array *array = pg_array_new(values->arena, PG_INT2);
    for (size_t i = 0; i < SETUP_GATE_COUNT; i++)
        pg_array_number(array, gates[i]);
    pg_array(values, array);
}

static bool find_domains(struct pg *pg, struct arena *arena, const struct text_list *domains,
                         struct rows *id_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    add_texts(&values, domains->items, domains->count);
    return pg_query(pg, SQL(store_domain), &values, COLUMNS(id_row, id_columns), id_rows, err);
}

/* Runs a statement that tells whether something changed; no row: *NEWEST is false. */
static bool run_flagged(struct storing *it, struct statement statement,
                        const struct pg_values *values)
{
    struct rows rows;
    if (!pg_query(it->pg, statement, values, COLUMNS(flag_row, flag_columns), &rows, it->err))
        return false;
    it->newest = rows.count > 0;
    it->changed |= it->newest && ((const struct flag_row *)rows.first)->changed;
    return true;
}

static bool store_state(struct storing *it)
{
    const struct setup_entry *entry = it->entry;
    struct pg_values values = values_of(it);
    pg_flag(&values, entry->probed);
    pg_number(&values, entry->milliseconds);
    pg_text(&values, entry->verdict);
    pg_number(&values, entry->errors);
    pg_number(&values, entry->warnings);
    pg_number(&values, entry->unknowns);
    add_texts(&values, entry->steps, SETUP_STEP_COUNT);
    add_gates(&values, entry->gates);
    add_texts(&values, entry->found, SETUP_GATE_COUNT);
    pg_number(&values, entry->host);
    pg_text(&values, entry->id);
    pg_text(&values, entry->mode);
    pg_number(&values, entry->max_age_seconds);
    pg_text(&values, entry->policy_sha256);
    pg_text(&values, entry->result);
    return run_flagged(it, SQL(setup_put), &values);
}

static bool store_run(struct storing *it)
{
    const struct setup_entry *entry = it->entry;
    struct pg_values values = values_of(it);
    pg_flag(&values, entry->probed);
    pg_text(&values, entry->verdict);
    pg_number(&values, entry->errors);
    pg_number(&values, entry->warnings);
    add_gates(&values, entry->gates);
    return pg_execute(it->pg, SQL(setup_run), &values, NULL, it->err);
}

static bool store_findings(struct storing *it)
{
    static const enum pg_type types[] = { PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT,
                                          PG_TEXT, PG_TEXT, PG_TEXT, PG_BOOL, PG_TEXT };
    const struct setup_entry *entry = it->entry;
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = values_of(it);
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(&it->arena, types[i]);
    for (size_t i = 0; i < entry->finding_count; i++) {
        const struct setup_finding_entry *finding = &entry->findings[i];
        const char *const texts[] = { finding->code, finding->subject, finding->severity,
                                      finding->step, finding->title,   finding->evidence,
                                      finding->fix,  finding->rule };
        for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
            pg_array_text(a[j], texts[j]);
        pg_array_number(a[8], finding->blocks);
        pg_array_text(a[9], finding->letter);
    }
    add_texts(&values, entry->unknown_steps.items, entry->unknown_steps.count);
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    return pg_execute(it->pg, SQL(setup_findings), &values, NULL, it->err);
}

static bool store_values(struct storing *it)
{
    const struct setup_entry *entry = it->entry;
    struct pg_values values = values_of(it);
    struct pg_array *kinds = pg_array_new(&it->arena, PG_TEXT),
                    *texts = pg_array_new(&it->arena, PG_TEXT),
                    *ttls = pg_array_new(&it->arena, PG_INT8);
    for (size_t i = 0; i < entry->value_count; i++) {
        pg_array_text(kinds, entry->values[i].kind);
        pg_array_text(texts, entry->values[i].value);
        pg_array_number(ttls, entry->values[i].ttl_seconds);
    }
    pg_array(&values, kinds);
    pg_array(&values, texts);
    pg_array(&values, ttls);
    return pg_execute(it->pg, SQL(setup_values), &values, NULL, it->err);
}

static bool store_policy(struct storing *it)
{
    const struct setup_entry *entry = it->entry;
    struct pg_values values = values_of(it);
    if (!*entry->policy_sha256)
        return true;
    pg_text(&values, entry->id);
    pg_text(&values, entry->policy_sha256);
    pg_text(&values, entry->mode);
    pg_number(&values, entry->max_age_seconds);
    pg_text(&values, entry->policy);
    return pg_execute(it->pg, SQL(setup_policy), &values, NULL, it->err);
}

static void add_moment(struct pg_array *array, int64_t seconds)
{
    if (seconds)
        pg_array_time(array, seconds);
    else
        pg_array_null(array);
}

static bool store_mx(struct storing *it)
{
    static const enum pg_type types[] = {
        PG_TEXT, PG_TEXT, PG_INT4, PG_TIMESTAMPTZ, PG_TEXT, PG_TEXT,        PG_TEXT,
        PG_TEXT, PG_INT4, PG_TEXT, PG_TEXT,        PG_TEXT, PG_TIMESTAMPTZ, PG_TIMESTAMPTZ,
    };
    struct pg_array *a[ARRAY_SIZE(types)];
    struct pg_values values = values_of(it);
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(&it->arena, types[i]);
    for (size_t i = 0; i < it->entry->mx_count; i++) {
        const struct setup_mx_entry *mx = &it->entry->mx[i];
        pg_array_text(a[0], mx->mx);
        pg_array_text(a[1], mx->address);
        pg_array_number(a[2], mx->preference);
        add_moment(a[3], mx->probed_seconds);
        pg_array_text(a[4], mx->reach);
        pg_array_text(a[5], mx->starttls);
        pg_array_text(a[6], mx->tls);
        pg_array_text(a[7], mx->dane);
        pg_array_number(a[8], mx->passes);
        pg_array_text(a[9], mx->fails_with);
        pg_array_text(a[10], mx->why);
        pg_array_text(a[11], mx->certificate);
        add_moment(a[12], mx->certificate_begin_seconds);
        add_moment(a[13], mx->certificate_end_seconds);
    }
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    return !it->entry->mx_known || run_flagged(it, SQL(setup_mx), &values);
}

static bool mark_due(struct storing *it)
{
    struct pg_values values = { .arena = &it->arena };
    pg_number(&values, it->domain_id);
    return !it->changed || pg_execute(it->pg, SQL(setup_verdict_due), &values, NULL, it->err);
}

static bool store_all(struct storing *it)
{
    const struct text_list domain = { &it->entry->domain, 1 };
    struct rows rows;
    if (!find_domains(it->pg, &it->arena, &domain, &rows, it->err))
        return false;
    if (rows.count == 0) /* made by somebody else at this moment, and not yet seen by us */
        return err_set(it->err, ERR_AGAIN, "%s: the domain is just being made", it->entry->domain);
    it->domain_id = ((const struct id_row *)rows.first)->id;
    if (!store_state(it))
        return false;
    return !it->newest
           || (store_run(it) && store_findings(it) && store_values(it) && store_policy(it)
               && store_mx(it) && mark_due(it));
}

bool setup_store(struct pg *pg, const struct setup_entry *entry, struct err *err)
{
    struct storing it = { .pg = pg, .entry = entry, .err = err };
    bool good = pg_run(pg, "BEGIN", err) && store_all(&it) && pg_run(pg, "COMMIT", err);
    if (!good)
        pg_rollback(pg);
    arena_free(&it.arena);
    return good;
}

/* --- which are due --- */

static const struct column candidate_columns[] = {
    COLUMN(setup_candidate_row, domain),
    COLUMN(setup_candidate_row, hosted),
};

bool setup_candidates(struct pg *pg, struct arena *arena, int64_t now_seconds, int most,
                      struct rows *setup_candidate_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_time(&values, now_seconds);
    pg_number(&values, most);
    return pg_query(pg, SQL(setup_candidates), &values,
                    COLUMNS(setup_candidate_row, candidate_columns), setup_candidate_rows, err);
}

bool setup_watch(struct pg *pg, const struct text_list *domains, int64_t now_seconds,
                 struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    add_texts(&values, domains->items, domains->count);
    pg_time(&values, now_seconds);
    return find_domains(pg, &arena, domains, &rows, err)
           && pg_execute(pg, SQL(setup_watch), &values, NULL, err);
}

static const struct column due_columns[] = {
    COLUMN(setup_due_row, domain_id),
    COLUMN(setup_due_row, domain),
    COLUMN(setup_due_row, probes),
};

bool setup_claim(struct pg *pg, struct arena *arena, const struct setup_turn *turn,
                 struct rows *setup_due_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_time(&values, turn->now_seconds);
    pg_number(&values, turn->look_seconds);
    pg_number(&values, turn->probe_seconds);
    pg_number(&values, turn->most);
    return pg_query(pg, SQL(setup_claim), &values, COLUMNS(setup_due_row, due_columns),
                    setup_due_rows, err);
}

/* --- MX hosts --- */

bool setup_probe_take(struct pg *pg, const struct probe_slot *slot, bool *taken, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    int64_t rows = 0;
    pg_text(&values, slot->mx);
    pg_text(&values, slot->address);
    pg_time(&values, slot->now_seconds);
    pg_time(&values, slot->oldest_seconds);
    pg_number(&values, slot->most);
    if (!pg_execute(pg, SQL(setup_probe_take), &values, &rows, err))
        return false;
    *taken = rows > 0;
    return true;
}

bool setup_probe_put(struct pg *pg, const struct probe_row *probe, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_text(&values, probe->address);
    pg_text(&values, probe->mx);
    pg_time(&values, probe->at_seconds);
    pg_number(&values, probe->reach);
    pg_text(&values, probe->why);
    pg_text(&values, probe->banner);
    pg_number(&values, probe->code);
    pg_number(&values, probe->starttls);
    pg_number(&values, probe->dane);
    pg_number(&values, probe->milliseconds);
    pg_number(&values, probe->tls);
    pg_text(&values, probe->tls_version);
    pg_text(&values, probe->tls_cipher);
    pg_text(&values, probe->tls_why);
    pg_number(&values, probe->flaws);
    pg_text(&values, probe->flaw_why);
    pg_text(&values, probe->subject);
    pg_text(&values, probe->issuer);
    pg_text(&values, probe->names);
    pg_text(&values, probe->chain);
    pg_number(&values, probe->begins);
    pg_number(&values, probe->ends);
    pg_number(&values, probe->chain_ends);
    pg_text(&values, probe->sha256);
    pg_text(&values, probe->spki_sha256);
    return pg_execute(pg, SQL(setup_probe_put), &values, NULL, err);
}

static const struct column probe_columns[] = {
    COLUMN(probe_row, address),     COLUMN(probe_row, mx),           COLUMN(probe_row, at_seconds),
    COLUMN(probe_row, known),       COLUMN(probe_row, reach),        COLUMN(probe_row, why),
    COLUMN(probe_row, banner),      COLUMN(probe_row, code),         COLUMN(probe_row, starttls),
    COLUMN(probe_row, dane),        COLUMN(probe_row, milliseconds), COLUMN(probe_row, tls),
    COLUMN(probe_row, tls_version), COLUMN(probe_row, tls_cipher),   COLUMN(probe_row, tls_why),
    COLUMN(probe_row, flaws),       COLUMN(probe_row, flaw_why),     COLUMN(probe_row, subject),
    COLUMN(probe_row, issuer),      COLUMN(probe_row, names),        COLUMN(probe_row, chain),
    COLUMN(probe_row, begins),      COLUMN(probe_row, ends),         COLUMN(probe_row, chain_ends),
    COLUMN(probe_row, sha256),      COLUMN(probe_row, spki_sha256),
};

bool setup_probes(struct pg *pg, struct arena *arena, const struct text_list *mx,
                  struct rows *probe_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    add_texts(&values, mx->items, mx->count);
    return pg_query(pg, SQL(setup_probes), &values, COLUMNS(probe_row, probe_columns), probe_rows,
                    err);
}

bool setup_reached(struct pg *pg, int32_t reach, int64_t since_seconds, bool *reached,
                   struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    pg_number(&values, reach);
    pg_time(&values, since_seconds);
    if (!pg_query(pg, SQL(setup_reached), &values, COLUMNS(flag_row, flag_columns), &rows, err))
        return false;
    *reached = ((const struct flag_row *)rows.first)->changed;
    return true;
}

struct removed_row {
    int64_t removed;
};
static const struct column removed_columns[] = { COLUMN(removed_row, removed) };

bool setup_purge(struct pg *pg, int64_t now_seconds, int64_t *removed, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    pg_time(&values, now_seconds);
    if (!pg_query(pg, SQL(setup_purge), &values, COLUMNS(removed_row, removed_columns), &rows, err))
        return false;
    *removed = ((const struct removed_row *)rows.first)->removed;
    return true;
}
