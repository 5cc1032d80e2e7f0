/* See form.h. Whoever sends what a browser would not send is told so and nothing is guessed.
 * SPDX-License-Identifier: MIT
 * Before: http_request.c. Next: form_token.c */
#include "web/form.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

#define TYPE "application/x-www-form-urlencoded"

bool form_is_sent_in(const struct request *request)
{
    const char *type = http_header(request, "Content-Type");
    if (!type || !text_begins(type, TYPE))
        return false;
    type += sizeof TYPE - 1;
    type += strspn(type, " \t");
    if (*type == ';')
        type += 1 + strspn(type + 1, " \t");
    return !*type || text_same(type, "charset=utf-8");
}

/* --- reading --- */

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Decodes SIZE bytes at FROM; NULL when they are damaged. */
static char *decode(struct arena *arena, const char *from, size_t size)
{
    char *text = arena_alloc(arena, size + 1), *out = text;
    for (size_t i = 0; i < size; i++) {
        int high = 0, low = 0;
        if (from[i] != '%') {
            *out++ = from[i];
            if (from[i] == '+')
                out[-1] = ' ';
            continue;
        }
        high = i + 2 < size ? digit_of(from[i + 1]) : -1;
        low = i + 2 < size ? digit_of(from[i + 2]) : -1;
        if (high < 0 || low < 0)
            return NULL;
        *out++ = (char)(high << 4 | low);
        i += 2;
    }
    return strlen(text) == (size_t)(out - text) ? text : NULL; /* else it holds a NUL */
}

/* A browser ends lines with "\r\n". False when there are other control characters. */
static bool clean(char *text)
{
    char *out = text;
    for (const char *at = text; *at; at++) {
        if (at[0] == '\r' && at[1] == '\n')
            continue;
        if ((iscntrl((unsigned char)*at) && *at != '\n' && *at != '\t'))
            return false;
        *out++ = *at;
    }
    *out = '\0';
    return text_is_utf8(text, (size_t)(out - text));
}

static bool is_name(const char *name)
{
    size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.");
    return size && size <= FORM_NAME_BYTES && !name[size];
}

static bool take_field(struct arena *arena, const char *from, size_t size, struct form_field *out)
{
    const char *equals = memchr(from, '=', size);
    size_t name_size = equals ? (size_t)(equals - from) : size;
    if (!equals)
        return false;
    char *name = decode(arena, from, name_size);
    char *value = decode(arena, equals + 1, size - name_size - 1);
    if (!name || !value || !is_name(name) || !clean(value))
        return false;
    *out = (struct form_field){ name, value };
    return true;
}

bool form_parse(struct arena *arena, struct bytes body, struct form *out, struct err *err)
{
    struct form_field *fields = arena_array(arena, FORM_FIELDS, sizeof *fields);
    struct form form = { fields, 0 };
    const char *at = body.data, *end = at + body.size;
    while (at < end) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        const char *stop = ampersand ? ampersand : end;
        if (form.count == FORM_FIELDS)
            return err_set(err, ERR_INPUT, "a form has %d fields at most", FORM_FIELDS);
        if (!take_field(arena, at, (size_t)(stop - at), &fields[form.count]))
            return err_set(err, ERR_INPUT,
                           "field %zu is damaged: name=value, percent-encoded UTF-8 without "
                           "control characters",
                           form.count + 1);
        if (form_value(&form, fields[form.count].name))
            return err_field(err, ERR_INPUT, fields[form.count].name, "stands there twice");
        form.count++;
        at = stop + 1;
    }
    *out = form;
    return true;
}

/* --- what was sent --- */

const char *form_value(const struct form *form, const char *name)
{
    for (size_t i = 0; form && i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return NULL;
}

bool form_need(struct arena *arena, const struct form *form, const char *name, size_t most,
               const char **out, struct err *err)
{
    const char *value = form_value(form, name);
    const char *trimmed = value ? text_trim(arena, value, strlen(value)) : "";
    if (!*trimmed)
        return err_field(err, ERR_INPUT, name, "must not be empty");
    if (strlen(trimmed) > most)
        return err_field(err, ERR_INPUT, name, "is longer than %zu bytes", most);
    *out = trimmed;
    return true;
}
