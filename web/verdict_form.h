/* On a domain's page: a failure that an operator does not wait for, with a note, and taking that back.
 * SPDX-License-Identifier: MIT
 * Before: form_page.h, verdict_page.h. Next: page_domain.c */
#pragma once

#include "web/page.h"

/* Below a reason that is about the failure IT: the form to acknowledge it, if it can be. ACTION: the page's
 * path. */
void verdict_form_print(struct html *page, const struct form_desk *desk, const char *action,
                        const struct verdict_disposition *it);

/* What is acknowledged, with note, who and when, and the way to take it back. */
void verdict_form_acknowledged(struct html *page, const struct form_desk *desk, const char *action,
                               const struct verdict *verdict);

/* Does what the form that was sent asks for, of DOMAIN whose verdict is VERDICT now. ERR_INPUT: what was
 * typed, or the failure has changed since the page was made. */
MUST_CHECK bool verdict_form_take(struct visit *visit, const char *domain,
                                  const struct verdict *verdict, struct err *err);
