/* Guided changes of a policy, as steps in their order: first set-up, testing to enforce, other MX hosts, the
 * way back, and the end of MTA-STS. A step is never to be taken while one before it is not done.
 *
 * A pure function: time comes in. Why the order is as it is: RFC 8461 sections 8.1 (first the policy, then
 * the record), 8.3 (removal), 5.1 and 10.2 (senders hold what they have).
 *
 * SPDX-License-Identifier: MIT
 * Before: guide_seen.h. Next: guide_plan.h */
#pragma once

#include "judge/guide_seen.h"

enum guide_goal { GUIDE_SETUP, GUIDE_ENFORCE, GUIDE_MX, GUIDE_ROLLBACK, GUIDE_REMOVAL };

enum guide_state {
    GUIDE_DONE,
    GUIDE_NOW,     /* it may be taken */
    GUIDE_WAITING, /* until a moment */
    GUIDE_REFUSED, /* something must be mended before */
    GUIDE_LATER,   /* others come before it */
};

struct guide_step {
    const char *code;  /* stable: "served" */
    const char *title; /* what is to be done, without a full stop */
    const char *text;  /* how, or why not; a sentence or two */
    enum guide_state state;
    int64_t until_seconds; /* when WAITING */
};

struct guide {
    enum guide_goal goal;
    const char *title; /* of the goal, or that there is no MTA-STS any more */
    const struct guide_step *steps;
    size_t step_count;
    const char *alarm; /* what is wrong and must be mended first, with how; NULL: nothing */
    /* Should the policy go back to testing now: in the best case compliant senders that meet a failure look
     * again within so many seconds (the TTL); in the worst, some refuse mail until then. 0: none enforces. */
    int64_t rollback_best_seconds, rollback_worst_at_seconds;
    int64_t
        safe_to_remove_seconds; /* removal: until then it must be served; 0: not known, or nothing held */
};

/* All in ARENA. */
struct guide guide_make(struct arena *arena, const struct guide_input *input);

/* What is never a way back, each a sentence; NULL behind the last. */
extern const char *const guide_never[];

const char *
guide_goal_to_text(enum guide_goal goal); /* "rollback": as ledger.hosted_domain has it */
enum guide_goal guide_goal_from_text(const char *text);  /* GUIDE_SETUP when it is none of them */
const char *guide_state_to_text(enum guide_state state); /* "waiting" */
