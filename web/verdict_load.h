/* From rows of the ledger to a verdict: what commands, pages and the service have in common.
 *
 * What only a look at the live set-up tells is not known yet: each gate says so in the verdict.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict.h. Next: api_verdict.c, collector/evaluator.h */
#pragma once

#include "schema/read.h"
#include "judge/verdict.h"

/* What is to be read of these domains on the day TODAY. */
struct verdict_ask verdict_ask(const struct verdict_settings *settings, int32_t today,
                               const int32_t *domain_ids, size_t count);

/* The input of one domain; EVIDENCE is its part alone. */
struct verdict_input verdict_input_of(const char *domain, const struct verdict_evidence *evidence,
                                      const struct verdict_settings *settings, int32_t today);

/* By what a domain is judged. */
struct verdict_terms {
    const struct verdict_settings *settings;
    int32_t today;
};

/* Reads and judges one domain. */
MUST_CHECK bool verdict_load(struct reader *reader, struct arena *arena,
                             const struct domain_row *domain, const struct verdict_terms *terms,
                             struct verdict *out, struct err *err);
