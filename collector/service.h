/* The running service: order of start and stop, signals.
 *
 *   database ─► schema ─► writer ─► doors ─► pages ─► ready   and back in the opposite order
 *
 * SPDX-License-Identifier: MIT
 * Before: intake.h. Next: cmd_serve.c */
#pragma once

#include "collector/command.h"

/* Runs until SIGTERM or SIGINT; with DEMO it stores sample reports first. False when it could not
 * start. To be called by the main thread. */
MUST_CHECK bool service_run(struct context *context, bool demo, struct err *err);
