/* /api/v1/rejected and /api/v1/rejected/ID: what could not be counted.
 * SPDX-License-Identifier: MIT
 * Before: api.h, rejected_list.h */
#include "base/text.h"
#include "web/api.h"
#include "web/link.h"
#include "web/page.h"
#include "web/rejected_list.h"

static void put_row(struct json *out, struct arena *arena, const struct rejected_row *row)
{
    json_number(out, "id", row->id);
    json_time(out, "first_at", row->first_seconds);
    json_time(out, "last_at", row->last_seconds);
    json_number(out, "times", row->times);
    json_text(out, "source", row->source);
    json_text(out, "origin", row->origin);
    json_text(out, "organization", row->organization);
    json_text(out, "field", row->field);
    json_text(out, "reason", row->reason);
    json_number(out, "size", row->size);
    json_number(out, "kept", row->kept);
    json_text(out, "url", link_rejection(arena, row->id));
}

static bool tell_list(struct visit *visit, struct json *out, struct err *err)
{
    struct rejected_list list;
    struct rows rows;
    if (!rejected_list_read(visit->request, &list, err)
        || !api_limit(visit->request, &list.limit, err)
        || !read_rejected(visit->reader, visit->arena, &list, &rows, err))
        return false;
    const struct rejected_row *row = rows.first;
    json_open(out, NULL, '{');
    json_open(out, "items", '[');
    for (size_t i = 0; i < rows.count; i++) {
        json_open(out, NULL, '{');
        put_row(out, visit->arena, &row[i]);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_text(out, "next",
              (int)rows.count == list.limit
                  ? rejected_list_cursor(visit->arena, &row[rows.count - 1])
                  : NULL);
    json_close(out, '}');
    return true;
}

static bool tell_one(struct visit *visit, struct json *out, struct err *err)
{
    const struct rejected_row *row;
    if (!rejected_list_find(visit, &row, err))
        return false;
    if (!row)
        return true;
    json_open(out, NULL, '{');
    put_row(out, visit->arena, row);
    json_base64(out, "head_base64", row->head);
    json_close(out, '}');
    return true;
}

const struct page api_rejected = {
    .path = "/api/v1/rejected",
    .title = "Rejected",
    .section = "",
    .tell = tell_list,
};

const struct page api_rejection = {
    .path = "/api/v1/rejected/*",
    .title = "Rejected",
    .section = "",
    .tell = tell_one,
};
