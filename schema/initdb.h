/* The files of a private PostgreSQL: which of its programs to use, and data made by them.
 * SPDX-License-Identifier: MIT
 * Before: program.h. Next: cluster.h */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/macros.h"
#include <stdbool.h>
#include <sys/types.h>

#define INITDB_DATABASE "tlsrptd"

struct initdb {
    const char *directory; /* absolute */
    const char *data;      /* DIRECTORY/pg */
    const char *log;       /* DIRECTORY/postgresql.log */
};

/* The directory of PostgreSQL's programs, in ARENA: $TLSRPTD_PG_BINDIR; else those of the data's
 * version, if Debian has them side by side; else pg_config's; else the newest. False with ERR_SETUP
 * when there are none, or when they cannot read the data. */
MUST_CHECK bool initdb_programs(const struct initdb *files, struct arena *arena, const char **bin,
                                struct err *err);

/* Makes the data, with the database in it, unless it is there. Owner is this user, who needs no
 * password. False with ERR_SETUP or ERR_AGAIN. */
MUST_CHECK bool initdb_make(const struct initdb *files, const char *bin, struct err *err);

/* Opens the log for programs to write to, -1 on failure; *FROM is where they begin. */
int initdb_log_open(const struct initdb *files, off_t *from);

/* ERR_AGAIN with WHAT and the last error that was logged behind FROM. */
bool initdb_log_failed(const struct initdb *files, off_t from, const char *what, struct err *err);
