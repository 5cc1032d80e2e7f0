/* Forms that people send (POST, application/x-www-form-urlencoded): what they hold.
 * SPDX-License-Identifier: MIT
 * Before: http_request.h. Next: form_token.h, form_page.h */
#pragma once

#include "base/err.h"
#include "web/http_request.h"

/* Each name once; lines of a value end with '\n'. */
struct form {
    const struct form_field *fields;
    size_t count;
};
struct form_field {
    const char *name;  /* of a-z, 0-9, '-', '_', '.' */
    const char *value; /* UTF-8 without control characters but '\n' and '\t' */
};
#define FORM_FIELDS     64
#define FORM_NAME_BYTES 64

/* Whether REQUEST says that its body is such a form (Content-Type, in UTF-8 if it says more). */
bool form_is_sent_in(const struct request *request);

/* Reads BODY. ERR_INPUT: it is damaged, or holds what no form of ours sends. All in ARENA. */
MUST_CHECK bool form_parse(struct arena *arena, struct bytes body, struct form *out,
                           struct err *err);

/* What was sent under NAME; NULL: nothing. FORM may be NULL. */
const char *form_value(const struct form *form, const char *name);

/* The same without white space at its ends, for a field that must hold something, MOST bytes at most.
 * ERR_INPUT, with the field's name, when it does not. In ARENA. */
MUST_CHECK bool form_need(struct arena *arena, const struct form *form, const char *name,
                          size_t most, const char **out, struct err *err);
