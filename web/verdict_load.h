/* From rows of the ledger to a verdict: what commands, pages and the service have in common.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict.h, verdict_live.h. Next: api_verdict.c, collector/evaluator.h */
#pragma once

#include "schema/read.h"
#include "judge/verdict.h"

/* What is to be read of these domains on the day TODAY. */
struct verdict_ask verdict_ask(const struct verdict_settings *settings, int32_t today,
                               const int32_t *domain_ids, size_t count);

/* By what a domain is judged, and when. */
struct verdict_terms {
    const struct verdict_settings *settings;
    int64_t now_seconds;
};

/* The input of one domain; EVIDENCE is its part alone, LIVE of verdict_live_of(). */
struct verdict_input verdict_input_of(const char *domain, const struct verdict_evidence *evidence,
                                      const struct verdict_live *live,
                                      const struct verdict_terms *terms);

/* Reads and judges one domain. */
MUST_CHECK bool verdict_load(struct reader *reader, struct arena *arena,
                             const struct domain_row *domain, const struct verdict_terms *terms,
                             struct verdict *out, struct err *err);
