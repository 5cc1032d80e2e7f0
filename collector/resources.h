/* What the process may have: file descriptors, and memory that goes back when it is free.
 * SPDX-License-Identifier: MIT
 * Before: settings.h. Next: service.c */
#pragma once

#include "collector/settings.h"

/* Raises the limit of open files as far as the connections of SETTINGS may need and the system lets us;
 * false with ERR_SETUP, naming both numbers, when that is not enough (it is still worth going on).
 * To be called once, before there are threads. */
MUST_CHECK bool resources_prepare(const struct settings *settings, struct err *err);
