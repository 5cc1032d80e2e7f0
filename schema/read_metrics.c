/* See read_metrics.h.
 * SPDX-License-Identifier: MIT */
#include "schema/read_metrics.h"
#include "embedded/schema.h"

static const struct column counter_columns[] = {
    COLUMN(counter_row, domain),   COLUMN(counter_row, policy_type), COLUMN(counter_row, result),
    COLUMN(counter_row, sessions), COLUMN(counter_row, mirrored),
};
static const struct column last_report_columns[] = {
    COLUMN(last_report_row, domain),
    COLUMN(last_report_row, last_report_seconds),
    COLUMN(last_report_row, verdict),
};
static const struct column mx_counter_columns[] = {
    COLUMN(mx_counter_row, mx),
    COLUMN(mx_counter_row, failed),
};
static const struct column number_columns[] = {
    COLUMN(number_row, source),
    COLUMN(number_row, outcome),
    COLUMN(number_row, number),
};

bool read_metrics(struct reader *reader, struct arena *arena, int limit, struct metrics_rows *out,
                  struct err *err)
{
    struct pg_values most = { .arena = arena };
    const struct pg_values nothing = { .arena = arena };
    pg_number(&most, limit);
    return reader_ask(reader, SQL(metrics_counters), &most, COLUMNS(counter_row, counter_columns),
                      &out->counter_rows, err)
           && reader_ask(reader, SQL(metrics_domains), &most,
                         COLUMNS(last_report_row, last_report_columns), &out->last_report_rows, err)
           && reader_ask(reader, SQL(metrics_mx), &most,
                         COLUMNS(mx_counter_row, mx_counter_columns), &out->mx_counter_rows, err)
           && reader_ask(reader, SQL(metrics_reports), &nothing,
                         COLUMNS(number_row, number_columns), &out->number_rows, err);
}
