/* The maildir door: watches new/, brings each file to the hall and moves it to cur/ when it is
 * durable. Several services may watch one maildir: each file is counted once.
 *
 * The spool is drained by the same code: its files say whence and when they came, and are removed when
 * they are durable in the database. What is refused now (the rules have changed) or damaged is moved
 * to the spool's cur/ instead, since it was acknowledged.
 *
 * SPDX-License-Identifier: MIT
 * Before: delivery.h, spool.h */
#pragma once

#include "ingest/spool.h"

struct maildir_settings {
    const char *path;       /* the maildir, with new/ cur/ tmp/ in it; "": the door is shut */
    int64_t rescan_seconds; /* looks at new/ again even if inotify said nothing */
};

extern const struct door door_maildir; /* its settings are struct maildir_settings */
extern const struct door door_spool;   /* shut unless the hall has a spool; needs no settings */
