/* Is it ours, and do we believe it? Decides what of a report may be counted.
 * SPDX-License-Identifier: MIT
 * Before: domains.h. Next: entry.h */
#pragma once

#include "ingest/domains.h"
#include "ingest/trust.h"

/* Whose reports are taken. Without names and table all are. */
struct rules {
    const struct domains *names; /* of the settings and their file; NULL: not set */
    const struct domains *table; /* kept in the database; NULL: not set */
    const struct domains *mx;    /* our MX hosts: DANE reports may name one as their domain */
};

/* True when reports for any domain are taken. */
bool admit_takes_all(const struct rules *rules);

struct admission {
    bool trusted;         /* counts in verdicts by default */
    const char *ground;   /* why, or why not: a few words, shown with the report */
    struct sender sender; /* of a mail; without a method where nobody looked */
};

/* Of a report that was admitted before: leaves out the policies of other domains than DOMAINS
 * (canonical) and those that fit RULES (NULL: no others), and counts its sessions. False with ERR_INPUT
 * when none is left. */
MUST_CHECK bool admit_again(struct arena *arena, const struct text_list *domains,
                            const struct rules *rules, struct report *report, struct err *err);

/* Leaves out the policies of domains that are not ours. False with ERR_REFUSED when none is left. */
MUST_CHECK bool admit(struct arena *arena, const struct rules *rules,
                      const struct delivery *delivery, struct report *report, struct admission *out,
                      struct err *err);
