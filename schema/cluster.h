/* A private PostgreSQL in a directory of our own, for `--standalone`: nothing to set up, no network,
 * no password. It is the same durable server as any other (fsync on, data checksums); only its
 * socket is ours alone.
 *
 *   DIRECTORY/pg   data        DIRECTORY/run  socket      DIRECTORY/postgresql.log
 *   DIRECTORY/lock held (flock) by the process that runs the server; others of the same user attach
 *
 * SPDX-License-Identifier: MIT
 * Before: initdb.h */
#pragma once

#include "base/err.h"
#include "base/macros.h"
#include <stdbool.h>
#include <sys/types.h>

struct cluster;

/* Makes DIRECTORY and the data in it when they are missing and starts the server, or attaches to the
 * one that another process of this user runs there. Returns when connections are accepted, which
 * after a crash includes recovery and waiting for the old server to be gone.
 *
 * To be called by the main thread: the server gets the signal to stop when the *thread* that started
 * it ends, however the process dies. The caller must not reap children that are not its own.
 * False with ERR_SETUP: PostgreSQL is missing or of another version than the data, we are root, a
 * path is too long, no permission; with ERR_AGAIN: it did not get ready, the text saying why. */
MUST_CHECK bool cluster_open(const char *directory, struct cluster **out, struct err *err);

/* To be called now and then by the main thread: starts the server again if it is gone, and takes over
 * when the process that ran it has ended. *RESTARTED, if not NULL, says that this was necessary.
 * Errors as above. */
MUST_CHECK bool cluster_keep(struct cluster *cluster, bool *restarted, struct err *err);

/* True while the server accepts connections, as far as it says itself. */
bool cluster_alive(struct cluster *cluster);

/* True when this process runs the server, false when it has attached. */
bool cluster_owned(const struct cluster *cluster);

/* All texts live as long as the cluster is open. */
const char *cluster_conninfo(const struct cluster *cluster);  /* for libpq */
const char *cluster_directory(const struct cluster *cluster); /* absolute */
const char *cluster_log(const struct cluster *cluster);       /* path of the server's log */
pid_t cluster_pid(const struct cluster *cluster);             /* of the server; 0 if unknown */

/* Stops the server if it is ours: clients are disconnected and everything is written (SIGINT); after
 * ten seconds it is told to give up (SIGQUIT), which the next start recovers from. Sets NULL; accepts
 * NULL. */
void cluster_close(struct cluster **cluster);
