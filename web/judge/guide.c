/* See guide.h.
 * SPDX-License-Identifier: MIT
 * Before: guide_seen.c */
#include "judge/guide.h"
#include "base/clock.h"
#include "base/words.h"
#include <string.h>

#define STEPS         12
#define WEEK          (7 * DAY_SECONDS)
#define MAX_AGE_DAY   86400
#define MAX_AGE_WEEK  604800
#define MAX_AGE_LONG  1209600 /* "weeks or greater", RFC 8461 section 3.2 */
#define REMOVE_MARGIN WEEK

const char *const guide_never[] = {
    "Do not delete the TXT record: senders that hold the policy go on applying it.",
    "Do not take the policy host down, nor let its certificate run out: then no change reaches them.",
    "Do not change MX records first: hosts that the held policy does not list are refused.",
    "Do not lower max_age and count on it: copies that senders hold keep the age that they were given.",
    NULL,
};

static const struct {
    const char *text, *label;
} goals[] = {
    [GUIDE_SETUP] = { "setup", "First set-up, up to testing" },
    [GUIDE_ENFORCE] = { "enforce", "From testing to enforce" },
    [GUIDE_MX] = { "mx", "Other MX hosts, without a gap" },
    [GUIDE_ROLLBACK] = { "rollback", "Back from enforce to testing" },
    [GUIDE_REMOVAL] = { "removal", "Leaving MTA-STS" },
};

const char *guide_goal_to_text(enum guide_goal goal)
{
    return goals[goal].text;
}

enum guide_goal guide_goal_from_text(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(goals); i++)
        if (strcmp(goals[i].text, text) == 0)
            return (enum guide_goal)i;
    return GUIDE_SETUP;
}

const char *guide_state_to_text(enum guide_state state)
{
    static const char *const words[] = {
        [GUIDE_DONE] = "done",       [GUIDE_NOW] = "now",     [GUIDE_WAITING] = "waiting",
        [GUIDE_REFUSED] = "refused", [GUIDE_LATER] = "later",
    };
    return words[state];
}

/* --- making steps --- */

struct maker {
    struct arena *arena;
    const struct guide_input *input;
    const struct hosting_version_row *current; /* NULL: none */
    struct guide_seen seen;
    struct guide_step *steps;
    size_t count;
    bool open; /* a step that is not done came by */
    int64_t
        refused_until_seconds; /* the MX records name hosts that senders do not know yet; 0: they do not */
};

/* What stands between a step and its being taken. */
struct fence {
    int64_t until_seconds;
    const char *refusal; /* NULL: none */
};

/* The one place where a step gets its state: what is not done is to be taken only if all before it are. */
static void add(struct maker *maker, struct guide_step step, bool done, struct fence fence)
{
    step.state = done                                              ? GUIDE_DONE
                 : maker->open                                     ? GUIDE_LATER
                 : fence.refusal                                   ? GUIDE_REFUSED
                 : fence.until_seconds > maker->input->now_seconds ? GUIDE_WAITING
                                                                   : GUIDE_NOW;
    if (step.state == GUIDE_WAITING)
        step.until_seconds = fence.until_seconds;
    if (step.state == GUIDE_REFUSED)
        step.text = fence.refusal;
    maker->open = maker->open || !done;
    maker->steps[maker->count++] = step;
}

static const struct fence none;

static bool has_mode(const struct maker *maker, const char *mode)
{
    return maker->current && strcmp(maker->current->mode, mode) == 0;
}

/* First the policy, then the record: RFC 8461 section 8.1. */
static void add_out(struct maker *maker)
{
    const struct guide_seen *seen = &maker->seen;
    const char *where = maker->input->hosted && maker->input->hosted->served
                            ? "tlsrptd serves it. "
                            : "Put the bytes there, exactly as they are shown. ";
    add(maker,
        (struct guide_step){
            .code = "served",
            .title = "Every address of the policy host serves it",
            .text = arena_printf(maker->arena, "%s`tlsrptd check %s` tells whether senders get it.",
                                 where, maker->input->domain),
        },
        seen->served, none);
    add(maker,
        (struct guide_step){
            .code = "published",
            .title = "Every name server gives its id",
            .text =
                maker->current
                    ? arena_printf(maker->arena,
                                   "Publish _mta-sts.%s TXT \"v=STSv1; id=%s;\", not before the "
                                   "policy is served everywhere.",
                                   maker->input->domain, maker->current->id)
                    : "The id belongs to a policy: make that first.",
        },
        seen->published && seen->served, none);
}

/* --- first set-up --- */

/* Reports have come, or had a week to. */
static bool has_reports(const struct maker *maker, int64_t *until)
{
    const struct setup_past *past = maker->input->past;
    int64_t since = 0;
    const struct setup_value_row *rows = past ? past->values.first : NULL;
    for (size_t i = 0; rows && i < past->values.count; i++)
        if (strcmp(rows[i].kind, "rpt") == 0 && (!since || rows[i].first_seconds < since))
            since = rows[i].first_seconds;
    *until = (since ? since : maker->input->now_seconds) + WEEK;
    return (past && past->last_report_seconds) || maker->input->now_seconds >= *until;
}

static bool is_ready(const struct maker *maker)
{
    return maker->input->verdict == VERDICT_READY || maker->input->verdict == VERDICT_READY_LIMITED;
}

static void add_switch(struct maker *maker)
{
    bool done = has_mode(maker, "enforce");
    const struct fence fence = {
        .refusal =
            is_ready(maker)
                ? NULL
                : arena_printf(maker->arena,
                               "The verdict is not that %s is ready: `tlsrptd verdict %s` says "
                               "why. Until then enforce would refuse mail, or nobody knows.",
                               maker->input->domain, maker->input->domain),
    };
    add(maker,
        (struct guide_step){
            .code = "enforce",
            .title = "Make the policy enforce, for a day at first",
            .text =
                arena_printf(maker->arena,
                             "`tlsrptd policy set %s --mode enforce --max-age 86400`: should "
                             "something be wrong, a way back then takes a day at most with most "
                             "senders.",
                             maker->input->domain),
        },
        done, fence);
}

static void make_setup(struct maker *maker)
{
    int64_t until = 0;
    bool reports = has_reports(maker, &until);
    const char *domain = maker->input->domain;
    add(maker,
        (struct guide_step){
            .code = "reporting",
            .title = "Publish the TLS-RPT record",
            .text = "So that senders tell what they meet before anything depends on it." },
        maker->seen.reporting, none);
    add(maker,
        (struct guide_step){ .code = "reports",
                             .title = reports || !maker->current
                                          ? "A first report comes, or a week passes"
                                          : "Neither a first report nor a week was waited for",
                             .text = "Senders report once a day; small domains wait longer." },
        reports || maker->current, (struct fence){ .until_seconds = until });
    add(maker,
        (struct guide_step){
            .code = "policy",
            .title = "Make a policy in mode testing",
            .text =
                arena_printf(maker->arena,
                             "`tlsrptd policy set %s --mode testing --mx-from-dns`: senders report "
                             "what they would refuse, and refuse nothing.",
                             domain),
        },
        maker->current != NULL, none);
    add_out(maker);
    add(maker,
        (struct guide_step){ .code = "clean",
                             .title = "Testing is clean for two weeks",
                             .text =
                                 arena_printf(maker->arena,
                                              "`tlsrptd verdict %s` counts the days and says what "
                                              "stands against it.",
                                              domain) },
        is_ready(maker) || has_mode(maker, "enforce"), none);
    add_switch(maker);
}

/* --- testing to enforce --- */

static void add_longer(struct maker *maker, const char *code, const char *title,
                       int64_t max_age_seconds, int64_t from_seconds)
{
    bool failing = maker->input->verdict == VERDICT_FAILING;
    const struct fence fence = {
        .until_seconds = from_seconds,
        .refusal =
            failing ? "Mail is refused today: mend that first, or go back to testing." : NULL,
    };
    add(maker,
        (struct guide_step){
            .code = code,
            .title = title,
            .text =
                arena_printf(maker->arena,
                             "`tlsrptd policy set %s --mode enforce --max-age %lld`: who holds the "
                             "policy longer is protected longer, and a way back takes longer.",
                             maker->input->domain, (long long)max_age_seconds),
        },
        has_mode(maker, "enforce") && maker->current->max_age_seconds >= max_age_seconds, fence);
}

static void make_enforce(struct maker *maker)
{
    int64_t now = maker->input->now_seconds;
    int64_t began = guide_run_seconds(maker->input, "enforce", 0);
    int64_t week = guide_run_seconds(maker->input, "enforce", MAX_AGE_WEEK);
    add_switch(maker);
    add_out(maker);
    add_longer(maker, "week", "After a week, let senders hold it for a week", MAX_AGE_WEEK,
               (began ? began : now) + WEEK);
    add_longer(maker, "weeks", "After two more weeks, let senders hold it for two weeks or longer",
               MAX_AGE_LONG, (week ? week : now) + 2 * WEEK);
}

/* --- other MX hosts: make before break --- */

/* The first of the versions in force one after another whose mx hold all of GOAL. */
static const struct hosting_version_row *added_by(const struct maker *maker,
                                                  const struct text_list *goal)
{
    const struct hosting_version_row *first = NULL;
    for (size_t i = 0; i < maker->input->version_count; i++) {
        const struct hosting_version_row *it = &maker->input->versions[i];
        const struct text_list mx = guide_words(maker->arena, it->mx);
        for (size_t k = 0; k < goal->count; k++)
            if (!guide_has(&mx, goal->items[k]))
                return first;
        first = it;
    }
    return first;
}

/* Until every sender that looks again has the new hosts: the TTL, and a day in which senders refresh, or
 * as long as they may hold the policy before, at most a week. */
static int64_t known_to_senders(const struct maker *maker, const struct hosting_version_row *added)
{
    const struct guide_input *input = maker->input;
    size_t at = (size_t)(added - input->versions);
    int64_t held = at + 1 < input->version_count ? input->versions[at + 1].max_age_seconds : 0;
    int64_t from = guide_out_seconds(input, at);
    if (at == 0 && from < maker->seen.published_seconds)
        from = maker->seen.published_seconds; /* it went and came back */
    held = held < DAY_SECONDS ? DAY_SECONDS : held > WEEK ? WEEK : held;
    return from + maker->seen.ttl_seconds + held;
}

/* Whether who holds the policy from before refuses the hosts that ADDED brought. */
static bool was_enforced_before(const struct maker *maker, const struct hosting_version_row *added)
{
    size_t before = added ? (size_t)(added - maker->input->versions) + 1 : SIZE_MAX;
    return before < maker->input->version_count
           && strcmp(maker->input->versions[before].mode, "enforce") == 0;
}

/* Whether every exact host of GOAL is in the MX records, and every wildcard fits one that is. */
static bool is_pointed(const struct maker *maker, const struct text_list *goal)
{
    for (size_t i = 0; i < goal->count; i++) {
        const struct text_list one = { &goal->items[i], 1 };
        bool found = false;
        for (size_t k = 0; k < maker->seen.mx.count; k++)
            found = found || guide_covers(&one, maker->seen.mx.items[k]);
        if (!found)
            return false;
    }
    return maker->seen.knows_mx;
}

static bool is_trimmed(const struct maker *maker, const struct text_list *goal)
{
    const struct text_list mx = guide_words(maker->arena, maker->current ? maker->current->mx : "");
    for (size_t i = 0; i < mx.count; i++)
        if (!guide_has(goal, mx.items[i]))
            return false;
    return mx.count > 0;
}

static void make_mx(struct maker *maker)
{
    const char *given = maker->input->hosted ? maker->input->hosted->goal_mx : "";
    if (!*given && maker->current)
        given = maker->current->mx;
    const struct text_list goal = guide_words(maker->arena, given);
    const struct hosting_version_row *added = maker->current ? added_by(maker, &goal) : NULL;
    const char *domain = maker->input->domain;
    const char *set = arena_printf(maker->arena, "`tlsrptd policy set %s %s`", domain,
                                   words_joined(maker->arena, &goal, "--mx ", " "));
    int64_t drained = guide_drained_seconds(maker->input, &maker->seen, &goal);
    bool pointed = is_pointed(maker, &goal), trimmed = is_trimmed(maker, &goal);
    int64_t known = added ? known_to_senders(maker, added) : 0;
    if (pointed && known > maker->input->now_seconds && was_enforced_before(maker, added))
        maker->refused_until_seconds = known;
    add(maker,
        (struct guide_step){ .code = "add",
                             .title = "Add the new hosts to the policy; the old ones stay",
                             .text = set },
        added != NULL, none);
    add_out(maker);
    add(maker,
        (struct guide_step){ .code = "known",
                             .title = "Senders that hold the policy get the new one",
                             .text = "Until then they refuse the new hosts. Look at the new hosts "
                                     "meanwhile: STARTTLS, and a certificate that names them." },
        (pointed && !maker->refused_until_seconds) || (added && maker->input->now_seconds >= known),
        (struct fence){ .until_seconds = known });
    add(maker,
        (struct guide_step){ .code = "point",
                             .title = "Add the new hosts to the MX records",
                             .text = words_joined(maker->arena, &goal, "", " ") },
        pointed, none);
    add(maker,
        (struct guide_step){ .code = "unpoint",
                             .title = "Take the old hosts out of the MX records",
                             .text = "They go on taking mail until the last step." },
        maker->seen.knows_mx && drained != INT64_MAX, none);
    add(maker,
        (struct guide_step){ .code = "drained",
                             .title = "Mail that is on its way to the old hosts arrives",
                             .text =
                                 "The TTL of the MX records, and five days in senders' queues." },
        trimmed || (drained != INT64_MAX && maker->input->now_seconds >= drained),
        (struct fence){ .until_seconds = drained });
    add(maker,
        (struct guide_step){
            .code = "trim", .title = "Take the old hosts out of the policy", .text = set },
        trimmed, none);
}

/* --- back to testing --- */

static void make_rollback(struct maker *maker)
{
    const char *domain = maker->input->domain;
    int64_t forgotten = guide_forgotten_seconds(maker->input, true);
    add(maker,
        (struct guide_step){
            .code = "testing",
            .title = "Make the policy testing again, with the right hosts",
            .text = arena_printf(
                maker->arena,
                "`tlsrptd policy set %s --mode testing --max-age 86400`. Is only a host "
                "missing from the policy, add it instead: that keeps the protection.",
                domain),
        },
        has_mode(maker, "testing") || has_mode(maker, "none"), none);
    add_out(maker);
    add(maker,
        (struct guide_step){
            .code = "forgotten",
            .title = "The last sender forgets the enforce policy",
            .text =
                "Most look again as soon as a delivery fails, once the record's TTL has passed. "
                "Those that do not refuse mail until then.",
        },
        maker->input->now_seconds >= forgotten, (struct fence){ .until_seconds = forgotten });
    add(maker,
        (struct guide_step){
            .code = "cause",
            .title = "Mend what made it necessary, and be clean for two weeks again",
            .text =
                arena_printf(maker->arena, "`tlsrptd verdict %s` counts the days anew.", domain),
        },
        is_ready(maker), none);
}

/* --- leaving --- */

static void make_removal(struct maker *maker, int64_t safe)
{
    const char *domain = maker->input->domain;
    bool ended = maker->input->hosted && maker->input->hosted->ended;
    bool over = ended || (maker->seen.unrecorded && maker->input->now_seconds >= safe);
    add(maker,
        (struct guide_step){
            .code = "none",
            .title = "Make the policy none; its hosts stay in it",
            .text = arena_printf(maker->arena,
                                 "`tlsrptd policy set %s --mode none --max-age 86400`", domain),
        },
        has_mode(maker, "none") || ended, none);
    if (!over)
        add_out(maker);
    add(maker,
        (struct guide_step){
            .code = "serve-on",
            .title = "Go on serving policy and record",
            .text = "Until the last sender has forgotten what was served before, and a week more: "
                    "whoever still holds it must be able to learn that it is over.",
        },
        ended || maker->input->now_seconds >= safe, (struct fence){ .until_seconds = safe });
    add(maker,
        (struct guide_step){
            .code = "unrecord",
            .title = "Take the record away",
            .text = arena_printf(maker->arena, "Remove _mta-sts.%s. The TLS-RPT record may stay.",
                                 domain) },
        maker->seen.unrecorded, none);
    add(maker,
        (struct guide_step){
            .code = "end",
            .title = "Take the policy host away",
            .text =
                arena_printf(maker->arena,
                             "`tlsrptd policy end %s`, then its address and certificate", domain),
        },
        ended, none);
}

/* --- all of it --- */

static const char *alarm_of(const struct maker *maker, const struct guide *guide)
{
    char until[CLOCK_TEXT_BYTES];
    if (maker->seen.ahead)
        return arena_printf(
            maker->arena,
            "The record names the new policy, but not every address serves it: senders "
            "that look now keep the old policy under the new id, and see no reason to "
            "look again. Mend the policy host, then give the policy another id: "
            "`tlsrptd policy set %s --renew`.",
            maker->input->domain);
    if (maker->input->verdict == VERDICT_FAILING && has_mode(maker, "enforce"))
        return arena_printf(
            maker->arena,
            "Mail is refused today. Look whether the policy host serves, then either "
            "add the host that is missing (`tlsrptd policy set %s --mx …`), mend the "
            "server, or go back: `tlsrptd policy set %s --mode testing`.",
            maker->input->domain, maker->input->domain);
    if (guide->goal == GUIDE_REMOVAL && maker->current && maker->seen.unrecorded
        && guide->safe_to_remove_seconds > maker->input->now_seconds)
        return arena_printf(maker->arena,
                            "The record is gone too early: until %s senders may hold a policy from "
                            "before, and without a record they cannot learn that it is over. "
                            "Publish it again, with the id %s.",
                            clock_to_text(guide->safe_to_remove_seconds, until),
                            maker->current->id);
    if (maker->refused_until_seconds)
        return arena_printf(maker->arena,
                            "The MX records name the new hosts already: until %s senders that hold "
                            "the policy from before refuse them. Take them out of the MX records "
                            "until then, if the old hosts still take mail.",
                            clock_to_text(maker->refused_until_seconds, until));
    return NULL;
}

struct guide guide_make(struct arena *arena, const struct guide_input *input)
{
    struct maker maker = {
        .arena = arena,
        .input = input,
        .current = guide_current(input),
        .seen = guide_see(arena, input),
        .steps = arena_array(arena, STEPS, sizeof *maker.steps),
    };
    struct guide guide = {
        .goal = input->hosted ? guide_goal_from_text(input->hosted->goal) : GUIDE_SETUP,
    };
    bool ended = input->hosted && input->hosted->ended;
    int64_t forgotten = guide_forgotten_seconds(input, false);
    int64_t safe = forgotten ? forgotten + REMOVE_MARGIN : 0;
    switch (guide.goal) {
    case GUIDE_SETUP:
        make_setup(&maker);
        break;
    case GUIDE_ENFORCE:
        make_enforce(&maker);
        break;
    case GUIDE_MX:
        make_mx(&maker);
        break;
    case GUIDE_ROLLBACK:
        make_rollback(&maker);
        break;
    case GUIDE_REMOVAL:
        make_removal(&maker, safe);
        guide.safe_to_remove_seconds = ended ? 0 : safe;
        break;
    }
    guide.title = ended ? "No MTA-STS any more" : goals[guide.goal].label;
    guide.steps = maker.steps;
    guide.step_count = maker.count;
    guide.alarm = alarm_of(&maker, &guide);
    guide.rollback_worst_at_seconds = guide_forgotten_seconds(input, true);
    if (guide.rollback_worst_at_seconds > input->now_seconds)
        guide.rollback_best_seconds = maker.seen.ttl_seconds;
    else
        guide.rollback_worst_at_seconds = 0;
    return guide;
}
