/* See api.h.
 * SPDX-License-Identifier: MIT */
#include "web/api.h"
#include "base/text.h"

#define LIMIT     100
#define LIMIT_MAX 1000

bool api_owns(const char *path)
{
    return text_begins(path, "/api/");
}

static void respond(struct request *request, int status, const char *type,
                    const struct http_field *more, const struct json *json)
{
    struct response response = {
        .status = status,
        .type = type,
        .body = { buf_get(&json->text), json->text.size },
        .headers = { { .name = "Cache-Control", .value = "no-store" } },
    };
    if (more)
        response.headers[1] = *more;
    http_respond(request, &response);
}

void api_respond(struct request *request, const struct json *json)
{
    if (json->text.failed)
        api_respond_problem(request, &(struct trouble){ .status = 500,
                                                        .title = "This answer is too large",
                                                        .text = "Ask for less at once." });
    else
        respond(request, 200, "application/json", NULL, json);
}

void api_respond_problem(struct request *request, const struct trouble *trouble)
{
    struct json *json = json_new(&request->arena);
    json_open(json, NULL, '{');
    json_text(json, "type", "about:blank");
    json_text(json, "title", trouble->title);
    json_number(json, "status", trouble->status);
    json_text(json, "detail", trouble->detail ? trouble->detail : trouble->text);
    json_close(json, '}');
    respond(request, trouble->status, "application/problem+json", &trouble->header, json);
}

bool api_limit(const struct request *request, int *out, struct err *err)
{
    const char *given = http_argument(request, "limit");
    int64_t limit = LIMIT;
    if (given && !text_number(given, 1, LIMIT_MAX, &limit))
        return err_field(err, ERR_INPUT, "limit", "must be a whole number from 1 to %d", LIMIT_MAX);
    *out = (int)limit;
    return true;
}
