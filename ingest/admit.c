/* See admit.h. A report that speaks of our domains and of others is ours as far as it goes: the
 * policies of the others are left out, and with them their sessions.
 *
 * SPDX-License-Identifier: MIT
 * Before: domains.c. Next: entry.c */
#include "ingest/admit.h"
#include "base/text.h"
#include <string.h>

#define NAMED_MAX 3 /* domains of strangers in one error text */

bool admit_takes_all(const struct rules *rules)
{
    return !rules->names && !rules->table;
}

/* DANE is a property of the MX host (RFC 7672), and some senders name it where RFC 8460 wants the
 * policy's domain. */
static bool is_ours(const struct rules *rules, const struct report_policy *policy)
{
    return admit_takes_all(rules) || domains_have(rules->names, policy->domain)
           || domains_have(rules->table, policy->domain)
           || (policy->type == POLICY_TLSA && domains_have(rules->mx, policy->domain));
}

static bool any_dane(const struct report *report)
{
    for (size_t i = 0; i < report->policy_count; i++)
        if (report->policies[i].type == POLICY_TLSA)
            return true;
    return false;
}

static bool refuse(const struct report *report, struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF(sizeof err->text);
    size_t named = report->policy_count < NAMED_MAX ? report->policy_count : NAMED_MAX;
    for (size_t i = 0; i < named; i++)
        buf_printf(&names, "%s%.60s", i ? ", " : "", report->policies[i].domain);
    if (report->policy_count > named)
        buf_printf(&names, " and %zu more", report->policy_count - named);
    return err_set(err, ERR_REFUSED,
                   "not among our domains (settings domains.names, .file, .table%s): %s",
                   any_dane(report) ? "; for DANE .mx" : "", buf_get(&names));
}

static bool fits_rules(const void *rules, const struct report_policy *policy)
{
    return is_ours(rules, policy);
}

struct again {
    const struct text_list *domains;
    const struct rules *rules;
};

static bool fits_again(const void *context, const struct report_policy *policy)
{
    const struct again *again = context;
    for (size_t i = 0; i < again->domains->count; i++)
        if (strcmp(again->domains->items[i], policy->domain) == 0)
            return true;
    return again->rules && is_ours(again->rules, policy);
}

/* Keeps the policies that FITS says yes to. */
static void leave_out_strangers(struct arena *arena, struct report *report,
                                bool (*fits)(const void *context, const struct report_policy *),
                                const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < report->policy_count; i++) {
        if (fits(context, &report->policies[i])) {
            report->policies[kept++] = report->policies[i];
            continue;
        }
        deviation_note(arena, &report->deviations, DEVIATION_POLICY_SKIPPED,
                       arena_printf(arena, "policies[%zu]", i), "not our domain");
    }
    report->policy_count = kept;
}

static void count_sessions(struct report *report)
{
    report->successful_sessions = report->failed_sessions = 0;
    for (size_t i = 0; i < report->policy_count; i++) {
        const struct report_policy *policy = &report->policies[i];
        if (policy->mirrored)
            continue;
        report->successful_sessions += policy->successful_sessions;
        report->failed_sessions += policy->failed_sessions;
    }
}

bool admit_again(struct arena *arena, const struct text_list *domains, const struct rules *rules,
                 struct report *report, struct err *err)
{
    const struct again again = { domains, rules };
    leave_out_strangers(arena, report, fits_again, &again);
    count_sessions(report);
    return report->policy_count
           || err_set(err, ERR_INPUT, "speaks of none of the domains that were counted");
}

/* RFC 8460 authenticates mail by DKIM (section 3) and HTTPS not at all (section 5.4). */
static const char *const unvouched[] = {
    [SOURCE_HTTPS] = "HTTPS without a token of ours, by a client that is not listed",
    [SOURCE_LMTP] = "sender of the mail not verified",
    [SOURCE_MAILDIR] = "sender of the mail not verified",
    [SOURCE_COMMAND] = "not vouched for",
};

bool admit(struct arena *arena, const struct rules *rules, const struct delivery *delivery,
           struct report *report, struct admission *out, struct err *err)
{
    bool any = false;
    for (size_t i = 0; i < report->policy_count && !any; i++)
        any = is_ours(rules, &report->policies[i]);
    if (!any)
        return refuse(report, err);
    leave_out_strangers(arena, report, fits_rules, rules);
    count_sessions(report);
    *out = (struct admission){
        .trusted = delivery->vouched,
        .ground = delivery->vouched ? delivery->vouched_by : unvouched[delivery->source],
    };
    return true;
}
