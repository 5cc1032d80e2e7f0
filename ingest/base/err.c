/* See err.h.
 * SPDX-License-Identifier: MIT */
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* After a printf-like call that wanted WANTED bytes and had room for SIZE: when it had to cut, the
 * character that lost its end goes too. These texts are stored, and the database takes only UTF-8. */
static void drop_half(char *text, size_t size, int wanted)
{
    if (wanted < 0 || (size_t)wanted < size || size < 2)
        return;
    size_t end = size - 1, begin = end;
    while (begin > 0 && end - begin < 3 && (text[begin - 1] & 0xc0) == 0x80)
        begin--;
    unsigned char lead = begin > 0 ? (unsigned char)text[begin - 1] : 0;
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (end - begin + 1 < length)
        text[begin - 1] = '\0';
}

static bool set(struct err *err, enum err_kind kind, const char *field, const char *format,
                va_list values) __attribute__((format(printf, 4, 0)));

static bool set(struct err *err, enum err_kind kind, const char *field, const char *format,
                va_list values)
{
    if (err->kind != ERR_NONE)
        return false;
    err->kind = kind;
    int wanted = snprintf(err->field, sizeof err->field, "%s", field);
    drop_half(err->field, sizeof err->field, wanted);
    wanted = vsnprintf(err->text, sizeof err->text, format, values);
    drop_half(err->text, sizeof err->text, wanted);
    return false;
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    set(err, kind, "", format, values);
    va_end(values);
    return false;
}

bool err_field(struct err *err, enum err_kind kind, const char *field, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    set(err, kind, field, format, values);
    va_end(values);
    return false;
}

void err_prefix(struct err *err, const char *format, ...)
{
    if (err->kind == ERR_NONE)
        return;
    char before[sizeof err->text], after[sizeof err->text];
    va_list values;
    va_start(values, format);
    int wanted = vsnprintf(before, sizeof before, format, values);
    va_end(values);
    drop_half(before, sizeof before, wanted);
    memcpy(after, err->text, sizeof after);
    size_t used = strlen(before);
    memcpy(err->text, before, used);
    wanted = snprintf(err->text + used, sizeof err->text - used, "%s", after);
    drop_half(err->text + used, sizeof err->text - used, wanted);
}

char *err_to_text(const struct err *err, char *out, size_t size)
{
    int wanted = snprintf(out, size, "%s%s%s", err->field, err->field[0] ? ": " : "", err->text);
    drop_half(out, size, wanted);
    return out;
}
