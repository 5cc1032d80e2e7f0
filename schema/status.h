/* Keeps ledger.domain_status, which the overview reads, and the counters, which /metrics reads, behind
 * the tally by no more than a moment.
 * SPDX-License-Identifier: MIT
 * Before: store.h. Next: writer.h */
#pragma once

#include "schema/pg.h"

/* Takes up to 20000 marks of touched domains (a domain may have many), and as many of MX, and brings
 * status and counters of those up to date; *REFRESHED gets how many domains and MX there were. Any
 * number of programs may do it at once. */
MUST_CHECK bool status_refresh(struct pg *pg, int64_t now_seconds, int64_t *refreshed,
                               struct err *err);

/* What is due once a day: marks every domain whose status is of an earlier day, and makes the
 * partitions of the months ahead. */
MUST_CHECK bool status_daily(struct pg *pg, int64_t now_seconds, struct err *err);
