/* Reports that are known, but were not trusted, and come again from a verified sender: they are trusted
 * from then on, and their sessions move in the tally, all in the batch's transaction.
 * SPDX-License-Identifier: MIT
 * Before: store_rows.h. Next: store.h */
#pragma once

#include "schema/pg.h"
#include "schema/store_rows.h"

/* Sets `promoted` of those ROWS that vouch for a report which was not trusted until now. One that is
 * counted for other domains than ROW's entry stays as it is: what it adds up to is not known here. */
MUST_CHECK bool promote_reports(struct pg *pg, struct arena *arena, struct store_row *rows,
                                size_t count, const struct store_ids *ids, struct err *err);

/* Their failure details; after those of the batch are there. */
MUST_CHECK bool promote_failures(struct pg *pg, struct arena *arena, const struct store_row *rows,
                                 size_t count, const struct store_ids *ids, struct err *err);
