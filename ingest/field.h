/* A place in a JSON text: its value and how it is called in messages. The only place that knows
 * json-c (in field.c), and the only one that must: its parser takes single quotes, NaN and repeated
 * names, and turns "7" into 7, so the text is checked against RFC 8259 before json-c sees it, and
 * types are checked at each read.
 *
 * A field points to the field it was taken from, which must stay alive. Reading from an absent field
 * gives absent fields, so that chains need no tests.
 *
 * SPDX-License-Identifier: MIT
 * Before: gunzip.h. Next: report.h */
#pragma once

#include "ingest/deviation.h"
#include "ingest/limits.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

/* What one reading needs everywhere. */
struct reading {
    struct arena *arena; /* for what is read */
    struct arena
        *scratch; /* for the JSON tree, which costs many times its text: freed after reading */
    const struct limits *limits;
    struct deviations *deviations;
    struct err *err; /* where field_fail() writes; may be changed for a part of the text */
};

enum field_kind {
    FIELD_ABSENT,
    FIELD_NULL,
    FIELD_TEXT,
    FIELD_NUMBER,
    FIELD_LIST,
    FIELD_OBJECT,
    FIELD_OTHER
};

struct field {
    struct reading *reading;
    const struct field *parent;
    const char *name; /* NULL in a list */
    size_t index;     /* in a list */
    enum field_kind kind;
    struct json_object *value; /* owned by the scratch arena */
};

/* Parses JSON and gives its root. Of names that RFC 8460 defines and that stand twice in one object
 * the first counts, which is noted. False with ERR_INPUT (not JSON; the text says where) or
 * ERR_LIMIT (depth). */
MUST_CHECK bool field_open(struct reading *reading, struct bytes json, struct field *root);

struct field field_member(const struct field *object, const char *name);
struct field field_element(const struct field *list, size_t index);
size_t field_length(const struct field *list); /* 0 unless it is a list */

/* The text of a string: UTF-8, cut at limits->text_bytes, both noted. A number is given as text,
 * noted. NULL for all else, noted unless absent or null. */
const char *field_text(const struct field *field);

/* Like field_text(), whole, for texts that are parsed further; at most 1 MiB. */
const char *field_long_text(const struct field *field);

/* A count of sessions: a whole number from 0 to 2^53, or the same as text, which is noted. False,
 * with ERR_INPUT set, when it is anything else. */
MUST_CHECK bool field_count(const struct field *field, int64_t *out);

void field_note(const struct field *field, enum deviation_code code, const char *note);
bool field_fail(const struct field *field, enum err_kind kind, const char *rule); /* false */
