/* How a URL is put together: what stands in it is percent-encoded (RFC 3986 section 2.3).
 * SPDX-License-Identifier: MIT
 * Before: html.h. Next: link.h */
#pragma once

#include "base/arena.h"

/* PREFIX, a path of ours that ends with '/', and TEXT as its next segment. */
const char *url_path(struct arena *arena, const char *prefix, const char *text);

/* URL with "?NAME=VALUE", or "&NAME=VALUE" behind another; unchanged when VALUE is NULL. */
const char *url_add(struct arena *arena, const char *url, const char *name, const char *value);

/* The same with a query that is encoded already, such as "days=7"; unchanged when it is NULL or "". */
const char *url_query(struct arena *arena, const char *url, const char *query);

/* A path as a request names it, decoded: encoded again, its slashes kept. */
const char *url_again(struct arena *arena, const char *path);
