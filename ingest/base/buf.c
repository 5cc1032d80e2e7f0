/* See buf.h.
 * SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "base/arena.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buf_room(struct buf *buf, size_t size)
{
    if (buf->failed || size > buf->max - buf->size) {
        buf->failed = true;
        return NULL;
    }
    if (buf->capacity - buf->size <= size) { /* always one more, for the NUL */
        size_t want = buf->size + size + 1;
        size_t twice = buf->capacity * 2 < buf->max + 1 ? buf->capacity * 2 : buf->max + 1;
        buf->capacity = want > twice ? want : twice;
        if (buf->capacity < 64)
            buf->capacity = 64;
        buf->data = memory_resize(buf->data, buf->capacity);
    }
    return buf->data + buf->size;
}

void buf_add(struct buf *buf, const void *bytes, size_t size)
{
    char *room = buf_room(buf, size);
    if (!room)
        return;
    if (size)
        memcpy(room, bytes, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    int size = vsnprintf(NULL, 0, format, values);
    va_end(values);
    char *room = buf_room(buf, (size_t)size);
    if (room) {
        vsnprintf(room, (size_t)size + 1, format, again);
        buf->size += (size_t)size;
    }
    va_end(again);
}

void buf_drop(struct buf *buf, size_t size)
{
    if (!size)
        return;
    memmove(buf->data, buf->data + size, buf->size - size);
    buf->size -= size;
    buf->data[buf->size] = '\0';
}

const char *buf_get(const struct buf *buf)
{
    return buf->data && buf->size ? buf->data : "";
}

void buf_done(struct buf *buf)
{
    free(buf->data);
    *buf = BUF(buf->max);
}
