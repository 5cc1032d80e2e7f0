/* What a look at a domain's set-up found, as JSON: for the API, the command and the ledger.
 * SPDX-License-Identifier: MIT
 * Before: verdict_json.h, json.h. Next: page_domain.c */
#pragma once

#include "judge/setup_judge.h"
#include "web/json.h"

/* One object; an element of a list, or all there is. */
void setup_json(struct json *out, const struct setup_facts *facts,
                const struct setup_result *result);

/* The words of a check: "all good" is "ready", then "ready-limited", "not-yet", "unknown". */
const char *setup_json_reach(enum setup_reach reach);          /* "open"; "none": not tried */
const char *setup_json_starttls(enum setup_starttls starttls); /* "offered" */
const char *setup_json_dane(enum setup_dane dane);             /* "matches" */
