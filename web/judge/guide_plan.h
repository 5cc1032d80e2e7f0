/* A wish for another policy: what it is part of, what the policy has to hold meanwhile, and why it should
 * not be made yet. Pure, as guide.h.
 *
 * SPDX-License-Identifier: MIT
 * Before: guide.h. Next: guide_text.h */
#pragma once

#include "judge/guide.h"

struct guide_wish {
    const char *mode;    /* "testing", "enforce", "none" */
    struct text_list mx; /* patterns, canonical and sorted */
    bool names_mx;       /* somebody named them; else a change of hosts that is under way goes on */
    int64_t max_age_seconds;
};

struct guide_plan {
    enum guide_goal goal;
    bool begins;              /* a change, rather than the next step of the one under way */
    struct text_list mx;      /* for the policy: those of the wish, and those that may not go yet */
    struct text_list goal_mx; /* those of the wish, or of the change that goes on */
    const char *refusal;      /* why it should not be made; NULL: it may */
    const char *note;         /* what else to know; NULL: nothing */
};

/* Why MTA-STS should not be given up yet, the last step of leaving it; NULL: it may. In ARENA. */
const char *guide_plan_objection_to_end(struct arena *arena, const struct guide_input *input);

/* All in ARENA, or of the wish. A way back to testing is never refused. */
struct guide_plan guide_plan_make(struct arena *arena, const struct guide_input *input,
                                  const struct guide_wish *wish);
