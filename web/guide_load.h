/* From rows of the ledger to what guided changes go by; and as JSON.
 * SPDX-License-Identifier: MIT
 * Before: judge/guide_text.h. Next: collector/cmd_policy.c */
#pragma once

#include "judge/guide_text.h"
#include "web/json.h"

/* Reads all that is known of DOMAIN (canonical). The verdict is the caller's to fill in. */
MUST_CHECK bool guide_load(struct reader *reader, struct arena *arena, const char *domain,
                           int64_t now_seconds, struct guide_input *out, struct err *err);

/* Members of an object that is open: policy, records, change. */
void guide_json(struct json *json, const struct guide_input *input,
                const struct guide_records *records, const struct guide *guide);
