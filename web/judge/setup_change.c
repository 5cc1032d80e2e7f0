/* Whether record and policy belong together: by the id's own digits where it is one of ours, and by what was
 * served under which id before (RFC 8461 sections 3.1 and 8.1). An older pair matters as long as a sender may
 * still hold it: until its max_age after it was last seen. See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_policy.c. Next: setup_mx.c */
#include "judge/setup_case.h"
#include "ingest/policy_text.h"
#include "base/clock.h"
#include "base/hash.h"
#include <stdio.h>
#include <string.h>

#define MAX_AGE_UNKNOWN (INT64_C(7) * DAY_SECONDS)
#define ID_TIME_DIGITS  14 /* of an id of ours: YYYYMMDDHHMMSS */

static int64_t held_until(const struct setup_pair *pair)
{
    return pair->last_seconds
           + (pair->max_age_seconds < 0 ? MAX_AGE_UNKNOWN : pair->max_age_seconds);
}

static bool has_id(const struct setup_case *it, const struct setup_pair *pair)
{
    return strcmp(pair->id, it->result.id) == 0;
}

static bool has_policy(const struct setup_case *it, const struct setup_pair *pair)
{
    return strcmp(pair->policy_sha256, it->result.policy_sha256) == 0;
}

/* A pair of POLICY under another id than ID; NULL: none. What was served without a record had no id. */
static const struct setup_pair *under_other_id(const struct setup_case *it, const char *policy,
                                               const char *id)
{
    for (size_t i = 0; i < it->history->pair_count; i++) {
        const struct setup_pair *pair = &it->history->pairs[i];
        if (strcmp(pair->policy_sha256, policy) == 0 && *pair->id && strcmp(pair->id, id) != 0)
            return pair;
    }
    return NULL;
}

/* The present id was seen with another policy, which some sender may still hold. When that policy had come
 * under an older id, the record was changed before it; else the policy was edited under one id. */
static bool see_older(struct setup_case *it)
{
    for (size_t i = 0; i < it->history->pair_count; i++) {
        const struct setup_pair *pair = &it->history->pairs[i];
        if (!has_id(it, pair) || has_policy(it, pair) || held_until(pair) <= it->facts->at_seconds)
            continue;
        const char *until = setup_day(it->arena, held_until(pair));
        const struct setup_pair *before = under_other_id(it, pair->policy_sha256, pair->id);
        if (before && before->first_seconds < pair->first_seconds)
            setup_add(
                it, "x.txt-before-policy", it->facts->sts.name,
                "Until %s the older policy was served under the id %s; who fetched it then may "
                "keep it until %s.",
                setup_moment(it->arena, pair->last_seconds), it->result.id, until)
                ->severity = SEVERITY_WARNING;
        else
            setup_add(it, "x.id-not-bumped", it->facts->sts.name,
                      "The id %s was seen with another policy (mode %s) until %s; who fetched that "
                      "one may keep it until %s.",
                      it->result.id, pair->mode, setup_moment(it->arena, pair->last_seconds),
                      until);
        return true;
    }
    return false;
}

/* The digits of the id say that it was made of other bytes than those served. */
static void see_mismatch(struct setup_case *it)
{
    const struct setup_pair *before = under_other_id(it, it->result.policy_sha256, it->result.id);
    bool seen = false; /* this id with any policy */
    for (size_t i = 0; i < it->history->pair_count; i++)
        seen |= has_id(it, &it->history->pairs[i]) && !has_policy(it, &it->history->pairs[i]);
    if (before && !seen)
        setup_add(it, "x.txt-before-policy", it->facts->sts.name,
                  "The id %s is new, and the policy is still that of the id %s.", it->result.id,
                  before->id);
    else
        setup_add(
            it, "x.id-mismatch", it->facts->sts.name,
            "The last twelve digits of the id %s are not those of the policy, SHA-256 %.12s\u2026.",
            it->result.id, it->result.policy_sha256);
}

/* Some addresses serve the policy of the id, others another. */
static bool see_half_way(struct setup_case *it)
{
    const struct setup_fetches *fetches = &it->facts->fetches;
    const char *good = NULL, *other = NULL;
    for (size_t i = 0; i < fetches->count; i++) {
        const struct setup_fetch *fetch = &fetches->items[i];
        if (fetch->status != 200 || !fetch->body.size)
            continue;
        bool fits = policy_text_fit(it->result.id, fetch->body) == POLICY_FIT_GOOD;
        *(fits ? &good : &other) = fetch->address;
    }
    if (!good || !other)
        return false;
    setup_add(it, "x.txt-before-policy", it->host,
              "%s serves the policy of the id %s, %s another one.", good, it->result.id, other);
    return true;
}

/* A policy comes before its record: for a day after ours was made the id of the version before it is on its
 * way out. */
static bool is_due(struct setup_case *it, bool served)
{
    char yesterday[POLICY_ID_BYTES];
    bool with_other = false;
    policy_text_id(it->facts->at_seconds - DAY_SECONDS, it->served->body, yesterday);
    for (size_t i = 0; i < it->history->pair_count; i++)
        with_other |= has_id(it, &it->history->pairs[i]) && !has_policy(it, &it->history->pairs[i]);
    return served && with_other && strncmp(it->history->hosted_id, yesterday, ID_TIME_DIGITS) >= 0;
}

static bool see_hosted(struct setup_case *it)
{
    const struct setup_history *history = it->history;
    struct bytes body = it->served->body;
    if (!history->hosted_id || !history->hosted_policy)
        return false;
    bool same_policy = strlen(history->hosted_policy) == body.size
                       && memcmp(history->hosted_policy, body.data, body.size) == 0;
    bool same_id = strcmp(history->hosted_id, it->result.id) == 0;
    if (same_id && !same_policy)
        setup_add(it, "x.id-mismatch", it->facts->sts.name,
                  "The record has our id %s, and %s serves another policy than ours.",
                  it->result.id, it->served->address);
    else if (is_due(it, same_policy && !same_id))
        setup_add(
            it, "x.id-due", it->facts->sts.name,
            "Our new policy is served, and the record has the id %s of the one before it; the "
            "new one is %s.",
            it->result.id, history->hosted_id);
    else if (!same_id)
        setup_add(it, "x.id-not-hosted", it->facts->sts.name,
                  "The record has the id %s, ours is %s%s.", it->result.id, history->hosted_id,
                  same_policy ? "" : "; the policy that is served is not ours either");
    return !same_id || !same_policy;
}

/* The present policy was there before, under another id that is gone. */
static void see_unneeded(struct setup_case *it)
{
    const struct setup_pair *before = under_other_id(it, it->result.policy_sha256, it->result.id);
    for (size_t i = 0; i < it->history->pair_count; i++) {
        const struct setup_pair *pair = &it->history->pairs[i];
        if (!has_policy(it, pair)
            && (has_id(it, pair) || (before && strcmp(pair->id, before->id) == 0)))
            return; /* it came with a change, or after one that was served first, as it should be */
    }
    if (before)
        setup_add(it, "x.refetch-unneeded", it->facts->sts.name,
                  "The policy is the one that was served under the id %s.", before->id);
}

void setup_change(struct setup_case *it)
{
    if (!it->result.policy_sha256 || !it->result.id)
        return;
    enum policy_fit fit = policy_text_fit(it->result.id, it->served->body);
    if (see_half_way(it) || see_hosted(it) || see_older(it))
        return;
    if (fit == POLICY_FIT_DIFFERS)
        see_mismatch(it);
    else
        see_unneeded(it);
}
