/* See table.h.
 * SPDX-License-Identifier: MIT */
#include "web/table.h"
#include "base/clock.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* --- values of a row --- */

static const void *at(const struct table_column *column, const void *row)
{
    return (const char *)row + column->offset;
}

static int64_t number_of(const struct table_column *column, const void *row)
{
    return column->member == TABLE_OF_NUMBER32 ? *(const int32_t *)at(column, row)
                                               : *(const int64_t *)at(column, row);
}

/* NULL for null. Texts of ours and of strangers alike. */
static const char *text_of(const struct table_column *column, struct arena *arena, const void *row)
{
    if (column->make)
        return column->make(arena, row);
    assert(column->member == TABLE_OF_TEXT);
    const char *text = *(const char *const *)at(column, row);
    return text || column->optional ? text : "";
}

/* Days and moments; NULL for null. */
static const char *time_of(const struct table_column *column, struct arena *arena, const void *row)
{
    char text[CLOCK_TEXT_BYTES];
    int64_t number = number_of(column, row);
    if (!number && column->optional)
        return NULL;
    if (column->kind == TABLE_DAY)
        return arena_text(arena, clock_day_to_text((int32_t)number, text));
    return arena_text(arena, clock_to_text(number, text));
}

/* --- JSON --- */

static void put_words(struct json *out, struct arena *arena, const char *name, const char *words)
{
    json_open(out, name, '[');
    for (const char *word = words; word && *word;) {
        size_t size = strcspn(word, " ");
        if (size)
            json_text(out, NULL, arena_copy(arena, word, size));
        word += size + (word[size] == ' ');
    }
    json_close(out, ']');
}

static void put_json(const struct table_column *column, struct json *out, struct arena *arena,
                     const void *row)
{
    switch (column->kind) {
    case TABLE_NUMBER:
        if (column->optional && number_of(column, row) < 0)
            json_text(out, column->name, NULL);
        else
            json_number(out, column->name, number_of(column, row));
        break;
    case TABLE_FLAG:
        json_flag(out, column->name, *(const bool *)at(column, row));
        break;
    case TABLE_DAY:
    case TABLE_MOMENT:
        json_text(out, column->name, time_of(column, arena, row));
        break;
    case TABLE_WORDS:
        put_words(out, arena, column->name, text_of(column, arena, row));
        break;
    case TABLE_BYTES:
        json_base64(out, column->name, *(const struct bytes *)at(column, row));
        break;
    case TABLE_TEXT:
    case TABLE_URL:
    case TABLE_KEY:
        json_text(out, column->name, text_of(column, arena, row));
        break;
    }
}

void table_json(const struct table *table, struct json *out, struct arena *arena, const void *row)
{
    for (size_t i = 0; i < table->count; i++)
        put_json(&table->columns[i], out, arena, row);
}

void table_json_list(const struct table *table, struct json *out, struct arena *arena,
                     const char *name, const void *rows, size_t count)
{
    json_open(out, name, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(out, NULL, '{');
        table_json(table, out, arena, (const char *)rows + i * table->row_size);
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* --- CSV --- */

/* What makes a spreadsheet calculate, or run on into the next cell. */
static bool is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r\n", *text);
}

static void put_quoted(struct buf *out, const char *text)
{
    const char *before = is_formula(text) ? "'" : "";
    if (!strpbrk(text, "\",\r\n\t;'") && *text != ' ') {
        buf_printf(out, "%s%s", before, text);
        return;
    }
    buf_printf(out, "\"%s", before);
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        buf_add(out, text, (size_t)(quote - text));
        buf_text(out, "\"\"");
    }
    buf_printf(out, "%s\"", text);
}

static void put_csv(const struct table_column *column, struct buf *out, struct arena *arena,
                    const void *row)
{
    const char *text = NULL;
    switch (column->kind) {
    case TABLE_NUMBER:
        if (!column->optional || number_of(column, row) >= 0)
            buf_printf(out, "%" PRId64, number_of(column, row));
        return;
    case TABLE_FLAG:
        buf_text(out, *(const bool *)at(column, row) ? "true" : "false");
        return;
    case TABLE_DAY:
    case TABLE_MOMENT:
        text = time_of(column, arena, row);
        break;
    case TABLE_BYTES: /* only with a single thing, which is no table */
        break;
    case TABLE_WORDS:
    case TABLE_TEXT:
    case TABLE_URL:
    case TABLE_KEY:
        text = text_of(column, arena, row);
        break;
    }
    if (text)
        put_quoted(out, text);
}

void table_csv_head(const struct table *table, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++)
        buf_printf(out, "%s%s", i ? "," : "", table->columns[i].name);
    buf_text(out, "\r\n");
}

void table_csv(const struct table *table, struct buf *out, struct arena *arena, const void *row)
{
    for (size_t i = 0; i < table->count; i++) {
        if (i)
            buf_text(out, ",");
        put_csv(&table->columns[i], out, arena, row);
    }
    buf_text(out, "\r\n");
}

/* --- schema --- */

static const char *type_of(enum table_kind kind)
{
    switch (kind) {
    case TABLE_NUMBER:
        return "integer";
    case TABLE_FLAG:
        return "boolean";
    case TABLE_WORDS:
        return "array";
    case TABLE_TEXT:
    case TABLE_DAY:
    case TABLE_MOMENT:
    case TABLE_BYTES:
    case TABLE_URL:
    case TABLE_KEY:
        break;
    }
    return "string";
}

static const char *format_of(enum table_kind kind)
{
    return kind == TABLE_DAY      ? "date"
           : kind == TABLE_MOMENT ? "date-time"
           : kind == TABLE_URL    ? "uri-reference"
                                  : NULL;
}

static void put_schema(const struct table_column *column, struct json *out)
{
    const char *type = type_of(column->kind), *format = format_of(column->kind);
    json_open(out, column->name, '{');
    json_text(out, "description", column->help);
    if (column->optional) {
        json_open(out, "type", '[');
        json_text(out, NULL, type);
        json_text(out, NULL, "null");
        json_close(out, ']');
    } else {
        json_text(out, "type", type);
    }
    if (format)
        json_text(out, "format", format);
    if (column->kind == TABLE_NUMBER)
        json_number(out, "minimum", 0);
    if (column->kind == TABLE_BYTES)
        json_text(out, "contentEncoding", "base64");
    if (column->kind == TABLE_WORDS) {
        json_open(out, "items", '{');
        json_text(out, "type", "string");
        json_close(out, '}');
    }
    json_close(out, '}');
}

void table_schema(const struct table *table, struct json *out)
{
    for (size_t i = 0; i < table->count; i++)
        put_schema(&table->columns[i], out);
}
