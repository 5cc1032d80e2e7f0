/* See rejected_list.h.
 * SPDX-License-Identifier: MIT */
#include "web/rejected_list.h"
#include "ingest/delivery.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

#define NUMBER_BYTES 24

static bool read_cursor(const char *text, struct rejected_list *out)
{
    char seconds[NUMBER_BYTES];
    const char *dash = strchr(text, '-');
    if (!dash || dash == text || dash - text >= NUMBER_BYTES)
        return false;
    memcpy(seconds, text, (size_t)(dash - text));
    seconds[dash - text] = '\0';
    return text_number(seconds, 0, INT64_C(253402300799), &out->before_seconds) /* year 9999 */
           && text_number(dash + 1, 1, INT64_MAX, &out->before_id);
}

static bool is_source(const char *text)
{
    for (enum source source = SOURCE_HTTPS; source <= SOURCE_COMMAND; source++)
        if (strcmp(text, source_to_text(source)) == 0)
            return true;
    return false;
}

bool rejected_list_read(const struct request *request, struct rejected_list *out, struct err *err)
{
    const char *source = http_argument(request, "source"), *text = http_argument(request, "text"),
               *after = http_argument(request, "after");
    struct rejected_list list = { .source = source && *source ? source : NULL,
                                  .text = text && *text ? text : NULL };
    if (list.source && !is_source(list.source))
        return err_field(err, ERR_INPUT, "source", "must be https, lmtp, maildir or command");
    if (list.text && !text_is_utf8(list.text, strlen(list.text)))
        return err_field(err, ERR_INPUT, "text", "must be UTF-8");
    if (after && !read_cursor(after, &list))
        return err_field(err, ERR_INPUT, "after", "must be the cursor of an answer before");
    *out = list;
    return true;
}

const char *rejected_list_cursor(struct arena *arena, const struct rejected_row *row)
{
    return arena_printf(arena, "%" PRId64 "-%" PRId64, row->last_seconds, row->id);
}

bool rejected_list_find(struct visit *visit, const struct rejected_row **out, struct err *err)
{
    int64_t id;
    *out = NULL;
    return !text_number(visit->argument, 1, INT64_MAX, &id)
           || read_rejected_one(visit->reader, visit->arena, id, out, err);
}
