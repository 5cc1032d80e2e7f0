/* Mails whose sender could not be verified come to the hall again, until DNS answers or three days are
 * over. A door to which the database delivers.
 * SPDX-License-Identifier: MIT
 * Before: intake.h. Next: service.h */
#pragma once

#include "schema/writer.h"

struct recheck;

/* Starts the thread, with the writer's database and bounds. HALL outlives it. */
struct recheck *recheck_new(const struct writer_settings *settings, struct hall *hall);

/* Takes nothing new and waits for what is in the hall; with intake_stop() before, that is soon.
 * Accepts NULL; sets NULL. */
void recheck_free(struct recheck **recheck);
