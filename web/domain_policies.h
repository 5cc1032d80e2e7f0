/* The policies that reports quote, newest first, and what changed from each to the next.
 * SPDX-License-Identifier: MIT
 * Before: layout.h. Next: domain_reporters.h, page_domain.c */
#pragma once

#include "schema/read.h"
#include "web/html.h"

/* What changed from OLDER to NEWER, two policies of one type: "mode testing → enforce; mx added
 * mx2.a.example"; "" when nothing did. In ARENA. */
const char *domain_policies_changes(struct arena *arena, const struct policy_row *older,
                                    const struct policy_row *newer);

/* The whole section; POLICY_ROWS as of read_policies(). */
void domain_policies_print(struct html *page, const struct rows *policy_rows);
