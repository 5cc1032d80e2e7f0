/* The writer: a queue of deliveries and threads that each take all that waits, up to a bound, write
 * it in one transaction and tell the doors what became of each (group commit). Alone, a report is
 * committed at once; under load the batch grows by itself.
 *
 * SPDX-License-Identifier: MIT
 * Before: store.h */
#pragma once

#include "ingest/entry.h"
#include "schema/purge.h"

struct writer;

struct writer_settings {
    const char *database;  /* libpq conninfo */
    int64_t connections;   /* threads, each with a connection of its own */
    int64_t batch_reports; /* most reports in one transaction */
    int64_t queue_reports; /* most reports that wait; beyond, doors answer `retry` */
    int64_t queue_bytes;   /* most memory of deliveries that wait */
    struct rejected_limits rejected;
};

#define WRITER_SETTINGS_DEFAULT                                                              \
    {                                                                                        \
        .database = "postgresql:///tlsrptd", .connections = 2, .batch_reports = 1000,        \
        .queue_reports = 4000, .queue_bytes = 64 << 20, .rejected = REJECTED_LIMITS_DEFAULT, \
    }

/* Starts the threads. The database need not be there yet: while it is away every delivery is
 * answered `retry`. SETTINGS are copied. */
struct writer *writer_new(const struct writer_settings *settings);

/* Queues DELIVERY, whose entries are all filled. It is answered from a writer's thread once it is
 * durable. False with ERR_AGAIN, and not queued, when the queue is full or the writer is stopping. */
MUST_CHECK bool writer_put(struct writer *writer, struct delivery *delivery, struct err *err);

/* Waits at most MILLISECONDS for room in the queue; false when there is none. */
bool writer_wait(struct writer *writer, int milliseconds);

/* True while the last attempt to reach the database succeeded; *ERR says why not. */
bool writer_healthy(struct writer *writer, struct err *err);

/* Writes and answers all that is queued, brings the domains' status up to date, ends the threads and
 * frees. Accepts NULL; sets NULL. */
void writer_free(struct writer **writer);
