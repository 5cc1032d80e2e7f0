/* Makes room: what the settings no longer want kept.
 * SPDX-License-Identifier: MIT
 * Before: status.h. Next: writer.h */
#pragma once

#include "schema/pg.h"

/* How much is kept of what could not be counted. */
struct rejected_limits {
    int64_t days;       /* since it last came */
    int64_t bytes;      /* of all; beyond, the oldest go */
    int64_t head_bytes; /* of one delivery */
};

#define REJECTED_LIMITS_DEFAULT                                   \
    {                                                             \
        .days = 90, .bytes = 256 << 20, .head_bytes = 1024 << 10, \
    }

/* *REMOVED gets how many rows went. Never makes a batch wait. */
MUST_CHECK bool purge_rejected(struct pg *pg, const struct rejected_limits *limits,
                               int64_t now_seconds, int64_t *removed, struct err *err);
