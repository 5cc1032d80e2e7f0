/* Queries about MX hosts over all domains; see read.h.
 * SPDX-License-Identifier: MIT
 * Before: read_domain.c. Next: read_report.c */
#include "schema/read.h"
#include "embedded/schema.h"

static const struct column list_columns[] = {
    COLUMN(mx_list_row, mx),           COLUMN(mx_list_row, failed),  COLUMN(mx_list_row, own),
    COLUMN(mx_list_row, last_failure), COLUMN(mx_list_row, results),
};

bool read_mx_list(struct reader *reader, struct arena *arena, const struct mx_list *list,
                  struct rows *mx_list_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_day(&values, list->from_day);
    pg_day(&values, list->to_day);
    if (*list->beginning)
        pg_text(&values, list->beginning);
    else
        pg_number(&values, list->after ? list->after->failed : INT64_MAX);
    pg_text(&values, list->after ? list->after->mx : "");
    pg_number(&values, list->limit);
    return reader_ask(reader, *list->beginning ? SQL(read_mx_named) : SQL(read_mx_failing), &values,
                      COLUMNS(mx_list_row, list_columns), mx_list_rows, err);
}

static const struct column host_columns[] = {
    COLUMN(mx_host_row, id),
    COLUMN(mx_host_row, name),
    COLUMN(mx_host_row, began),
    COLUMN(mx_host_row, last_failure),
};

bool read_mx_host(struct reader *reader, struct arena *arena, const char *name, int32_t to_day,
                  const struct mx_host_row **out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_text(&values, name);
    pg_day(&values, to_day);
    if (!reader_ask(reader, SQL(read_mx_host), &values, COLUMNS(mx_host_row, host_columns), &rows,
                    err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}

static struct pg_values span_values(struct arena *arena, const struct mx_span *span)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, span->mx_id);
    pg_day(&values, span->from_day);
    pg_day(&values, span->to_day);
    return values;
}

static const struct column day_columns[] = {
    COLUMN(mx_day_row, day),
    COLUMN(mx_day_row, own),
    COLUMN(mx_day_row, failed),
};

bool read_mx_host_days(struct reader *reader, struct arena *arena, const struct mx_span *span,
                       struct rows *mx_day_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx_host_days), &values, COLUMNS(mx_day_row, day_columns),
                      mx_day_rows, err);
}

static const struct column failure_columns[] = {
    COLUMN(failure_row, result),   COLUMN(failure_row, policy_type), COLUMN(failure_row, sessions),
    COLUMN(failure_row, hosts),    COLUMN(failure_row, reporters),   COLUMN(failure_row, first_day),
    COLUMN(failure_row, last_day), COLUMN(failure_row, worst_mx),
};

bool read_mx_host_failures(struct reader *reader, struct arena *arena, const struct mx_span *span,
                           struct rows *failure_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx_host_failures), &values,
                      COLUMNS(failure_row, failure_columns), failure_rows, err);
}

static const struct column domain_columns[] = {
    COLUMN(mx_domain_row, name),      COLUMN(mx_domain_row, failed),
    COLUMN(mx_domain_row, reporters), COLUMN(mx_domain_row, last_failure),
    COLUMN(mx_domain_row, mode),      COLUMN(mx_domain_row, domains),
};

bool read_mx_host_domains(struct reader *reader, struct arena *arena, const struct mx_span *span,
                          struct rows *mx_domain_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx_host_domains), &values,
                      COLUMNS(mx_domain_row, domain_columns), mx_domain_rows, err);
}

static const struct column evidence_columns[] = {
    COLUMN(evidence_row, kind),
    COLUMN(evidence_row, value),
    COLUMN(evidence_row, sessions),
};

bool read_mx_host_evidence(struct reader *reader, struct arena *arena, const struct mx_span *span,
                           struct rows *evidence_rows, struct err *err)
{
    const struct pg_values values = span_values(arena, span);
    return reader_ask(reader, SQL(read_mx_host_evidence), &values,
                      COLUMNS(evidence_row, evidence_columns), evidence_rows, err);
}
