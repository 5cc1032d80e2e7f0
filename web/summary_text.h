/* The summary of a week as text for a terminal or a mail: no line is longer than SUMMARY_COLUMNS but that
 * of a link, and nothing in it is a control character, whatever strangers wrote.
 * SPDX-License-Identifier: MIT
 * Before: summary_words.h. Next: summary_html.h */
#pragma once

#include "web/summary.h"

#define SUMMARY_COLUMNS 76

/* Appends it, lines ended by LF. BASE is the address of the pages, without a slash at its end; "": links
 * are paths. */
void summary_text(struct buf *out, struct arena *arena, const struct summary *summary,
                  const char *base);
