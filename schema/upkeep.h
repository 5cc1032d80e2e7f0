/* What is done beside the writing: migrations, the domains' status, the day's chores, and finding out
 * whether a database that was away can be written again. One thread's, with a connection of its own.
 * SPDX-License-Identifier: MIT
 * Before: status.h, purge.h. Next: writer.h */
#pragma once

#include "schema/pg.h"
#include "schema/purge.h"

struct upkeep {
    const char *database; /* libpq conninfo */
    int stop_fd;          /* as in pg.h */
    bool migrated;        /* the tables are known to be ours */
    int migrations;       /* applied here */
    bool has_reader;      /* as migrate_reader() says; known once they were made here */
    struct pg *pg;        /* NULL until first used */
    int32_t today;        /* of the last daily chores */
};

/* True when the database is there, is no standby, and has our tables; makes these first when
 * `migrated` is not set yet. ERR_AGAIN; ERR_SETUP when only the operator can help. */
MUST_CHECK bool upkeep_try(struct upkeep *upkeep, struct err *err);

/* The day's chores when they are due, a purge when it is WANTED or a day has begun, and the status of
 * all domains that were touched. *PURGED says whether a purge was made. */
MUST_CHECK bool upkeep_do(struct upkeep *upkeep, const struct rejected_limits *limits, bool wanted,
                          bool *purged, struct err *err);

void upkeep_done(struct upkeep *upkeep);
