/* See guide_plan.h.
 * SPDX-License-Identifier: MIT
 * Before: guide.c */
#include "judge/guide_plan.h"
#include "base/clock.h"
#include "base/words.h"
#include "ingest/policy.h"
#include <string.h>

#define WEEK         (7 * DAY_SECONDS)
#define MAX_AGE_DAY  86400
#define MAX_AGE_WEEK 604800

struct planner {
    struct arena *arena;
    const struct guide_input *input;
    const struct guide_wish *wish;
    const struct hosting_version_row *current; /* NULL: none */
    struct guide_seen seen;
    struct text_list current_mx;
};

static bool is_mode(const char *mode, const char *word)
{
    return strcmp(mode, word) == 0;
}

static bool enforces(const struct planner *planner)
{
    return planner->current && is_mode(planner->current->mode, "enforce");
}

static bool is_same(const struct text_list *a, const struct text_list *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = guide_has(b, a->items[i]);
    return same;
}

/* --- what it is part of --- */

static enum guide_goal goal_of(const struct planner *planner)
{
    const struct guide_wish *wish = planner->wish;
    const struct hosting_row *hosted = planner->input->hosted;
    if (is_mode(wish->mode, "none"))
        return GUIDE_REMOVAL;
    if (is_mode(wish->mode, "enforce")) {
        bool moves = enforces(planner) && !is_same(&wish->mx, &planner->current_mx);
        bool moving = enforces(planner) && guide_goal_from_text(hosted->goal) == GUIDE_MX
                      && wish->max_age_seconds == planner->current->max_age_seconds;
        return moves || moving ? GUIDE_MX : GUIDE_ENFORCE;
    }
    bool back = planner->current
                && (enforces(planner) || guide_goal_from_text(hosted->goal) == GUIDE_ROLLBACK);
    return back ? GUIDE_ROLLBACK : GUIDE_SETUP;
}

/* --- hosts that may not go yet --- */

static struct text_list with_old(const struct planner *planner, struct text_list *old)
{
    struct arena *arena = planner->arena;
    const struct text_list *now = &planner->current_mx, *wished = &planner->wish->mx;
    const char **all = arena_array(arena, now->count + wished->count + 1, sizeof *all);
    const char **gone = arena_array(arena, now->count + 1, sizeof *gone);
    size_t count = 0, gone_count = 0;
    for (size_t i = 0; i < wished->count; i++)
        all[count++] = wished->items[i];
    for (size_t i = 0; i < now->count; i++)
        if (!guide_has(wished, now->items[i]))
            all[count++] = gone[gone_count++] = now->items[i];
    *old = (struct text_list){ gone, gone_count };
    return (struct text_list){ all, policy_sort(all, count) };
}

/* In enforce a host leaves the policy only after it has left the MX records and mail to it has arrived. */
static void keep_old(const struct planner *planner, struct guide_plan *plan)
{
    struct text_list old;
    char day[CLOCK_TEXT_BYTES];
    const struct text_list both = with_old(planner, &old);
    if (plan->goal != GUIDE_MX || !old.count)
        return;
    int64_t drained = guide_drained_seconds(planner->input, &planner->seen, &planner->wish->mx);
    if (drained <= planner->input->now_seconds)
        return;
    plan->mx = both;
    const char *names = words_joined(planner->arena, &old, "", ", ");
    plan->note =
        drained == INT64_MAX
            ? arena_printf(
                planner->arena,
                "Kept in the policy until no MX record names them any more and mail on its "
                "way has arrived: %s.",
                names)
            : arena_printf(
                planner->arena,
                "Kept in the policy until %s, when mail on its way to them has arrived: %s.",
                clock_to_text(drained, day), names);
}

/* --- refusals --- */

static const char *unlisted(const struct planner *planner, const struct guide_plan *plan)
{
    for (size_t i = 0; i < planner->seen.mx.count; i++)
        if (!guide_covers(&plan->mx, planner->seen.mx.items[i]))
            return arena_printf(
                planner->arena,
                "%s is in the MX records and not in this policy: senders would refuse "
                "it. Add it.",
                planner->seen.mx.items[i]);
    return NULL;
}

/* The step before: the policy in force is where senders get it. */
static const char *not_out(const struct planner *planner)
{
    if (planner->seen.served && planner->seen.published)
        return NULL;
    const char *what = !planner->input->look ? "nobody has looked yet whether it is"
                       : !planner->seen.looked
                           ? "nobody has looked since it was made, or not for a day"
                       : !planner->seen.served ? "not every address of the policy host serves it"
                                               : "not every name server gives its id";
    return arena_printf(planner->arena,
                        "The policy in force is not out yet: %s. `tlsrptd check %s` looks.", what,
                        planner->input->domain);
}

static const char *too_soon(const struct planner *planner, int64_t from_seconds)
{
    char text[CLOCK_TEXT_BYTES];
    if (from_seconds <= planner->input->now_seconds)
        return NULL;
    return arena_printf(
        planner->arena,
        "It is too soon to let senders hold it longer: %s at the earliest, so that what "
        "goes wrong shows while a way back is quick.",
        clock_to_text(from_seconds, text));
}

static const char *objection_to_longer(const struct planner *planner)
{
    int64_t now = planner->input->now_seconds, wished = planner->wish->max_age_seconds;
    int64_t week = guide_run_seconds(planner->input, "enforce", MAX_AGE_WEEK);
    if (planner->input->verdict == VERDICT_FAILING)
        return "Mail is refused today: mend that, or go back to testing.";
    const char *objection = not_out(planner);
    if (objection || wished <= MAX_AGE_DAY)
        return objection;
    if (wished <= MAX_AGE_WEEK)
        return too_soon(planner, guide_run_seconds(planner->input, "enforce", 0) + WEEK);
    return too_soon(planner, (week ? week : now) + 2 * WEEK);
}

static const char *objection_to_switch(const struct planner *planner)
{
    enum verdict_word verdict = planner->input->verdict;
    if (!planner->current || !is_mode(planner->current->mode, "testing"))
        return "Begin with a policy in mode testing: nobody knows yet what enforce would refuse.";
    if (verdict != VERDICT_READY && verdict != VERDICT_READY_LIMITED)
        return arena_printf(
            planner->arena,
            "The verdict is not that the domain is ready: `tlsrptd verdict %s` says why.",
            planner->input->domain);
    if (planner->wish->max_age_seconds > MAX_AGE_DAY)
        return "Begin with --max-age 86400, so that a way back takes a day; raise it a week later.";
    return not_out(planner);
}

static const char *objection(const struct planner *planner, const struct guide_plan *plan)
{
    const struct guide_wish *wish = planner->wish;
    if (!is_mode(wish->mode, "enforce"))
        return NULL;
    const char *reason = unlisted(planner, plan);
    if (reason)
        return reason;
    if (!enforces(planner))
        return objection_to_switch(planner);
    if (wish->max_age_seconds > planner->current->max_age_seconds)
        return objection_to_longer(planner);
    return NULL;
}

/* --- notes --- */

static const char *note(const struct planner *planner)
{
    const struct guide_wish *wish = planner->wish;
    bool ages = planner->current && wish->max_age_seconds < planner->current->max_age_seconds;
    if (is_mode(wish->mode, "testing") && wish->max_age_seconds > MAX_AGE_WEEK)
        return "In mode testing max_age should not be longer than a week (604800).";
    if (enforces(planner) && ages)
        return "Copies that senders hold keep the max_age that they were given.";
    if (is_mode(wish->mode, "none"))
        return arena_printf(planner->arena,
                            "Go on serving policy and record until `tlsrptd policy show %s` says "
                            "that they may go.",
                            planner->input->domain);
    return NULL;
}

struct guide_plan guide_plan_make(struct arena *arena, const struct guide_input *input,
                                  const struct guide_wish *wish)
{
    struct planner planner = {
        .arena = arena,
        .input = input,
        .wish = wish,
        .current = guide_current(input),
        .seen = guide_see(arena, input),
    };
    if (planner.current)
        planner.current_mx = guide_words(arena, planner.current->mx);
    struct guide_plan plan = { .goal = goal_of(&planner), .mx = wish->mx, .goal_mx = wish->mx };
    keep_old(&planner, &plan);
    const struct hosting_row *hosted = input->hosted;
    const struct text_list before = guide_words(arena, hosted ? hosted->goal_mx : "");
    bool goes_on = plan.goal == GUIDE_MX && !wish->names_mx
                   && is_same(&wish->mx, &planner.current_mx) && before.count;
    if (goes_on)
        plan.goal_mx = before;
    plan.begins = !hosted || hosted->ended || guide_goal_from_text(hosted->goal) != plan.goal
                  || (plan.goal == GUIDE_MX && !is_same(&before, &plan.goal_mx));
    plan.refusal = objection(&planner, &plan);
    if (!plan.note)
        plan.note = note(&planner);
    return plan;
}

const char *guide_plan_objection_to_end(struct arena *arena, const struct guide_input *input)
{
    char text[CLOCK_TEXT_BYTES];
    const struct guide guide = guide_make(arena, input);
    if (guide.goal != GUIDE_REMOVAL)
        return "Make its policy none first, and wait.";
    if (guide.safe_to_remove_seconds > input->now_seconds)
        return arena_printf(arena, "Senders may still hold a policy: not before %s.",
                            clock_to_text(guide.safe_to_remove_seconds, text));
    for (size_t i = 0; i < guide.step_count; i++)
        if (guide.steps[i].state != GUIDE_DONE && strcmp(guide.steps[i].code, "end") != 0)
            return arena_printf(arena, "The step before is not done: %s.", guide.steps[i].title);
    return NULL;
}
