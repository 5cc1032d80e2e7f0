/* The table of pages and the way from a request to an answer.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: web.h */
#pragma once

#include "web/page.h"

/* The table of pages; NULL behind the last. */
const struct page *pages_at(size_t index);

/* Answers what needs no database: wrong methods and paths, files of web/static, /healthz. False, and
 * nothing is answered, when pages_answer() is to do it. */
MUST_CHECK bool pages_answer_now(struct request *request);

/* Whether nobody has to log in for it, although pages_answer() is to answer it: /readyz, and /metrics
 * if the site says so. */
bool pages_is_public(const struct request *request, const struct site *site);

/* Answers all else, for USER (NULL: nobody had to log in); takes as long as the database does. */
void pages_answer(struct request *request, const struct site *site, const char *user);

/* Answers 503: too many are waiting already. */
void pages_answer_busy(struct request *request);

/* A page, or a problem of the API, that says what is wrong and what to do. */
void pages_answer_trouble(struct request *request, const struct trouble *trouble);
