/* Keeps the list of domains that is in the database (domains.table) in memory: read at the start, on
 * SIGHUP, and looked at every few seconds. While the database is away the last one stays.
 * SPDX-License-Identifier: MIT
 * Before: settings.h. Next: intake.h */
#pragma once

#include "base/shared.h"
#include <stdbool.h>

struct domain_table;

/* Starts its thread, which sleeps until the table is wanted. SLOT (struct domains; empty: not known
 * yet) outlives it. */
struct domain_table *domain_table_new(const char *conninfo, struct shared_slot *slot);

/* WANTED: looks now, and from then on; returns when it has looked, whatever came of it, or after
 * MILLISECONDS. */
void domain_table_want(struct domain_table *table, bool wanted, int milliseconds);

/* Accepts NULL; sets NULL. */
void domain_table_free(struct domain_table **table);
