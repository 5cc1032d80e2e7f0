/* Queries about what could not be counted; see read.h.
 * SPDX-License-Identifier: MIT
 * Before: read_report.c */
#include "schema/read.h"
#include "embedded/schema.h"

static const struct column columns[] = {
    COLUMN(rejected_row, id),           COLUMN(rejected_row, first_seconds),
    COLUMN(rejected_row, last_seconds), COLUMN(rejected_row, times),
    COLUMN(rejected_row, source),       COLUMN(rejected_row, origin),
    COLUMN(rejected_row, field),        COLUMN(rejected_row, reason),
    COLUMN(rejected_row, organization), COLUMN(rejected_row, vouched),
    COLUMN(rejected_row, vouched_by),   COLUMN(rejected_row, size),
    COLUMN(rejected_row, kept),         COLUMN(rejected_row, head),
};

bool read_rejected(struct reader *reader, struct arena *arena, const struct rejected_list *list,
                   struct rows *rejected_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, list->limit);
    pg_number(&values, list->before_seconds);
    pg_number(&values, list->before_id);
    pg_text(&values, list->source);
    pg_text(&values, list->text);
    return reader_ask(reader, SQL(read_rejected), &values, COLUMNS(rejected_row, columns),
                      rejected_rows, err);
}

bool read_rejected_one(struct reader *reader, struct arena *arena, int64_t id,
                       const struct rejected_row **out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    struct rows rows;
    pg_number(&values, id);
    if (!reader_ask(reader, SQL(read_rejected_one), &values, COLUMNS(rejected_row, columns), &rows,
                    err))
        return false;
    *out = rows.count ? rows.first : NULL;
    return true;
}
