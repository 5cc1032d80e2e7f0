/* A small pool of connections for those who read: any thread may ask, and waits while all
 * connections are taken.
 * SPDX-License-Identifier: MIT
 * Before: pg.h. Next: read.h */
#pragma once

#include "schema/pg.h"

struct reader;

/* Opens nothing yet: connections are made when first used. */
struct reader *reader_new(const char *conninfo, int connections, struct pg_patience patience);

/* Nobody may be asking any more. Accepts NULL; sets NULL. */
void reader_free(struct reader **reader);

/* True when a query can be answered now. */
MUST_CHECK bool reader_ready(struct reader *reader, struct err *err);

/* pg_query() on a connection of the pool; once more when it turns out to be lost. For read*.c. */
MUST_CHECK bool reader_ask(struct reader *reader, struct statement statement,
                           const struct pg_values *values, struct columns columns, struct rows *out,
                           struct err *err);

/* Those of one domain among rows whose struct is SIZE large and begins with a domain's id, in the order of
 * these. */
struct rows rows_of_domain(const struct rows *rows, size_t size, int32_t domain_id);
