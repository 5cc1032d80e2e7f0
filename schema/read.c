/* See read.h. Each function is its statement, its parameters and its column table.
 * SPDX-License-Identifier: MIT */
#include "schema/read.h"
#include "embedded/schema.h"

static const struct column overview_columns[] = {
    COLUMN(overview_row, domains),  COLUMN(overview_row, successful),
    COLUMN(overview_row, failed),   COLUMN(overview_row, last_report_seconds),
    COLUMN(overview_row, rejected),
};

bool read_overview(struct reader *reader, struct arena *arena, struct overview_row *out,
                   struct err *err)
{
    const struct pg_values values = { .arena = arena };
    struct rows rows;
    if (!reader_ask(reader, SQL(read_overview), &values, COLUMNS(overview_row, overview_columns),
                    &rows, err))
        return false;
    *out = *(const struct overview_row *)rows.first; /* sums are always one row */
    return true;
}

static const struct column domain_columns[] = {
    COLUMN(domain_row, id),         COLUMN(domain_row, name),
    COLUMN(domain_row, successful), COLUMN(domain_row, failed),
    COLUMN(domain_row, reporters),  COLUMN(domain_row, last_report_seconds),
    COLUMN(domain_row, worst_mx),   COLUMN(domain_row, worst_mx_failed),
    COLUMN(domain_row, mode),
};

bool read_domains(struct reader *reader, struct arena *arena, const struct domain_row *after,
                  int limit, struct rows *domain_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    if (after)
        pg_number(&values, after->failed);
    else
        pg_text(&values, NULL);
    pg_text(&values, after ? after->name : NULL);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(read_domains), &values, COLUMNS(domain_row, domain_columns),
                      domain_rows, err);
}

bool read_domain(struct reader *reader, struct arena *arena, const char *name,
                 const struct domain_row **out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_text(&values, name);
    if (!reader_ask(reader, SQL(read_domain), &values, COLUMNS(domain_row, domain_columns), &rows,
                    err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}

static struct pg_values span_values(struct arena *arena, const struct span *span)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, span->domain_id);
    pg_day(&values, span->from_day);
    return values;
}

static const struct column day_columns[] = {
    COLUMN(day_row, day),
    COLUMN(day_row, policy_type),
    COLUMN(day_row, successful),
    COLUMN(day_row, failed),
    COLUMN(day_row, unexplained),
    COLUMN(day_row, untrusted),
    COLUMN(day_row, mirrored_successful),
    COLUMN(day_row, mirrored_failed),
    COLUMN(day_row, reports),
};

bool read_days(struct reader *reader, struct arena *arena, const struct span *span,
               struct rows *day_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_days), &values, COLUMNS(day_row, day_columns), day_rows,
                      err);
}

static const struct column mx_columns[] = {
    COLUMN(mx_row, mx),
    COLUMN(mx_row, policy_type),
    COLUMN(mx_row, result),
    COLUMN(mx_row, sessions),
};

bool read_mx(struct reader *reader, struct arena *arena, const struct span *span,
             struct rows *mx_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx), &values, COLUMNS(mx_row, mx_columns), mx_rows, err);
}

static const struct column failure_columns[] = {
    COLUMN(failure_row, result), COLUMN(failure_row, policy_type), COLUMN(failure_row, sessions),
    COLUMN(failure_row, hosts),  COLUMN(failure_row, reporters),   COLUMN(failure_row, last_day),
};

bool read_failures(struct reader *reader, struct arena *arena, const struct span *span,
                   struct rows *failure_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_failures), &values, COLUMNS(failure_row, failure_columns),
                      failure_rows, err);
}

static const struct column policy_columns[] = {
    COLUMN(policy_row, type),       COLUMN(policy_row, mode),
    COLUMN(policy_row, mx),         COLUMN(policy_row, max_age_seconds),
    COLUMN(policy_row, body),       COLUMN(policy_row, first_day),
    COLUMN(policy_row, last_day),   COLUMN(policy_row, shared),
    COLUMN(policy_row, successful), COLUMN(policy_row, failed),
};

bool read_policies(struct reader *reader, struct arena *arena, const struct span *span,
                   struct rows *policy_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_policies), &values, COLUMNS(policy_row, policy_columns),
                      policy_rows, err);
}
