/* See verdict.h. The rules are those of a domain in mode testing and of one in enforce; each adds its
 * reasons, and the heaviest decides.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict_reason.c, verdict_failures.c. Next: page_domain.c */
#include "judge/verdict.h"
#include "judge/verdict_counterfactual.h"
#include "judge/verdict_failures.h"
#include "judge/verdict_reason.h"
#include "judge/verdict_stats.h"
#include "base/clock.h"
#include <string.h>

#define RAMP_DAYS     14     /* in enforce, that are watched */
#define SHORT_MAX_AGE 604800 /* seconds */

static const char *const stages[] = {
    [STAGE_NONE] = "none",       [STAGE_REPORTING] = "reporting", [STAGE_TESTING] = "testing",
    [STAGE_ENFORCE] = "enforce", [STAGE_REMOVING] = "removing",
};

static const struct {
    const char *text, *label;
} words[] = {
    [VERDICT_READY] = { "ready", "ready" },
    [VERDICT_READY_LIMITED] = { "ready-limited", "ready, limited" },
    [VERDICT_NOT_YET] = { "not-yet", "not yet" },
    [VERDICT_UNKNOWN] = { "unknown", "cannot be told" },
    [VERDICT_HEALTHY] = { "healthy", "healthy" },
    [VERDICT_FAILING] = { "failing", "failing" },
};

const char *verdict_stage_to_text(enum verdict_stage stage)
{
    return stages[stage];
}

const char *verdict_word_to_text(enum verdict_word word)
{
    return words[word].text;
}

bool verdict_word_from_text(const char *text, enum verdict_word *out)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strcmp(words[i].text, text) == 0) {
            *out = (enum verdict_word)i;
            return true;
        }
    return false;
}

const char *verdict_word_label(enum verdict_word word)
{
    return words[word].label;
}

const struct verdict_disposition *verdict_failure(const struct verdict *verdict, const char *mx,
                                                  const char *result)
{
    for (size_t i = 0; i < verdict->disposition_count; i++) {
        const struct verdict_disposition *it = &verdict->dispositions[i];
        if (text_same(it->mx ? it->mx : "", mx) && text_same(it->result, result))
            return it;
    }
    return NULL;
}

/* All that is known while judging. */
struct case_file {
    const struct verdict_settings *settings;
    struct evidence evidence;
    struct triage triage;
    struct measure measure;
    struct reasons reasons;
};

static enum verdict_stage stage_of(const struct evidence *evidence)
{
    const struct verdict_live *live = evidence->input->live;
    const char *mode = live->mode;
    if (!mode && evidence->current >= 0)
        mode = evidence->versions[evidence->current].mode;
    if (!live->mode && live->given_up && (!mode || strcmp(mode, "none") == 0))
        return STAGE_NONE; /* reports tell of the time before */
    if (!mode)
        return evidence->any ? STAGE_REPORTING : STAGE_NONE;
    return strcmp(mode, "enforce") == 0 ? STAGE_ENFORCE
           : strcmp(mode, "none") == 0  ? STAGE_REMOVING
                                        : STAGE_TESTING;
}

/* --- testing: time and evidence --- */

static void ask_for_days(struct case_file *it)
{
    const struct measure *measure = &it->measure;
    if (measure->clean_days < it->settings->days) {
        struct verdict_reason *reason =
            reasons_add(&it->reasons, "clean-days", WEIGHT_WAITS,
                        "%d of %lld complete days in a row without a failure that counts.",
                        measure->clean_days, (long long)it->settings->days);
        reason_number(reason, "clean_days", measure->clean_days);
        reason_number(reason, "days", it->settings->days);
    } else if (measure->stretched || measure->active_days < it->settings->active_days) {
        bool enough = measure->reporter_days >= it->settings->limited_reporter_days
                      && measure->active_days >= it->settings->active_days;
        enum verdict_weight weight = enough ? WEIGHT_LIMITS : WEIGHT_WAITS;
        int days = measure->to_day - measure->from_day + 1;
        struct verdict_reason *reason =
            measure->active_days < days
                ? reasons_add(&it->reasons, "thin-days", weight,
                              "Little mail: sessions that checked the policy on %d of the last %d "
                              "complete days.",
                              measure->active_days, days)
                : reasons_add(&it->reasons, "thin-days", weight,
                              "Few reports: it took the last %d complete days, not %lld, to have "
                              "enough of them.",
                              days, (long long)it->settings->days);
        reason_number(reason, "active_days", measure->active_days);
        reason_number(reason, "days", days);
    }
}

static void ask_for_reporters(struct case_file *it)
{
    const struct measure *measure = &it->measure;
    if (measure->regular >= it->settings->reporters)
        return;
    bool long_enough =
        measure->clean_days >= it->settings->single_reporter_days && measure->reporters > 0;
    struct verdict_reason *reason =
        long_enough ? reasons_add(
            &it->reasons, "single-reporter", WEIGHT_LIMITS,
            "Only %d reporter%s regularly for this domain; what others would meet is not "
            "seen.",
            measure->regular > 0 ? measure->regular : measure->reporters,
            measure->regular == 1 ? " speaks" : "s speak")
                    : reasons_add(
                        &it->reasons, "few-reporters", WEIGHT_WAITS,
                        "%d of %lld reporters have sessions on %lld days or more; with %lld clean "
                        "days one would do.",
                        measure->regular, (long long)it->settings->reporters,
                        (long long)it->settings->reporter_days,
                        (long long)it->settings->single_reporter_days);
    reason_number(reason, "reporters", measure->regular);
    reason_number(reason, "reporters_wanted", it->settings->reporters);
}

static void ask_for_strength(struct case_file *it)
{
    const struct measure *measure = &it->measure;
    const struct verdict_settings *settings = it->settings;
    double sessions = verdict_upper_bound(0, measure->sessions);
    double days = verdict_upper_bound(0, measure->reporter_days);
    if (sessions * 1000 <= (double)settings->session_bound_permille
        && days * 1000 <= (double)settings->day_bound_permille)
        return;
    bool enough = measure->sessions >= settings->limited_sessions
                  && measure->reporter_days >= settings->limited_reporter_days;
    struct verdict_reason *reason = reasons_add(
        &it->reasons, "thin-evidence", enough ? WEIGHT_LIMITS : WEIGHT_WAITS,
        "%lld sessions on %d reporter days: with so few the share refused may still be as high as "
        "%.1f %% of sessions and %.1f %% of reporter days.",
        (long long)measure->sessions, measure->reporter_days, sessions * 100, days * 100);
    reason_number(reason, "sessions", measure->sessions);
    reason_number(reason, "reporter_days", measure->reporter_days);
}

static void ask_for_current(struct case_file *it)
{
    const struct measure_older older = measure_older(&it->evidence);
    char day[CLOCK_TEXT_BYTES];
    if (!older.reporters)
        return;
    struct verdict_reason *reason =
        reasons_add(&it->reasons, "old-policy", WEIGHT_WAITS,
                    older.deadline_day
                        ? "%d regular reporter%s an older policy; %s may keep it until %s."
                        : "%d regular reporter%s an older policy, %s among them.%s",
                    older.reporters, older.reporters == 1 ? " still uses" : "s still use",
                    older.name,
                    older.deadline_day ? clock_day_to_text(older.deadline_day, day) : "");
    reason_number(reason, "reporters", older.reporters);
}

/* --- both modes --- */

static void add_silence(struct case_file *it, enum verdict_weight weight)
{
    const struct measure_silence silence = measure_silence(&it->evidence);
    if (!silence.reporters)
        return;
    struct verdict_reason *reason =
        reasons_add(&it->reasons, "silent", weight,
                    silence.others
                        ? "%d regular reporter%s gone silent: %s for %d days, longer than chance "
                          "explains."
                        : "All reports have stopped: %d reporter%s gone silent, %s for %d days.",
                    silence.reporters, silence.reporters == 1 ? " has" : "s have", silence.name,
                    silence.longest);
    reason_number(reason, "reporters", silence.reporters);
    reason_number(reason, "days", silence.longest);
}

/* Days of the last 28 on which we ourselves were not there. */
static void add_gaps(struct case_file *it)
{
    const struct evidence *evidence = &it->evidence;
    int32_t last_day = 0;
    int days = 0;
    char day[CLOCK_TEXT_BYTES];
    for (int32_t one = evidence->last_closed - 27; one <= evidence->last_closed; one++)
        if (evidence_is_gap(evidence, one)) {
            last_day = one;
            days++;
        }
    if (!days)
        return;
    struct verdict_reason *reason = reasons_add(
        &it->reasons, "own-gap", WEIGHT_NOTES,
        "Reports about %d of the last 28 complete days came while this collector could not take "
        "any, last about %s: that reporters are silent on such days is no alarm.",
        days, clock_day_to_text(last_day, day));
    reason_number(reason, "days", days);
}

static void add_retrieval(struct case_file *it, enum verdict_weight weight)
{
    const struct measure_retrieval retrieval = measure_retrieval(&it->evidence);
    int32_t last_closed = it->evidence.last_closed;
    struct verdict_reason *reason;
    if (retrieval.blocks) {
        reason = reasons_add(
            &it->reasons, "retrieval", weight,
            "%d reporter%s could not fetch the policy on up to %d days (%s). No mail is "
            "lost by that, but enforce would not protect, and a way back would not "
            "reach them.",
            retrieval.reporters, retrieval.reporters == 1 ? "" : "s", retrieval.days,
            retrieval.name);
        reason_number(reason, "sessions", retrieval.sessions);
        reason_days(&it->reasons, reason, last_closed - 6, it->evidence.input->today);
    } else if (retrieval.last_day > last_closed - (int32_t)it->settings->days) {
        reason = reasons_add(&it->reasons, "retrieval-once", WEIGHT_NOTES,
                             "Once a sender could not fetch the policy; no mail is lost by that.");
        reason_days(&it->reasons, reason, retrieval.last_day, retrieval.last_day);
    }
}

static const struct {
    const char *code, *name;
} gates[GATES] = {
    [GATE_RECORD] = { "gate-record", "the _mta-sts record" },
    [GATE_POLICY_HOST] = { "gate-policy-host", "the policy host" },
    [GATE_POLICY_TEXT] = { "gate-policy-text", "the text of the policy" },
    [GATE_MODE] = { "gate-mode", "its mode" },
    [GATE_MX_LISTED] = { "gate-mx-listed", "that it lists every MX" },
    [GATE_MX_TLS] = { "gate-mx-tls", "STARTTLS and certificate of every MX" },
    [GATE_CERTIFICATES] = { "gate-certificates", "how long certificates last" },
    [GATE_REPORTING] = { "gate-reporting", "the _smtp._tls record" },
    [GATE_ROLLBACK] = { "gate-rollback", "how quick a way back is" },
};

static bool is_asked(int gate, bool enforced)
{
    return !enforced || (gate != GATE_MODE && gate != GATE_ROLLBACK);
}

/* What was at fault of late has to hold first. In enforce it is past. */
static void add_lately(struct case_file *it, bool enforced)
{
    const struct verdict_live *live = it->evidence.input->live;
    CLEANUP(buf_done) struct buf names = BUF(4000);
    int count = 0;
    for (int gate = 0; gate < GATES; gate++)
        if (is_asked(gate, enforced) && live->gates[gate] == KNOWN_FALSE && live->lately[gate])
            buf_printf(&names, "%s%s (%s)", count++ ? ", " : "", gates[gate].name,
                       live->found[gate] ? live->found[gate] : "of late");
    if (!count)
        return;
    struct verdict_reason *reason =
        reasons_add(&it->reasons, "gate-lately", enforced ? WEIGHT_NOTES : WEIGHT_WAITS,
                    "At fault of late, and well in the newest look: %s.", buf_get(&names));
    reason_number(reason, "checks", count);
}

static void add_not_checked(struct case_file *it, bool enforced)
{
    const struct verdict_live *live = it->evidence.input->live;
    CLEANUP(buf_done) struct buf names = BUF(2000);
    char time[CLOCK_TEXT_BYTES];
    int count = 0, asked = 0;
    for (int gate = 0; gate < GATES; gate++) {
        asked += is_asked(gate, enforced);
        if (is_asked(gate, enforced) && live->gates[gate] == KNOWN_NOT)
            buf_printf(&names, "%s%s", count++ ? ", " : "", gates[gate].name);
    }
    if (!count)
        return;
    bool looked = live->looked_seconds && count == asked;
    struct verdict_reason *reason =
        reasons_add(&it->reasons, "not-checked", enforced ? WEIGHT_NOTES : WEIGHT_LIMITS,
                    "Reports alone cannot prove it, and these were not checked%s%s: %s.",
                    looked ? " since " : "",
                    looked ? clock_to_text(live->looked_seconds, time) : "", buf_get(&names));
    reason_number(reason, "checks", count);
}

static void add_gates(struct case_file *it, bool enforced)
{
    const struct verdict_live *live = it->evidence.input->live;
    for (int gate = 0; gate < GATES; gate++) {
        bool refuses = gate == GATE_MX_LISTED || gate == GATE_MX_TLS;
        if (is_asked(gate, enforced) && live->gates[gate] == KNOWN_FALSE && !live->lately[gate])
            reasons_add(&it->reasons, gates[gate].code,
                        enforced && refuses ? WEIGHT_REFUSES : WEIGHT_BLOCKS, "%s",
                        live->found[gate] ? live->found[gate]
                                          : "The live set-up is at fault here.");
    }
    add_lately(it, enforced);
    add_not_checked(it, enforced);
}

/* --- the stages --- */

static enum verdict_word judge_testing(struct case_file *it)
{
    const struct measure *measure = &it->measure;
    failures_add(&it->reasons, &it->evidence, &it->triage);
    add_retrieval(it, WEIGHT_BLOCKS);
    ask_for_days(it);
    ask_for_reporters(it);
    ask_for_strength(it);
    ask_for_current(it);
    add_silence(it, WEIGHT_WAITS);
    add_gaps(it);
    add_gates(it, false);
    enum verdict_weight heaviest = reasons_heaviest(&it->reasons);
    if (heaviest <= WEIGHT_WAITS)
        return VERDICT_NOT_YET;
    struct verdict_reason *reason = reasons_add(
        &it->reasons, "clean", WEIGHT_NOTES,
        "%d complete days without a failure that counts; %lld sessions of %d reporters in "
        "the last %d.",
        measure->clean_days, (long long)measure->sessions, measure->reporters,
        measure->to_day - measure->from_day + 1);
    reason_number(reason, "clean_days", measure->clean_days);
    reason_number(reason, "sessions", measure->sessions);
    reason_number(reason, "reporters", measure->reporters);
    return heaviest == WEIGHT_LIMITS ? VERDICT_READY_LIMITED : VERDICT_READY;
}

/* The days after the switch. */
static void add_watch(struct case_file *it)
{
    const struct evidence *evidence = &it->evidence;
    int days = evidence->clock_day ? evidence->input->today - evidence->clock_day : 0;
    if (evidence->current < 0)
        return;
    const struct evidence_version *version = &evidence->versions[evidence->current];
    if (days < RAMP_DAYS) {
        struct verdict_reason *reason =
            reasons_add(&it->reasons, "watching", WEIGHT_NOTES,
                        "Enforce has been seen for %d day%s; the first %d are watched closely.",
                        days, days == 1 ? "" : "s", RAMP_DAYS);
        reason_number(reason, "days", days);
    } else if (version->max_age_seconds >= 0 && version->max_age_seconds < SHORT_MAX_AGE) {
        struct verdict_reason *reason =
            reasons_add(&it->reasons, "short-max-age", WEIGHT_NOTES,
                        "max_age is %lld seconds: senders forget the policy quickly.",
                        (long long)version->max_age_seconds);
        reason_number(reason, "max_age_seconds", version->max_age_seconds);
    }
}

static enum verdict_word judge_enforce(struct case_file *it)
{
    const struct measure *measure = &it->measure;
    failures_add_enforced(&it->reasons, &it->evidence, &it->triage);
    add_retrieval(it, WEIGHT_LIMITS);
    add_silence(it, WEIGHT_LIMITS);
    add_gaps(it);
    add_gates(it, true);
    add_watch(it);
    if (measure->to_day < measure->told_from_day)
        reasons_add(&it->reasons, "no-evidence", WEIGHT_UNKNOWN,
                    "No day is complete yet: that takes 48 hours from its end.");
    else if (!measure->told_sessions && it->evidence.current < 0)
        /* the look knows of the switch, and reports still tell of the policy before it */
        reasons_add(&it->reasons, "no-evidence", WEIGHT_UNKNOWN,
                    "No report tells of the policy in mode enforce yet: those of its first days "
                    "are in 48 hours after these end.")
            ->fix = "";
    else if (!measure->told_sessions)
        reasons_add(
            &it->reasons, "no-evidence", WEIGHT_UNKNOWN,
            "No successful session that checked the policy was told of in the last %d complete "
            "days.",
            measure->to_day - measure->told_from_day + 1);
    else
        reason_number(
            reasons_add(&it->reasons, "enforced", WEIGHT_NOTES,
                        "%lld successful sessions of %d reporter%s checked the policy in the "
                        "last %d complete days.",
                        (long long)measure->told_sessions, measure->told_reporters,
                        measure->told_reporters == 1 ? "" : "s",
                        measure->to_day - measure->told_from_day + 1),
            "sessions", measure->told_sessions);
    enum verdict_weight heaviest = reasons_heaviest(&it->reasons);
    return heaviest == WEIGHT_REFUSES ? VERDICT_FAILING
           : measure->told_sessions   ? VERDICT_HEALTHY
                                      : VERDICT_UNKNOWN;
}

static enum verdict_word judge_other(struct case_file *it, enum verdict_stage stage)
{
    if (stage == STAGE_NONE && it->evidence.input->live->given_up) {
        reasons_add(&it->reasons, "given-up", WEIGHT_UNKNOWN,
                    "The domain has no MTA-STS: it was given up.");
        return VERDICT_UNKNOWN;
    }
    if (stage == STAGE_NONE) {
        reasons_add(&it->reasons, "no-reports", WEIGHT_UNKNOWN,
                    "No report of the last %d days that counts as evidence speaks of this domain.",
                    VERDICT_DAYS);
        return VERDICT_UNKNOWN;
    }
    if (stage == STAGE_REMOVING) {
        reasons_add(&it->reasons, "winding-down", WEIGHT_UNKNOWN,
                    "The policy is in mode none: MTA-STS is being left.");
        return VERDICT_UNKNOWN;
    }
    struct verdict_reason *reason = reasons_add(
        &it->reasons, "no-policy", WEIGHT_WAITS,
        "No reporter tells of an MTA-STS policy. Their %lld successful sessions did not "
        "check one, so they are no evidence.",
        (long long)it->evidence.without_policy);
    reason_number(reason, "sessions", it->evidence.without_policy);
    return VERDICT_NOT_YET;
}

struct verdict verdict_judge(struct arena *arena, const struct verdict_input *input)
{
    struct case_file it = { .settings = input->settings, .evidence = evidence_read(arena, input) };
    struct verdict out = { .stage = stage_of(&it.evidence) };
    it.triage = triage_sort(&it.evidence);
    it.measure = measure_take(&it.evidence, &it.triage);
    reasons_init(&it.reasons, &it.evidence);
    out.word = out.stage == STAGE_TESTING   ? judge_testing(&it)
               : out.stage == STAGE_ENFORCE ? judge_enforce(&it)
                                            : judge_other(&it, out.stage);
    out.dane = failures_add_dane(&it.reasons, &it.evidence); /* behind: it decides nothing above */
    reasons_sort(&it.reasons);
    out.reasons = it.reasons.items;
    out.reason_count = it.reasons.count;
    out.dispositions = failures_list(&it.evidence, &it.triage, &out.disposition_count);
    out.counterfactual = counterfactual_make(&it.evidence, &it.measure, out.stage == STAGE_ENFORCE);
    out.adopters = measure_adopters(&it.evidence, &out.adopter_count);
    out.clock_day = it.evidence.clock_day;
    out.last_closed_day = it.evidence.last_closed;
    out.clean_days = it.measure.clean_days;
    return out;
}
