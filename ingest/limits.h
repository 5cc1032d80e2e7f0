/* What one delivery may cost before it is refused. Each has a setting in section `limits`.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct limits {
    int64_t
        message_bytes; /* bytes received, by mail or HTTPS; RFC 8460 section 5.2 speaks of 10 MB */
    int64_t memory_bytes;   /* of all deliveries at once, also those being received; see budget.h */
    int64_t inflated_bytes; /* JSON after gunzip */
    int64_t delivery_bytes; /* memory of one delivery: as received, inflated and read */
    int64_t inflate_ratio;  /* inflated bytes for each byte received, once past 1 MiB */
    int64_t mime_parts;     /* leaves looked at in one mail */
    int64_t mime_depth;     /* multiparts and messages inside each other */
    int64_t mime_headers;   /* header lines of one mail, half a kilobyte each in GMime */
    int64_t header_bytes;   /* of one header, with its folded lines */
    int64_t json_depth;
    int64_t json_values; /* objects, lists, texts, numbers of one report */
    int64_t policies;    /* in one report */
    int64_t details;     /* failure details in one report */
    int64_t text_bytes;  /* of one string of a report; longer ones are cut and noted */
};

/* The defaults, for commands without settings and for tests. */
#define LIMITS_DEFAULT                                                                             \
    {                                                                                              \
        .message_bytes = 10 << 20, .memory_bytes = 40 << 20, .inflated_bytes = 20 << 20,           \
        .delivery_bytes = 40 << 20, .inflate_ratio = 200, .mime_parts = 100, .mime_depth = 8,      \
        .mime_headers = 20000, .header_bytes = 64 << 10, .json_depth = 32, .json_values = 1000000, \
        .policies = 1000, .details = 50000, .text_bytes = 1024,                                    \
    }

/* For an original that is kept: it passed the limits once, and only how much of a text is read must be
 * as it was. */
#define LIMITS_OF_KEPT(most_text_bytes)                                               \
    {                                                                                 \
        .message_bytes = INT64_C(1) << 30, .inflated_bytes = INT64_C(1) << 30,        \
        .delivery_bytes = INT64_C(1) << 34, .inflate_ratio = 100000, .mime_parts = 1, \
        .mime_depth = 1, .mime_headers = 1, .header_bytes = 1, .json_depth = 1000,    \
        .json_values = INT64_C(1) << 30, .policies = 1000000, .details = 10000000,    \
        .text_bytes = (most_text_bytes),                                              \
    }
