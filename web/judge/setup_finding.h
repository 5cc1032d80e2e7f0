/* The one table of what can be found wrong with a domain's set-up: code, how bad it is, the step that it
 * belongs to, the gate of the verdict that it closes, and what to do. To add a finding: a row here, and
 * where it is seen the call that adds it (setup_case.h).
 *
 * SPDX-License-Identifier: MIT
 * Before: setup_judge.h. Next: setup_case.h */
#pragma once

#include "judge/setup_judge.h"

struct setup_finding_kind {
    const char *code;
    enum setup_severity severity; /* where the place that sees it does not say otherwise */
    enum setup_step step;
    int gate; /* enum verdict_gate: closed by an error, and by a warning that blocks; SETUP_NO_GATE */
    bool blocks;                    /* as in struct setup_finding */
    const char *title, *fix, *rule; /* in `fix` DOMAIN stands for the domain */
};
#define SETUP_NO_GATE GATES

/* NULL when CODE is none of the table. */
const struct setup_finding_kind *setup_finding_kind(const char *code);

/* In the order of steps; NULL behind the last. */
const struct setup_finding_kind *setup_finding_at(size_t index);
