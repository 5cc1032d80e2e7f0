/* Queries about single reports; see read.h.
 * SPDX-License-Identifier: MIT
 * Before: read.c */
#include "schema/read.h"
#include "base/clock.h"
#include "embedded/schema.h"

static const struct column report_columns[] = {
    COLUMN(report_row, domain_id),    COLUMN(report_row, day),
    COLUMN(report_row, id),           COLUMN(report_row, domain),
    COLUMN(report_row, organization), COLUMN(report_row, successful),
    COLUMN(report_row, failed),       COLUMN(report_row, trusted),
    COLUMN(report_row, source),       COLUMN(report_row, received_seconds),
    COLUMN(report_row, deviations),
};

/* Behind which key a list begins: no report has a later one than that of the first page. */
static struct pg_values before_values(struct arena *arena, const struct report_list *list)
{
    struct pg_values values = { .arena = arena };
    pg_day(&values, list->before ? list->before->day : clock_day_of(9999, 12, 31));
    pg_number(&values, list->before ? list->before->domain_id : INT32_MAX);
    pg_number(&values, list->before ? list->before->id : INT64_MAX);
    return values;
}

/* Which reports are looked at: those that the rarest filter lets through, each of which has an index. */
static void look_at(struct pg_values *values, const struct report_list *list)
{
    pg_flag(values, list->failed && !list->untrusted && !list->deviating);
    pg_flag(values, list->untrusted && !list->deviating);
    pg_flag(values, list->deviating);
    pg_number(values, list->failed + list->untrusted + list->deviating > 1 ? REPORTS_LOOKED_AT
                                                                           : list->limit);
}

bool read_reports(struct reader *reader, struct arena *arena, const struct report_list *list,
                  struct rows *report_rows, struct err *err)
{
    struct pg_values values = before_values(arena, list);
    if (list->domain_id)
        pg_number(&values, list->domain_id);
    else
        look_at(&values, list);
    pg_number(&values, list->limit);
    pg_flag(&values, list->failed);
    pg_flag(&values, list->untrusted);
    pg_flag(&values, list->deviating);
    return reader_ask(reader, list->domain_id ? SQL(read_domain_reports) : SQL(read_reports),
                      &values, COLUMNS(report_row, report_columns), report_rows, err);
}

static const struct column reach_columns[] = {
    COLUMN(report_key, domain_id),
    COLUMN(report_key, day),
    COLUMN(report_key, id),
};

bool read_reports_reach(struct reader *reader, struct arena *arena, const struct report_list *list,
                        const struct report_key **out, struct err *err)
{
    struct pg_values values = before_values(arena, list);
    struct rows rows;
    look_at(&values, list);
    if (!reader_ask(reader, SQL(read_reports_reach), &values, COLUMNS(report_key, reach_columns),
                    &rows, err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}

static const struct column reporter_columns[] = {
    COLUMN(reporter_row, organization), COLUMN(reporter_row, successful),
    COLUMN(reporter_row, failed),       COLUMN(reporter_row, untrusted),
    COLUMN(reporter_row, days),         COLUMN(reporter_row, first_day),
    COLUMN(reporter_row, last_day),     COLUMN(reporter_row, reporters),
};

bool read_reporters(struct reader *reader, struct arena *arena, int32_t from_day, int32_t to_day,
                    struct rows *reporter_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_day(&values, from_day);
    pg_day(&values, to_day);
    return reader_ask(reader, SQL(read_reporters), &values, COLUMNS(reporter_row, reporter_columns),
                      reporter_rows, err);
}

static struct pg_values key_values(struct arena *arena, const struct report_key *key)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, key->domain_id);
    pg_day(&values, key->day);
    pg_number(&values, key->id);
    return values;
}

static const struct column report_detail_columns[] = {
    COLUMN(report_detail_row, domain),
    COLUMN(report_detail_row, organization),
    COLUMN(report_detail_row, report_id),
    COLUMN(report_detail_row, contact),
    COLUMN(report_detail_row, submitter),
    COLUMN(report_detail_row, begin_seconds),
    COLUMN(report_detail_row, end_seconds),
    COLUMN(report_detail_row, successful),
    COLUMN(report_detail_row, failed),
    COLUMN(report_detail_row, trusted),
    COLUMN(report_detail_row, trust_ground),
    COLUMN(report_detail_row, sender_result),
    COLUMN(report_detail_row, sender_method),
    COLUMN(report_detail_row, sender_domain),
    COLUMN(report_detail_row, sender_selector),
    COLUMN(report_detail_row, source),
    COLUMN(report_detail_row, origin),
    COLUMN(report_detail_row, received_seconds),
    COLUMN(report_detail_row, deviations),
    COLUMN(report_detail_row, mail_domain),
    COLUMN(report_detail_row, mail_submitter),
    COLUMN(report_detail_row, mail_from),
    COLUMN(report_detail_row, mail_message_id),
    COLUMN(report_detail_row, arrivals),
    COLUMN(report_detail_row, last_arrival_seconds),
    COLUMN(report_detail_row, last_arrival_source),
    COLUMN(report_detail_row, variant),
    COLUMN(report_detail_row, original),
};

bool read_report(struct reader *reader, struct arena *arena, const struct report_key *key,
                 const struct report_detail_row **out, struct err *err)
{
    const struct pg_values values = key_values(arena, key);
    struct rows rows;
    if (!reader_ask(reader, SQL(read_report), &values,
                    COLUMNS(report_detail_row, report_detail_columns), &rows, err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}

static const struct column conflict_columns[] = {
    COLUMN(conflict_row, received_seconds), COLUMN(conflict_row, source),
    COLUMN(conflict_row, origin),           COLUMN(conflict_row, contact),
    COLUMN(conflict_row, arrivals),         COLUMN(conflict_row, size),
};

bool read_conflicts(struct reader *reader, struct arena *arena, const struct report_key *key,
                    struct rows *conflict_rows, struct err *err)
{
    const struct pg_values values = key_values(arena, key);
    return reader_ask(reader, SQL(read_conflicts), &values, COLUMNS(conflict_row, conflict_columns),
                      conflict_rows, err);
}
