/* See read.h. Each function is its statement, its parameters and its column table.
 * SPDX-License-Identifier: MIT */
#include "schema/read.h"
#include "embedded/schema.h"

static const struct column overview_columns[] = {
    COLUMN(overview_row, domains),
    COLUMN(overview_row, enforced_failing),
    COLUMN(overview_row, failing),
    COLUMN(overview_row, silent),
    COLUMN(overview_row, successful),
    COLUMN(overview_row, failed),
    COLUMN(overview_row, last_report_seconds),
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
    COLUMN(domain_row, id),
    COLUMN(domain_row, name),
    COLUMN(domain_row, successful),
    COLUMN(domain_row, failed),
    COLUMN(domain_row, reporters),
    COLUMN(domain_row, last_report_seconds),
    COLUMN(domain_row, worst_mx),
    COLUMN(domain_row, worst_mx_failed),
    COLUMN(domain_row, mode),
    COLUMN(domain_row, attention),
    COLUMN(domain_row, daily_sessions),
    COLUMN(domain_row, daily_failed),
    COLUMN(domain_row, stage),
    COLUMN(domain_row, verdict),
    COLUMN(domain_row, urgency),
};

/* The values that the order of a list goes by, of its last row; and the statement, one for each order. */
static struct statement begin(struct pg_values *values, const struct domain_list *list)
{
    const struct domain_row *after = list->after;
    pg_text(values, after ? after->name : "");
    switch (list->order) {
    case DOMAIN_ORDER_SESSIONS:
        pg_number(values, after ? -(after->successful + after->failed) : INT64_MIN);
        return SQL(read_domains_sessions);
    case DOMAIN_ORDER_NAME:
        pg_text(values, list->beginning);
        return SQL(read_domains_name);
    case DOMAIN_ORDER_URGENCY:
        break;
    }
    pg_number(values, after ? -after->failed : INT64_MIN);
    pg_number(values, after ? after->urgency : 0);
    return SQL(read_domains);
}

bool read_domains(struct reader *reader, struct arena *arena, const struct domain_list *list,
                  struct rows *domain_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, list->attention);
    pg_text(&values, list->mode);
    pg_text(&values, list->verdict);
    pg_number(&values, list->limit);
    struct statement statement = begin(&values, list);
    return reader_ask(reader, statement, &values, COLUMNS(domain_row, domain_columns), domain_rows,
                      err);
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
