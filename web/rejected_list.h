/* Which of what could not be counted a request asks for; the same for pages and API.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: page_rejected.c, api_rejected.c */
#pragma once

#include "web/page.h"

/* Reads "?source=" (https, lmtp, maildir, command), "?text=" (what reason, organization or origin
 * holds) and "?after=CURSOR"; the limit stays 0. ERR_INPUT names the argument that is wrong. */
MUST_CHECK bool rejected_list_read(const struct request *request, struct rejected_list *out,
                                   struct err *err);

/* The cursor of a list that goes on behind ROW. */
const char *rejected_list_cursor(struct arena *arena, const struct rejected_row *row);

/* The row whose id stands in the visit's path; *OUT is NULL when there is none. */
MUST_CHECK bool rejected_list_find(struct visit *visit, const struct rejected_row **out,
                                   struct err *err);
