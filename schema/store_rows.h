/* Entries turned into the arrays that the statements of a batch take; nothing is sent here.
 * SPDX-License-Identifier: MIT
 * Before: tally.h. Next: store.h */
#pragma once

#include "ingest/entry.h"
#include "schema/names.h"
#include "schema/policies.h"
#include "schema/report_key.h"
#include "schema/tally.h"

/* One entry in a batch. */
struct store_row {
    struct entry *entry;
    struct report_key key;
    int64_t *policy_ids; /* of the report's policies; see store_rows_policies() */
    int variant;         /* of its identity: 0, and more where other senders use it too */
    bool inserted;
    bool conflict; /* known with other content from the same sender */
    bool vouches;  /* known with this content, but not trusted, and ENTRY is: see promote.h */
    bool beside;   /* ditto, and the known one is of the same batch */
    bool promoted; /* ditto, and the known one is trusted now: its sessions are to move */
    bool doubtful; /* not trusted as long as its sender cannot be verified: see unverified.h */
    bool done;     /* its outcome is known */
};

struct store_ids {
    const struct names *domains, *reporters, *mxs;
    struct policies *policies; /* what is added to it counts as written */
};

/* The key of ROW for its variant. */
void store_row_identify(struct store_row *row, const struct store_ids *ids);

/* The parameters of store_report.sql, one element per row that is not done. */
struct pg_values store_rows_report(struct arena *arena, const struct store_row *rows, size_t count,
                                   const struct store_ids *ids);

/* Gives each row its policies' ids, and the parameters of store_policy.sql for those that are not
 * known to be written; false when there are none. */
bool store_rows_policies(struct arena *arena, struct store_row *rows, size_t count,
                         const struct store_ids *ids, struct pg_values *out);

/* What follows from the rows that were inserted or promoted. */
struct store_follow {
    struct pg_copy *failure;
    struct pg_values tally, reporter_day, mx_day, report_domain, touched, touched_mx;
    bool any_mx, any_mx_failed, any_domain;
};
void store_rows_follow(struct arena *arena, const struct store_row *rows, size_t count,
                       const struct store_ids *ids, struct store_follow *out);

/* Keys and what tells senders apart: parameters of store_known.sql for the rows that are not done. */
struct pg_values store_rows_keys(struct arena *arena, const struct store_row *rows, size_t count);

/* Parameters of store_rejected.sql for the entries with an error; of each delivery no more than its
 * first HEAD_BYTES are kept. */
struct pg_values store_rows_rejected(struct arena *arena, struct entry *const *entries,
                                     size_t count, size_t head_bytes);

/* Adds to five arrays of texts: report.sender_result, _method, _domain, _selector, _reason. */
void store_sender(struct pg_array *const *arrays, const struct sender *sender);

/* The codes of LIST, each once, with a space between: report.deviations. */
const char *store_deviations(struct arena *arena, const struct deviations *list);

/* How many entries there are of each door and outcome: parameters of store_report_counter.sql. */
struct pg_values store_rows_counter(struct arena *arena, struct entry *const *entries,
                                    size_t count);

/* The payload's JSON, as one gzip stream. */
struct bytes store_original(struct arena *arena, const struct entry *entry);
