/* MX records against the policy (RFC 8461 section 4.1), against what other servers say, and against what
 * was seen before. See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_change.c. Next: setup_servers.c */
#include "judge/setup_case.h"
#include "base/clock.h"
#include <string.h>

#define NAMES 8
#define QUEUE_SECONDS \
    (INT64_C(5) * DAY_SECONDS) /* a message's life in a queue; RFC 5321 section 4.5.4.1 */
#define STALE_SECONDS   (INT64_C(30) * DAY_SECONDS)
#define REPORTS_SECONDS (INT64_C(14) * DAY_SECONDS)
#define TTL_UNKNOWN     DAY_SECONDS

static bool is_listed(const struct setup_case *it, const char *host)
{
    for (size_t i = 0; i < it->policy.mx_count; i++)
        if (policy_matches(it->policy.mx[i], host))
            return true;
    return false;
}

static bool is_mx(const struct setup_case *it, const char *host)
{
    for (size_t i = 0; i < it->facts->mx_count; i++)
        if (text_same(it->facts->mx[i].name, host))
            return true;
    return false;
}

/* --- what the records themselves are --- */

/* False: they could not be asked for. */
static bool see_answer(struct setup_case *it)
{
    const struct setup_answer *answer = &it->facts->mx_answer;
    const char *domain = it->facts->domain;
    const char *why = answer->why ? answer->why : "no reason was given";
    switch (answer->status) {
    case LOOKUP_SERVFAIL:
    case LOOKUP_BOGUS:
        setup_add(it, "x.mx-servfail", domain, "The MX records of %s: %s.", domain, why);
        return false;
    case LOOKUP_TIMEOUT:
        setup_add(it, "x.mx-timeout", domain, "The MX records of %s: %s.", domain, why);
        return false;
    case LOOKUP_NXDOMAIN:
        setup_add(it, "x.mx-nxdomain", domain, "DNS says that there is no %s.", domain);
        return false;
    case LOOKUP_NONE:
        return false;
    case LOOKUP_FOUND:
    case LOOKUP_NODATA:
        break;
    }
    it->looked[SETUP_MX] = true;
    return true;
}

/* "10 mx.example.org" -> "mx.example.org" */
static const char *host_of(const char *record)
{
    const char *space = strrchr(record, ' ');
    return space ? space + 1 : record;
}

static void see_null(struct setup_case *it)
{
    const struct setup_answer *answer = &it->facts->mx_answer;
    if (answer->records.count > 1)
        setup_add(it, "x.null-mx-mixed", it->facts->domain, "The MX records are: %s.",
                  setup_words(it->arena, &answer->records, NAMES));
    else
        setup_add(it, "x.null-mx", it->facts->domain, "Its MX record is \"0 .\".");
}

static void see_twice(struct setup_case *it)
{
    const struct text_list *records = &it->facts->mx_answer.records;
    for (size_t i = 1; i < records->count; i++)
        for (size_t j = 0; j < i; j++)
            if (text_same(host_of(records->items[i]), host_of(records->items[j]))) {
                setup_add(it, "x.mx-twice", host_of(records->items[i]), "%s and %s.",
                          records->items[j], records->items[i]);
                return;
            }
}

static void see_hosts(struct setup_case *it)
{
    for (size_t i = 0; i < it->facts->mx_count; i++) {
        const struct setup_mx *mx = &it->facts->mx[i];
        const struct text_list *aliases = mx->a.aliases.count ? &mx->a.aliases : &mx->aaaa.aliases;
        if (text_address(it->arena, mx->name, NULL))
            setup_add(it, "x.mx-literal", mx->name, "An MX record names %s.", mx->name);
        else if (aliases->count && !mx->implicit)
            setup_add(it, "x.mx-alias", mx->name, "%s is a CNAME to %s.", mx->name,
                      setup_words(it->arena, aliases, NAMES));
    }
    if (it->facts->mx_count && it->facts->mx[0].implicit)
        setup_add(it, "x.implicit-mx-used", it->facts->domain, "%s has no MX record.",
                  it->facts->domain);
}

/* --- against the policy --- */

/* The pattern that would fit HOST if an asterisk stood for more than one label; NULL: none. */
static const char *wider_pattern(const struct setup_case *it, const char *host)
{
    for (size_t i = 0; i < it->policy.mx_count; i++) {
        const char *pattern = it->policy.mx[i];
        if (pattern[0] == '*' && text_ends(host, pattern + 1))
            return pattern;
    }
    return NULL;
}

static void see_unlisted(struct setup_case *it, const struct setup_mx *mx, bool alone)
{
    const char *pattern = wider_pattern(it, mx->name);
    bool enforced = strcmp(it->policy.mode, "enforce") == 0;
    const char *now = enforced ? "Senders that enforce refuse to deliver to it today."
                               : "In enforce, mail to it would be refused.";
    if (pattern)
        setup_add(it, "x.mx-one-label", mx->name,
                  "%s stands for one label, and %s has more before the rest. %s", pattern, mx->name,
                  now);
    else if (mx->implicit)
        setup_add(it, "x.implicit-mx", mx->name, "The policy lists %s. %s",
                  setup_words(it->arena, &it->result.patterns, NAMES), now);
    else if (!alone)
        setup_add(it, "x.mx-unlisted", mx->name, "%s is in the MX records and fits no mx line. %s",
                  mx->name, now)
            ->severity = enforced ? SEVERITY_ERROR : SEVERITY_WARNING;
}

static void see_match(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const char *hosts = "";
    size_t unlisted = 0;
    for (size_t i = 0; i < facts->mx_count; i++)
        if (!is_listed(it, facts->mx[i].name)) {
            hosts =
                arena_printf(it->arena, "%s%s%s", hosts, unlisted ? ", " : "", facts->mx[i].name);
            unlisted++;
        }
    bool none = unlisted == facts->mx_count;
    if (none && !facts->mx[0].implicit)
        setup_add(it, "x.mx-none-match", facts->domain,
                  "The MX hosts are %s; the policy lists %s. Is it the policy of another domain?",
                  hosts, setup_words(it->arena, &it->result.patterns, NAMES));
    for (size_t i = 0; i < facts->mx_count; i++)
        if (!is_listed(it, facts->mx[i].name) && !text_address(it->arena, facts->mx[i].name, NULL))
            see_unlisted(it, &facts->mx[i], none);
}

/* When VALUE was last seen; 0: never. */
static int64_t last_seen(const struct setup_seen_list *list, const char *value)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_same(list->items[i].value, value))
            return list->items[i].last_seconds;
    return 0;
}

/* Since when the present policy is served, as far as we saw. */
static int64_t served_since(const struct setup_case *it)
{
    int64_t since = it->facts->at_seconds;
    for (size_t i = 0; i < it->history->pair_count; i++) {
        const struct setup_pair *pair = &it->history->pairs[i];
        if (it->result.policy_sha256 && strcmp(pair->policy_sha256, it->result.policy_sha256) == 0
            && pair->first_seconds < since)
            since = pair->first_seconds;
    }
    return since;
}

static void see_extra(struct setup_case *it)
{
    int64_t since = served_since(it), old = it->facts->at_seconds - STALE_SECONDS;
    for (size_t i = 0; i < it->policy.mx_count; i++) {
        const char *pattern = it->policy.mx[i];
        bool used = false;
        for (size_t j = 0; j < it->facts->mx_count; j++)
            used |= policy_matches(pattern, it->facts->mx[j].name);
        if (used)
            continue;
        int64_t last = last_seen(&it->history->mx, pattern);
        setup_add(it, since < old && last < old ? "x.mx-stale" : "x.mx-extra", pattern,
                  "The policy lists %s; no MX record fits it%s.", pattern,
                  last ? arena_printf(it->arena, " since %s", setup_day(it->arena, last)) : "");
    }
}

/* --- against what was seen before, and elsewhere --- */

static void see_changed(struct setup_case *it)
{
    for (size_t i = 0; i < it->history->mx.count; i++) {
        const struct setup_seen *seen = &it->history->mx.items[i];
        int64_t ttl = seen->ttl_seconds < 0 ? TTL_UNKNOWN : seen->ttl_seconds;
        int64_t until = seen->last_seconds + ttl + QUEUE_SECONDS;
        if (is_mx(it, seen->value) || is_listed(it, seen->value) || until < it->facts->at_seconds)
            continue;
        setup_add(it, "x.mx-changed", seen->value,
                  "%s was in the MX records until %s; senders may use it until %s.", seen->value,
                  setup_moment(it->arena, seen->last_seconds), setup_day(it->arena, until));
    }
}

static void see_reported(struct setup_case *it)
{
    for (size_t i = 0; i < it->history->reported_mx.count; i++) {
        const struct setup_seen *seen = &it->history->reported_mx.items[i];
        if (is_mx(it, seen->value) || is_listed(it, seen->value)
            || last_seen(&it->history->mx, seen->value)
            || seen->last_seconds < it->facts->at_seconds - REPORTS_SECONDS)
            continue;
        setup_add(it, "x.mx-reported", seen->value,
                  "Reports of %s speak of sessions with %s, which was never in the MX records that "
                  "we saw.",
                  setup_day(it->arena, seen->last_seconds), seen->value);
    }
}

static bool has_record(const struct text_list *records, const char *host)
{
    for (size_t i = 0; i < records->count; i++)
        if (text_same(host_of(records->items[i]), host))
            return true;
    return false;
}

/* The first host that one of both names and the other does not; NULL: they name the same. */
static const char *difference(const struct text_list *a, const struct text_list *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!has_record(b, host_of(a->items[i])))
            return host_of(a->items[i]);
    for (size_t i = 0; i < b->count; i++)
        if (!has_record(a, host_of(b->items[i])))
            return host_of(b->items[i]);
    return NULL;
}

static void see_split(struct setup_case *it)
{
    const struct setup_answers *servers = &it->facts->mx_servers;
    for (size_t i = 0; i < servers->count; i++) {
        const struct setup_answer *answer = &servers->items[i];
        if (answer->status != LOOKUP_FOUND && answer->status != LOOKUP_NODATA)
            continue;
        const char *host = difference(&answer->records, &it->facts->mx_answer.records);
        if (!host)
            continue;
        setup_add(it, "x.mx-split", host, "%s says %s; our resolvers say %s.",
                  answer->server ? answer->server : "another server",
                  answer->records.count ? setup_words(it->arena, &answer->records, NAMES)
                                        : "that there are none",
                  it->facts->mx_answer.records.count
                      ? setup_words(it->arena, &it->facts->mx_answer.records, NAMES)
                      : "that there are none");
        return;
    }
}

void setup_mx(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    if (!see_answer(it))
        return;
    see_split(it);
    see_twice(it);
    see_hosts(it);
    if (facts->null_mx)
        see_null(it);
    if (!facts->mx_count || it->absent[SETUP_POLICY])
        return;
    if (it->policy.mode && strcmp(it->policy.mode, "none") == 0)
        return;
    if (!it->policy.mx_count) {
        setup_add(it, "x.mx-no-policy", facts->domain, "There is no mx line to compare with.");
        return;
    }
    see_match(it);
    if (it->result.mode)
        see_extra(it);
    see_changed(it);
    see_reported(it);
}
