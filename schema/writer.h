/* The writer: a queue of deliveries and threads that each take all that waits, up to a bound, write
 * it in one transaction and tell the doors what became of each (group commit). Alone, a report is
 * committed at once; under load the batch grows by itself.
 *
 * While the database is away nothing is attempted: what is spoolable goes straight to the spool, all
 * else is answered `retry`. A thread of its own tries again, after pauses that grow from half a second
 * to half a minute, so that it comes back without any traffic.
 *
 * SPDX-License-Identifier: MIT
 * Before: store.h, queue.h, upkeep.h */
#pragma once

#include "ingest/entry.h"
#include "ingest/spool.h"
#include "schema/purge.h"
#include "schema/unverified.h"

struct writer;

struct writer_settings {
    const char *database;  /* libpq conninfo */
    int64_t connections;   /* threads, each with a connection of its own */
    int64_t batch_reports; /* most reports in one transaction */
    int64_t queue_reports; /* most reports that wait; beyond: the spool, or `retry` */
    int64_t queue_bytes;   /* most memory of deliveries that wait */
    struct rejected_limits rejected;
    struct unverified_limits unverified;
    struct spool *spool; /* stays the caller's, who closes it later; NULL: none */
    int stop_fd;   /* from when it is readable nothing waits for the database any more; 0: none */
    bool migrates; /* makes the tables first; else they are there */
    struct figures *figures; /* told how long each batch took; NULL: nobody counts */
};

#define WRITER_SETTINGS_DEFAULT                                                              \
    {                                                                                        \
        .database = "postgresql:///tlsrptd", .connections = 2, .batch_reports = 1000,        \
        .queue_reports = 4000, .queue_bytes = 64 << 20, .rejected = REJECTED_LIMITS_DEFAULT, \
        .unverified = UNVERIFIED_LIMITS_DEFAULT,                                             \
    }

struct writer_state {
    bool away; /* nothing is written at present */
    struct err
        err; /* why; ERR_NONE before the database was first asked (only when it `migrates`) */
    int migrations;            /* applied by this writer */
    bool migrated, has_reader; /* the latter as migrate_reader() says, once it is migrated */
};

/* Starts the threads; the database need not be there. SETTINGS are copied. */
struct writer *writer_new(const struct writer_settings *settings);

/* Takes DELIVERY, whose entries are all filled. It is answered from another thread once it is durable,
 * in the database or in the spool. False with ERR_AGAIN, and not taken, when neither has room or the
 * writer is stopping. */
MUST_CHECK bool writer_put(struct writer *writer, struct delivery *delivery, struct err *err);

/* Waits at most MILLISECONDS until a delivery would be written: there is room in the queue and the
 * database is not away. False when not yet. */
bool writer_wait(struct writer *writer, int milliseconds);

struct writer_state writer_state(struct writer *writer);

/* Writes (or spools) and answers all that is queued, brings the domains' status up to date, ends the
 * threads and frees. Accepts NULL; sets NULL. */
void writer_free(struct writer **writer);
