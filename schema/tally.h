/* Sessions of one batch, summed up by the keys of ledger.tally and ledger.mx_day before they are sent:
 * sorting and adding here costs a fraction of what it costs the database.
 * SPDX-License-Identifier: MIT
 * Before: policies.h. Next: store_rows.h */
#pragma once

#include "schema/pg_array.h"

struct tally_row {
    int32_t domain_id, day, reporter_id, mx_id; /* mx_id 0: no MX is known */
    int64_t policy_id;
    const char *result, *policy_type; /* borrowed */
    bool trusted;
    int64_t sessions, mirrored_sessions;
    int32_t reports;
};

struct tally {
    struct arena *arena;
    struct tally_row *rows;
    size_t count, room;
};

void tally_add(struct tally *tally, const struct tally_row *row);

/* Parameters of store_tally.sql, each key once and in order. */
struct pg_values tally_values(struct tally *tally);

/* Parameters of store_mx_day.sql likewise, of what tally_values() left; *ANY says whether there is
 * anything. */
struct pg_values tally_mx_day_values(struct tally *tally, bool *any);
