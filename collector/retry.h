/* What was rejected, tried again: it comes to the hall as if it had just been delivered, but with the
 * source, the moment and the vouching of its first arrival.
 * SPDX-License-Identifier: MIT
 * Before: intake.h. Next: cmd_reingest.c */
#pragma once

#include "collector/intake.h"
#include "schema/kept.h"

struct retry_counts {
    int64_t tried;
    int64_t counted; /* stored or known, and no longer among what is rejected */
};

/* Tries all of RANGE (its domain does not matter) through INTAKE, whose writer is stopped by nobody
 * meanwhile; PG is a connection of its own. What is killed in between is found known the next time.
 * False when the database is away; COUNTS says how far it came. */
MUST_CHECK bool retry_rejected(struct intake *intake, struct pg *pg, const struct kept_range *range,
                               struct retry_counts *counts, struct err *err);
