/* See read_week.h.
 * SPDX-License-Identifier: MIT */
#include "schema/read_week.h"
#include "embedded/schema.h"

static struct pg_values values_of(struct arena *arena, const struct week *week)
{
    struct pg_values values = { .arena = arena };
    pg_day(&values, week->monday);
    pg_number(&values, week->domain_id);
    return values;
}

static const struct column totals_columns[] = {
    COLUMN(week_totals_row, successful),        COLUMN(week_totals_row, failed),
    COLUMN(week_totals_row, untrusted),         COLUMN(week_totals_row, reporters),
    COLUMN(week_totals_row, successful_before), COLUMN(week_totals_row, failed_before),
    COLUMN(week_totals_row, untrusted_before),  COLUMN(week_totals_row, reporters_before),
};

bool read_week_totals(struct reader *reader, struct arena *arena, const struct week *week,
                      struct week_totals_row *out, struct err *err)
{
    const struct pg_values values = values_of(arena, week);
    struct rows rows;
    if (!reader_ask(reader, SQL(read_week_totals), &values,
                    COLUMNS(week_totals_row, totals_columns), &rows, err))
        return false;
    *out = *(const struct week_totals_row *)rows.first; /* sums are always one row */
    return true;
}

static const struct column domains_columns[] = {
    COLUMN(week_domains_row, domains),
    COLUMN(week_domains_row, looked),
    COLUMN(week_domains_row, domains_before),
    COLUMN(week_domains_row, looked_before),
};

bool read_week_domains(struct reader *reader, struct arena *arena, const struct week *week,
                       struct week_domains_row *out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_day(&values, week->monday);
    pg_number(&values, WEEK_ROWS_LOOKED_AT);
    if (!reader_ask(reader, SQL(read_week_domains), &values,
                    COLUMNS(week_domains_row, domains_columns), &rows, err))
        return false;
    *out = *(const struct week_domains_row *)rows.first;
    return true;
}

static const struct column line_columns[] = {
    COLUMN(week_line_row, kind),      COLUMN(week_line_row, of_kind),
    COLUMN(week_line_row, place),     COLUMN(week_line_row, mx),
    COLUMN(week_line_row, result),    COLUMN(week_line_row, failed),
    COLUMN(week_line_row, before),    COLUMN(week_line_row, untrusted),
    COLUMN(week_line_row, heard),     COLUMN(week_line_row, domains),
    COLUMN(week_line_row, looked),    COLUMN(week_line_row, names),
    COLUMN(week_line_row, reporters), COLUMN(week_line_row, organization),
    COLUMN(week_line_row, told),      COLUMN(week_line_row, told_before),
};

bool read_week_lines(struct reader *reader, struct arena *arena, const struct week *week,
                     struct rows *week_line_rows, struct err *err)
{
    struct pg_values values = values_of(arena, week);
    pg_number(&values, WEEK_LINES);
    pg_number(&values, WEEK_LINE_LOOKED_AT);
    return reader_ask(reader, SQL(read_week_lines), &values, COLUMNS(week_line_row, line_columns),
                      week_line_rows, err);
}

static const struct column silent_columns[] = {
    COLUMN(week_silent_row, organization), COLUMN(week_silent_row, days),
    COLUMN(week_silent_row, sessions),     COLUMN(week_silent_row, last_day),
    COLUMN(week_silent_row, reporters),
};

bool read_week_silent(struct reader *reader, struct arena *arena, const struct week *week,
                      struct rows *week_silent_rows, struct err *err)
{
    struct pg_values values = values_of(arena, week);
    pg_number(&values, WEEK_LINES);
    return reader_ask(reader, SQL(read_week_silent), &values,
                      COLUMNS(week_silent_row, silent_columns), week_silent_rows, err);
}

static const struct column verdict_columns[] = {
    COLUMN(week_verdict_row, domain),       COLUMN(week_verdict_row, turn),
    COLUMN(week_verdict_row, from_verdict), COLUMN(week_verdict_row, stage),
    COLUMN(week_verdict_row, verdict),      COLUMN(week_verdict_row, sentence),
    COLUMN(week_verdict_row, at_seconds),   COLUMN(week_verdict_row, changes),
    COLUMN(week_verdict_row, domains),      COLUMN(week_verdict_row, worse),
    COLUMN(week_verdict_row, ready),
};

bool read_week_verdicts(struct reader *reader, struct arena *arena, const struct week *week,
                        struct rows *week_verdict_rows, struct err *err)
{
    struct pg_values values = values_of(arena, week);
    pg_number(&values, WEEK_LINES);
    pg_number(&values, WEEK_ROWS_LOOKED_AT);
    return reader_ask(reader, SQL(read_week_verdicts), &values,
                      COLUMNS(week_verdict_row, verdict_columns), week_verdict_rows, err);
}
