/* Queries about single reports; see read.h.
 * SPDX-License-Identifier: MIT
 * Before: read.c */
#include "schema/read.h"
#include "embedded/schema.h"

static const struct column report_columns[] = {
    COLUMN(report_row, domain_id),    COLUMN(report_row, day),
    COLUMN(report_row, id),           COLUMN(report_row, domain),
    COLUMN(report_row, organization), COLUMN(report_row, successful),
    COLUMN(report_row, failed),       COLUMN(report_row, trusted),
    COLUMN(report_row, source),       COLUMN(report_row, received_seconds),
    COLUMN(report_row, deviations),
};

bool read_reports(struct reader *reader, struct arena *arena, const struct report_list *list,
                  struct rows *report_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    if (list->before) {
        pg_day(&values, list->before->day);
        pg_number(&values, list->before->domain_id);
        pg_number(&values, list->before->id);
    } else {
        for (int i = 0; i < 3; i++)
            pg_text(&values, NULL);
    }
    pg_number(&values, list->limit);
    if (list->domain_id)
        pg_number(&values, list->domain_id);
    return reader_ask(reader, list->domain_id ? SQL(read_domain_reports) : SQL(read_reports),
                      &values, COLUMNS(report_row, report_columns), report_rows, err);
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
