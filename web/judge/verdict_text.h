/* A verdict for a terminal, and for monitoring.
 * SPDX-License-Identifier: MIT
 * Before: verdict.h. Next: collector/cmd_verdict.c */
#pragma once

#include "base/buf.h"
#include "judge/verdict.h"

/* Lines for a person: verdict, reasons with what to do, what enforce would have refused. */
void verdict_text(struct buf *out, const char *domain, const struct verdict *verdict);

/* One line as monitoring plugins print it (Nagios, Icinga): state, what it is, performance data. */
void verdict_plugin(struct buf *out, const char *domain, const struct verdict *verdict);

/* 0 ready or healthy, 1 ready with reserve, 2 not yet or failing (or DANE is), 3 unknown: of exit codes and
 * of plugins. */
int verdict_exit(const struct verdict *verdict);
