/* See verdict_triage.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_version.c. Next: verdict_measure.c */
#include "judge/verdict_triage.h"
#include "judge/verdict_stats.h"
#include "base/clock.h"
#include <string.h>

#define SEVERAL_DAYS  7 /* in which a second reporter tells of the same */
#define RESOLVED_DAYS 7 /* without recurrence */
#define CLEAN_AFTER   3 /* days of a reporter after a passing fault */
#define PASSING       2 /* sessions of a reporter's day, or one of */
#define PASSING_SHARE 200
#define STALE_DAYS    2   /* mail that was on its way when the MX went */
#define SENDER_SHARE  100 /* one of so many sessions */
#define SENDER_LARGE  10
#define SENDER_DAYS   3
#define UNEXPLAINED   "unexplained"

#define SPAN (VERDICT_DAYS + 1)

/* What is asked of all groups, summed up once: a stranger's report may make tens of thousands of these. */
struct desk {
    const struct evidence *evidence;
    int64_t all;           /* successful sessions since first_day */
    int64_t *successful;   /* per reporter and day */
    unsigned char *failed; /* per reporter and day: it tells of a refusal */
    size_t *counted;       /* per reporter: the last group, from 1 on, in which it was counted */
};

static const char *const words[] = {
    [TRIAGE_UNLISTED_MX] = "unlisted-mx",
    [TRIAGE_REPRODUCED] = "reproduced",
    [TRIAGE_SEVERAL_REPORTERS] = "several-reporters",
    [TRIAGE_DOWNGRADE] = "downgrade",
    [TRIAGE_SENDER_PERSISTS] = "sender-persists",
    [TRIAGE_UNEXPLAINED] = "unexplained",
    [TRIAGE_NEEDS_DECISION] = "needs-decision",
    [TRIAGE_STALE_MX] = "stale-mx",
    [TRIAGE_FOREIGN_MX] = "foreign-mx",
    [TRIAGE_OLDER_POLICY] = "older-policy",
    [TRIAGE_ACKNOWLEDGED] = "acknowledged",
    [TRIAGE_RESOLVED] = "resolved",
    [TRIAGE_TRANSIENT] = "transient",
    [TRIAGE_SENDER_SIDE] = "sender-side",
};

const char *triage_word_to_text(enum triage_word word)
{
    return words[word];
}

bool triage_is_decidable(const struct triage_group *group)
{
    return group->word == TRIAGE_ACKNOWLEDGED
           || (group->counts && group->word != TRIAGE_UNLISTED_MX);
}

/* --- what is asked of a group --- */

const struct verdict_host *triage_host(const struct verdict_live *live, const char *mx)
{
    for (size_t i = 0; mx && i < live->host_count; i++)
        if (text_same(live->hosts[i].name, mx))
            return &live->hosts[i];
    return NULL;
}

/* By day: if any two of different reporters lie close together, then so do two neighbours. */
static bool has_several(const struct triage_group *group)
{
    const struct evidence_failure *all = group->failures;
    for (size_t i = 1; i < group->failure_count; i++)
        if (all[i].reporter != all[i - 1].reporter && all[i].day - all[i - 1].day < SEVERAL_DAYS)
            return true;
    return false;
}

/* Has everybody who told of it told of CLEAN_AFTER successful days after the last failure? */
static bool is_clean_since(const struct evidence *evidence, const struct triage_group *group)
{
    for (size_t i = 0; i < group->failure_count; i++) {
        int clean = 0;
        for (int32_t day = group->last_day + 1; day <= evidence->last_closed; day++)
            clean += evidence_active(evidence, group->failures[i].reporter, day);
        if (clean < CLEAN_AFTER)
            return false;
    }
    return true;
}

static bool is_certificate(const char *result)
{
    return strncmp(result, "certificate-", strlen("certificate-")) == 0;
}

static const struct verdict_ack_row *ack_of(const struct verdict_input *input,
                                            const struct triage_group *group)
{
    for (size_t i = 0; i < input->ack_count; i++)
        if (text_same(input->acks[i].result, group->result)
            && text_same(input->acks[i].mx, group->mx ? group->mx : ""))
            return &input->acks[i];
    return NULL;
}

/* The present policy lists the MX, and those in which it failed did not. */
static bool is_of_older_policy(const struct evidence *evidence, const struct triage_group *group)
{
    if (!group->mx || evidence->current < 0)
        return false;
    for (size_t i = 0; i < group->failure_count; i++)
        if (evidence_label(evidence, group->failures[i].version) != LABEL_OLDER
            || evidence_lists(evidence, group->failures[i].version, group->mx))
            return false;
    return true;
}

static size_t place_of(const struct evidence *evidence, int reporter, int32_t day)
{
    return (size_t)reporter * SPAN + (size_t)(day - (evidence->input->today - VERDICT_DAYS));
}

static bool clean_days_follow(const struct desk *desk, int reporter, int32_t day)
{
    int clean = 0;
    while (clean < CLEAN_AFTER && ++day <= desk->evidence->input->today)
        if (desk->failed[place_of(desk->evidence, reporter, day)])
            return false;
        else
            clean += evidence_active(desk->evidence, reporter, day);
    return clean == CLEAN_AFTER;
}

/* Is what one reporter tells of one day a passing fault? TOLD: by all of its blocks. */
static bool is_passing(const struct desk *desk, const struct evidence_failure *one, int64_t told)
{
    int64_t share =
        desk->successful[place_of(desk->evidence, one->reporter, one->day)] / PASSING_SHARE;
    return told <= (share > PASSING ? share : PASSING)
           && clean_days_follow(desk, one->reporter, one->day);
}

static bool is_transient(const struct desk *desk, const struct triage_group *group)
{
    const struct evidence_failure *all = group->failures;
    int64_t told = 0;
    if (group->transient < group->sessions)
        return false;
    for (size_t i = 0; i < group->failure_count; i++) {
        bool last = i + 1 == group->failure_count || all[i + 1].reporter != all[i].reporter
                    || all[i + 1].day != all[i].day;
        told = verdict_sum(told, all[i].sessions);
        if (last && !is_passing(desk, &all[i], told))
            return false;
        told = last ? 0 : told;
    }
    return true;
}

/* --- dispositions --- */

static void decide(struct triage_group *group, enum triage_word word, bool counts, const char *why)
{
    group->word = word;
    group->counts = counts;
    group->why = why;
}

/* By what is known of the domain's MX hosts; false when that does not tell. */
static bool decide_by_name(const struct evidence *evidence, struct triage_group *group)
{
    const struct verdict_live *live = evidence->input->live;
    const struct verdict_host *host = triage_host(live, group->mx);
    if (!group->mx)
        return false;
    if (live->knows_mx && !host && group->first_day <= live->mx_from_day)
        decide(
            group, TRIAGE_STALE_MX, false,
            "This host is not in the MX records; whether it was once is not known, since we did not "
            "look then.");
    else if (live->knows_mx && !host)
        decide(
            group, TRIAGE_FOREIGN_MX, false,
            "This host was never in the MX records: mail may have been led astray, or MX answers "
            "forged. Do not add it to the policy.");
    else if (live->knows_mx && host->last_day != INT32_MAX)
        decide(group, TRIAGE_STALE_MX, false,
               group->last_day <= host->last_day + STALE_DAYS
                   ? "This host has left the MX records; mail that was on its way still met it."
                   : "This host has left the MX records, but somebody still uses it: a cache, a "
                     "smarthost, or a fixed route.");
    else if (is_of_older_policy(evidence, group))
        decide(group, TRIAGE_OLDER_POLICY, false,
               "The policy that these senders still kept did not list this host; the present one "
               "does.");
    else if (!evidence_lists(evidence, evidence->current, group->mx)
             && (live->knows_mx || group->recent))
        decide(group, TRIAGE_UNLISTED_MX, true,
               live->knows_mx
                   ? "This host is in the MX records, and no mx line of the policy fits it."
                   : "No mx line of the policy fits this host; whether it is in the MX "
                     "records has not been checked.");
    else
        return false;
    return true;
}

/* By our own look at the MX, as far as there is one. */
static bool decide_by_probe(const struct evidence *evidence, struct triage_group *group)
{
    const struct verdict_host *host = triage_host(evidence->input->live, group->mx);
    bool quiet = group->last_day <= evidence->last_closed - RESOLVED_DAYS;
    if (!host || host->passes == KNOWN_NOT)
        return false;
    if (host->passes == KNOWN_FALSE && host->fails_with
        && (strcmp(host->fails_with, group->result) == 0
            || (is_certificate(host->fails_with) && is_certificate(group->result)))) {
        decide(group, TRIAGE_REPRODUCED, true, "Our own look at this host fails in the same way.");
        return true;
    }
    if (host->passes != KNOWN_TRUE)
        return false;
    if (strcmp(group->result, "starttls-not-supported") == 0 && !quiet) {
        decide(
            group, TRIAGE_DOWNGRADE, true,
            "This host offers STARTTLS to us: something between it and the sender may have taken "
            "it away.");
        return true;
    }
    if (is_certificate(group->result) && host->certificate_day > group->last_day && quiet
        && is_clean_since(evidence, group)) {
        decide(group, TRIAGE_RESOLVED, false,
               "The certificate has been replaced since, and who told of it has met no fault after "
               "that.");
        group->restart_day = host->certificate_day;
        return true;
    }
    return false;
}

/* Successful sessions of the only reporter, up to the last failure: what comes after speaks for him. */
static int64_t successful_until(const struct desk *desk, const struct triage_group *group)
{
    int64_t sum = 0;
    for (int32_t day = desk->evidence->first_day; day <= group->last_day; day++)
        sum = verdict_sum(
            sum, desk->successful[place_of(desk->evidence, group->failures[0].reporter, day)]);
    return sum;
}

/* By who tells of it: one reporter, who may be at fault himself. */
static bool decide_by_sender(const struct desk *desk, struct triage_group *group)
{
    if (group->reporters != 1)
        return false;
    int64_t share = verdict_sum(successful_until(desk, group), group->sessions);
    bool small = share < desk->all / SENDER_SHARE, large = share >= desk->all / SENDER_LARGE;
    if (small && group->reporter_days <= SENDER_DAYS
        && group->last_day <= desk->evidence->last_closed - RESOLVED_DAYS) {
        decide(group, TRIAGE_SENDER_SIDE, false,
               "One small reporter alone told of it, for a few days, and no other met it.");
        return true;
    }
    if (group->recent && strcmp(group->result, UNEXPLAINED) != 0
        && (large || group->reporter_days > SENDER_DAYS)) {
        decide(group, TRIAGE_SENDER_PERSISTS, true,
               large
                   ? "One reporter alone tells of it, but many of the sessions are his: his users "
                     "would be cut off."
                   : "One reporter alone tells of it, but again and again.");
        return true;
    }
    return false;
}

/* Somebody has looked at it. */
static void decide_by_operator(const struct evidence *evidence, struct triage_group *group)
{
    char day[CLOCK_TEXT_BYTES];
    const struct verdict_ack_row *ack = group->ack;
    decide(group, TRIAGE_ACKNOWLEDGED, false,
           arena_printf(evidence->arena, "Not waited for until it recurs, as %s decided on %s: %s",
                        ack->who && *ack->who ? ack->who : "somebody",
                        clock_day_to_text(clock_day(ack->at_seconds), day), ack->note));
}

static void dispose(const struct desk *desk, struct triage_group *group)
{
    const struct evidence *evidence = desk->evidence;
    if (decide_by_name(evidence, group))
        return;
    if (group->ack && group->last_day <= group->ack->last_day)
        decide_by_operator(evidence, group);
    else if (decide_by_probe(evidence, group))
        return;
    else if (is_transient(desk, group))
        decide(group, TRIAGE_TRANSIENT, false,
               "A few sessions timed out or lost their connection, and the days after were clean.");
    else if (has_several(group) && group->recent)
        decide(group, TRIAGE_SEVERAL_REPORTERS, true,
               "Several reporters met it within seven days, so it is not one sender's fault.");
    else if (!group->recent && is_clean_since(evidence, group))
        decide(group, TRIAGE_RESOLVED, false,
               "It lies back, and everybody who told of it has had clean days since.");
    else if (decide_by_sender(desk, group))
        return;
    else if (strcmp(group->result, UNEXPLAINED) == 0)
        decide(group, TRIAGE_UNEXPLAINED, true,
               "These sessions failed, and the reports do not say why.");
    else
        decide(group, TRIAGE_NEEDS_DECISION, true,
               "It cannot be told whether the fault is here or at the sender.");
}

/* --- groups --- */

static bool fits(const struct evidence *evidence, const struct evidence_failure *failure)
{
    return failure->blocking && failure->day >= evidence->first_day;
}

static bool same_kind(const struct evidence_failure *a, const struct evidence_failure *b)
{
    return strcmp(a->mx ? a->mx : "", b->mx ? b->mx : "") == 0 && strcmp(a->result, b->result) == 0;
}

/* NUMBER: of the group, from 1 on. */
static struct triage_group group_of(const struct desk *desk, size_t number,
                                    const struct evidence_failure *first, size_t count)
{
    const struct evidence *evidence = desk->evidence;
    struct triage_group group = { .mx = first->mx,
                                  .result = first->result,
                                  .failures = first,
                                  .failure_count = count,
                                  .first_day = first->day,
                                  .last_day = first[count - 1].day };
    for (size_t i = 0; i < count; i++) {
        group.sessions = verdict_sum(group.sessions, first[i].sessions);
        group.transient = verdict_sum(group.transient, first[i].transient);
        group.reporters += desk->counted[first[i].reporter] != number;
        desk->counted[first[i].reporter] = number;
        group.reporter_days += i == 0 || first[i].reporter != first[i - 1].reporter
                               || first[i].day != first[i - 1].day;
    }
    group.ack = ack_of(evidence->input, &group);
    group.recent =
        group.last_day > evidence->last_closed - (int32_t)evidence->input->settings->days;
    return group;
}

static void make_groups(const struct desk *desk, struct triage *triage)
{
    const struct evidence *evidence = desk->evidence;
    const struct evidence_failure *all = evidence->failures;
    triage->groups =
        arena_array(evidence->arena, evidence->failure_count + 1, sizeof *triage->groups);
    struct evidence_failure *kept =
        arena_array(evidence->arena, evidence->failure_count + 1, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < evidence->failure_count; i++)
        if (fits(evidence, &all[i]))
            kept[count++] = all[i];
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && same_kind(&kept[i], &kept[end]);)
            end++;
        triage->groups[triage->count] = group_of(desk, triage->count + 1, kept + i, end - i);
        triage->count++;
    }
}

static struct desk desk_of(const struct evidence *evidence)
{
    struct arena *arena = evidence->arena;
    size_t reporters = (size_t)evidence->reporter_count + 1;
    struct desk desk = { .evidence = evidence,
                         .successful = arena_array(arena, reporters, SPAN * sizeof(int64_t)),
                         .failed = arena_array(arena, reporters, SPAN),
                         .counted = arena_array(arena, reporters, sizeof(size_t)) };
    for (size_t i = 0; i < evidence->block_count; i++) {
        const struct evidence_block *block = &evidence->blocks[i];
        int64_t *sum = &desk.successful[place_of(evidence, block->reporter, block->day)];
        *sum = verdict_sum(*sum, block->successful);
        if (block->day >= evidence->first_day)
            desk.all = verdict_sum(desk.all, block->successful);
    }
    for (size_t i = 0; i < evidence->failure_count; i++) {
        const struct evidence_failure *one = &evidence->failures[i];
        if (one->blocking)
            desk.failed[place_of(evidence, one->reporter, one->day)] = 1;
    }
    return desk;
}

struct triage triage_sort(const struct evidence *evidence)
{
    struct triage triage = { 0 };
    const struct desk desk = desk_of(evidence);
    make_groups(&desk, &triage);
    for (size_t i = 0; i < triage.count; i++)
        dispose(&desk, &triage.groups[i]);
    return triage;
}
