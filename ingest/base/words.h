/* Lists of words as one text, and words put into a text.
 * SPDX-License-Identifier: MIT
 * Before: text.h. Next: hash.h */
#pragma once

#include "base/text.h"

/* "BEFORE a BETWEEN BEFORE b": the words of LIST, each with BEFORE in front of it and BETWEEN between them, in
 * the arena; "" for none. */
const char *words_joined(struct arena *arena, const struct text_list *list, const char *before,
                         const char *between);

/* TEXT with VALUE wherever WORD stands in it; TEXT itself where it does not, else in the arena. */
const char *words_filled(struct arena *arena, const char *text, const char *word,
                         const char *value);
