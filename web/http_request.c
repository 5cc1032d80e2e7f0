/* See http_request.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_request.h"
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
