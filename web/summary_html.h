/* The summary of a week as HTML for a mail: self-contained, styles in the elements, nothing from
 * elsewhere, no scripts; colours of text and ground are the reader's own, so that light and dark both fit.
 * SPDX-License-Identifier: MIT
 * Before: summary_text.h. Next: summary_json.h */
#pragma once

#include "web/html.h"
#include "web/summary.h"

/* Prints a whole document. BASE is the address of the pages, without a slash at its end; "": no links. */
void summary_html(struct html *page, const struct summary *summary, const char *base);
