/* Brings the sample reports of demo.h to the hall, and the looks of demo_look.h into the ledger.
 * SPDX-License-Identifier: MIT
 * Before: demo.h. Next: service.c */
#pragma once

#include "ingest/delivery.h"

/* Stores all of them and waits until each is answered; logs how many were stored. Those that are
 * there from an earlier time on the same day are duplicates and change nothing. */
void demo_fill(struct hall *hall);

/* Keeps looks of some weeks at these domains, as of now; what is newer stays. DATABASE: libpq conninfo. Logs what
 * went wrong. */
void demo_fill_looks(const char *database);
