/* The table of pages and the way from a request to an answer.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: web.h */
#pragma once

#include "web/page.h"

/* Answers what needs no database: wrong methods and paths, files of web/static, /healthz. False, and
 * nothing is answered, when pages_answer() is to do it. */
MUST_CHECK bool pages_answer_now(struct request *request);

/* Answers all else; takes as long as the database does. */
void pages_answer(struct request *request, const struct site *site);

/* Answers 503: too many are waiting already. */
void pages_answer_busy(struct request *request);
