/* Failures as reasons: those of MTA-STS after triage, and those of DANE.
 * SPDX-License-Identifier: MIT
 * Before: verdict_reason.h. Next: verdict.h */
#pragma once

#include "judge/verdict_reason.h"
#include "judge/verdict_triage.h"

/* In mode testing: what blocks, and what is discounted. */
void failures_add(struct reasons *reasons, const struct evidence *evidence,
                  const struct triage *triage);

/* In enforce: what is refused today, under a policy that says so. */
void failures_add_enforced(struct reasons *reasons, const struct evidence *evidence,
                           const struct triage *triage);

/* DANE of the last days: healthy, failing, or unknown where nobody used it. */
enum verdict_word failures_add_dane(struct reasons *reasons, const struct evidence *evidence);

const struct verdict_disposition *failures_list(const struct evidence *evidence,
                                                const struct triage *triage, size_t *count);
