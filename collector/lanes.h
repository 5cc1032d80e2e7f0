/* Reading is done by a few threads, not by the doors': a door goes on talking to its clients while
 * reports are read, and small reports do not wait behind large ones. So a flood of bombs costs
 * honest reports, which are small, no more than what one thread takes of the machine, and no more
 * than one large delivery is being read at a time, whatever is sent.
 *
 *   door ──► lanes ──► small ──┐
 *                 └──► large ──┴──► hall (intake.c)
 *
 * SPDX-License-Identifier: MIT
 * Before: https.c. Next: intake.h */
#pragma once

#include "ingest/delivery.h"

struct lanes;

/* Deliveries go on to HALL, which outlives it. What they hold is charged to BUDGET. */
struct lanes *lanes_new(struct hall *hall, struct budget *budget);

/* What doors are given. */
struct hall *lanes_hall(struct lanes *lanes);

/* Reads what waits, then ends its threads. Nobody may bring anything any more. Sets NULL; accepts
 * NULL. */
void lanes_free(struct lanes **lanes);
