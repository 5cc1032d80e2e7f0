/* Had this policy been `enforce` in these days: what would have been refused, where, and why. Counts all
 * failures that enforce refuses, also those that triage discounts.
 * SPDX-License-Identifier: MIT
 * Before: verdict_measure.h. Next: verdict.h */
#pragma once

#include "judge/verdict_measure.h"

/* ENFORCED: it is already, and the sentence says so. */
struct verdict_counterfactual counterfactual_make(const struct evidence *evidence,
                                                  const struct measure *measure, bool enforced);
