/* What a list is searched for: how names begin, as a URL says it.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: overview_list.c, page_mx.c */
#pragma once

#include "base/err.h"
#include "web/http.h"

/* "?name=", without white space around it and in lower case, as names stand in the ledger; "" when it is
 * not given. ERR_INPUT: it is longer than any name. */
MUST_CHECK bool search_read(struct request *request, const char **out, struct err *err);
