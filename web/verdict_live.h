/* What the looks at a domain's live set-up say to its verdict: gates that have to be open for some time, the
 * MX hosts, and since when nothing has changed. Pure: rows of the ledger and a moment go in.
 *
 * A gate is true when the newest look saw it so, no look of 72 hours saw otherwise, and 95 % of those of 14
 * days that could tell saw it so, once there are enough of them. What was not looked at for 24 hours is
 * not known.
 *
 * SPDX-License-Identifier: MIT
 * Before: judge/verdict.h, schema/read_live.h. Next: verdict_load.h */
#pragma once

#include "judge/verdict.h"
#include "schema/read_live.h"

#define VERDICT_LIVE_STALE_SECONDS 86400

/* EVIDENCE is the part of one domain. In ARENA, but for texts of EVIDENCE. */
const struct verdict_live *
verdict_live_of(struct arena *arena, const struct live_evidence *evidence, int64_t now_seconds);
