/* Which database this program uses, and its opening: a private PostgreSQL, or one that is set up.
 * SPDX-License-Identifier: MIT
 * Before: command.h. Next: service.h */
#pragma once

#include "collector/command.h"
#include "schema/cluster.h"

struct database {
    struct cluster *cluster; /* NULL unless --standalone was given */
    const char *conninfo;    /* for libpq; lives as long as the settings and the cluster */
    bool has_reader;         /* its user may become tlsrptd_reader; known once it is migrated */
};

/* What the operator is to do where it has not. */
#define DATABASE_READER_NOTE                                                                   \
    "pages are read with the rights of the service itself, though read-only: its user of the " \
    "database may not take the place of tlsrptd_reader. As a superuser: CREATE ROLE "          \
    "tlsrptd_reader NOLOGIN; GRANT tlsrptd_reader TO that user; then restart"

/* Finds it, without connecting; starts the private server if there is one. */
MUST_CHECK bool database_open(const struct context *context, struct database *out, struct err *err);

/* Connects once and applies what migrations are missing; *APPLIED gets how many. */
MUST_CHECK bool database_migrate(struct database *database, int *applied, struct err *err);

void database_close(struct database *database);
