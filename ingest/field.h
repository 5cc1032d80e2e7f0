/* A place in a JSON text: its value and how it is called in messages. The only place that knows
 * json-c (in field.c), and the only one that must: it takes single quotes, NaN and repeated names,
 * and turns "7" into 7, so the text is checked against RFC 8259 first (json_check). Objects and lists
 * are walked through where they stand, and json-c reads what they hold, one value at a time, so that
 * reading costs no more memory than what is kept. Types and ranges are checked at each read; of names
 * that stand twice in one object the first counts.
 *
 * A field points to the field it was taken from, which must stay alive. Reading from an absent field
 * gives absent fields, so that chains need no tests.
 *
 * SPDX-License-Identifier: MIT
 * Before: json_check.h. Next: report.h */
#pragma once

#include "ingest/deviation.h"
#include "ingest/limits.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

/* What one reading needs everywhere. */
struct reading {
    struct arena *arena;   /* for what is read */
    struct arena *scratch; /* for what only reading needs: freed after it */
    const struct limits *limits;
    struct deviations *deviations;
    struct err *err; /* where field_fail() writes; may be changed for a part of the text */
    struct json_tokener *tokener; /* made by field_open() in the scratch arena; begins NULL */
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
    struct bytes value; /* of the text: from the first to the last byte of it */
};

/* Checks JSON, which must be NUL-terminated and stay where it is, and gives its root. A name of RFC
 * 8460 that stands twice in one object is noted. False with ERR_INPUT (not JSON; the text says
 * where) or ERR_LIMIT (depth, values). */
MUST_CHECK bool field_open(struct reading *reading, struct bytes json, struct field *root);

struct field field_member(const struct field *object, const char *name);

/* Elements in order: ELEMENT begins as { 0 } and is kept between calls. False behind the last. */
bool field_next(const struct field *list, struct field *element);
size_t field_length(const struct field *list); /* counts them; 0 unless it is a list */

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
