/* Is it ours, and do we believe it? Decides what of a report may be counted.
 * SPDX-License-Identifier: MIT
 * Before: policy.h. Next: entry.h */
#pragma once

#include "ingest/report.h"

/* Whose reports are taken. */
struct rules {
    const char *const *domains; /* exact names, or "*.suffix" for any depth below; canonical */
    size_t domain_count;        /* 0: all are taken */
};

struct admission {
    bool trusted;       /* counts in verdicts by default */
    const char *ground; /* why, or why not: a few words, shown with the report */
};

/* Leaves out the policies of domains that are not ours. False with ERR_REFUSED when none is left. */
MUST_CHECK bool admit(struct arena *arena, const struct rules *rules,
                      const struct delivery *delivery, struct report *report, struct admission *out,
                      struct err *err);
