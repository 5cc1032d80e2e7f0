/* Notes the hours in which this service can take reports: by the database, or by the spool while that is away.
 * SPDX-License-Identifier: MIT
 * Before: chore.h. Next: service.c */
#pragma once

#include "schema/writer.h"

struct heartbeat;

/* WRITER: where the database is, when to stop, and the spool (NULL: there is none), which outlives it. */
struct heartbeat *heartbeat_new(const struct writer_settings *writer);
void heartbeat_free(struct heartbeat **heartbeat); /* accepts NULL, sets NULL */
