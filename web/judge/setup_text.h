/* What a look at a domain found, for a terminal.
 * SPDX-License-Identifier: MIT
 * Before: setup_letter.h. Next: web/setup_json.c */
#pragma once

#include "base/buf.h"
#include "judge/setup_judge.h"

/* Steps in their order, each with a mark and its findings: code, severity, subject, evidence, what to do;
 * letters at the end. Lines of at most 80 columns where words allow it; strangers' text can be seen. */
void setup_text(struct buf *out, const struct setup_facts *facts,
                const struct setup_result *result);

/* One line: "reporting good, record faulty, …". */
void setup_text_steps(struct buf *out, const struct setup_result *result);

/* 0 all is good; 1 warnings, or parts that could not be seen; 2 errors, or something that a policy in mode
 * enforce has to wait for; 3 nothing could be looked at. */
int setup_exit(const struct setup_result *result);
