/* /api/v1/rejected and /api/v1/rejected/ID: what could not be counted.
 * SPDX-License-Identifier: MIT
 * Before: api.h, rejected_list.h */
#include "web/api.h"
#include "web/link.h"
#include "web/rejected_list.h"

static bool list(struct visit *visit, const struct api_query *query, struct rows *rows,
                 struct err *err)
{
    struct rejected_list which;
    if (!rejected_list_read(visit->request, &which, err))
        return false;
    which.limit = query->filter.limit;
    return read_rejected(visit->reader, visit->arena, &which, rows, err);
}

static const char *cursor(struct arena *arena, const void *row)
{
    return rejected_list_cursor(arena, row);
}

static bool find(struct visit *visit, const struct api_query *query, struct api_found *out,
                 struct err *err)
{
    const struct rejected_row *row = NULL;
    (void)query;
    if (!rejected_list_find(visit, &row, err))
        return false;
    out->row = row;
    return true;
}

static const char *url(struct arena *arena, const void *row)
{
    return link_rejection(arena, ((const struct rejected_row *)row)->id);
}

/* clang-format off */
#define COLUMNS_OF_BOTH                                                                            \
    TABLE_COLUMN(rejected_row, id, "id", TABLE_NUMBER, false, "Its number."),                      \
    TABLE_COLUMN(rejected_row, first_seconds, "first_at", TABLE_MOMENT, false,                     \
                 "When it came first."),                                                           \
    TABLE_COLUMN(rejected_row, last_seconds, "last_at", TABLE_MOMENT, false,                       \
                 "When it came last."),                                                            \
    TABLE_COLUMN(rejected_row, times, "times", TABLE_NUMBER, false, "How often it came."),         \
    TABLE_COLUMN(rejected_row, source, "source", TABLE_TEXT, false,                                \
                 "Door through which it came: https, lmtp, maildir or command."),                  \
    TABLE_COLUMN(rejected_row, origin, "origin", TABLE_TEXT, false, "Client address or path."),    \
    TABLE_COLUMN(rejected_row, organization, "organization", TABLE_TEXT, false,                    \
                 "Who sent it, as far as it was read; else empty."),                               \
    TABLE_COLUMN(rejected_row, field, "field", TABLE_TEXT, false,                                  \
                 "Where the fault lies; empty: in the whole."),                                    \
    TABLE_COLUMN(rejected_row, reason, "reason", TABLE_TEXT, false,                                \
                 "Why it cannot be counted."),                                                     \
    TABLE_COLUMN(rejected_row, size, "size", TABLE_NUMBER, false, "Bytes of the whole."),          \
    TABLE_COLUMN(rejected_row, kept, "kept", TABLE_NUMBER, false,                                  \
                 "Bytes of it that are kept, from the beginning."),                                \
    TABLE_MADE(url, "url", TABLE_URL, "Its page.")

static const struct table_column item[] = { COLUMNS_OF_BOTH };

static const struct table_column thing[] = {
    COLUMNS_OF_BOTH,
    TABLE_COLUMN(rejected_row, head, "head_base64", TABLE_BYTES, false, "What is kept of it."),
};
/* clang-format on */

static const struct table items = TABLE(rejected_row, item);
static const struct table things = TABLE(rejected_row, thing);

static const struct resource rejected = {
    .name = "rejected",
    .summary = "What could not be counted, newest first",
    .arguments = API_SOURCE | API_TEXT | API_LIST,
    .table = &items,
    .list = list,
    .cursor = cursor,
};

static const struct resource rejection = {
    .name = "rejection",
    .summary = "One thing that could not be counted",
    .segment = "id",
    .table = &things,
    .find = find,
};

const struct page api_rejected = { .path = "/api/v1/rejected", .resource = &rejected };
const struct page api_rejection = { .path = "/api/v1/rejected/*", .resource = &rejection };
