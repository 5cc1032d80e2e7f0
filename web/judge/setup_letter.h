/* Letters that a look at a domain's set-up gives rise to, ready to be sent: plain text in the arena, every
 * line ends with LF, strangers' texts as in letter.h.
 * SPDX-License-Identifier: MIT
 * Before: letter.h, setup_judge.h. Next: setup_text.h */
#pragma once

#include "judge/setup_judge.h"

/* To whoever runs MX, about what our own look saw there: FINDINGS of the step `servers` that are about it. */
const char *setup_letter_mx(struct arena *arena, const struct setup_facts *facts,
                            const struct setup_mx *mx, const struct setup_finding *findings,
                            size_t count);

/* To a DNS or hosting provider, where the policy host or its certificate cannot be made by the domain's
 * owner: what to create. */
const char *setup_letter_provider(struct arena *arena, const struct setup_facts *facts);

/* To one sender whose sessions alone fail. */
struct setup_letter_sender {
    const char *domain, *reporter, *mx, *result; /* mx is NULL where the reports name none */
    int64_t sessions;
    int32_t first_day, last_day;
    bool checked; /* we looked at this host ourselves, and it passed */
};
const char *setup_letter_sender(struct arena *arena, const struct setup_letter_sender *about);
