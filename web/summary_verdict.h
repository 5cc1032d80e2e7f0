/* What the summary of a week says about verdicts, in words that all its printers share. Texts are plain, on
 * one line, and in the arena given.
 * SPDX-License-Identifier: MIT
 * Before: summary_words.h, verdict.h. Next: summary_text.h */
#pragma once

#include "web/summary.h"

/* "Verdicts that changed", or of one domain "Verdict". */
const char *summary_verdict_title(const struct summary *summary);

/* "“not yet” (testing) since 2026-11-18, before “ready, limited”" */
const char *summary_verdict_turn(struct arena *arena, const struct week_verdict_row *row);

/* What it was before: "“ready, limited”", "none", "“healthy”, 2 changes since", "" when it did not
 * change in the week. */
const char *summary_verdict_before(struct arena *arena, const struct week_verdict_row *row);

/* How many domains with a change are not among the rows. */
int64_t summary_verdict_more(const struct summary *summary);
