/* See verdict_failures.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_reason.c. Next: verdict.c */
#include "judge/verdict_failures.h"
#include "judge/verdict_stats.h"
#include "ingest/result.h"
#include "base/clock.h"
#include "base/words.h"
#include <stdlib.h>
#include <string.h>

#define HOST_BYTES 256

/* "certificate-expired at mx1.example.org: 3 sessions of 1 reporter, last on 2026-11-12. Why." */
static struct verdict_reason *add(struct reasons *reasons, const struct triage_group *group,
                                  enum verdict_weight weight)
{
    char day[CLOCK_TEXT_BYTES];
    struct verdict_reason *reason =
        reasons_add(reasons, triage_word_to_text(group->word), weight,
                    "%s%s%s: %lld session%s of %d reporter%s, last on %s. %s", group->result,
                    group->mx ? " at " : "", group->mx ? group->mx : "", (long long)group->sessions,
                    group->sessions == 1 ? "" : "s", group->reporters,
                    group->reporters == 1 ? "" : "s", clock_day_to_text(group->last_day, day),
                    group->why);
    reason_number(reason, "sessions", group->sessions);
    reason_number(reason, "reporters", group->reporters);
    reason_days(reasons, reason, group->first_day, group->last_day);
    reason->mx = group->mx;
    reason->result = group->result;
    if (!*reason->fix && group->counts)
        reason->fix = words_filled(reasons->arena, result_find(group->result)->remedy, "DOMAIN",
                                   reasons->input->domain);
    return reason;
}

static enum verdict_weight weight_of(const struct triage_group *group)
{
    return !group->counts                         ? WEIGHT_NOTES
           : group->word == TRIAGE_NEEDS_DECISION ? WEIGHT_WAITS
                                                  : WEIGHT_BLOCKS;
}

/* Those that count first, so that none of them can be left out. */
void failures_add(struct reasons *reasons, const struct evidence *evidence,
                  const struct triage *triage)
{
    (void)evidence;
    for (int counts = 1; counts >= 0; counts--)
        for (size_t i = 0; i < triage->count; i++)
            if (triage->groups[i].counts == (counts == 1))
                add(reasons, &triage->groups[i], weight_of(&triage->groups[i]));
}

/* Was any of it told under a policy in mode enforce, and not long ago? */
static bool is_refused(const struct evidence *evidence, const struct triage_group *group)
{
    int32_t since = evidence->last_closed - (int32_t)evidence->input->settings->failing_days;
    for (size_t i = 0; i < group->failure_count && group->counts; i++) {
        int version = group->failures[i].version;
        if (group->failures[i].day > since && group->failures[i].sts
            && (version < 0 || strcmp(evidence->versions[version].mode, "enforce") == 0))
            return true;
    }
    return false;
}

static bool is_host_refused(const struct evidence *evidence, const struct triage *triage,
                            const char *host)
{
    for (size_t i = 0; i < triage->count; i++)
        if (triage->groups[i].mx && strcmp(triage->groups[i].mx, host) == 0
            && is_refused(evidence, &triage->groups[i]))
            return true;
    return false;
}

/* True when each host that the policy lists is refused; patterns cannot be told. */
static bool all_are_refused(const struct evidence *evidence, const struct triage *triage)
{
    const char *mx = evidence->current < 0 ? "" : evidence->versions[evidence->current].mx;
    if (!*mx || strchr(mx, '*'))
        return false;
    while (*mx) {
        char host[HOST_BYTES];
        size_t size = strcspn(mx, " ");
        if (size >= sizeof host)
            return false;
        memcpy(host, mx, size);
        host[size] = '\0';
        if (!is_host_refused(evidence, triage, host))
            return false;
        mx += size + strspn(mx + size, " ");
    }
    return true;
}

void failures_add_enforced(struct reasons *reasons, const struct evidence *evidence,
                           const struct triage *triage)
{
    if (all_are_refused(evidence, triage))
        reasons_add(reasons, "all-mx-refused", WEIGHT_REFUSES,
                    "Every host of the policy is refused by some sender: mail does not arrive.");
    for (int refused = 1; refused >= 0; refused--)
        for (size_t i = 0; i < triage->count; i++)
            if (is_refused(evidence, &triage->groups[i]) == (refused == 1))
                add(reasons, &triage->groups[i], refused ? WEIGHT_REFUSES : WEIGHT_NOTES);
}

enum verdict_word failures_add_dane(struct reasons *reasons, const struct evidence *evidence)
{
    const struct verdict_input *input = evidence->input;
    int32_t recent = evidence->last_closed - (int32_t)input->settings->failing_days;
    int32_t known = evidence->last_closed - (int32_t)input->settings->days;
    int64_t successful = 0, failed = 0;
    int32_t last_day = 0;
    for (size_t i = 0; i < input->row_count; i++) {
        const struct verdict_row *row = &input->rows[i];
        if (strcmp(row->policy_type, "tlsa") != 0 || row->day > input->today)
            continue;
        if (strcmp(row->result, "successful") == 0)
            successful = row->day > known ? verdict_sum(successful, row->sessions) : successful;
        else if (strcmp(row->result, "total-failure") != 0 && row->day > recent
                 && row->sessions > row->transient) {
            failed = verdict_sum(failed, row->sessions);
            last_day = row->day > last_day ? row->day : last_day;
        }
    }
    if (!failed && !successful)
        return VERDICT_UNKNOWN;
    struct verdict_reason *reason =
        failed ? reasons_add(
            reasons, "dane-failing", WEIGHT_REFUSES,
            "DANE: %lld sessions failed of late; senders that validate DANE refuse to "
            "deliver in them today, whatever MTA-STS says.",
            (long long)failed)
               : reasons_add(reasons, "dane-healthy", WEIGHT_NOTES,
                             "DANE: %lld successful sessions, none failed of late.",
                             (long long)successful);
    reason_number(reason, "sessions", failed ? failed : successful);
    if (failed)
        reason_days(reasons, reason, recent + 1, last_day);
    return failed ? VERDICT_FAILING : VERDICT_HEALTHY;
}

/* Those that count first, then those of most sessions. */
static int by_concern(const void *a, const void *b)
{
    const struct verdict_disposition *x = a, *y = b;
    if (x->counts != y->counts)
        return x->counts ? -1 : 1;
    if (x->sessions != y->sessions)
        return x->sessions > y->sessions ? -1 : 1;
    int order = strcmp(x->mx ? x->mx : "", y->mx ? y->mx : "");
    return order ? order : strcmp(x->result, y->result);
}

const struct verdict_disposition *failures_list(const struct evidence *evidence,
                                                const struct triage *triage, size_t *count)
{
    struct verdict_disposition *all = arena_array(evidence->arena, triage->count + 1, sizeof *all);
    for (size_t i = 0; i < triage->count; i++) {
        const struct triage_group *group = &triage->groups[i];
        const struct verdict_host *host = triage_host(evidence->input->live, group->mx);
        bool of_sender = group->word == TRIAGE_SENDER_SIDE || group->word == TRIAGE_SENDER_PERSISTS;
        all[i] = (struct verdict_disposition){
            .mx = group->mx,
            .result = group->result,
            .word = triage_word_to_text(group->word),
            .counts = group->counts,
            .sessions = group->sessions,
            .first_day = group->first_day,
            .last_day = group->last_day,
            .reporters = group->reporters,
            .reporter = of_sender ? evidence->reporters[group->failures->reporter] : NULL,
            .passes = host && host->passes == KNOWN_TRUE,
            .why = group->why,
            .decides = triage_is_decidable(group),
            .ack = group->ack,
        };
    }
    qsort(all, triage->count, sizeof *all, by_concern);
    *count = triage->count;
    return all;
}
