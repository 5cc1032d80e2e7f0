/* An error carries the decision, not only a text: its kind chooses the outcome of a delivery, the
 * field says where in the input the fault lies, the text says what is wrong and what the rule is.
 *
 * Functions that can fail return bool, take `struct err *` last and leave their outputs untouched on
 * failure. The first error stays; err_prefix() adds context on the way up.
 *
 * SPDX-License-Identifier: MIT
 * Before: buf.h. Next: log.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stddef.h>

enum err_kind {
    ERR_NONE,
    ERR_INPUT,   /* the input is at fault: rejected, kept with its reason */
    ERR_LIMIT,   /* the input is larger than a limit in the settings */
    ERR_REFUSED, /* not ours to take */
    ERR_AGAIN,   /* nothing was taken; the same call may succeed later */
    ERR_SETUP,   /* the operator must change something */
    ERR_BUG,     /* ours; reported, never hidden */
};

struct err {
    enum err_kind kind;
    char field[128]; /* e.g. policies[0].summary.total-failure-session-count; "" if none */
    char text[256];
};

/* Both return false, so that a failing function can end with `return err_set(…)`. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF(3, 4);
bool err_field(struct err *err, enum err_kind kind, const char *field, const char *format, ...)
    PRINTF(4, 5);

/* Puts context before the text: "cannot read x: " + text. Does nothing without an error. */
void err_prefix(struct err *err, const char *format, ...) PRINTF(2, 3);

/* "field: text" or just the text, into OUT of SIZE bytes; returns OUT. */
char *err_to_text(const struct err *err, char *out, size_t size);

/* Room for what err_to_text() writes. */
#define ERR_TEXT_BYTES 400
