/* Do two reports of one identity come from the same sender? Some senders draw their report ids without
 * their own name in them, so that two of them may use one.
 * SPDX-License-Identifier: MIT
 * Before: report_key.h. Next: store.h */
#pragma once

#include "ingest/report.h"

/* What is known of the sender of a report that is stored; texts or NULL. */
struct sender_marks {
    const char *contact, *submitter;
    const char *addresses; /* sending ones, a space between */
};

/* The sending addresses of REPORT, those that store_known.sql gives: of its first domain, and of its
 * first details only. In ARENA. */
const char *another_addresses(struct arena *arena, const struct report *report);

/* True when contact, submitter or addresses of REPORT show another sender than KNOWN. */
bool another_sender(const struct report *report, const struct sender_marks *known);
