/* A dictionary of the ledger (domains, reporters, MX hosts) with what is known of it in memory: names
 * are resolved here and not by joins, so that no plan depends on statistics.
 * SPDX-License-Identifier: MIT
 * Before: pg.h. Next: store.h */
#pragma once

#include "schema/pg.h"

struct names {
    struct statement statement; /* the one that makes and finds names */
    struct name_slot *slots;    /* open addressing */
    size_t room, used;
    size_t bytes;        /* of the names */
    const char **wanted; /* names not yet known; borrowed until names_resolve() */
    size_t wanted_count, wanted_room;
};

/* STATEMENT takes an array of names and gives rows of (id, name). */
void names_init(struct names *names, struct statement statement);
void names_done(struct names *names);

/* Forgets everything, also what was asked for: what was made may have been lost with its transaction
 * or its server. */
void names_forget(struct names *names);

/* Forgets everything when it has grown too large; between batches only. */
void names_trim(struct names *names);

/* Asks for NAME, which must stay alive until names_resolve(). */
void names_want(struct names *names, const char *name);

/* Makes or finds all that was asked for. */
MUST_CHECK bool names_resolve(struct names *names, struct pg *pg, struct err *err);

/* The id of a resolved name; NULL gives 0. */
int32_t names_id(const struct names *names, const char *name);
