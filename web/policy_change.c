/* See policy_change.h.
 * SPDX-License-Identifier: MIT */
#include "web/policy_change.h"
#include "ingest/policy.h"
#include "ingest/policy_mx.h"
#include <string.h>

bool policy_change_hosts(struct arena *arena, const struct text_list *typed, struct text_list *out,
                         struct err *err)
{
    const char **names = arena_array(arena, typed->count + 1, sizeof *names);
    for (size_t i = 0; i < typed->count; i++) {
        const char *item = typed->items[i];
        enum policy_mx_flaw flaw = policy_mx_check((struct bytes){ item, strlen(item) });
        if (flaw == POLICY_MX_GOOD || flaw == POLICY_MX_DOT || flaw == POLICY_MX_UNICODE)
            names[i] = text_host(arena, item, NULL);
        if (!names[i])
            return err_field(err, ERR_INPUT, "mx", "%s %s", item, policy_mx_flaw_to_text(flaw));
    }
    *out = (struct text_list){ names, policy_sort(names, typed->count) };
    return out->count || err_field(err, ERR_INPUT, "mx", "a policy names at least one host");
}

bool policy_change_make(struct arena *arena, const struct guide_input *input,
                        const struct policy_change_terms *terms, struct policy_change *out,
                        struct err *err)
{
    const struct hosting_version_row *current = guide_current(input);
    const char *text;
    out->plan = guide_plan_make(arena, input, &terms->wish);
    const struct policy_terms made = {
        .mode = terms->wish.mode,
        .max_age_seconds = terms->wish.max_age_seconds,
        .mx = terms->override ? terms->wish.mx : out->plan.mx,
    };
    if (!policy_text_make(arena, &made, &text, err))
        return false;
    struct bytes body = { text, strlen(text) };
    hash_to_text(body.data, body.size, out->sha256);
    policy_text_id(input->now_seconds, body, out->id);
    out->ends = false;
    out->same = current && strcmp(current->sha256, out->sha256) == 0 && !terms->renew;
    out->entry = (struct hosting_entry){
        .domain = input->domain,
        .known_version = input->version_count ? input->versions[0].version : 0,
        .id = out->id,
        .body = body,
        .sha256 = out->sha256,
        .mode = made.mode,
        .mx = made.mx,
        .max_age_seconds = made.max_age_seconds,
        .now_seconds = input->now_seconds,
        .by = terms->by,
        .note = out->plan.refusal && terms->override ? terms->override : "",
        .served = terms->served,
        .goal = guide_goal_to_text(out->plan.goal),
        .goal_mx = out->plan.goal_mx,
        .begins = out->plan.begins,
    };
    return true;
}

void policy_change_end(struct arena *arena, const struct guide_input *input, const char *by,
                       struct policy_change *out)
{
    const struct hosting_version_row *newest = input->versions;
    *out = (struct policy_change){
        .plan = { .goal = GUIDE_REMOVAL, .refusal = guide_plan_objection_to_end(arena, input) },
        .ends = true,
        .entry = { .domain = input->domain,
                   .id = newest->id,
                   .mode = newest->mode,
                   .now_seconds = input->now_seconds,
                   .by = by,
                   .goal = guide_goal_to_text(GUIDE_REMOVAL) },
    };
}

bool policy_change_store(struct pg *pg, const struct policy_change *change, struct err *err)
{
    const struct hosting_entry *entry = &change->entry;
    const struct hosting_aim aim = {
        .domain = entry->domain,
        .goal = entry->goal,
        .goal_mx = entry->goal_mx,
        .served = entry->served,
        .ended = change->ends,
    };
    return change->same || change->ends ? hosting_aim(pg, &aim, entry->now_seconds, err)
                                        : hosting_put(pg, entry, err);
}
