/* Brings the sample reports of demo.h to the hall.
 * SPDX-License-Identifier: MIT
 * Before: demo.h. Next: service.c */
#pragma once

#include "ingest/delivery.h"

/* Stores all of them and waits until each is answered; logs how many were stored. Those that are
 * there from an earlier time on the same day are duplicates and change nothing. */
void demo_fill(struct hall *hall);
