/* In which hours reports could be taken, so that our own absence is not taken for that of reporters.
 * SPDX-License-Identifier: MIT
 * Before: pg.h. Next: collector/heartbeat.h */
#pragma once

#include "schema/pg.h"

/* Adds COUNT hours, counted since 1970-01-01 00:00 UTC; those that are there already stay. */
MUST_CHECK bool collecting_add(struct pg *pg, const int32_t *hours, size_t count, struct err *err);
