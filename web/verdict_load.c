/* See verdict_load.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict.c. Next: verdict_json.c */
#include "web/verdict_load.h"

static const struct verdict_live nothing_checked;

struct verdict_ask verdict_ask(const struct verdict_settings *settings, int32_t today,
                               const int32_t *domain_ids, size_t count)
{
    return (struct verdict_ask){
        .domain_ids = domain_ids,
        .domain_count = count,
        .from_day = today - VERDICT_DAYS,
        .to_day = today,
        .include_untrusted = settings->include_untrusted,
    };
}

struct verdict_input verdict_input_of(const char *domain, const struct verdict_evidence *evidence,
                                      const struct verdict_settings *settings, int32_t today)
{
    return (struct verdict_input){
        .domain = domain,
        .today = today,
        .settings = settings,
        .rows = evidence->rows.first,
        .row_count = evidence->rows.count,
        .policies = evidence->policies.first,
        .policy_count = evidence->policies.count,
        .live = &nothing_checked,
        .acks = evidence->acks.first,
        .ack_count = evidence->acks.count,
    };
}

bool verdict_load(struct reader *reader, struct arena *arena, const struct domain_row *domain,
                  const struct verdict_terms *terms, struct verdict *out, struct err *err)
{
    const struct verdict_ask ask = verdict_ask(terms->settings, terms->today, &domain->id, 1);
    struct verdict_evidence evidence;
    if (!read_verdict(reader, arena, &ask, &evidence, err))
        return false;
    const struct verdict_input input =
        verdict_input_of(domain->name, &evidence, terms->settings, terms->today);
    *out = verdict_judge(arena, &input);
    return true;
}
