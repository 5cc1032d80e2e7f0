/* Inflating within bounds; the only place that knows zlib (in gunzip.c).
 * SPDX-License-Identifier: MIT
 * Before: mime.h. Next: field.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "ingest/limits.h"

/* True when BYTES begin as a gzip stream does (RFC 1952). */
bool gunzip_fits(struct bytes bytes);

/* Inflates all members of a gzip stream (RFC 1952 section 2.2) within the limits; *TRAILING says
 * that bytes followed the last member. OUT is in ARENA and NUL-terminated. False with ERR_INPUT
 * (damaged, cut short) or ERR_LIMIT. */
MUST_CHECK bool gunzip(struct arena *arena, struct bytes gzip, const struct limits *limits,
                       struct bytes *out, bool *trailing, struct err *err);

/* Compresses to one gzip member, in ARENA. */
struct bytes gunzip_reverse(struct arena *arena, struct bytes plain);
