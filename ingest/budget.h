/* Memory for what strangers send, with one bound for all doors together (limits.memory_bytes).
 *
 *   hold    a body that is being received: grows, and may be dropped to make room
 *   charge  what a delivery has, from the last byte received until its answer
 *
 * When the bound is reached, the largest body being received is dropped for a smaller one: whoever
 * sends little is served, and large bodies share what is left. What is larger than BUDGET_SMALL never
 * gets the last quarter. All of it may be used from any thread.
 *
 * SPDX-License-Identifier: MIT
 * Before: limits.h. Next: delivery.h */
#pragma once

#include "base/buf.h"
#include <stdint.h>

#define BUDGET_SMALL (256 << 10)

struct budget;

struct budget *budget_new(int64_t bytes);
void budget_free(struct budget **budget); /* nothing may be charged any more; accepts NULL */

/* What is in use, at present and at most so far. */
void budget_read(struct budget *budget, size_t *used, size_t *peak);

/* Memory that is accounted for; { 0 } has none, and without a budget nothing is counted. */
struct charge {
    struct budget *budget;
    size_t bytes;
};

/* Makes it BYTES in all. False, and nothing is changed, when there is no room for more. */
MUST_CHECK bool charge_set(struct charge *charge, size_t bytes);
void charge_done(struct charge *charge);

struct hold {
    struct budget *budget;
    struct hold *next, **at; /* among all that may be dropped */
    struct buf bytes;        /* failed: more than its maximum came */
    size_t charged;
    bool dropped; /* the budget had no room: what came so far is gone */
};

/* An empty body of at most MAX bytes. BUDGET may be NULL. It must not be moved. */
void hold_init(struct hold *hold, struct budget *budget, size_t max);

/* Adds SIZE bytes; after a failure, or once dropped, it forgets them. */
void hold_add(struct hold *hold, const void *bytes, size_t size);

/* Whether it has all that came. */
enum hold_state { HOLD_WHOLE, HOLD_DROPPED, HOLD_TOO_LARGE };
enum hold_state hold_state(struct hold *hold);

/* Hands the memory over with what it is charged: free() it. NULL data when there was none. */
struct bytes hold_take(struct hold *hold, struct charge *charge);

/* Frees, and makes it empty again. Fits CLEANUP(). */
void hold_done(struct hold *hold);
