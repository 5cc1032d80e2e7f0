/* Mails whose sender could not be verified, since DNS failed: kept with their reports, and given out
 * again later, less often each time, for three days.
 * SPDX-License-Identifier: MIT
 * Before: store_rows.h. Next: store.h */
#pragma once

#include "schema/pg.h"
#include "schema/store_rows.h"

struct unverified_limits {
    int64_t bytes;         /* of all that is kept; beyond, senders stay unknown */
    int64_t first_seconds; /* until the first try */
};

#define UNVERIFIED_LIMITS_DEFAULT                \
    {                                            \
        .bytes = 256 << 20, .first_seconds = 900 \
    }

/* Keeps the mails of those ROWS that may be trusted later; in the batch's transaction. */
MUST_CHECK bool unverified_keep(struct pg *pg, struct arena *arena, const struct store_row *rows,
                                size_t count, const struct unverified_limits *limits,
                                struct err *err);

struct unverified_row {
    int64_t id;
    const char *source, *origin;
    int64_t received_seconds;
    bool last;         /* three days are over: whatever comes of it is final */
    struct bytes mail; /* gzip */
};

/* Takes up to MOST mails whose time has come, in ARENA. */
MUST_CHECK bool unverified_take(struct pg *pg, struct arena *arena,
                                const struct unverified_limits *limits, int most, struct rows *out,
                                struct err *err);

/* Forgets the mail ID, which DELIVERY (NULL: nothing) has brought again: what its entries say of the sender is noted
 * with those reports that are not trusted. */
MUST_CHECK bool unverified_settle(struct pg *pg, int64_t id, const struct delivery *delivery,
                                  struct err *err);
