/* Growing bytes with a maximum given at birth. Overflow is sticky: later calls do nothing, and the
 * caller looks once, at the end.
 * SPDX-License-Identifier: MIT
 * Before: arena.h. Next: err.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stddef.h>

/* Bytes that belong to somebody else and may hold NUL. */
struct bytes {
    const char *data;
    size_t size;
};

struct buf {
    char *data; /* NUL-terminated at data[size] once anything was added */
    size_t size, capacity;
    size_t max;  /* bytes */
    bool failed; /* more than max was asked for */
};

/* An empty buffer that may grow to MAX bytes. */
#define BUF(max_bytes) ((struct buf){ .max = (max_bytes) })

void buf_add(struct buf *buf, const void *bytes, size_t size);
void buf_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/* Room for SIZE more bytes, to be written by the caller and claimed by adding to buf->size.
 * NULL, and failed, beyond the maximum. */
char *buf_room(struct buf *buf, size_t size);

/* Drops the first SIZE bytes. */
void buf_drop(struct buf *buf, size_t size);

/* The text so far, never NULL. */
const char *buf_get(const struct buf *buf);

/* Frees the contents; the maximum stays. Fits CLEANUP(). */
void buf_done(struct buf *buf);
