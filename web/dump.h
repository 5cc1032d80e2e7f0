/* Bytes of strangers to look at: as text in which nothing acts and nothing hides, and in hexadecimal.
 * SPDX-License-Identifier: MIT
 * Before: html.h. Next: page_rejection.c */
#pragma once

#include "web/html.h"

/* True when these bytes are something else than text: NUL, or more than a few bytes of a hundred that
 * are neither printable nor UTF-8. */
bool dump_is_binary(struct bytes bytes);

/* The header section of a mail (RFC 5322 section 2.2) at the beginning of BYTES; empty when they do
 * not begin with a header field. */
struct bytes dump_headers(struct bytes bytes);

/* The bytes as text. Line ends stay; other control characters are shown by their pictures (U+2400…),
 * characters without a shape of their own or that turn the direction of writing by their number, and
 * bytes that are no UTF-8 as \xNN. */
void dump_text(struct html *page, struct bytes bytes);

/* Sixteen bytes a line: offset, hexadecimal, ASCII. */
void dump_hex(struct html *page, struct bytes bytes);
