/* The pages for those who may not look: what is missing, and which setting or command helps.
 * SPDX-License-Identifier: MIT
 * Before: auth.h, pages.h. Next: web.h */
#pragma once

#include "web/auth.h"

/* Answers REQUEST, for any verdict but AUTH_PASSED and AUTH_CHECK. */
void denied_answer(struct request *request, const struct auth_decision *decision);
