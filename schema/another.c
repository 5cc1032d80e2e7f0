/* See another.h.
 * SPDX-License-Identifier: MIT */
#include "schema/another.h"
#include <string.h>
#include <strings.h>

/* Of a report that is known: enough to tell its sender, and little for each of a batch that asks. The
 * same numbers stand in store_known.sql. */
#define DETAILS_COMPARED 200
#define ADDRESS_BYTES    64

static bool contains_word(const char *list, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += size)
        if ((at == list || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    return false;
}

/* What a sender puts for its address may be any text; the longest address has 45 characters. */
static bool is_evidence(const char *address)
{
    return address && strlen(address) <= ADDRESS_BYTES;
}

const char *another_addresses(struct arena *arena, const struct report *report)
{
    CLEANUP(buf_done) struct buf list = BUF(DETAILS_COMPARED * (ADDRESS_BYTES + 1));
    size_t left = DETAILS_COMPARED;
    for (size_t i = 0; i < report->policy_count; i++) {
        const struct report_policy *policy = &report->policies[i];
        if (strcmp(policy->domain, report->policies[0].domain) != 0)
            continue;
        for (size_t k = 0; k < policy->detail_count && left; k++, left--)
            if (is_evidence(policy->details[k].sending_mta_ip))
                buf_printf(&list, "%s ", policy->details[k].sending_mta_ip);
    }
    return arena_text(arena, buf_get(&list));
}

/* True when both name sending addresses and share none. */
static bool addresses_differ(const struct report *report, const char *known)
{
    bool any = false;
    size_t left = DETAILS_COMPARED; /* of both, so that the order of arrival does not matter */
    for (size_t i = 0; known && *known && i < report->policy_count; i++) {
        const struct report_policy *policy = &report->policies[i];
        if (strcmp(policy->domain, report->policies[0].domain) != 0)
            continue;
        for (size_t k = 0; k < policy->detail_count && left; k++, left--) {
            const char *address = policy->details[k].sending_mta_ip;
            if (!is_evidence(address))
                continue;
            if (contains_word(known, address))
                return false;
            any = true;
        }
    }
    return any;
}

static bool differ(const char *a, const char *b)
{
    return strcasecmp(a ? a : "", b ? b : "") != 0;
}

bool another_sender(const struct report *report, const struct sender_marks *known)
{
    return differ(known->contact, report->contact) || differ(known->submitter, report->submitter)
           || addresses_differ(report, known->addresses);
}
