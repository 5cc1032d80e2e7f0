/* Rows of structs as JSON (RFC 8259), as CSV (RFC 4180), and as what a program may expect of them: one
 * table of columns, several outputs.
 *
 * In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it, which makes
 * it show the text: nothing that a stranger wrote is calculated. Numbers stay numbers.
 *
 * SPDX-License-Identifier: MIT
 * Before: json.h. Next: api.h */
#pragma once

#include "web/json.h"

enum table_kind {
    TABLE_TEXT,
    TABLE_NUMBER, /* a count: never below 0 */
    TABLE_FLAG,
    TABLE_DAY,    /* of int32_t: "2026-11-23" */
    TABLE_MOMENT, /* of int64_t seconds: "2026-11-23T00:00:00Z" */
    TABLE_WORDS,  /* of a text with a space between: a list of words; in CSV the text */
    TABLE_BYTES,  /* base64 */
    TABLE_URL,    /* made by a function: a path of ours */
    TABLE_KEY,    /* ditto: of more than one member */
};

/* How a member is kept; found by its C type. */
enum table_member {
    TABLE_OF_TEXT,
    TABLE_OF_NUMBER,
    TABLE_OF_NUMBER32,
    TABLE_OF_FLAG,
    TABLE_OF_BYTES,
    TABLE_OF_NOTHING, /* `make` makes it */
};

struct table_column {
    const char *name;
    enum table_kind kind;
    enum table_member member;
    bool optional; /* may be null: NULL, a day or moment of 0, a number below 0 */
    size_t offset;
    const char *(*make)(struct arena *arena, const void *row);
    const char *help; /* a sentence */
};

struct table {
    const struct table_column *columns;
    size_t count;
    size_t row_size;
};

#define TABLE_MEMBER_OF(row, from) \
    _Generic(((struct row *)0)->from,            \
        const char *: TABLE_OF_TEXT,             \
        int64_t: TABLE_OF_NUMBER,                \
        int32_t: TABLE_OF_NUMBER32,              \
        bool: TABLE_OF_FLAG,                     \
        struct bytes: TABLE_OF_BYTES)

/* A column of member FROM of struct ROW, called CALLED. */
#define TABLE_COLUMN(row, from, called, as, is_optional, text)                                     \
    {                                                                                              \
        .name = called, .kind = as, .member = TABLE_MEMBER_OF(row, from), .optional = is_optional, \
        .offset = offsetof(struct row, from), .help = text                                         \
    }
/* A column that FUNCTION makes of the row. */
#define TABLE_MADE(function, called, as, text)                                                 \
    {                                                                                          \
        .name = called, .kind = as, .member = TABLE_OF_NOTHING, .make = function, .help = text \
    }
#define TABLE(row, list)                                     \
    {                                                        \
        list, sizeof list / sizeof *list, sizeof(struct row) \
    }

/* The columns of ROW as members of the object that is open. */
void table_json(const struct table *table, struct json *out, struct arena *arena, const void *row);

/* All of them as a list, its name NULL for none. */
void table_json_list(const struct table *table, struct json *out, struct arena *arena,
                     const char *name, const void *rows, size_t count);

/* The line of names, and a line of values; lines end with CR LF. */
void table_csv_head(const struct table *table, struct buf *out);
void table_csv(const struct table *table, struct buf *out, struct arena *arena, const void *row);

/* The columns as JSON Schema (2020-12): members of the object `properties` that is open. */
void table_schema(const struct table *table, struct json *out);
