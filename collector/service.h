/* The running service: order of start and stop, signals.
 *
 *   database ─► spool ─► writer ─► doors ─► pages ─► ready   and back in the opposite order
 *
 * The doors open although the database is away, even at the start; then the spool takes what comes. To
 * stop takes less than ten seconds, whatever the database does.
 *
 * SPDX-License-Identifier: MIT
 * Before: intake.h. Next: cmd_serve.c */
#pragma once

#include "collector/command.h"

/* Runs until SIGTERM or SIGINT; with DEMO it stores sample reports first. False when it could not
 * start. To be called by the main thread. */
MUST_CHECK bool service_run(struct context *context, bool demo, struct err *err);

/* Reads the files that SETTINGS name (certificates, keys, tokens), into them. ERR_SETUP: what is
 * wrong with which. */
MUST_CHECK bool service_load(struct settings *settings, struct err *err);
