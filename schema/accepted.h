/* tlsrpt.accepted_domain: whose reports are taken, as the operator keeps it in the database.
 *
 * Whether it has changed is asked by a sum of hashes, so that it may be written by anybody, in any
 * way, and may be a view.
 *
 * SPDX-License-Identifier: MIT
 * Before: pg.h. Next: collector/domain_table.c */
#pragma once

#include "ingest/domains.h"
#include "schema/pg.h"

struct accepted_state {
    int64_t count; /* of names */
    char digest[48];
};

struct accepted {
    struct accepted_state state;
    struct domains *domains; /* of one owner */
    int64_t bad;             /* names that are none: left out */
    char first_bad[80];
};

MUST_CHECK bool accepted_look(struct pg *pg, struct accepted_state *out, struct err *err);

/* All of them, as of one moment. */
MUST_CHECK bool accepted_read(struct pg *pg, struct accepted *out, struct err *err);
