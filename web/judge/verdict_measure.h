/* What the clean days are worth: which days are looked at, how many sessions and reporter days they
 * hold, and who is silent, keeps an older policy, or cannot fetch it.
 * SPDX-License-Identifier: MIT
 * Before: verdict_triage.h. Next: verdict_reason.h */
#pragma once

#include "judge/verdict_triage.h"

struct measure {
    int32_t clean_from; /* the first day of those without a failure that counts */
    int clean_days;     /* closed ones, from then on; none without a policy */
    int32_t from_day,
        to_day; /* what is looked at: closed days, more of them where little mail comes */
    bool stretched;
    int32_t told_from_day; /* of what is told about these days: failures do not shorten it */
    int64_t told_sessions; /* `sessions` since then, and their reporters */
    int told_reporters;
    int64_t sessions;                          /* successful ones that checked the present policy */
    int reporter_days, active_days, reporters; /* of these */
    int regular; /* reporters with sessions on enough of the clean days */
};
struct measure measure_take(const struct evidence *evidence, const struct triage *triage);

/* Reporters that are oddly silent. */
struct measure_silence {
    int reporters;
    int longest;      /* days */
    const char *name; /* of the reporter that is silent for longest */
    int others;       /* reporters that had successful sessions on the newest closed days */
};
struct measure_silence measure_silence(const struct evidence *evidence);

/* Regular reporters whose newest sessions are of an older version. */
struct measure_older {
    int reporters;
    const char *name;     /* of the one that may keep it for longest */
    int32_t deadline_day; /* until when; 0: not known */
};
struct measure_older measure_older(const struct evidence *evidence);

/* Senders that could not obtain the policy, on the newest seven closed days and since. */
struct measure_retrieval {
    int64_t sessions;
    int days, reporters; /* the most days of one reporter; reporters in all */
    const char *name;    /* of one that has most days */
    bool blocks;         /* two reporters on a day, or one on two days */
    int32_t last_day;    /* with such a failure at all; 0: none */
};
struct measure_retrieval measure_retrieval(const struct evidence *evidence);

/* Who has the present policy, by name. */
const struct verdict_adopter *measure_adopters(const struct evidence *evidence, size_t *count);
