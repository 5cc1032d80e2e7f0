/* Numbered migrations, each in a transaction, under an advisory lock; never edited once released.
 * SPDX-License-Identifier: MIT
 * Before: pg.h. Next: store.h */
#pragma once

#include "schema/pg.h"

/* Applies what is missing; *APPLIED gets how many. ERR_SETUP when the database is newer than this
 * program. Any number of programs may call it at once. */
MUST_CHECK bool migrate(struct pg *pg, int *applied, struct err *err);

/* Lets the role tlsrptd_reader read what there is, and makes it, as far as PG's user may. *USABLE:
 * this user may take its place, as connections that only read do. After migrate(). */
MUST_CHECK bool migrate_reader(struct pg *pg, bool *usable, struct err *err);

/* Number of the newest migration that this program knows. */
int migrate_newest(void);

/* Makes the partitions of the months from MONTHS_BACK before NOW to two months ahead. */
MUST_CHECK bool migrate_months(struct pg *pg, int64_t now_seconds, int months_back,
                               struct err *err);
