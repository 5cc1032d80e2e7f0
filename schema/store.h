/* One batch of reports into rows, tally and marks, in one transaction.
 *
 * Of two reports with the same identity (organization, report-id, begin, first policy domain) the
 * one with the same content is a duplicate, whichever door it came through. With other content it is
 * a report of its own when contact, submitter or addresses show another sender; else it is kept as a
 * conflict and not counted.
 *
 * SPDX-License-Identifier: MIT
 * Before: policies.h. Next: writer.h */
#pragma once

#include "ingest/entry.h"
#include "schema/names.h"
#include "schema/policies.h"
#include "schema/unverified.h"

#define STORE_VARIANTS 16 /* senders that share one identity; beyond, reports are conflicts */

/* What a writer keeps between batches. */
struct store {
    struct pg *pg;
    struct names domains, reporters, mxs;
    struct policies policies;
    bool again;                  /* see store_again() */
    int64_t rejected_head_bytes; /* kept of each delivery that cannot be counted */
    struct unverified_limits unverified;
    int64_t rejected_bytes;  /* kept of such since the caller last set this to 0 */
    struct figures *figures; /* told how long each batch took; NULL: nobody counts */
};

/* PG stays the caller's. */
void store_init(struct store *store, struct pg *pg, int64_t rejected_head_bytes);
void store_done(struct store *store);

/* Finds the ids of all names in those entries that can be counted, and makes those that are not there;
 * in the caller's transaction. */
MUST_CHECK bool store_names(struct store *store, struct entry *const *entries, size_t count,
                            struct err *err);

/* Writes COUNT entries that can be counted, as store_batch() does, in the caller's transaction, and sets
 * their outcome and id. They were counted before: the counters that never fall stay as they are. False
 * when the transaction failed. */
MUST_CHECK bool store_again(struct store *store, struct entry **entries, size_t count,
                            struct err *err);

/* Writes COUNT entries and sets the outcome, error and id of each: stored, duplicate or rejected. An
 * entry that the database does not take is rejected alone, and one whose rejection it does not take
 * either is `retry`. False when the database is away, ERR_AGAIN or ERR_SETUP: what was not written
 * before that is `retry`. */
MUST_CHECK bool store_batch(struct store *store, struct entry **entries, size_t count,
                            struct err *err);
