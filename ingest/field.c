/* See field.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/field.h"
#include "ingest/json_check.h"
#include "ingest/report.h"
#include "base/text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#define LONG_TEXT_BYTES (1 << 20)
#define PATH_BYTES      128

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

static void put(void *tree)
{
    json_object_put(tree);
}

static enum field_kind kind_of(struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return FIELD_NULL;
    case json_type_string:
        return FIELD_TEXT;
    case json_type_int:
    case json_type_double:
        return FIELD_NUMBER;
    case json_type_array:
        return FIELD_LIST;
    case json_type_object:
        return FIELD_OBJECT;
    case json_type_boolean:
        break;
    }
    return FIELD_OTHER;
}

bool field_open(struct reading *reading, struct bytes json, struct field *root)
{
    bool repeated = false;
    int depth = (int)reading->limits->json_depth;
    char *text = arena_copy(reading->scratch, json.data, json.size);
    if (!json_check(text, json.size, depth, &repeated, reading->err))
        return false;

    struct json_tokener *tokener = json_tokener_new_ex(depth + 1);
    if (!tokener)
        abort(); /* no memory; see base/arena.h */
    struct json_object *tree = json_tokener_parse_ex(tokener, text, (int)json.size + 1);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (error != json_tokener_success)
        return err_set(reading->err, ERR_INPUT, "not JSON: %s", json_tokener_error_desc(error));
    arena_on_free(reading->scratch, put, tree);
    *root = (struct field){ .reading = reading, .kind = kind_of(tree), .value = tree };
    if (repeated)
        field_note(root, DEVIATION_DUPLICATE_NAMES, NULL);
    return true;
}

struct field field_member(const struct field *object, const char *name)
{
    struct field member = { .reading = object->reading, .parent = object, .name = name };
    if (object->kind == FIELD_OBJECT
        && json_object_object_get_ex(object->value, name, &member.value))
        member.kind = kind_of(member.value);
    return member;
}

struct field field_element(const struct field *list, size_t index)
{
    struct field element = { .reading = list->reading, .parent = list, .index = index };
    element.value = json_object_array_get_idx(list->value, index);
    element.kind = kind_of(element.value);
    return element;
}

size_t field_length(const struct field *list)
{
    return list->kind == FIELD_LIST ? json_object_array_length(list->value) : 0;
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

static const char *text_within(const struct field *field, size_t max)
{
    if (field->kind == FIELD_ABSENT || field->kind == FIELD_NULL)
        return NULL;
    bool number = field->kind == FIELD_NUMBER;
    if (field->kind != FIELD_TEXT)
        field_note(field, DEVIATION_TYPE_ODD, NULL);
    if (field->kind != FIELD_TEXT && !number)
        return NULL;
    const char *text =
        number ? json_object_to_json_string(field->value) : json_object_get_string(field->value);
    size_t size = number ? strlen(text) : (size_t)json_object_get_string_len(field->value);
    size_t kept = cut(text, size, max);
    bool replaced = false;
    const char *good = text_to_utf8(field->reading->arena, text, kept, &replaced);
    size_t grown = replaced ? strlen(good) : kept; /* U+FFFD is longer than what it stands for */
    if (grown > max)
        good = arena_copy(field->reading->arena, good, cut(good, grown, max));
    if (kept < size || grown > max)
        field_note(field, DEVIATION_TEXT_CUT, NULL);
    if (replaced)
        field_note(field, DEVIATION_BAD_UTF8, NULL);
    return good;
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
    const char *given = json_object_get_string(field->value);
    size_t size = (size_t)json_object_get_string_len(field->value);
    const char *text = text_trim(field->reading->arena, given, size);
    int64_t number;
    if (memchr(given, '\0', size) || !text_number(text, INT64_MIN, INT64_MAX, &number))
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
    double number = json_object_get_double(field->value);
    if (number < 0)
        return field_fail(field, ERR_INPUT, "negative");
    /* As a double 2^53 + 1 is 2^53. */
    if (number > (double)REPORT_COUNT_MAX || json_object_get_int64(field->value) > REPORT_COUNT_MAX)
        return field_fail(field, ERR_INPUT, "above 2^53");
    if ((double)(int64_t)number < number)
        return field_fail(field, ERR_INPUT, "not a whole number");
    if (json_object_is_type(field->value, json_type_double))
        field_note(field, DEVIATION_TYPE_ODD, "a whole number written as a fraction");
    *out = json_object_is_type(field->value, json_type_int) ? json_object_get_int64(field->value)
                                                            : (int64_t)number;
    return true;
}
