/* See field.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/field.h"
#include "ingest/json_check.h"
#include "ingest/report.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_TEXT_BYTES (1 << 20)
#define PATH_BYTES      128
#define NAME_BYTES      64   /* more than the longest name that is asked for */
#define COUNT_BYTES     400  /* of a number; 1 and many noughts is one too */
#define SHORT_BYTES     2048 /* as long as texts that are kept may be */

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

bool field_open(struct reading *reading, struct bytes json, struct field *root)
{
    bool repeated = false;
    const struct json_bounds bounds = { reading->limits->json_depth, reading->limits->json_values };
    if (!json_check(json.data, json.size, &bounds, &repeated, reading->err))
        return false;
    *root = (struct field){ .reading = reading };
    set_value(root, skip_white(json.data));
    if (repeated)
        field_note(root, DEVIATION_DUPLICATE_NAMES, NULL);
    return true;
}

/* --- strings --- */

struct decoder {
    const char *at; /* behind the opening quote, or later */
    char *out;
    size_t size;
};

static void put_code(struct decoder *decoder, unsigned long code)
{
    char *out = decoder->out + decoder->size;
    if (code < 0x80) {
        decoder->size += 1;
        out[0] = (char)code;
    } else if (code < 0x800) {
        decoder->size += 2;
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        decoder->size += 3;
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
    } else {
        decoder->size += 4;
        out[0] = (char)(0xf0 | code >> 18);
        out[1] = (char)(0x80 | (code >> 12 & 0x3f));
        out[2] = (char)(0x80 | (code >> 6 & 0x3f));
        out[3] = (char)(0x80 | (code & 0x3f));
    }
}

static unsigned long hex4(const char *at)
{
    char digits[5] = "";
    memcpy(digits, at, 4);
    return strtoul(digits, NULL, 16);
}

/* An escape, `at` on its backslash. Half a surrogate pair becomes U+FFFD. */
static void put_escape(struct decoder *decoder)
{
    static const char names[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *at = decoder->at;
    const char *name = strchr(names, at[1]);
    decoder->at += 2;
    if (at[1] != 'u') {
        put_code(decoder, (unsigned char)(name ? meanings[name - names] : at[1]));
        return;
    }
    unsigned long code = hex4(at + 2);
    decoder->at += 4;
    if (code >= 0xd800 && code < 0xdc00 && at[6] == '\\' && at[7] == 'u') {
        unsigned long low = hex4(at + 8);
        if (low >= 0xdc00 && low < 0xe000) {
            put_code(decoder, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
            decoder->at += 6;
            return;
        }
    }
    put_code(decoder, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
}

/* The text of STRING (with its quotes) without escapes, no more of it than MAX bytes and a few, in
 * OUT, which has room for MAX + DECODE_MORE. Gives its size. */
#define DECODE_MORE 8
static size_t decode(struct bytes string, size_t max, char *out)
{
    struct decoder decoder = { .at = string.data + 1, .out = out };
    const char *end = string.data + string.size - 1;
    while (decoder.at < end && decoder.size <= max)
        if (*decoder.at == '\\')
            put_escape(&decoder);
        else
            out[decoder.size++] = *decoder.at++;
    /* One character may be cut here; its first bytes are beyond MAX or tell so. */
    while (decoder.at < end && decoder.size < max + 4 && (*decoder.at & 0xc0) == 0x80)
        out[decoder.size++] = *decoder.at++;
    return decoder.size;
}

/* --- members and elements --- */

/* Names with escapes are compared by what they mean; no name of ours is long. */
static bool is_called(struct bytes string, const char *name)
{
    char plain[NAME_BYTES + DECODE_MORE];
    size_t size = strlen(name);
    const char *text = string.data + 1;
    size_t length = string.size - 2;
    if (memchr(text, '\\', length)) {
        length = decode(string, NAME_BYTES, plain);
        text = plain;
    }
    return length == size && memcmp(text, name, size) == 0;
}

struct field field_member(const struct field *object, const char *name)
{
    struct field member = { .reading = object->reading, .parent = object, .name = name };
    if (object->kind != FIELD_OBJECT)
        return member;
    const char *at = skip_white(object->value.data + 1);
    while (*at != '}') {
        const char *behind = skip_string(at);
        bool found = is_called((struct bytes){ at, (size_t)(behind - at) }, name);
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

/* Strings within MAX bytes; longer than SHORT_BYTES they are decoded in the scratch arena. */
static const char *text_within(const struct field *field, size_t max)
{
    char room[SHORT_BYTES + DECODE_MORE], *decoded = room;
    if (field->kind == FIELD_ABSENT || field->kind == FIELD_NULL)
        return NULL;
    if (field->kind != FIELD_TEXT)
        field_note(field, DEVIATION_TYPE_ODD, NULL);
    if (field->kind == FIELD_NUMBER)
        return keep(field, field->value.data, field->value.size, max);
    if (field->kind != FIELD_TEXT)
        return NULL;
    const char *inside = field->value.data + 1;
    size_t size = field->value.size - 2;
    if (!memchr(inside, '\\', size))
        return keep(field, inside, size, max);
    size_t most = size < max ? size : max;
    if (most > SHORT_BYTES)
        decoded = arena_alloc(field->reading->scratch, most + DECODE_MORE);
    size = decode(field->value, most, decoded);
    return keep(field, decoded, size, max);
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
    char decoded[COUNT_BYTES + DECODE_MORE];
    CLEANUP(arena_free) struct arena local = { 0 };
    size_t size = decode(field->value, COUNT_BYTES, decoded);
    const char *text = text_trim(&local, decoded, size);
    int64_t number;
    if (size > COUNT_BYTES || memchr(decoded, '\0', size)
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
    char text[COUNT_BYTES + 1] = "";
    memcpy(text, field->value.data, field->value.size);
    bool whole = !text[strcspn(text, ".eE")];
    double number = strtod(text, NULL);
    if (number < 0)
        return field_fail(field, ERR_INPUT, "negative");
    /* As a double 2^53 + 1 is 2^53. */
    int64_t exact = whole ? strtoll(text, NULL, 10) : 0;
    if (number > (double)REPORT_COUNT_MAX || exact > REPORT_COUNT_MAX)
        return field_fail(field, ERR_INPUT, "above 2^53");
    if ((double)(int64_t)number < number)
        return field_fail(field, ERR_INPUT, "not a whole number");
    if (!whole)
        field_note(field, DEVIATION_TYPE_ODD, "a whole number written as a fraction");
    *out = whole ? exact : (int64_t)number;
    return true;
}
