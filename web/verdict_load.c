/* See verdict_load.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_live.c. Next: verdict_json.c */
#include "web/verdict_load.h"
#include "web/verdict_live.h"
#include "base/clock.h"

_Static_assert(sizeof(struct verdict_gap_row) == sizeof(int32_t), "an array of days");

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
                                      const struct verdict_live *live,
                                      const struct verdict_terms *terms)
{
    return (struct verdict_input){
        .domain = domain,
        .today = clock_day(terms->now_seconds),
        .settings = terms->settings,
        .rows = evidence->rows.first,
        .row_count = evidence->rows.count,
        .policies = evidence->policies.first,
        .policy_count = evidence->policies.count,
        .live = live,
        .acks = evidence->acks.first,
        .ack_count = evidence->acks.count,
        .gaps = evidence->gaps.first, /* one number each */
        .gap_count = evidence->gaps.count,
    };
}

bool verdict_load(struct reader *reader, struct arena *arena, const struct domain_row *domain,
                  const struct verdict_terms *terms, struct verdict *out, struct err *err)
{
    const struct verdict_ask ask =
        verdict_ask(terms->settings, clock_day(terms->now_seconds), &domain->id, 1);
    const struct live_ask looks = { .reader = reader,
                                    .domain_ids = &domain->id,
                                    .domain_count = 1 };
    struct verdict_evidence evidence;
    struct live_evidence live;
    if (!read_verdict(reader, arena, &ask, &evidence, err) || !read_live(arena, &looks, &live, err))
        return false;
    const struct verdict_input input =
        verdict_input_of(domain->name, &evidence, verdict_live_of(arena, &live, terms->now_seconds),
                         terms);
    *out = verdict_judge(arena, &input);
    return true;
}
