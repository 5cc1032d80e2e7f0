/* The one writer of HTML. Formats are literals of ours and every %s is escaped, so that nothing which
 * a stranger wrote can become markup; there is no other way to put text on a page.
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: link.h, layout.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdint.h>

struct html {
    struct arena *arena; /* for what is made while printing, such as links */
    struct buf text;     /* so far; `failed` when the page outgrew its maximum */
};

/* An empty page of at most HTML_BYTES_MAX; it ends with the arena. */
#define HTML_BYTES_MAX (16 << 20)
struct html *html_new(struct arena *arena);

/* Appends FORMAT, a literal. %s is safe as text and inside a double-quoted attribute; NULL prints
 * nothing; control bytes and what is no UTF-8 become U+FFFD, and characters that are not seen or turn
 * the direction of writing stand there by their number (glyph.h). Other conversions: %c %d %u %ld %lld %lu %llu %zu %%. */
void html(struct html *page, const char *format, ...) PRINTF(2, 3);

/* 1 234 567, with thin spaces that do not break. */
void html_number(struct html *page, int64_t number);

/* A table cell with it, right-aligned. */
void html_cell(struct html *page, int64_t number);

/* PART of WHOLE: "0.42 %", "0 %" only for none and "100 %" only for all; a dash when WHOLE is 0. */
void html_share(struct html *page, int64_t part, int64_t whole);

/* <time>: "2026-11-22 14:05 UTC", "2026-11-22"; a dash for a moment of 0. */
void html_time(struct html *page, int64_t seconds);
void html_day(struct html *page, int32_t day);

/* Bytes of any kind, as text to look at: what is not printable ASCII is a middle dot; line ends stay. */
void html_bytes(struct html *page, struct bytes bytes);
