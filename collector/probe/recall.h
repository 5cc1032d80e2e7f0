/* Looks at MX hosts that are remembered: each host at each address is looked at once in a while, whichever domains
 * have it, by however many threads and programs. In the ledger where there is one, so that all who share it share
 * these looks; while it is away, and without one, in memory. Whoever makes up hosts at somebody else's address makes
 * us go there a bounded number of times an hour.
 *
 * SPDX-License-Identifier: MIT
 * Before: crew.h. Next: check.h */
#pragma once

#include "schema/pg.h"
#include "judge/setup.h"

struct recall;

/* DATABASE: libpq conninfo, copied; NULL: none. Nothing is connected to yet. */
struct recall *recall_new(const char *database, struct pg_patience patience);

/* Nobody may use it any more. Accepts NULL; sets NULL. */
void recall_free(struct recall **recall);

enum recall_answer {
    RECALL_LOOK,  /* the caller is to look, and to call recall_put() */
    RECALL_KNOWN, /* here it is */
    RECALL_BUSY,  /* somebody is looking at this moment */
    RECALL_LATER, /* the address was gone to often enough within the hour, for other hosts */
};

/* Is there a look at MX on ADDRESS that is not older than OLDEST_SECONDS? *OUT in ARENA. */
enum recall_answer recall_take(struct recall *recall, struct arena *arena, const char *mx,
                               const char *address, int64_t oldest_seconds,
                               struct setup_probe *out);

void recall_put(struct recall *recall, const char *mx, const struct setup_probe *probe);

/* True when some server, of whomever, was reached on port 25 within a day. */
bool recall_reached(struct recall *recall);
