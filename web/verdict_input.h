/* What a verdict was made of, as JSON: kept with every change of a verdict, so that it can be made again.
 * SPDX-License-Identifier: MIT
 * Before: verdict_json.h. Next: collector/cmd_verdict.c */
#pragma once

#include "base/err.h"
#include "web/json.h"
#include "judge/verdict.h"

/* All numbers, dates and texts that verdict_judge() was given, but the domain's name. */
void verdict_input_json(struct json *out, const struct verdict_input *input);

/* The same from JSON that verdict_input_json() wrote, NUL-terminated, in ARENA. ERR_INPUT names the place
 * that is damaged. */
MUST_CHECK bool verdict_input_read(struct arena *arena, const char *domain, struct bytes json,
                                   struct verdict_input *out, struct err *err);
