/* Looks at domains, from the settings to the ledger: what is needed for them, what was seen before, what is thought
 * of a look, and how it is kept. What command and service have in common.
 *
 * SPDX-License-Identifier: MIT
 * Before: probe/check.h, schema/setup.h. Next: cmd_check.c */
#pragma once

#include "collector/settings.h"
#include "probe/check.h"
#include "schema/reader.h"
#include "judge/setup_judge.h"

/* What all looks of a program share. */
struct looks;

/* DATABASE: libpq conninfo; NULL: none. ERR_SETUP names the key. */
MUST_CHECK bool looks_open(const struct settings *settings, const char *database,
                           struct pg_patience patience, struct looks **out, struct err *err);

/* Looks end soon, and begin no more. */
void looks_stop(struct looks *looks);

/* Nobody may look any more. Accepts NULL; sets NULL. */
void looks_close(struct looks **looks);

/* One look and what is thought of it. */
struct look {
    struct setup_facts facts;
    struct setup_history history;
    struct setup_result result;
};

/* What is known of DOMAIN from before; in ARENA. */
MUST_CHECK bool look_remember(const struct settings *settings, struct reader *reader,
                              struct arena *arena, const char *domain, struct setup_history *out,
                              struct err *err);

/* Looks, and judges by out->history, which is given. In ARENA. */
void look_at(struct looks *looks, struct arena *arena, const struct check_wish *wish,
             struct look *out);

/* Puts it into the ledger; PROBED: MX hosts were gone to where that was due. */
MUST_CHECK bool look_keep(struct pg *pg, const struct look *look, bool probed, struct err *err);
