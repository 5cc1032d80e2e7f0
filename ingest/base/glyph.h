/* Characters of text that strangers wrote: which of them are not seen, or turn the direction of what
 * stands beside them, so that they are shown by their number instead.
 * SPDX-License-Identifier: MIT
 * Next: web/html.h, web/dump.h */
#pragma once

#include "base/buf.h"

/* The character at the beginning of BYTES, which are not none. False where they are no UTF-8: then
 * *CHARACTER is the byte, and *SIZE 1. */
bool glyph_next(struct bytes bytes, size_t *size, unsigned *character);

/* C1 controls, marks of direction (U+202E and its like), joiners, tags, and other characters without a
 * shape. */
bool glyph_is_unseen(unsigned character);

/* Marks that are put above, below or around the character before them: one or two make a letter, many
 * hide the lines around it. */
#define GLYPH_MARKS_MAX 4
bool glyph_is_mark(unsigned character);

/* "⟨U+202E⟩" */
void glyph_add_number(struct buf *out, unsigned character);

/* The first MOST characters of TEXT for terminals and mails, on one line: what is not seen stands there by
 * its number, control bytes as U+FFFD or a space, and what is left out as an ellipsis. */
void glyph_add_text(struct buf *out, const char *text, size_t most);
