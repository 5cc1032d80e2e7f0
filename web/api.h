/* Answers of the API that all its resources share: JSON, and problem details (RFC 9457).
 *
 * A resource is one file api_*.c that exports a `struct page` with `tell`: it writes JSON and leaves
 * the rest to the router. A list is {"items": […], "next": cursor or null}; a cursor is text that
 * `?after=` of the next request takes back unchanged.
 *
 * SPDX-License-Identifier: MIT
 * Before: json.h, page.h. Next: pages.h */
#pragma once

#include "web/json.h"
#include "web/page.h"

/* True for paths of the API, whose troubles are told as problems and not as pages. */
bool api_owns(const char *path);

/* Answers REQUEST with JSON. */
void api_respond(struct request *request, const struct json *json);

/* Answers with a problem, whose detail is the trouble's or else its text. */
void api_respond_problem(struct request *request, const struct trouble *trouble);

/* "?limit=N" of a list, from 1 to 1000; 100 when it is not given. ERR_INPUT for anything else. */
MUST_CHECK bool api_limit(const struct request *request, int *out, struct err *err);
