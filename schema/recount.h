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

/* One report that could be read. */
struct recounted {
    struct entry *entry;
    const struct kept_row *row;
    struct report_key key; /* that it would have today */
};

/* Fills the keys of COUNT reports, at most RECOUNT_BATCH. */
MUST_CHECK bool recount_identify(struct recount *recount, struct recounted *reports, size_t count,
                                 struct err *err);

/* Counts those reports, which are identified, under their keys. */
MUST_CHECK bool recount_add(struct recount *recount, const struct recounted *reports, size_t count,
                            struct err *err);

/* Parameters of store_report.sql for those reports; in ARENA. */
struct pg_values recount_rows(struct recount *recount, struct arena *arena,
                              const struct recounted *reports, size_t count);

/* After the last one, before anything is compared. */
MUST_CHECK bool recount_done(struct recount *recount, struct err *err);
