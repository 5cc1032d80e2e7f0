/* See api.h.
 * SPDX-License-Identifier: MIT
 * Before: api.h. Next: api_data.c */
#include "web/api.h"
#include "ingest/result.h"
#include "base/clock.h"
#include "base/text.h"
#include "web/encoding.h"
#include "base/url.h"
#include <string.h>

#define LIMIT         100
#define LIMIT_MAX     10000 /* and as CSV the default: a spreadsheet does not turn pages */
#define CSV_BYTES_MAX (64 << 20)

#define DAY_FIRST clock_day_of(1, 1, 1)
#define DAY_LAST  clock_day_of(9999, 12, 31)

bool api_owns(const char *path)
{
    return text_begins(path, "/api/");
}

/* --- arguments --- */

static const struct api_argument_row arguments[] = {
    { API_DOMAIN, "domain", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":253}",
      "Only this domain." },
    { API_MX, "mx", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":253}",
      "Only this MX host." },
    { API_REPORTER, "reporter", "{\"type\":\"string\",\"minLength\":1}",
      "Only reports of this organization, named as it names itself." },
    { API_FROM, "from", "{\"type\":\"string\",\"format\":\"date\"}",
      "First UTC day, such as 2026-10-01." },
    { API_TO, "to", "{\"type\":\"string\",\"format\":\"date\"}", "Last UTC day, included." },
    { API_POLICY_TYPE, "policy_type",
      "{\"type\":\"string\",\"enum\":[\"sts\",\"tlsa\",\"no-policy-found\",\"other\"]}",
      "Only sessions under policies of this type." },
    { API_RESULT_TYPE, "result_type", "{\"type\":\"string\",\"minLength\":1}",
      "Only failures of this result type (RFC 8460 section 4.3), or unexplained ones." },
    { API_TRUSTED, "trusted", "{\"type\":\"boolean\"}",
      "Only reports of senders that are vouched for, or only the others." },
    { API_FAILED, "failed", "{\"type\":\"boolean\"}",
      "Only reports that tell of failed sessions, or only the others." },
    { API_SOURCE, "source",
      "{\"type\":\"string\",\"enum\":[\"https\",\"lmtp\",\"maildir\",\"command\"]}",
      "Only what came through this door." },
    { API_TEXT, "text", "{\"type\":\"string\"}",
      "Only where field, reason, organization or origin holds this." },
    { API_LIMIT, "limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":10000}",
      "Most items of one answer; 100 when it is not given, and 10000 as CSV." },
    { API_AFTER, "after", "{\"type\":\"string\",\"minLength\":1}",
      "Go on where an answer before ended: its `next`." },
    { API_CSV, "format", "{\"type\":\"string\",\"enum\":[\"json\",\"csv\"],\"default\":\"json\"}",
      "CSV: a table for spreadsheets (RFC 4180); its header field Link says where it goes on." },
    { API_ORIGINAL, "format",
      "{\"type\":\"string\",\"enum\":[\"json\",\"original\"],\"default\":\"json\"}",
      "original: the JSON as it was sent." },
};

const struct api_argument_row *api_argument_at(size_t index)
{
    return index < ARRAY_SIZE(arguments) ? &arguments[index] : NULL;
}

static bool wrong(const char *name, struct err *err, const char *rule)
{
    return err_field(err, ERR_INPUT, name, "must be %s", rule);
}

/* The canonical name; *OUT stays NULL when TEXT is. */
static bool read_host(struct arena *arena, const char *name, const char *text, const char **out,
                      struct err *err)
{
    if (text && !(*out = text_host(arena, text, NULL)))
        return wrong(name, err, "the name of a host, such as mx1.example.org");
    return true;
}

static bool read_words(const char *name, const char *text, const char **out, struct err *err)
{
    if (text && (!*text || !text_is_utf8(text, strlen(text))))
        return wrong(name, err, "a text that is not empty, in UTF-8");
    *out = text;
    return true;
}

static bool read_day(const char *name, const char *text, int32_t *out, struct err *err)
{
    int64_t seconds;
    unsigned oddities;
    if (!text)
        return true;
    if (strlen(text) != strlen("2026-10-31") || !clock_from_text(text, &seconds, &oddities))
        return wrong(name, err, "a date that exists, such as 2026-10-31");
    *out = clock_day(seconds);
    return true;
}

static bool read_choice(const char *name, const char *text, enum data_choice *out, struct err *err)
{
    if (!text)
        return true;
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return wrong(name, err, "true or false");
    *out = strcmp(text, "true") == 0 ? DATA_YES : DATA_NO;
    return true;
}

static bool read_policy_type(const char *text, const char **out, struct err *err)
{
    if (text && strcmp(policy_type_to_text(policy_type_from_text(text)), text) != 0)
        return wrong("policy_type", err, "sts, tlsa, no-policy-found or other");
    *out = text;
    return true;
}

static bool read_format(unsigned taken, const char *text, struct api_query *out, struct err *err)
{
    if (!text || strcmp(text, "json") == 0)
        return true;
    out->csv = (taken & API_CSV) && strcmp(text, "csv") == 0;
    out->original = (taken & API_ORIGINAL) && strcmp(text, "original") == 0;
    return out->csv || out->original
           || wrong("format", err, taken & API_CSV ? "json or csv" : "json or original");
}

static bool read_limit(const char *text, bool csv, int *out, struct err *err)
{
    int64_t limit = csv ? LIMIT_MAX : LIMIT;
    if (text && !text_number(text, 1, LIMIT_MAX, &limit))
        return err_field(err, ERR_INPUT, "limit", "must be a whole number from 1 to %d", LIMIT_MAX);
    *out = (int)limit;
    return true;
}

static bool takes(unsigned taken, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
        if ((taken & arguments[i].bit) && strcmp(arguments[i].name, name) == 0)
            return true;
    return false;
}

/* A misspelt filter must not look like one that finds everything. */
static bool knows_all(const struct request *request, unsigned taken, struct err *err)
{
    for (const struct http_field *given = request->arguments; given; given = given->next) {
        if (!*given->name && !*given->value)
            continue; /* "?&limit=1" */
        if (!takes(taken, given->name))
            return err_field(err, ERR_INPUT, given->name,
                             "is not an argument here; /api/v1/openapi.json names those that are");
        for (const struct http_field *other = given->next; other; other = other->next)
            if (strcmp(other->name, given->name) == 0)
                return err_field(err, ERR_INPUT, given->name, "is given more than once");
    }
    return true;
}

bool api_read(struct request *request, const struct resource *resource, struct api_query *out,
              struct err *err)
{
    struct arena *arena = &request->arena;
    struct api_query query = { .filter = { .from_day = DAY_FIRST, .to_day = DAY_LAST } };
    struct data_filter *filter = &query.filter;
#define GIVEN(name) name, http_argument(request, name)
    bool good =
        knows_all(request, resource->arguments, err)
        && read_host(arena, GIVEN("domain"), &filter->domain, err)
        && read_host(arena, GIVEN("mx"), &filter->mx, err)
        && read_words(GIVEN("reporter"), &filter->reporter, err)
        && read_words(GIVEN("result_type"), &filter->result_type, err)
        && read_policy_type(http_argument(request, "policy_type"), &filter->policy_type, err)
        && read_day(GIVEN("from"), &filter->from_day, err)
        && read_day(GIVEN("to"), &filter->to_day, err)
        && read_choice(GIVEN("trusted"), &filter->trusted, err)
        && read_choice(GIVEN("failed"), &filter->failed, err)
        && read_words(GIVEN("after"), &query.after, err)
        && read_format(resource->arguments, http_argument(request, "format"), &query, err)
        && read_limit(http_argument(request, "limit"), query.csv, &filter->limit, err);
#undef GIVEN
    if (good && filter->from_day > filter->to_day)
        good = err_field(err, ERR_INPUT, "from", "must not be later than to");
    *out = query;
    return good;
}

/* --- answers --- */

static void respond_json(struct request *request, const struct json *json)
{
    struct response response = {
        .status = 200,
        .type = "application/json",
        .body = { buf_get(&json->text), json->text.size },
        .headers = { { .name = "Cache-Control", .value = "private, no-cache" } },
    };
    encoding_respond(request, &response);
}

/* The same request with another cursor. */
static const char *next_url(struct visit *visit, const char *next)
{
    const char *url = url_again(visit->arena, visit->request->path);
    for (const struct http_field *given = visit->request->arguments; given; given = given->next)
        if (strcmp(given->name, "after") != 0)
            url = url_add(visit->arena, url, given->name, given->value);
    return url_add(visit->arena, url, "after", next);
}

static void text_done(void *text)
{
    buf_done(text);
}

static bool answer_csv(struct visit *visit, const struct resource *resource,
                       const struct rows *rows, const char *next, struct err *err)
{
    struct arena *arena = visit->arena;
    struct buf *text = arena_alloc(arena, sizeof *text);
    *text = BUF(CSV_BYTES_MAX);
    arena_on_free(arena, text_done, text);
    table_csv_head(resource->table, text);
    for (size_t i = 0; i < rows->count; i++)
        table_csv(resource->table, text, arena,
                  (const char *)rows->first + i * resource->table->row_size);
    if (text->failed)
        return err_field(err, ERR_INPUT, "limit", "must be lower: these items are too large");
    struct response response = {
        .status = 200,
        .type = "text/csv; charset=utf-8; header=present",
        .body = { buf_get(text), text->size },
        .headers = { { .name = "Cache-Control", .value = "private, no-cache" },
                     { .name = "Content-Disposition",
                       .value = arena_printf(arena, "attachment; filename=\"tlsrptd-%s.csv\"",
                                             resource->name) } },
    };
    if (next)
        response.headers[2] = (struct http_field){
            .name = "Link",
            .value = arena_printf(arena, "<%s>; rel=\"next\"", next_url(visit, next)),
        };
    encoding_respond(visit->request, &response);
    return true;
}

/* One row more than is shown is read: whether there is a next page. */
static bool answer_list(struct visit *visit, const struct resource *resource,
                        struct api_query *query, struct err *err)
{
    struct rows rows = { 0 };
    const char *next = NULL;
    size_t limit = (size_t)query->filter.limit++;
    if (!resource->list(visit, query, &rows, err))
        return false;
    if (rows.count > limit) {
        rows.count = limit;
        next = resource->cursor(visit->arena,
                                (const char *)rows.first + (limit - 1) * resource->table->row_size);
    }
    if (query->csv)
        return answer_csv(visit, resource, &rows, next, err);
    struct json *json = json_new(visit->arena);
    json_open(json, NULL, '{');
    table_json_list(resource->table, json, visit->arena, "items", rows.first, rows.count);
    json_text(json, "next", next);
    json_close(json, '}');
    if (json->text.failed)
        return err_field(err, ERR_INPUT, "limit", "must be lower: these items are too large");
    respond_json(visit->request, json);
    return true;
}

static bool answer_one(struct visit *visit, const struct resource *resource,
                       const struct api_query *query, struct err *err)
{
    struct api_found found = { 0 };
    if (!resource->find(visit, query, &found, err) || !found.row)
        return false;
    struct json *json = json_new(visit->arena);
    json_open(json, NULL, '{');
    table_json(resource->table, json, visit->arena, found.row);
    for (size_t i = 0; resource->parts && resource->parts[i].name; i++)
        table_json_list(resource->parts[i].table, json, visit->arena, resource->parts[i].name,
                        found.parts[i].first, found.parts[i].count);
    json_close(json, '}');
    if (json->text.failed)
        return err_set(err, ERR_LIMIT, "this answer is too large");
    respond_json(visit->request, json);
    return true;
}

static bool answer_other(struct visit *visit, const struct resource *resource, struct err *err)
{
    struct response response = { 0 };
    if (!resource->serve(visit, &response, err) || !response.status)
        return false;
    encoding_respond(visit->request, &response);
    return true;
}

bool api_answer(struct visit *visit, const struct resource *resource, struct err *err)
{
    struct api_query query;
    if (!api_read(visit->request, resource, &query, err))
        return false;
    if (query.original || !(resource->list || resource->find))
        return answer_other(visit, resource, err);
    return resource->list ? answer_list(visit, resource, &query, err)
                          : answer_one(visit, resource, &query, err);
}

void api_respond_problem(struct request *request, const struct trouble *trouble)
{
    struct json *json = json_new(&request->arena);
    json_open(json, NULL, '{');
    json_text(json, "type", "about:blank");
    json_text(json, "title", trouble->title);
    json_number(json, "status", trouble->status);
    json_text(json, "detail", trouble->detail ? trouble->detail : trouble->text);
    if (trouble->argument)
        json_text(json, "argument", trouble->argument);
    json_close(json, '}');
    http_respond(request, &(struct response){
                              .status = trouble->status,
                              .type = "application/problem+json",
                              .body = { buf_get(&json->text), json->text.size },
                              .headers = { { .name = "Cache-Control", .value = "no-store" },
                                           trouble->header },
                          });
}
