/* What the pages of the set-up print alike.
 * SPDX-License-Identifier: MIT
 * Before: setup_json.h, part.h. Next: page_setups.c */
#pragma once

#include "web/html.h"
#include "web/insight.h"

/* "/setup/NAME" */
const char *setup_page_link(struct arena *arena, const char *name);

/* A state of a step as the ledger has it: "good". */
void setup_page_state(struct html *page, const char *state);

/* The verdict of a look; "" for none. */
void setup_page_verdict(struct html *page, const char *verdict);

/* "error", "warning", … */
void setup_page_severity(struct html *page, const char *severity);

/* The command that looks at NAME now, as a line to copy. */
void setup_page_command(struct html *page, const struct insight *insight, const char *name);

/* Words of a text with a space between, each a step's state, in the order of steps; NULL behind the last. */
const char *setup_page_step(struct arena *arena, const char *steps, size_t index);
