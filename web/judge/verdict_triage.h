/* Triage: each kind of blocking failure (one result type at one MX) gets exactly one disposition and the
 * sentence that says why. What is discounted is still shown.
 *
 * A failure is recent when it lies in the days that have to be clean, or is newer than these.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict_evidence.h. Next: verdict.h */
#pragma once

#include "judge/verdict_evidence.h"

enum triage_word {
    TRIAGE_UNLISTED_MX,       /* the policy does not list it */
    TRIAGE_REPRODUCED,        /* our own look at the MX fails alike */
    TRIAGE_SEVERAL_REPORTERS, /* within seven days */
    TRIAGE_DOWNGRADE,         /* STARTTLS was missing there, and is offered to us */
    TRIAGE_SENDER_PERSISTS,   /* one reporter, but a large one, or on and on */
    TRIAGE_UNEXPLAINED,       /* failures without details */
    TRIAGE_NEEDS_DECISION,    /* cannot be told */
    TRIAGE_STALE_MX,          /* no MX of ours any more */
    TRIAGE_FOREIGN_MX,        /* never one of ours */
    TRIAGE_OLDER_POLICY,      /* the present policy lists it */
    TRIAGE_ACKNOWLEDGED,
    TRIAGE_RESOLVED,
    TRIAGE_TRANSIENT,
    TRIAGE_SENDER_SIDE,
};

struct triage_group {
    const char *mx; /* NULL: not named */
    const char *result;
    enum triage_word word;
    bool counts; /* against the domain */
    bool recent;
    const char *why;
    int64_t sessions, transient;
    int32_t first_day, last_day;
    int reporters, reporter_days;      /* that tell of it */
    const struct verdict_ack_row *ack; /* NULL: none, in whichever days */
    int32_t restart_day;               /* resolved: clean days are counted from here; 0: not so */
    const struct evidence_failure *failures; /* by day, reporter */
    size_t failure_count;
};

struct triage {
    struct triage_group *groups; /* by MX and result */
    size_t count;
};

/* Of the failures since evidence->first_day, in the evidence's arena. */
struct triage triage_sort(const struct evidence *evidence);

/* What we know of MX (NULL: not named); NULL: nothing. */
const struct verdict_host *triage_host(const struct verdict_live *live, const char *mx);

/* Whether it is otherwise when an operator acknowledges it: not where the name of its MX decides. */
bool triage_is_decidable(const struct triage_group *group);

/* "unlisted-mx": the code of its reason. */
const char *triage_word_to_text(enum triage_word word);
