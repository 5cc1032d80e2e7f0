/* Sessions of one batch, summed up by the keys of ledger.tally, ledger.reporter_day, ledger.mx_day and
 * the counters before they are sent: sorting and adding here costs a fraction of what it costs the database.
 * SPDX-License-Identifier: MIT
 * Before: policies.h. Next: store_rows.h */
#pragma once

#include "schema/pg_array.h"

#define TALLY_NOTHING_CAME INT64_MIN

struct tally_row {
    int32_t domain_id, day, reporter_id, mx_id; /* mx_id 0: no MX is known */
    int64_t policy_id;
    const char *result, *policy_type; /* borrowed */
    bool trusted;
    int64_t sessions, mirrored_sessions;
    int32_t reports;
    int64_t
        at_seconds; /* when the newest of the reports came; TALLY_NOTHING_CAME: none of them now */
};

struct tally {
    struct arena *arena;
    struct tally_row *rows;
    size_t count, room;
};

void tally_add(struct tally *tally, const struct tally_row *row);

/* Parameters of store_tally.sql, each key once and in order. */
struct pg_values tally_values(struct tally *tally);

/* Parameters of store_touched.sql likewise; result types that are not registered are `other`. */
struct pg_values tally_touched_values(const struct tally *tally);

/* Parameters of store_reporter_day.sql likewise. */
struct pg_values tally_reporter_day_values(const struct tally *tally);

/* Parameters of store_mx_day.sql likewise; *ANY says whether there is anything. Leaves rows of other
 * keys than before: the other values are asked for first. */
struct pg_values tally_mx_day_values(struct tally *tally, bool *any);

/* Parameters of store_touched_mx.sql, of what tally_mx_day_values() left. */
struct pg_values tally_touched_mx_values(struct tally *tally, bool *any);
