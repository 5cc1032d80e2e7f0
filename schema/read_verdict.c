/* See read_verdict.h. Few statements for any number of domains, each domain by its key.
 * SPDX-License-Identifier: MIT
 * Before: read_data.c. Next: verdicts.c */
#include "schema/read_verdict.h"
#include "embedded/schema.h"

static const struct column row_columns[] = {
    COLUMN(verdict_row, domain_id),   COLUMN(verdict_row, day),
    COLUMN(verdict_row, reporter),    COLUMN(verdict_row, policy_id),
    COLUMN(verdict_row, policy_type), COLUMN(verdict_row, mx),
    COLUMN(verdict_row, result),      COLUMN(verdict_row, sessions),
    COLUMN(verdict_row, transient),   COLUMN(verdict_row, addressed),
};

static const struct column policy_columns[] = {
    COLUMN(verdict_policy_row, domain_id),
    COLUMN(verdict_policy_row, id),
    COLUMN(verdict_policy_row, mode),
    COLUMN(verdict_policy_row, mx),
    COLUMN(verdict_policy_row, max_age_seconds),
};

static const struct column ack_columns[] = {
    COLUMN(verdict_ack_row, domain_id),  COLUMN(verdict_ack_row, mx),
    COLUMN(verdict_ack_row, result),     COLUMN(verdict_ack_row, last_day),
    COLUMN(verdict_ack_row, note),       COLUMN(verdict_ack_row, who),
    COLUMN(verdict_ack_row, at_seconds),
};

static const struct column gap_columns[] = {
    COLUMN(verdict_gap_row, day),
};

/* Who answers: one of the two. */
struct source {
    struct reader *reader;
    struct pg *pg;
};

static bool ask_one(const struct source *source, struct statement statement,
                    const struct pg_values *values, struct columns columns, struct rows *out,
                    struct err *err)
{
    return source->pg ? pg_query(source->pg, statement, values, columns, out, err)
                      : reader_ask(source->reader, statement, values, columns, out, err);
}

static struct pg_array *ids_of(struct arena *arena, const struct verdict_ask *ask)
{
    struct pg_array *ids = pg_array_new(arena, PG_INT4);
    for (size_t i = 0; i < ask->domain_count; i++)
        pg_array_number(ids, ask->domain_ids[i]);
    return ids;
}

/* Rows come in the order of domains and policies. */
static void name_policies(struct arena *arena, const struct rows *rows, struct pg_values *values)
{
    struct pg_array *domains = pg_array_new(arena, PG_INT4), *ids = pg_array_new(arena, PG_INT8);
    const struct verdict_row *all = rows->first;
    for (size_t i = 0; i < rows->count; i++)
        if (i == 0 || all[i].policy_id != all[i - 1].policy_id
            || all[i].domain_id != all[i - 1].domain_id) {
            pg_array_number(domains, all[i].domain_id);
            pg_array_number(ids, all[i].policy_id);
        }
    pg_array(values, domains);
    pg_array(values, ids);
}

static bool read_all(const struct source *source, struct arena *arena,
                     const struct verdict_ask *ask, struct verdict_evidence *out, struct err *err)
{
    struct pg_values values = { .arena = arena }, policies = values, acks = values, gaps = values;
    pg_array(&values, ids_of(arena, ask));
    pg_day(&values, ask->from_day);
    pg_day(&values, ask->to_day);
    pg_flag(&values, ask->include_untrusted);
    pg_number(&values, VERDICT_ROWS);
    pg_array(&acks, ids_of(arena, ask));
    pg_day(&gaps, ask->from_day);
    pg_day(&gaps, ask->to_day);
    if (!ask_one(source, SQL(verdict_rows), &values, COLUMNS(verdict_row, row_columns), &out->rows,
                 err))
        return false;
    name_policies(arena, &out->rows, &policies);
    return ask_one(source, SQL(verdict_policies), &policies,
                   COLUMNS(verdict_policy_row, policy_columns), &out->policies, err)
           && ask_one(source, SQL(verdict_acks), &acks, COLUMNS(verdict_ack_row, ack_columns),
                      &out->acks, err)
           && ask_one(source, SQL(verdict_gaps), &gaps, COLUMNS(verdict_gap_row, gap_columns),
                      &out->gaps, err);
}

bool read_verdict(struct reader *reader, struct arena *arena, const struct verdict_ask *ask,
                  struct verdict_evidence *out, struct err *err)
{
    const struct source source = { .reader = reader };
    return read_all(&source, arena, ask, out, err);
}

bool read_verdict_with(struct pg *pg, struct arena *arena, const struct verdict_ask *ask,
                       struct verdict_evidence *out, struct err *err)
{
    const struct source source = { .pg = pg };
    return read_all(&source, arena, ask, out, err);
}

struct verdict_evidence read_verdict_part(const struct verdict_evidence *evidence,
                                          int32_t domain_id)
{
    return (struct verdict_evidence){
        .rows = rows_of_domain(&evidence->rows, sizeof(struct verdict_row), domain_id),
        .policies =
            rows_of_domain(&evidence->policies, sizeof(struct verdict_policy_row), domain_id),
        .acks = rows_of_domain(&evidence->acks, sizeof(struct verdict_ack_row), domain_id),
        .gaps = evidence->gaps,
    };
}

static const struct column change_columns[] = {
    COLUMN(verdict_change_row, at_seconds),   COLUMN(verdict_change_row, from_stage),
    COLUMN(verdict_change_row, from_verdict), COLUMN(verdict_change_row, stage),
    COLUMN(verdict_change_row, verdict),      COLUMN(verdict_change_row, code),
    COLUMN(verdict_change_row, sentence),
};

bool read_verdict_changes(struct reader *reader, struct arena *arena, int32_t domain_id, int limit,
                          struct rows *verdict_change_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, domain_id);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(verdict_changes), &values,
                      COLUMNS(verdict_change_row, change_columns), verdict_change_rows, err);
}

static const struct column replay_columns[] = {
    COLUMN(verdict_replay_row, at_seconds), COLUMN(verdict_replay_row, stage),
    COLUMN(verdict_replay_row, verdict),    COLUMN(verdict_replay_row, code),
    COLUMN(verdict_replay_row, sentence),   COLUMN(verdict_replay_row, input),
};

bool read_verdict_change(struct reader *reader, struct arena *arena, int32_t domain_id,
                         int64_t at_seconds, const struct verdict_replay_row **out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_number(&values, domain_id);
    pg_time(&values, at_seconds);
    if (!reader_ask(reader, SQL(verdict_replay), &values,
                    COLUMNS(verdict_replay_row, replay_columns), &rows, err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}
