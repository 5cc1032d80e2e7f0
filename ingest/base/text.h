/* Words and names: host names in one canonical form, addresses, UTF-8, tables of names.
 * SPDX-License-Identifier: MIT
 * Before: clock.h. Next: hash.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* A host or domain name as DNS compares it: lower case, A-labels (RFC 5890), no trailing dot, at
 * most 253 bytes. A leading "*." label is kept. NULL when TEXT is no name: empty, a label longer
 * than 63 bytes, a byte that neither host names nor "_" allow, an address. In the arena.
 * *ODD, if not NULL, is set when the canonical form differs from TEXT. */
const char *text_host(struct arena *arena, const char *text, bool *odd);

/* An IPv4 or IPv6 address in canonical text, without brackets, zone, port or IPv4-mapping; NULL
 * when TEXT holds none. *ODD as above. */
const char *text_address(struct arena *arena, const char *text, bool *odd);

/* True when all of it is well-formed UTF-8 (RFC 3629) without U+0000. */
bool text_is_utf8(const char *text, size_t size);

/* A copy in which each ill-formed byte is U+FFFD; *REPLACED is set when there was one. */
const char *text_to_utf8(struct arena *arena, const char *text, size_t size, bool *replaced);

/* Whole decimal number in [MIN, MAX] with nothing around it. */
MUST_CHECK bool text_number(const char *text, int64_t min, int64_t max, int64_t *out);

/* Without regard to ASCII case. */
bool text_same(const char *a, const char *b);
bool text_begins(const char *text, const char *prefix); /* ditto */
bool text_ends(const char *text, const char *suffix);   /* ditto */

/* TEXT without white space at either end, in the arena. */
char *text_trim(struct arena *arena, const char *text, size_t size);

/* JSON string contents (RFC 8259 section 7), without the quotes around it. */
void text_json(struct buf *out, const char *text);

/* A list of texts, of whoever made it. */
struct text_list {
    const char *const *items;
    size_t count;
};
