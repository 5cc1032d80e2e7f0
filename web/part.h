/* Small pieces of which pages are made.
 * SPDX-License-Identifier: MIT
 * Before: html.h. Next: layout.h */
#pragma once

#include "web/html.h"

enum badge { BADGE_PLAIN, BADGE_GOOD, BADGE_WARN, BADGE_BAD };

/* A word in a frame, with a sign and a colour of its kind: neither says anything that TEXT does not. */
void part_badge(struct html *page, enum badge badge, const char *text);

/* TEXT, in which commands stand between backticks, as on a terminal. */
void part_prose(struct html *page, const char *text);

/* One of a <dl class="figures">. */
void part_figure(struct html *page, const char *label, int64_t number);

/* The same, leading to URL where there are any; then NUMBER is drawn as BADGE would be. */
void part_figure_to(struct html *page, const char *label, int64_t number, enum badge badge,
                    const char *url);

/* A table cell with a number of failed sessions: heavier than others, quiet when there are none. */
void part_failed(struct html *page, int64_t number);

/* Where the page stands: a link to what is above it, and its own name. */
void part_crumbs(struct html *page, const char *url, const char *label, const char *here);

/* Says that of ALL only SHOWN are listed and not the rest, which WHAT names; nothing when all are. */
void part_left_out(struct html *page, int64_t all, size_t shown, const char *what);
