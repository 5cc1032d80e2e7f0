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
