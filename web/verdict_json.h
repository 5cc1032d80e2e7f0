/* A verdict as JSON, for the API, the command and the ledger.
 * SPDX-License-Identifier: MIT
 * Before: verdict.h, json.h. Next: verdict_input.h, api.h */
#pragma once

#include "web/json.h"
#include "judge/verdict.h"

/* One object; an element of a list, or all there is. Of failures and reporters the first
 * VERDICT_JSON_LISTED, so that strangers' reports cannot make it as long as they like. */
#define VERDICT_JSON_LISTED 1000
void verdict_json(struct json *out, const char *domain, const struct verdict *verdict,
                  int64_t evaluated_seconds);
