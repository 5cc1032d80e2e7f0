/* See http_request.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_request.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The value of a hexadecimal digit; -1: it is none. */
static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return found ? (int)(found - digits) : -1;
}

size_t http_unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    char *out = text;
    for (const char *at = text; *at; out++) {
        int high = *at == '%' ? digit_of(at[1]) : -1, low = high < 0 ? -1 : digit_of(at[2]);
        bool fit = low >= 0 && (high || low);
        *out = *at;
        if (fit)
            *out = (char)(high << 4 | low);
        at += fit ? 3 : 1;
    }
    *out = '\0';
    return (size_t)(out - text);
}

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

/* RFC 9110 section 5.6.2: a blank before the colon makes it another name to some, and none to others. */
static bool is_token(const char *name)
{
    static const char fit[] = "!#$%&'*+-.^_`|~0123456789"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return *name && name[strspn(name, fit)] == '\0';
}

static size_t count(const struct http_field *field, const char *name)
{
    size_t number = 0;
    for (; field; field = field->next)
        number += strcasecmp(field->name, name) == 0;
    return number;
}

bool http_is_plain(const struct request *request)
{
    const struct http_field *all = request->headers;
    const char *length = find(all, "Content-Length"), *encoding = find(all, "Transfer-Encoding");
    for (const struct http_field *field = all; field; field = field->next)
        if (!is_token(field->name) || strpbrk(field->value, "\r\n"))
            return false;
    if (count(all, "Host") > 1 || count(all, "Content-Length") > 1
        || count(all, "Transfer-Encoding") > 1)
        return false;
    if (length && (!*length || length[strspn(length, "0123456789")]))
        return false;
    return !encoding || (!length && strcasecmp(encoding, "chunked") == 0);
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
