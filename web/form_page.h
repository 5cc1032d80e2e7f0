/* Forms as a page shows them: with their token, and, when one was not good, with what was typed.
 * SPDX-License-Identifier: MIT
 * Before: form.h, form_token.h. Next: page.h */
#pragma once

#include "web/form.h"
#include "web/html.h"

/* How a page stands towards who looks at it. */
struct form_desk {
    const char *token;       /* NULL: he may send no forms, and is shown none */
    const struct form *sent; /* one that was not good, to be shown as it was typed; NULL: none */
    const char *fault;       /* what was not good about it */
    const char *fault_field; /* "": about no field */
};

/* The form that was sent and is to be shown again, if it has this "kind" and, unless FIELD is NULL, this
 * VALUE in FIELD; else NULL. DESK may be NULL. */
const struct form *form_again(const struct form_desk *desk, const char *kind, const char *field,
                              const char *value);

/* Opens a form that goes to the path ACTION, with token and KIND, and says above what was not good when
 * it is SENT, which form_again() gave. The page closes it: "</form>". */
void form_open(struct html *page, const struct form_desk *desk, const char *action,
               const char *kind, const struct form *sent);

/* A paragraph: what was not good about a form that was sent; DESK has a fault. */
void form_fault(struct html *page, const struct form_desk *desk);

void form_hidden(struct html *page, const char *name, const char *value);

/* FORM, which nothing was wrong with, to be sent again to ACTION with TOKEN. */
void form_print_again(struct html *page, const struct form *form, const char *action,
                      const char *token);
