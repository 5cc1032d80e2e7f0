/* See http_request.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_request.h"
#include <string.h>
#include <strings.h>

static const char *find(const struct http_field *field, const char *name)
{
    const char *value = NULL;
    for (; field; field = field->next)
        if (strcasecmp(field->name, name) == 0)
            value = field->value;
    return value;
}

const char *http_header(const struct request *request, const char *name)
{
    return find(request->headers, name);
}

const char *http_argument(const struct request *request, const char *name)
{
    return find(request->arguments, name);
}

static bool is_forwarded(const struct http_field *field)
{
    return strcasecmp(field->name, "X-Forwarded-For") == 0;
}

const char *http_forwarded(struct request *request)
{
    size_t size = 0;
    for (const struct http_field *field = request->headers; field; field = field->next)
        if (is_forwarded(field))
            size += strlen(field->value) + 1;
    if (!size)
        return NULL;
    char *joined = arena_alloc(&request->arena, size);
    size_t at = size;
    for (const struct http_field *field = request->headers; field; field = field->next) {
        if (!is_forwarded(field)) /* the last line comes first */
            continue;
        size_t length = strlen(field->value);
        at -= length + 1;
        memcpy(joined + at, field->value, length);
        joined[at + length] = ',';
    }
    joined[size - 1] = '\0'; /* in place of the last comma */
    return joined;
}
