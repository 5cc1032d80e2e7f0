/* Judges domains: those that reports have touched within seconds, all others once a day. Any number of
 * services may do it on one database; one at a time does.
 * SPDX-License-Identifier: MIT
 * Before: recheck.h. Next: service.c */
#pragma once

#include "schema/writer.h"
#include "judge/verdict.h"

struct evaluator;

/* Starts its thread; SETTINGS are copied but for what they point to, which must outlive it. */
struct evaluator *evaluator_new(const struct writer_settings *writer,
                                const struct verdict_settings *settings);

/* Waits for the batch in hand. Accepts NULL; sets NULL. */
void evaluator_free(struct evaluator **evaluator);

/* Judges up to MOST domains that are due, as of NOW; *COUNT of them. For the thread and for who measures. */
MUST_CHECK bool evaluator_some(struct pg *pg, const struct verdict_settings *settings, int most,
                               int64_t now_seconds, size_t *count, struct err *err);
