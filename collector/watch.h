/* Looks at the live set-up of our domains again and again: records and policy every hour, mail servers every six, each
 * domain at a moment of its own. Any number of services may do it on one database: one looks at each domain.
 *
 * Watched are domains that the settings name (not those that only fit a suffix), those whose policy is made here, and
 * those that are ours and of which senders that are vouched for have reported of late: a stranger's report makes
 * nobody look. 20,000 at most: those whose policy is made here come first, then those that the settings name.
 *
 * SPDX-License-Identifier: MIT
 * Before: looks.h, chore.h. Next: service.c */
#pragma once

#include "collector/intake.h"
#include "collector/settings.h"

struct watch;

/* Starts its thread, unless the settings say that nothing is looked at: *OUT is NULL then. SETTINGS, and INTAKE, which
 * knows what domains are ours, outlive it. ERR_SETUP names the key. */
MUST_CHECK bool watch_new(const struct settings *settings, const struct writer_settings *writer,
                          struct intake *intake, struct watch **out, struct err *err);

/* Looks that are under way are broken off, and none begins. Accepts NULL. */
void watch_stop(struct watch *watch);

/* After watch_stop(). Accepts NULL; sets NULL. */
void watch_free(struct watch **watch);
