/* Queries about one domain in a span of days; see read.h.
 * SPDX-License-Identifier: MIT
 * Before: read.c. Next: read_report.c */
#include "schema/read.h"
#include "embedded/schema.h"

static struct pg_values span_values(struct arena *arena, const struct span *span)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, span->domain_id);
    pg_day(&values, span->from_day);
    pg_day(&values, span->to_day);
    return values;
}

static const struct column day_columns[] = {
    COLUMN(day_row, day),
    COLUMN(day_row, policy_type),
    COLUMN(day_row, successful),
    COLUMN(day_row, shared),
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
    COLUMN(mx_row, mx),       COLUMN(mx_row, policy_type), COLUMN(mx_row, result),
    COLUMN(mx_row, sessions), COLUMN(mx_row, reporters),   COLUMN(mx_row, last_failure),
    COLUMN(mx_row, hosts),
};

bool read_mx(struct reader *reader, struct arena *arena, const struct span *span,
             struct rows *mx_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx), &values, COLUMNS(mx_row, mx_columns), mx_rows, err);
}

static const struct column trend_columns[] = {
    COLUMN(trend_row, mx),
    COLUMN(trend_row, policy_type),
    COLUMN(trend_row, day),
    COLUMN(trend_row, failed),
};

bool read_mx_trend(struct reader *reader, struct arena *arena, const struct span *span,
                   struct rows *trend_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx_trend), &values, COLUMNS(trend_row, trend_columns),
                      trend_rows, err);
}

static const struct column failure_columns[] = {
    COLUMN(failure_row, result),   COLUMN(failure_row, policy_type), COLUMN(failure_row, sessions),
    COLUMN(failure_row, hosts),    COLUMN(failure_row, reporters),   COLUMN(failure_row, first_day),
    COLUMN(failure_row, last_day), COLUMN(failure_row, worst_mx),
};

bool read_failures(struct reader *reader, struct arena *arena, const struct span *span,
                   struct rows *failure_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_failures), &values, COLUMNS(failure_row, failure_columns),
                      failure_rows, err);
}

static const struct column policy_columns[] = {
    COLUMN(policy_row, id),
    COLUMN(policy_row, type),
    COLUMN(policy_row, mode),
    COLUMN(policy_row, mx),
    COLUMN(policy_row, max_age_seconds),
    COLUMN(policy_row, body),
    COLUMN(policy_row, first_day),
    COLUMN(policy_row, last_day),
    COLUMN(policy_row, shared),
    COLUMN(policy_row, successful),
    COLUMN(policy_row, failed),
};

bool read_policies(struct reader *reader, struct arena *arena, const struct span *span,
                   struct rows *policy_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_policies), &values, COLUMNS(policy_row, policy_columns),
                      policy_rows, err);
}

static const struct column domain_reporter_columns[] = {
    COLUMN(domain_reporter_row, organization), COLUMN(domain_reporter_row, successful),
    COLUMN(domain_reporter_row, failed),       COLUMN(domain_reporter_row, days),
    COLUMN(domain_reporter_row, first_day),    COLUMN(domain_reporter_row, last_day),
    COLUMN(domain_reporter_row, trusted),      COLUMN(domain_reporter_row, policy_id),
    COLUMN(domain_reporter_row, reporters),
};

bool read_domain_reporters(struct reader *reader, struct arena *arena, const struct span *span,
                           struct rows *reporter_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_domain_reporters), &values,
                      COLUMNS(domain_reporter_row, domain_reporter_columns), reporter_rows, err);
}
