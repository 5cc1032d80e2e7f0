/* The spool: a maildir of our own, where deliveries wait on the disk while the database is away.
 *
 *   spool_put() ─► queue ─► thread: written in tmp/, fsync, rename to new/, fsync of new/ ─► answer
 *   door_spool (maildir.c) reads new/ in order of arrival, brings each file to the hall, removes it
 *
 * Many deliveries share one fsync of the directory. `spooled` is answered only after it; on any error
 * of the disk the file is removed and the answer is `retry`. Names sort in order of arrival. What may
 * not be removed (refused meanwhile, damaged) is moved to cur/, which has a share of the limit for itself:
 * beyond it the oldest goes. One process at a time uses a spool.
 *
 * SPDX-License-Identifier: MIT
 * Before: spool_head.h. Next: maildir.h */
#pragma once

#include "ingest/delivery.h"

struct spool_settings {
    const char *path;  /* directory, made when missing; "": no spool */
    int64_t max_bytes; /* of all files that wait; an eighth of it: of those in cur/ */
};

/* What waits in new/. */
struct spool_figures {
    int64_t deliveries, bytes, max_bytes;
    int64_t since_seconds; /* when the spool was last empty; 0 when it is */
};

/* Opens, locks and counts the spool and starts its thread. *OUT is NULL when the path is empty.
 * ERR_SETUP naming spool.path: cannot be made, is not ours, is in use by another process. */
MUST_CHECK bool spool_open(const struct spool_settings *settings, struct spool **out,
                           struct err *err);

/* Queues DELIVERY, whose entries that are to be counted later have the outcome `retry` and the reason
 * why. It is answered from the spool's thread: `spooled` once its bytes are durable, or `retry` with
 * what the disk said. PATIENT: waits while too many are queued. False with ERR_AGAIN, and not queued,
 * when too many are (not PATIENT) or the spool is full. */
MUST_CHECK bool spool_put(struct spool *spool, struct delivery *delivery, bool patient,
                          struct err *err);

struct spool_figures spool_figures(struct spool *spool);

/* For the door that drains it: the directory, and that a file of SIZE bytes has left new/. */
const char *spool_path(const struct spool *spool);
void spool_removed(struct spool *spool, int64_t size);

/* Also for that door, and its thread alone: that a file of SIZE bytes has come to cur/. */
void spool_kept(struct spool *spool, int64_t size);

/* Writes and answers what is queued, ends the thread and frees. Accepts NULL; sets NULL. */
void spool_close(struct spool **spool);
