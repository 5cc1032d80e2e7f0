/* DNS messages put together byte by byte, as a server of its own would: answers for tests.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include <string.h>

enum { FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_RA = 0x0080 };

static inline void put_16(struct buf *out, unsigned number)
{
    buf_add(out, (const char[]){ (char)(number >> 8), (char)number }, 2);
}

/* "a.b" with its lengths; "" is the root. Labels may hold "\\." */
static inline void put_name(struct buf *out, const char *name)
{
    while (*name) {
        size_t size = strcspn(name, ".");
        buf_add(out, &(char){ (char)size }, 1);
        buf_add(out, name, size);
        name += size + (name[size] == '.');
    }
    buf_add(out, "", 1);
}

/* Header and question; the counts of records are of answer and authority. */
static inline void put_head(struct buf *out, unsigned id, unsigned flags, const char *name,
                            unsigned type, unsigned answers, unsigned authorities)
{
    put_16(out, id);
    put_16(out, flags);
    put_16(out, 1);
    put_16(out, answers);
    put_16(out, authorities);
    put_16(out, 0);
    put_name(out, name);
    put_16(out, type);
    put_16(out, 1);
}

static inline void put_record(struct buf *out, const char *owner, unsigned type, unsigned ttl,
                              const void *data, size_t size)
{
    put_name(out, owner);
    put_16(out, type);
    put_16(out, 1);
    put_16(out, ttl >> 16);
    put_16(out, ttl);
    put_16(out, (unsigned)size);
    buf_add(out, data, size);
}

/* A record whose data is one name, with a number in front if that is not negative (MX). */
static inline void put_named(struct buf *out, const char *owner, unsigned type, unsigned ttl,
                             int number, const char *name)
{
    struct buf data = BUF(300);
    if (number >= 0)
        put_16(&data, (unsigned)number);
    put_name(&data, name);
    put_record(out, owner, type, ttl, data.data, data.size);
    buf_done(&data);
}

/* A TXT record of one string. */
static inline void put_txt(struct buf *out, const char *owner, unsigned ttl, const char *text)
{
    struct buf data = BUF(300);
    buf_add(&data, &(char){ (char)strlen(text) }, 1);
    buf_text(&data, text);
    put_record(out, owner, 16, ttl, data.data, data.size);
    buf_done(&data);
}

static inline void put_soa(struct buf *out, const char *zone, unsigned ttl, unsigned minimum)
{
    struct buf data = BUF(300);
    put_name(&data, "ns.example");
    put_name(&data, "root.example");
    for (unsigned i = 1; i <= 4; i++) {
        put_16(&data, 0);
        put_16(&data, i);
    }
    put_16(&data, minimum >> 16);
    put_16(&data, minimum);
    put_record(out, zone, 6, ttl, data.data, data.size);
    buf_done(&data);
}
