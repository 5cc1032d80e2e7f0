/* Deliveries that wait to be written, in order of arrival, with what they weigh. Not guarded: its owner
 * does that.
 * SPDX-License-Identifier: MIT
 * Before: store.h. Next: writer.h */
#pragma once

#include "ingest/entry.h"

/* One delivery in the queue; in the delivery's arena. */
struct waiting {
    struct waiting *next;
    struct delivery *delivery;
    size_t bytes; /* all that the delivery holds in memory */
};

struct queue {
    struct waiting *first, **end;
    size_t reports, bytes;
};

void queue_init(struct queue *queue);
void queue_put(struct queue *queue, struct delivery *delivery);

/* Takes what waits, up to MOST reports and some memory but at least one delivery; a list in order of arrival, NULL when
 * nothing waits. *REPORTS gets how many there are in it. */
struct waiting *queue_take(struct queue *queue, size_t most, size_t *reports);
