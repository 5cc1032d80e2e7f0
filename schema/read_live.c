/* See read_live.h.
 * SPDX-License-Identifier: MIT
 * Before: read_setup.c. Next: read_verdict.c */
#include "schema/read_live.h"
#include "embedded/schema.h"

static const struct column look_columns[] = {
    COLUMN(live_row, domain_id),         COLUMN(live_row, first_seconds),
    COLUMN(live_row, checked_seconds),   COLUMN(live_row, mode),
    COLUMN(live_row, host_back_seconds), COLUMN(live_row, mx_since_seconds),
    COLUMN(live_row, given_up),
};

static const struct column gate_columns[] = {
    COLUMN(live_gate_row, domain_id),     COLUMN(live_gate_row, gate),
    COLUMN(live_gate_row, state),         COLUMN(live_gate_row, found),
    COLUMN(live_gate_row, known_runs),    COLUMN(live_gate_row, true_runs),
    COLUMN(live_gate_row, false_seconds),
};

static const struct column host_columns[] = {
    COLUMN(live_host_row, domain_id),
    COLUMN(live_host_row, name),
    COLUMN(live_host_row, present),
    COLUMN(live_host_row, last_seconds),
    COLUMN(live_host_row, passes),
    COLUMN(live_host_row, fails_with),
    COLUMN(live_host_row, certificate_since_seconds),
};

bool read_live(struct arena *arena, const struct live_ask *ask, struct live_evidence *out,
               struct err *err)
{
    const struct {
        struct statement statement;
        struct columns columns;
        struct rows *rows;
    } questions[] = {
        { SQL(live_looks), COLUMNS(live_row, look_columns), &out->looks },
        { SQL(live_gates), COLUMNS(live_gate_row, gate_columns), &out->gates },
        { SQL(live_hosts), COLUMNS(live_host_row, host_columns), &out->hosts },
    };
    struct pg_array *ids = pg_array_new(arena, PG_INT4);
    struct pg_values values = { .arena = arena };
    for (size_t i = 0; i < ask->domain_count; i++)
        pg_array_number(ids, ask->domain_ids[i]);
    pg_array(&values, ids);
    for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
        const struct columns columns = questions[i].columns;
        struct rows *rows = questions[i].rows;
        if (!(ask->pg
                  ? pg_query(ask->pg, questions[i].statement, &values, columns, rows, err)
                  : reader_ask(ask->reader, questions[i].statement, &values, columns, rows, err)))
            return false;
    }
    return true;
}

struct live_evidence read_live_part(const struct live_evidence *evidence, int32_t domain_id)
{
    return (struct live_evidence){
        .looks = rows_of_domain(&evidence->looks, sizeof(struct live_row), domain_id),
        .gates = rows_of_domain(&evidence->gates, sizeof(struct live_gate_row), domain_id),
        .hosts = rows_of_domain(&evidence->hosts, sizeof(struct live_host_row), domain_id),
    };
}

static const struct column state_columns[] = {
    COLUMN(live_state_row, domain),
    COLUMN(live_state_row, steps),
    COLUMN(live_state_row, checked_seconds),
};

static const struct column certificate_columns[] = {
    COLUMN(live_certificate_row, mx),
    COLUMN(live_certificate_row, end_seconds),
};

static const struct column total_columns[] = {
    COLUMN(live_total_row, domains),
    COLUMN(live_total_row, errors),
    COLUMN(live_total_row, warnings),
    COLUMN(live_total_row, unknowns),
};

bool read_live_metrics(struct reader *reader, struct arena *arena, int limit,
                       struct live_metrics *out, struct err *err)
{
    struct pg_values most = { .arena = arena };
    const struct pg_values nothing = { .arena = arena };
    pg_number(&most, limit);
    return reader_ask(reader, SQL(live_states), &most, COLUMNS(live_state_row, state_columns),
                      &out->states, err)
           && reader_ask(reader, SQL(live_certificates), &most,
                         COLUMNS(live_certificate_row, certificate_columns), &out->certificates,
                         err)
           && reader_ask(reader, SQL(live_total), &nothing, COLUMNS(live_total_row, total_columns),
                         &out->total, err);
}

static const struct column week_columns[] = {
    COLUMN(live_week_row, kind),    COLUMN(live_week_row, of_kind),
    COLUMN(live_week_row, domain),  COLUMN(live_week_row, severity),
    COLUMN(live_week_row, code),    COLUMN(live_week_row, subject),
    COLUMN(live_week_row, title),   COLUMN(live_week_row, at_seconds),
    COLUMN(live_week_row, domains),
};

bool read_live_week(struct reader *reader, struct arena *arena, const struct week *week, int limit,
                    struct rows *live_week_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_day(&values, week->monday);
    pg_number(&values, week->domain_id);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(live_week), &values, COLUMNS(live_week_row, week_columns),
                      live_week_rows, err);
}
