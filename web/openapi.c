/* /api/v1/openapi.json: the API as an OpenAPI 3.1 document, made of the table of pages and of what each
 * resource says of itself, so that it cannot say otherwise than the API does.
 * SPDX-License-Identifier: MIT
 * Before: api.h, pages.h */
#include "web/api.h"
#include "web/pages.h"
#include <string.h>

/* --- schemas --- */

static void put_properties(struct json *out, const struct resource *resource)
{
    json_open(out, "properties", '{');
    table_schema(resource->table, out);
    for (const struct api_part *part = resource->parts; part && part->name; part++) {
        json_open(out, part->name, '{');
        json_text(out, "description", part->help);
        json_text(out, "type", "array");
        json_open(out, "items", '{');
        json_text(out, "type", "object");
        json_open(out, "properties", '{');
        table_schema(part->table, out);
        json_close(out, '}');
        json_open(out, "required", '[');
        for (size_t i = 0; i < part->table->count; i++)
            json_text(out, NULL, part->table->columns[i].name);
        json_close(out, ']');
        json_flag(out, "additionalProperties", false);
        json_close(out, '}');
        json_close(out, '}');
    }
    json_close(out, '}');
}

/* An item of a list, or a single thing. */
static void put_thing(struct json *out, const struct resource *resource, const char *name)
{
    json_open(out, name, '{');
    json_text(out, "type", "object");
    put_properties(out, resource);
    json_open(out, "required", '[');
    for (size_t i = 0; i < resource->table->count; i++)
        json_text(out, NULL, resource->table->columns[i].name);
    for (const struct api_part *part = resource->parts; part && part->name; part++)
        json_text(out, NULL, part->name);
    json_close(out, ']');
    json_flag(out, "additionalProperties", false);
    json_close(out, '}');
}

static void put_list(struct json *out, const struct resource *resource, const char *name)
{
    json_open(out, name, '{');
    json_text(out, "type", "object");
    json_open(out, "properties", '{');
    json_open(out, "items", '{');
    json_text(out, "type", "array");
    put_thing(out, resource, "items");
    json_close(out, '}');
    json_raw(out, "next",
             "{\"description\":\"Cursor of the next page: its `after`; null: this is the last.\","
             "\"type\":[\"string\",\"null\"]}");
    json_close(out, '}');
    json_raw(out, "required", "[\"items\",\"next\"]");
    json_flag(out, "additionalProperties", false);
    json_close(out, '}');
}

/* --- operations --- */

static void put_parameters(struct json *out, const struct resource *resource)
{
    json_open(out, "parameters", '[');
    if (resource->segment) {
        json_open(out, NULL, '{');
        json_text(out, "name", resource->segment);
        json_text(out, "in", "path");
        json_flag(out, "required", true);
        json_raw(out, "schema", "{\"type\":\"string\",\"minLength\":1}");
        json_close(out, '}');
    }
    for (size_t i = 0; api_argument_at(i); i++) {
        const struct api_argument_row *argument = api_argument_at(i);
        if (!(resource->arguments & argument->bit))
            continue;
        json_open(out, NULL, '{');
        json_text(out, "name", argument->name);
        json_text(out, "in", "query");
        json_text(out, "description", argument->help);
        json_raw(out, "schema", argument->schema);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_problem(struct json *out, const char *status, const char *description)
{
    json_open(out, status, '{');
    json_text(out, "description", description);
    json_raw(
        out, "content",
        "{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}");
    json_close(out, '}');
}

static void put_good(struct json *out, const struct resource *resource)
{
    json_open(out, "200", '{');
    json_text(out, "description", resource->summary);
    json_open(out, "content", '{');
    json_open(out, resource->type ? resource->type : "application/json", '{');
    if (resource->list)
        put_list(out, resource, "schema");
    else if (resource->arguments & API_ORIGINAL) { /* or whatever the sender wrote */
        json_open(out, "schema", '{');
        json_open(out, "anyOf", '[');
        put_thing(out, resource, NULL);
        json_raw(out, NULL, "{\"type\":\"object\"}");
        json_close(out, ']');
        json_close(out, '}');
    } else if (resource->find)
        put_thing(out, resource, "schema");
    else
        json_raw(out, "schema", "{\"type\":\"object\"}");
    json_close(out, '}');
    if (resource->arguments & API_CSV)
        json_raw(out, "text/csv", "{\"schema\":{\"type\":\"string\"}}");
    json_close(out, '}');
    json_close(out, '}');
}

static void put_operation(struct json *out, const struct resource *resource)
{
    json_open(out, "get", '{');
    json_text(out, "operationId", resource->name);
    json_text(out, "summary", resource->summary);
    if (resource->about)
        json_text(out, "description", resource->about);
    put_parameters(out, resource);
    json_open(out, "responses", '{');
    put_good(out, resource);
    json_raw(out, "304", "{\"description\":\"What If-None-Match names is still so.\"}");
    put_problem(out, "400", "An argument is wrong; `argument` names it.");
    put_problem(out, "401", "Nobody has logged in, where users are set.");
    if (resource->segment)
        put_problem(out, "404", "There is no such thing.");
    put_problem(out, "503", "The database is away, or the answer took too long.");
    json_close(out, '}');
    json_close(out, '}');
}

/* "/api/v1/domains/" "*" -> "/api/v1/domains/{name}" */
static const char *path_of(struct arena *arena, const struct page *page)
{
    const char *star = strchr(page->path, '*');
    if (!star)
        return page->path;
    return arena_printf(arena, "%.*s{%s}%s", (int)(star - page->path), page->path,
                        page->resource->segment, star + 1);
}

/* --- the document --- */

static void put_document(struct json *out, struct arena *arena)
{
    json_open(out, NULL, '{');
    json_text(out, "openapi", "3.1.0");
    json_open(out, "info", '{');
    json_text(out, "title", "tlsrptd");
    json_text(out, "version", TLSRPTD_VERSION);
    json_text(
        out, "description",
        "TLS reports (RFC 8460), counted. Counts are sessions on UTC days. Lists come in pages: "
        "ask again with `after` set to `next` until that is null. Answers have an ETag.");
    json_raw(out, "license", "{\"name\":\"MIT\",\"identifier\":\"MIT\"}");
    json_close(out, '}');
    json_raw(out, "servers", "[{\"url\":\"/\"}]");
    json_raw(out, "security", "[{},{\"basic\":[]}]");
    json_open(out, "paths", '{');
    for (size_t i = 0; pages_at(i); i++) {
        if (!pages_at(i)->resource)
            continue;
        json_open(out, path_of(arena, pages_at(i)), '{');
        put_operation(out, pages_at(i)->resource);
        json_close(out, '}');
    }
    json_close(out, '}');
    json_raw(out, "components",
             "{\"securitySchemes\":{\"basic\":{\"type\":\"http\",\"scheme\":\"basic\"}},"
             "\"schemas\":{\"problem\":{\"description\":\"RFC 9457\",\"type\":\"object\","
             "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
             "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
             "\"argument\":{\"type\":\"string\"}},"
             "\"required\":[\"type\",\"title\",\"status\",\"detail\"]}}}");
    json_close(out, '}');
}

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    struct json *json = json_new(visit->arena);
    put_document(json, visit->arena);
    if (json->text.failed)
        return err_set(err, ERR_BUG, "the document outgrows its bounds");
    *out = (struct response){
        .status = 200,
        .type = "application/json",
        .body = { buf_get(&json->text), json->text.size },
        .headers = { { .name = "Cache-Control", .value = "private, no-cache" } },
    };
    return true;
}

static const struct resource document = {
    .name = "openapi",
    .summary = "This document",
    .serve = serve,
};

const struct page api_document = { .path = "/api/v1/openapi.json", .resource = &document };
