/* Is it JSON (RFC 8259, RFC 7493)? A single pass over the bytes, without recursion.
 * SPDX-License-Identifier: MIT
 * Before: gunzip.h. Next: field.h */
#pragma once

#include "base/err.h"
#include <stddef.h>

/* Checks SIZE bytes: one value and white space. A name of RFC 8460 that stands twice in one object
 * is overwritten in place (its first byte becomes '#'), so that the first one counts; *REPEATED is
 * set. False with ERR_INPUT, the text giving the byte's offset, or ERR_LIMIT beyond DEPTH levels. */
MUST_CHECK bool json_check(char *text, size_t size, int depth, bool *repeated, struct err *err);
