/* See field.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/field.h"
#include "ingest/json_check.h"
#include "ingest/report.h"
#include "base/memory.h"
#include "base/text.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>

#define LONG_TEXT_BYTES (1 << 20)
#define PATH_BYTES      128
#define NAME_BYTES      64  /* more than the longest name that is asked for */
#define COUNT_BYTES     400 /* of a number; 1 and many noughts is one too */
#define CHARACTER_BYTES 4

static void path_of(const struct field *field, char *out, size_t size)
{
    if (!field->parent) {
        out[0] = '\0';
        return;
    }
    path_of(field->parent, out, size);
    size_t used = strlen(out);
    if (field->name)
        snprintf(out + used, size - used, "%s%s", used ? "." : "", field->name);
    else
        snprintf(out + used, size - used, "[%zu]", field->index);
}

void field_note(const struct field *field, enum deviation_code code, const char *note)
{
    char path[PATH_BYTES];
    path_of(field, path, sizeof path);
    deviation_note(field->reading->arena, field->reading->deviations, code, path, note);
}

bool field_fail(const struct field *field, enum err_kind kind, const char *rule)
{
    char path[PATH_BYTES];
    path_of(field, path, sizeof path);
    return err_field(field->reading->err, kind, path, "%s", rule);
}

/* --- pieces of a text that json_check() has found to be JSON --- */

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_white(const char *at)
{
    while (is_white(*at))
        at++;
    return at;
}

/* Behind the closing quote of the string at AT. */
static const char *skip_string(const char *at)
{
    at += 1 + strcspn(at + 1, "\"\\");
    while (*at == '\\') {
        at += 2; /* with what is escaped */
        at += strcspn(at, "\"\\");
    }
    return at + 1;
}

/* Behind the value at AT. */
static const char *skip_value(const char *at)
{
    int64_t open = 0;
    do {
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '{' || *at == '[') {
            open++;
            at++;
        } else if (*at == '}' || *at == ']') {
            open--;
            at++;
        } else {
            at += open ? strcspn(at, "\"{}[]") : strcspn(at, ",]} \t\r\n");
        }
    } while (open);
    return at;
}

static enum field_kind kind_of(char first)
{
    switch (first) {
    case 'n':
        return FIELD_NULL;
    case '"':
        return FIELD_TEXT;
    case '[':
        return FIELD_LIST;
    case '{':
        return FIELD_OBJECT;
    case 't':
    case 'f':
        return FIELD_OTHER;
    default:
        return FIELD_NUMBER;
    }
}

static void set_value(struct field *field, const char *at)
{
    field->kind = kind_of(*at);
    field->value = (struct bytes){ at, (size_t)(skip_value(at) - at) };
}

static void free_tokener(void *tokener)
{
    json_tokener_free(tokener);
}

bool field_open(struct reading *reading, struct bytes json, struct field *root)
{
    bool repeated = false;
    const struct json_bounds bounds = { reading->limits->json_depth, reading->limits->json_values };
    if (!json_check(json.data, json.size, &bounds, &repeated, reading->err))
        return false;
    if (!reading->tokener) {
        reading->tokener = json_tokener_new_ex(1);
        if (!reading->tokener)
            memory_exhausted();
        arena_on_free(reading->scratch, free_tokener, reading->tokener);
    }
    *root = (struct field){ .reading = reading };
    set_value(root, skip_white(json.data));
    if (repeated)
        field_note(root, DEVIATION_DUPLICATE_NAMES, NULL);
    return true;
}

/* --- single values, which json-c reads --- */

static void put(struct json_object **value)
{
    json_object_put(*value);
}

/* A string, number or word by itself. Objects and lists are walked through where they stand: their
 * tree would take some sixteen bytes for each byte of text. */
static struct json_object *read_value(const struct field *near, struct bytes text)
{
    struct json_tokener *tokener = near->reading->tokener;
    json_tokener_reset(tokener);
    struct json_object *value = json_tokener_parse_ex(tokener, text.data, (int)text.size);
    if (!value && json_tokener_get_error(tokener) == json_tokener_continue)
        value =
            json_tokener_parse_ex(tokener, "", 1); /* a number ends where something else begins */
    assert(value);                                 /* json_check() has seen it */
    return value;
}

/* Of the string FIELD no more than what is sure to give over MAX bytes. */
static struct bytes beginning(const struct field *field, size_t max, struct arena *arena)
{
    const char *begin = field->value.data, *end = begin + 1;
    const char *last = begin + field->value.size - 1;
    for (size_t characters = 0; characters < max + CHARACTER_BYTES && end < last; characters++)
        end += *end != '\\' ? 1 : end[1] == 'u' ? 6 : 2;
    if (end == last)
        return field->value;
    size_t size = (size_t)(end - begin);
    char *text = arena_copy(arena, begin, size + 1);
    text[size] = '"';
    return (struct bytes){ text, size + 1 };
}

/* --- members and elements --- */

/* Names with escapes are compared by what they mean; no name of ours is long. */
static bool is_called(const struct field *object, struct bytes string, const char *name)
{
    size_t size = strlen(name), length = string.size - 2;
    if (!memchr(string.data, '\\', string.size))
        return length == size && memcmp(string.data + 1, name, size) == 0;
    if (length > NAME_BYTES)
        return false;
    CLEANUP(put) struct json_object *text = read_value(object, string);
    return (size_t)json_object_get_string_len(text) == size
           && memcmp(json_object_get_string(text), name, size) == 0;
}

struct field field_member(const struct field *object, const char *name)
{
    struct field member = { .reading = object->reading, .parent = object, .name = name };
    if (object->kind != FIELD_OBJECT)
        return member;
    const char *at = skip_white(object->value.data + 1);
    while (*at != '}') {
        const char *behind = skip_string(at);
        bool found = is_called(object, (struct bytes){ at, (size_t)(behind - at) }, name);
        at = skip_white(skip_white(behind) + 1); /* the colon */
        if (found) {
            set_value(&member, at);
            break;
        }
        at = skip_white(skip_value(at));
        if (*at == ',')
            at = skip_white(at + 1);
    }
    return member;
}

bool field_next(const struct field *list, struct field *element)
{
    if (list->kind != FIELD_LIST)
        return false;
    bool first = !element->value.data;
    const char *at =
        skip_white(first ? list->value.data + 1 : element->value.data + element->value.size);
    if (*at == ']')
        return false;
    size_t index = first ? 0 : element->index + 1;
    *element = (struct field){ .reading = list->reading, .parent = list, .index = index };
    set_value(element, first ? at : skip_white(at + 1)); /* the comma */
    return true;
}

size_t field_length(const struct field *list)
{
    size_t count = 0;
    struct field element = { 0 };
    while (field_next(list, &element))
        count++;
    return count;
}

/* The longest prefix of at most MAX bytes that does not end inside a character. */
static size_t cut(const char *text, size_t size, size_t max)
{
    if (size <= max)
        return size;
    while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

/* SIZE bytes as UTF-8 of at most MAX bytes in the reading's arena. What replaces bad bytes is longer
 * than they are: the long way round leaves none of that behind. */
static const char *keep(const struct field *field, const char *text, size_t size, size_t max)
{
    size_t kept = cut(text, size, max);
    bool was_cut = kept < size, replaced = false;
    const char *good = text;
    CLEANUP(arena_free) struct arena local = { 0 };
    if (!text_is_utf8(text, kept)) {
        good = text_to_utf8(&local, text, kept, &replaced);
        size_t grown = strlen(good);
        kept = cut(good, grown, max);
        was_cut = was_cut || kept < grown;
    }
    if (was_cut)
        field_note(field, DEVIATION_TEXT_CUT, NULL);
    if (replaced)
        field_note(field, DEVIATION_BAD_UTF8, NULL);
    return arena_copy(field->reading->arena, good, kept);
}

static const char *text_within(const struct field *field, size_t max)
{
    if (field->kind == FIELD_ABSENT || field->kind == FIELD_NULL)
        return NULL;
    if (field->kind != FIELD_TEXT)
        field_note(field, DEVIATION_TYPE_ODD, NULL);
    if (field->kind == FIELD_NUMBER)
        return keep(field, field->value.data, field->value.size, max);
    if (field->kind != FIELD_TEXT)
        return NULL;
    CLEANUP(arena_free) struct arena local = { 0 };
    CLEANUP(put) struct json_object *text = read_value(field, beginning(field, max, &local));
    return keep(field, json_object_get_string(text), (size_t)json_object_get_string_len(text), max);
}

const char *field_text(const struct field *field)
{
    return text_within(field, (size_t)field->reading->limits->text_bytes);
}

const char *field_long_text(const struct field *field)
{
    return text_within(field, LONG_TEXT_BYTES);
}

static bool count_of_text(const struct field *field, int64_t *out)
{
    CLEANUP(arena_free) struct arena local = { 0 };
    CLEANUP(put)
    struct json_object *given = read_value(field, beginning(field, COUNT_BYTES, &local));
    size_t size = (size_t)json_object_get_string_len(given);
    const char *text = text_trim(&local, json_object_get_string(given), size);
    int64_t number;
    if (size > COUNT_BYTES || memchr(json_object_get_string(given), '\0', size)
        || !text_number(text, INT64_MIN, INT64_MAX, &number))
        return field_fail(field, ERR_INPUT, "not a whole number from 0 to 2^53");
    if (number < 0)
        return field_fail(field, ERR_INPUT, "negative");
    if (number > REPORT_COUNT_MAX)
        return field_fail(field, ERR_INPUT, "above 2^53");
    field_note(field, DEVIATION_COUNT_STRING, NULL);
    *out = number;
    return true;
}

bool field_count(const struct field *field, int64_t *out)
{
    if (field->kind == FIELD_TEXT)
        return count_of_text(field, out);
    if (field->kind != FIELD_NUMBER)
        return field_fail(field, ERR_INPUT, "not a number");
    if (field->value.size > COUNT_BYTES)
        return field_fail(field, ERR_INPUT, "not a whole number from 0 to 2^53");
    CLEANUP(put) struct json_object *value = read_value(field, field->value);
    double number = json_object_get_double(value);
    if (number < 0)
        return field_fail(field, ERR_INPUT, "negative");
    /* As a double 2^53 + 1 is 2^53. */
    if (number > (double)REPORT_COUNT_MAX || json_object_get_int64(value) > REPORT_COUNT_MAX)
        return field_fail(field, ERR_INPUT, "above 2^53");
    if ((double)(int64_t)number < number)
        return field_fail(field, ERR_INPUT, "not a whole number");
    bool whole = json_object_is_type(value, json_type_int);
    if (!whole)
        field_note(field, DEVIATION_TYPE_ODD, "a whole number written as a fraction");
    *out = whole ? json_object_get_int64(value) : (int64_t)number;
    return true;
}
