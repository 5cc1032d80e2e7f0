/* See read_data.h.
 * SPDX-License-Identifier: MIT */
#include "schema/read_data.h"
#include "embedded/schema.h"

struct ids_row {
    int32_t domain_id, mx_id, reporter_id; /* 0: all; -1: not known */
};
static const struct column ids_columns[] = {
    COLUMN(ids_row, domain_id),
    COLUMN(ids_row, mx_id),
    COLUMN(ids_row, reporter_id),
};

bool read_data_find(struct reader *reader, struct arena *arena, struct data_filter *filter,
                    bool *known, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    *known = true;
    filter->domain_id = filter->mx_id = filter->reporter_id = 0;
    if (!filter->domain && !filter->mx && !filter->reporter)
        return true;
    pg_text(&values, filter->domain);
    pg_text(&values, filter->mx);
    pg_text(&values, filter->reporter);
    if (!reader_ask(reader, SQL(data_names), &values, COLUMNS(ids_row, ids_columns), &rows, err))
        return false;
    const struct ids_row *ids = rows.first; /* always one row */
    *known = ids->domain_id >= 0 && ids->mx_id >= 0 && ids->reporter_id >= 0;
    filter->domain_id = ids->domain_id;
    filter->mx_id = ids->mx_id;
    filter->reporter_id = ids->reporter_id;
    return true;
}

struct end_row {
    int32_t id;
};
static const struct column end_columns[] = { COLUMN(end_row, id) };

bool read_data_end(struct reader *reader, struct arena *arena, int32_t *domain_id, struct err *err)
{
    const struct pg_values nothing = { .arena = arena };
    struct rows rows;
    if (!reader_ask(reader, SQL(data_last_domain), &nothing, COLUMNS(end_row, end_columns), &rows,
                    err))
        return false;
    *domain_id = ((const struct end_row *)rows.first)->id;
    return true;
}

/* Bounds instead of "any or this one", so that one plan with the index fits both. */
static void put_span(struct pg_values *values, const struct data_filter *filter)
{
    pg_number(values, filter->domain_id);
    pg_number(values, filter->domain_id ? filter->domain_id : INT32_MAX);
    pg_day(values, filter->from_day);
    pg_day(values, filter->to_day);
}

static void put_choice(struct pg_values *values, enum data_choice choice)
{
    if (choice == DATA_ALL)
        pg_text(values, NULL);
    else
        pg_flag(values, choice == DATA_YES);
}

/* What data_tally.sql and data_failures.sql begin with. */
static struct pg_values sessions_values(struct arena *arena, const struct data_filter *filter)
{
    struct pg_values values = { .arena = arena };
    put_span(&values, filter);
    pg_number(&values, filter->mx_id);
    pg_number(&values, filter->reporter_id);
    pg_text(&values, filter->policy_type);
    pg_text(&values, filter->result_type);
    put_choice(&values, filter->trusted);
    return values;
}

static const struct column tally_columns[] = {
    COLUMN(data_tally_row, domain_id),   COLUMN(data_tally_row, day),
    COLUMN(data_tally_row, reporter_id), COLUMN(data_tally_row, policy_id),
    COLUMN(data_tally_row, mx_id),       COLUMN(data_tally_row, result),
    COLUMN(data_tally_row, trusted),     COLUMN(data_tally_row, domain),
    COLUMN(data_tally_row, mx),          COLUMN(data_tally_row, policy_type),
    COLUMN(data_tally_row, reporter),    COLUMN(data_tally_row, result_type),
    COLUMN(data_tally_row, successful),  COLUMN(data_tally_row, shared),
    COLUMN(data_tally_row, failed),      COLUMN(data_tally_row, mirrored),
};

bool read_data_tally(struct reader *reader, struct arena *arena, const struct data_filter *filter,
                     const struct data_tally_row *after, struct rows *tally_rows, struct err *err)
{
    static const struct data_tally_row first = { .result = "" };
    struct pg_values values = sessions_values(arena, filter);
    after = after ? after : &first;
    pg_number(&values, after->domain_id);
    pg_day(&values, after->day);
    pg_number(&values, after->reporter_id);
    pg_number(&values, after->policy_id);
    pg_number(&values, after->mx_id);
    pg_text(&values, after->result);
    pg_flag(&values, after->trusted);
    pg_number(&values, filter->limit);
    return reader_ask(reader, SQL(data_tally), &values, COLUMNS(data_tally_row, tally_columns),
                      tally_rows, err);
}

static const struct column failure_columns[] = {
    COLUMN(data_failure_row, domain_id),
    COLUMN(data_failure_row, day),
    COLUMN(data_failure_row, report_id),
    COLUMN(data_failure_row, policy_number),
    COLUMN(data_failure_row, detail_number),
    COLUMN(data_failure_row, report_domain_id),
    COLUMN(data_failure_row, domain),
    COLUMN(data_failure_row, mx),
    COLUMN(data_failure_row, policy_type),
    COLUMN(data_failure_row, result_type),
    COLUMN(data_failure_row, reporter),
    COLUMN(data_failure_row, trusted),
    COLUMN(data_failure_row, failed),
    COLUMN(data_failure_row, sending_mta_ip),
    COLUMN(data_failure_row, receiving_ip),
    COLUMN(data_failure_row, receiving_mx_helo),
    COLUMN(data_failure_row, additional_information),
    COLUMN(data_failure_row, failure_reason_code),
};

bool read_data_failures(struct reader *reader, struct arena *arena,
                        const struct data_filter *filter, const struct data_failure_row *after,
                        struct rows *failure_rows, struct err *err)
{
    static const struct data_failure_row first;
    struct pg_values values = sessions_values(arena, filter);
    after = after ? after : &first;
    pg_number(&values, after->domain_id);
    pg_day(&values, after->day);
    pg_number(&values, after->report_id);
    pg_number(&values, after->policy_number);
    pg_number(&values, after->detail_number);
    pg_number(&values, filter->limit);
    return reader_ask(reader, SQL(data_failures), &values,
                      COLUMNS(data_failure_row, failure_columns), failure_rows, err);
}

static const struct column report_columns[] = {
    COLUMN(data_report_row, domain_id),
    COLUMN(data_report_row, day),
    COLUMN(data_report_row, id),
    COLUMN(data_report_row, domain),
    COLUMN(data_report_row, organization),
    COLUMN(data_report_row, report_id),
    COLUMN(data_report_row, contact),
    COLUMN(data_report_row, begin_seconds),
    COLUMN(data_report_row, end_seconds),
    COLUMN(data_report_row, successful),
    COLUMN(data_report_row, failed),
    COLUMN(data_report_row, trusted),
    COLUMN(data_report_row, trust_ground),
    COLUMN(data_report_row, source),
    COLUMN(data_report_row, received_seconds),
    COLUMN(data_report_row, deviations),
};

bool read_data_reports(struct reader *reader, struct arena *arena, const struct data_filter *filter,
                       const struct data_report_row *after, struct rows *report_rows,
                       struct err *err)
{
    static const struct data_report_row first;
    const struct data_report_row last = { .day = filter->to_day + 1 };
    struct pg_values values = { .arena = arena };
    bool by_key = filter->order == DATA_BY_KEY && !filter->domain_id;
    put_span(&values, filter);
    pg_number(&values, filter->reporter_id);
    put_choice(&values, filter->trusted);
    put_choice(&values, filter->failed);
    after = after ? after : by_key ? &first : &last;
    pg_number(&values, after->domain_id);
    pg_day(&values, after->day);
    pg_number(&values, after->id);
    pg_number(&values, filter->limit);
    return reader_ask(reader,
                      by_key              ? SQL(data_export_reports)
                      : filter->domain_id ? SQL(data_domain_reports)
                                          : SQL(data_reports),
                      &values, COLUMNS(data_report_row, report_columns), report_rows, err);
}

static const struct column mx_columns[] = {
    COLUMN(data_mx_row, mx_id),
    COLUMN(data_mx_row, mx),
    COLUMN(data_mx_row, successful),
    COLUMN(data_mx_row, failed),
    COLUMN(data_mx_row, first_day),
    COLUMN(data_mx_row, last_day),
    COLUMN(data_mx_row, last_failure_day),
};

bool read_data_mx(struct reader *reader, struct arena *arena, const struct data_filter *filter,
                  const struct data_mx_row *after, struct rows *mx_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, filter->mx_id);
    pg_day(&values, filter->from_day);
    pg_day(&values, filter->to_day);
    put_choice(&values, filter->trusted);
    pg_number(&values, after ? after->mx_id : 0);
    pg_number(&values, filter->limit);
    return reader_ask(reader, SQL(data_mx), &values, COLUMNS(data_mx_row, mx_columns), mx_rows,
                      err);
}

static const struct column domain_columns[] = {
    COLUMN(data_domain_row, attention),
    COLUMN(data_domain_row, urgency),
    COLUMN(data_domain_row, name),
    COLUMN(data_domain_row, successful),
    COLUMN(data_domain_row, failed),
    COLUMN(data_domain_row, reporters),
    COLUMN(data_domain_row, first_day),
    COLUMN(data_domain_row, last_day),
    COLUMN(data_domain_row, last_report_seconds),
    COLUMN(data_domain_row, worst_mx),
    COLUMN(data_domain_row, worst_mx_failed),
    COLUMN(data_domain_row, mode),
    COLUMN(data_domain_row, evaluated_seconds),
};

bool read_data_domains(struct reader *reader, struct arena *arena, const struct data_filter *filter,
                       const struct data_domain_row *after, struct rows *domain_rows,
                       struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, after ? after->urgency : 0);
    pg_number(&values, after ? after->failed : 0);
    pg_text(&values, after ? after->name : "");
    pg_number(&values, filter->limit);
    return reader_ask(reader, SQL(data_domains), &values, COLUMNS(data_domain_row, domain_columns),
                      domain_rows, err);
}
