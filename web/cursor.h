/* Cursors: the key of a list's last row as a text that stands in a URL as it is. Fields are parted by
 * dots; numbers are decimal, texts hexadecimal.
 * SPDX-License-Identifier: MIT
 * Before: api.h. Next: api_data.c */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* Appends a field. */
void cursor_number(struct buf *out, int64_t number);
void cursor_text(struct buf *out, const char *text);

/* Takes the next field of *CURSOR, which moves on; false when it is none of the kind. */
MUST_CHECK bool cursor_take_number(struct arena *arena, const char **cursor, int64_t min,
                                   int64_t max, int64_t *out);
MUST_CHECK bool cursor_take_text(struct arena *arena, const char **cursor, const char **out);
