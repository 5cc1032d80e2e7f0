/* See read_setup.h.
 * SPDX-License-Identifier: MIT
 * Before: setup.c. Next: read_live.c */
#include "schema/read_setup.h"
#include "embedded/schema.h"

static const struct column setup_columns[] = {
    COLUMN(setup_row, domain_id),
    COLUMN(setup_row, name),
    COLUMN(setup_row, checked_seconds),
    COLUMN(setup_row, probed_seconds),
    COLUMN(setup_row, milliseconds),
    COLUMN(setup_row, verdict),
    COLUMN(setup_row, attention),
    COLUMN(setup_row, errors),
    COLUMN(setup_row, warnings),
    COLUMN(setup_row, unknowns),
    COLUMN(setup_row, steps),
    COLUMN(setup_row, id),
    COLUMN(setup_row, mode),
    COLUMN(setup_row, policy_sha256),
    COLUMN(setup_row, max_age_seconds),
    COLUMN(setup_row, result),
};

bool read_setup(struct reader *reader, struct arena *arena, const char *domain,
                const struct setup_row **out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_text(&values, domain);
    if (!reader_ask(reader, SQL(read_setup), &values, COLUMNS(setup_row, setup_columns), &rows,
                    err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}

bool read_setup_list(struct reader *reader, struct arena *arena, const struct setup_list *list,
                     struct rows *setup_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, list->attention);
    pg_number(&values, list->after_attention);
    pg_text(&values, list->after_name);
    pg_number(&values, list->limit);
    return reader_ask(reader, SQL(read_setup_list), &values, COLUMNS(setup_row, setup_columns),
                      setup_rows, err);
}

static const struct column count_columns[] = {
    COLUMN(setup_count_row, attention),
    COLUMN(setup_count_row, domains),
    COLUMN(setup_count_row, oldest_seconds),
};

bool read_setup_counts(struct reader *reader, struct arena *arena, struct rows *setup_count_rows,
                       struct err *err)
{
    const struct pg_values nothing = { .arena = arena };
    return reader_ask(reader, SQL(read_setup_counts), &nothing,
                      COLUMNS(setup_count_row, count_columns), setup_count_rows, err);
}

static const struct column finding_columns[] = {
    COLUMN(setup_finding_row, code),          COLUMN(setup_finding_row, subject),
    COLUMN(setup_finding_row, severity),      COLUMN(setup_finding_row, step),
    COLUMN(setup_finding_row, title),         COLUMN(setup_finding_row, evidence),
    COLUMN(setup_finding_row, fix),           COLUMN(setup_finding_row, rule),
    COLUMN(setup_finding_row, blocks),        COLUMN(setup_finding_row, letter),
    COLUMN(setup_finding_row, first_seconds), COLUMN(setup_finding_row, last_seconds),
    COLUMN(setup_finding_row, gone_seconds),
};

bool read_setup_findings(struct reader *reader, struct arena *arena, int32_t domain_id, int limit,
                         struct rows *setup_finding_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, domain_id);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(read_setup_findings), &values,
                      COLUMNS(setup_finding_row, finding_columns), setup_finding_rows, err);
}

static const struct column mx_columns[] = {
    COLUMN(setup_mx_row, mx),
    COLUMN(setup_mx_row, address),
    COLUMN(setup_mx_row, preference),
    COLUMN(setup_mx_row, present),
    COLUMN(setup_mx_row, last_seconds),
    COLUMN(setup_mx_row, probed_seconds),
    COLUMN(setup_mx_row, reach),
    COLUMN(setup_mx_row, starttls),
    COLUMN(setup_mx_row, tls),
    COLUMN(setup_mx_row, dane),
    COLUMN(setup_mx_row, passes),
    COLUMN(setup_mx_row, fails_with),
    COLUMN(setup_mx_row, why),
    COLUMN(setup_mx_row, certificate),
    COLUMN(setup_mx_row, certificate_end_seconds),
    COLUMN(setup_mx_row, certificate_since_seconds),
};

bool read_setup_mx(struct reader *reader, struct arena *arena, int32_t domain_id,
                   struct rows *setup_mx_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, domain_id);
    return reader_ask(reader, SQL(read_setup_mx), &values, COLUMNS(setup_mx_row, mx_columns),
                      setup_mx_rows, err);
}

static const struct column run_columns[] = {
    COLUMN(setup_run_row, at_seconds), COLUMN(setup_run_row, probed),
    COLUMN(setup_run_row, verdict),    COLUMN(setup_run_row, errors),
    COLUMN(setup_run_row, warnings),
};

bool read_setup_runs(struct reader *reader, struct arena *arena, int32_t domain_id, int limit,
                     struct rows *setup_run_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, domain_id);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(read_setup_runs), &values, COLUMNS(setup_run_row, run_columns),
                      setup_run_rows, err);
}

/* --- what was seen before --- */

static const struct column value_columns[] = {
    COLUMN(setup_value_row, kind),          COLUMN(setup_value_row, value),
    COLUMN(setup_value_row, first_seconds), COLUMN(setup_value_row, since_seconds),
    COLUMN(setup_value_row, last_seconds),  COLUMN(setup_value_row, ttl_seconds),
};

static const struct column policy_columns[] = {
    COLUMN(setup_policy_row, id),
    COLUMN(setup_policy_row, policy_sha256),
    COLUMN(setup_policy_row, mode),
    COLUMN(setup_policy_row, body),
    COLUMN(setup_policy_row, max_age_seconds),
    COLUMN(setup_policy_row, first_seconds),
    COLUMN(setup_policy_row, last_seconds),
};

static const struct column reported_columns[] = {
    COLUMN(setup_reported_row, mx),
    COLUMN(setup_reported_row, first_day),
    COLUMN(setup_reported_row, last_day),
};

struct known_row {
    int32_t domain_id;
    int64_t last_report_seconds;
};
static const struct column known_columns[] = {
    COLUMN(known_row, domain_id),
    COLUMN(known_row, last_report_seconds),
};

bool read_setup_past(struct reader *reader, struct arena *arena, const char *domain,
                     struct setup_past *out, struct err *err)
{
    struct pg_values values = { .arena = arena }, id = values;
    struct setup_past past = { .values = { NULL, 0 } };
    struct rows rows;
    pg_text(&values, domain);
    if (!reader_ask(reader, SQL(read_setup_known), &values, COLUMNS(known_row, known_columns),
                    &rows, err))
        return false;
    if (rows.count) {
        const struct known_row *known = rows.first;
        past.last_report_seconds = known->last_report_seconds;
        pg_number(&id, known->domain_id);
        if (!reader_ask(reader, SQL(read_setup_values), &id,
                        COLUMNS(setup_value_row, value_columns), &past.values, err)
            || !reader_ask(reader, SQL(read_setup_policies), &id,
                           COLUMNS(setup_policy_row, policy_columns), &past.policies, err)
            || !reader_ask(reader, SQL(read_setup_reported), &id,
                           COLUMNS(setup_reported_row, reported_columns), &past.reported, err))
            return false;
    }
    *out = past;
    return true;
}
