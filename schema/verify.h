/* Counts everything anew from the originals and compares it with what the ledger says; changes nothing.
 * It reads one moment of the database, so that reports may go on coming meanwhile.
 *
 * What can be seen: reports, failure details, further domains, policies, tally, the roll-up by MX, the
 * status of domains, conflicts. What cannot, since it stands in one place only: where a report came
 * from, when, how often, and whether a report was deleted with everything that it added.
 *
 * SPDX-License-Identifier: MIT
 * Before: recount.h */
#pragma once

#include "schema/kept.h"

struct verify {
    const struct limits *limits;
    struct kept_range range; /* the roll-up by MX and the status are compared when it is all */
    void (*differs)(struct verify *verify, const struct difference *difference);
    void (*progress)(struct verify *verify, int64_t done, int64_t total);
    void *context;
    int64_t reports, differences; /* found */
};

#define VERIFY_FIRST_DAY (-719162) /* 0001-01-01 and 9999-12-31: all days */
#define VERIFY_LAST_DAY  2932896

/* False when the comparison could not be made; whether it found differences stands in VERIFY. */
MUST_CHECK bool verify_ledger(struct pg *pg, struct verify *verify, struct err *err);
