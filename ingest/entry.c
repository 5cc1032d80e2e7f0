/* See entry.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/entry.h"

struct answer entry_answer(const struct delivery *delivery)
{
    /* The enum's order is the order of preference, but for a retry, which wins over all. */
    struct answer answer = {
        .outcome = OUTCOME_REFUSED, .id = "", .organization = "", .domain = ""
    };
    const struct entry *speaks = NULL;
    for (const struct entry *entry = delivery->entries; entry; entry = entry->next) {
        bool better = !speaks || entry->outcome == OUTCOME_RETRY
                      || (speaks->outcome != OUTCOME_RETRY && entry->outcome < speaks->outcome);
        if (better)
            speaks = entry;
        if (entry->outcome <= OUTCOME_SPOOLED) {
            answer.reports++;
            answer.successful += entry->report.successful_sessions;
            answer.failed += entry->report.failed_sessions;
        }
    }
    if (!speaks)
        return answer;
    answer.outcome = speaks->outcome;
    answer.err = speaks->err;
    if (speaks->id)
        answer.id = speaks->id;
    if (speaks->report.policy_count) {
        answer.organization = speaks->report.organization;
        answer.domain = speaks->report.policies[0].domain;
    }
    return answer;
}
