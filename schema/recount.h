/* Counts made anew from originals, in tables of their own that last until the transaction ends: by the
 * same code that counts a report when it arrives, so that the two can be compared.
 *
 * SPDX-License-Identifier: MIT
 * Before: kept.h. Next: verify.h */
#pragma once

#include "schema/kept.h"
#include "schema/store.h"

/* Reports at once: their sums stay below what the tally stops at (ledger.sessions). */
#define RECOUNT_BATCH KEPT_AT_ONCE

struct recount {
    struct pg *pg;
    struct store store;
    int64_t reports; /* so far */
};

/* Begins in the transaction that is open on PG. End it in any case. */
MUST_CHECK bool recount_begin(struct recount *recount, struct pg *pg, struct err *err);
void recount_end(struct recount *recount);

/* Counts COUNT entries that could be read, at most RECOUNT_BATCH; ROWS are theirs, and KEYS gets the key
 * that each would have today. */
MUST_CHECK bool recount_add(struct recount *recount, struct entry *const *entries,
                            const struct kept_row *const *rows, size_t count,
                            struct report_key *keys, struct err *err);

/* After the last one, before anything is compared. */
MUST_CHECK bool recount_done(struct recount *recount, struct err *err);
