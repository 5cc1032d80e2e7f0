/* What is kept of a look: facts and findings as the ledger has them.
 * SPDX-License-Identifier: MIT
 * Before: looks.h. Next: schema/setup.h */
#pragma once

#include "schema/setup.h"
#include "judge/setup_judge.h"

/* In ARENA, or what was given; all but `probed`. */
void look_entry(struct arena *arena, const struct setup_facts *facts,
                const struct setup_result *result, struct setup_entry *out);

/* The result type (RFC 8460 section 4.3) that a sender would report of such a session under MTA-STS, "" where it
 * passes. KNOWN_NOT: it cannot be told. */
enum verdict_known look_passes(const struct setup_probe *probe, const char **result);
