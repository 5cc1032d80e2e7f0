/* Is it JSON (RFC 8259, RFC 7493)? A single pass over the bytes, without recursion.
 * SPDX-License-Identifier: MIT
 * Before: gunzip.h. Next: field.h */
#pragma once

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

/* What is allowed; the settings `limits` have both. */
struct json_bounds {
    int64_t depth;  /* levels inside each other; at most 256 are looked at */
    int64_t values; /* objects, lists, texts, numbers and words, all together */
};

/* Checks SIZE bytes: one value and white space. *REPEATED is set when a name of RFC 8460 stands twice
 * in one object. False with ERR_INPUT, the text giving the byte's offset, or ERR_LIMIT. */
MUST_CHECK bool json_check(const char *text, size_t size, const struct json_bounds *bounds,
                           bool *repeated, struct err *err);
