/* One report of a delivery on its way through the hall: what was read, admitted, and became of it.
 * SPDX-License-Identifier: MIT
 * Before: admit.h */
#pragma once

#include "ingest/admit.h"

struct entry {
    struct entry *next;        /* of the same delivery */
    struct delivery *delivery; /* in whose arena this lives */
    const struct payload *payload;
    struct report report;       /* whole only when err.kind is ERR_NONE */
    struct admission admission; /* ditto */
    struct err err;             /* why it is not counted */
    enum outcome outcome;       /* set by who decides: the hall (refused), the writer (the rest) */
    const char *id;             /* public id once stored or known; NULL before */
};

/* The one answer for all entries of DELIVERY; texts live in its arena. */
struct answer entry_answer(const struct delivery *delivery);
