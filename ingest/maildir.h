/* The maildir door: watches new/, brings each file to the hall and moves it to cur/ when it is
 * durable. Several services may watch one maildir: each file is counted once.
 * SPDX-License-Identifier: MIT
 * Before: delivery.h */
#pragma once

#include "ingest/delivery.h"

struct maildir_settings {
    const char *path;       /* the maildir, with new/ cur/ tmp/ in it; "": the door is shut */
    int64_t rescan_seconds; /* looks at new/ again even if inotify said nothing */
};

extern const struct door door_maildir; /* its settings are struct maildir_settings */
