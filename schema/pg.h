/* PostgreSQL behind one wall: the only place that knows libpq (in pg.c).
 *
 * A statement is a file of schema/sql, prepared once per connection. Its rows come back as structs by a table of columns, whose members' types the compiler checks.
 *
 * Error kinds come from SQLSTATE: what may work later is ERR_AGAIN (connection lost, server going
 * down, out of room, deadlock), data that PostgreSQL does not take is ERR_INPUT, a missing role,
 * database or privilege is ERR_SETUP, all else ERR_BUG.
 *
 * SPDX-License-Identifier: MIT
 * Before: pg_copy.h. Next: migrate.h */
#pragma once

#include "schema/pg_copy.h"
#include "base/err.h"

struct pg; /* one connection; used by one thread at a time */

struct statement {
    const char *name;
    const char *sql;
};
/* SQL(domain_list) is schema/sql/domain_list.sql; include "embedded/schema.h". */
#define SQL(file) ((struct statement){ #file, file##_sql })

/* How long to wait for a database that does not answer, and for what. What is waited for in vain is
 * ERR_AGAIN, and the connection is gone; the network's own silence is noticed within some ten seconds
 * besides. */
struct pg_patience {
    int64_t
        statement_ms; /* for one statement; the server is told to give up a little earlier; 0: for ever */
    int stop_fd; /* from when it is readable nothing is waited for; 0: none; stays the caller's */
    bool
        only_reads; /* nothing can be written, by the rights of tlsrptd_reader where the user may take
                        its place; a statement that the server gives up is ERR_LIMIT */
};

/* Connects; CONNINFO is a libpq connection string or URI. Errors name the database, never a
 * password. */
MUST_CHECK bool pg_open(const char *conninfo, struct pg **out, struct err *err);
MUST_CHECK bool pg_open_within(const char *conninfo, struct pg_patience patience, struct pg **out,
                               struct err *err);
void pg_close(struct pg **pg);

/* "dbname=tlsrptd host=/run/postgresql": what may be logged of a connection string. OUT is returned. */
char *pg_describe(const char *conninfo, char *out, size_t size);

/* Connects again if the connection was lost. */
MUST_CHECK bool pg_ready(struct pg *pg, struct err *err);

/* One plain command without rows, such as "BEGIN" or a whole migration. */
MUST_CHECK bool pg_run(struct pg *pg, const char *sql, struct err *err);

/* Ends a transaction that failed. Where even that fails the connection is gone, and the transaction
 * with it. */
void pg_rollback(struct pg *pg);

/* One statement whose rows do not matter; *ROWS, if not NULL, gets how many it touched. */
MUST_CHECK bool pg_execute(struct pg *pg, struct statement statement,
                           const struct pg_values *values, int64_t *rows, struct err *err);

/* Runs a COPY … FROM STDIN (FORMAT binary) with the rows of COPY, and ends them. */
MUST_CHECK bool pg_put(struct pg *pg, struct statement statement, struct pg_copy *copy,
                       struct err *err);

/* --- rows to structs --- */
enum column_type {
    COLUMN_TEXT,     /* const char *; SQL's NULL is NULL */
    COLUMN_NUMBER,   /* int64_t; NULL is 0 */
    COLUMN_NUMBER32, /* int32_t; NULL is 0; a day is sent as (day - date '1970-01-01') */
    COLUMN_FLAG,     /* bool */
    COLUMN_BYTES,    /* struct bytes: bytea */
};
struct column {
    const char *name; /* also the result column's: checked */
    enum column_type type;
    size_t offset;
};
#define COLUMN(row, member)                                                                  \
    {                                                                                        \
#member,                                                                                   \
            _Generic(((struct row *)0)->member,                                                    \
                const char *: COLUMN_TEXT,                                                         \
                int64_t: COLUMN_NUMBER,                                                            \
                int32_t: COLUMN_NUMBER32,                                                          \
                bool: COLUMN_FLAG,                                                                 \
                struct bytes: COLUMN_BYTES),                                                       \
            offsetof(struct row, member) \
    }
struct columns {
    const struct column *columns;
    size_t count;
    size_t row_size;
};
#define COLUMNS(row, table) \
    ((struct columns){ (table), sizeof(table) / sizeof *(table), sizeof(struct row) })

struct rows {
    void *first; /* array of structs, in the arena */
    size_t count;
};

/* Runs STATEMENT and reads its rows; they, their texts and bytes live in values->arena. */
MUST_CHECK bool pg_query(struct pg *pg, struct statement statement, const struct pg_values *values,
                         struct columns columns, struct rows *out, struct err *err);
