/* What stands around every page, and the small pieces that several pages print alike.
 * SPDX-License-Identifier: MIT
 * Before: link.h. Next: page.h */
#pragma once

#include "web/html.h"

/* Everything above the page's own <h1>. PATH marks the entry of the navigation that the page belongs
 * to ("/", "/reports", "/rejected", or "" for none). */
void layout_head(struct html *page, const char *title, const char *path);

/* USER is logged in; NULL: nobody is. */
void layout_foot(struct html *page, const char *user);

/* A table in a box of its own that scrolls sideways where the screen is narrow. HEADS are the column
 * heads with a space between words written as it is; one that begins with '#' holds numbers. */
void layout_table(struct html *page, const char *caption, const char *const *heads, size_t count);
void layout_table_end(struct html *page);
#define LAYOUT_TABLE(page, caption, ...)                                  \
    layout_table((page), (caption), (const char *const[]){ __VA_ARGS__ }, \
                 ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

/* A line about failures that needs no colour to be read: a word, and its class. */
void layout_status(struct html *page, int64_t failed, int64_t sessions);

/* Words with a space between, printed with commas; a dash when there are none. */
void layout_words(struct html *page, const char *words);

/* "More" below a list, where URL is not NULL. */
void layout_more(struct html *page, const char *url, const char *text);
