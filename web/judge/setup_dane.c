/* DANE beside MTA-STS (RFC 7672): TLSA records of the MX hosts against their certificates. A sender that
 * knows DANE goes by it, and MTA-STS must not override what fails there (RFC 8461 section 2). See
 * setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_servers.c. Next: setup_judge.c */
#include "judge/setup_case.h"
#include <string.h>

#define RECORDS 4 /* told */

/* RFC 7672 section 3.1.3: PKIX-TA(0) and PKIX-EE(1) are not for SMTP. */
static size_t usable(const struct setup_answer *tlsa)
{
    size_t count = 0;
    for (size_t i = 0; i < tlsa->records.count; i++)
        count += tlsa->records.items[i][0] == '2' || tlsa->records.items[i][0] == '3';
    return count;
}

static bool counts(const struct setup_answer *tlsa)
{
    return tlsa->status == LOOKUP_FOUND && tlsa->secure && usable(tlsa);
}

static void see_match(struct setup_case *it, const struct setup_mx *mx)
{
    const char *failed = NULL;
    size_t matched = 0, reached = 0;
    for (size_t i = 0; i < mx->probe_count; i++) {
        reached += mx->probes[i].tls.done;
        matched += mx->probes[i].dane == DANE_MATCHES;
        if (mx->probes[i].dane == DANE_MISMATCH)
            failed = mx->probes[i].address;
    }
    it->looked[SETUP_DANE] |= matched > 0;
    if (failed)
        setup_add(it, "dane.mismatch", mx->name, "At %s no record fits: %s.", failed,
                  setup_words(it->arena, &mx->tlsa.records, RECORDS));
    else if (!matched || matched < reached)
        setup_add(it, "dane.not-looked", mx->name,
                  "%s has TLSA records, and %s certificate was seen.", mx->name,
                  matched ? "not every" : "no");
    if (mx->tlsa.records.count == 1)
        setup_add(it, "dane.no-spare", mx->name, "The only record is %s.",
                  mx->tlsa.records.items[0]);
}

/* True when its TLSA records count. */
static bool see_host(struct setup_case *it, const struct setup_mx *mx)
{
    const struct setup_answer *tlsa = &mx->tlsa;
    if (tlsa->status == LOOKUP_BOGUS || tlsa->status == LOOKUP_SERVFAIL)
        setup_add(it, "dane.bogus", mx->name, "The TLSA records of %s: %s.", mx->name,
                  tlsa->why ? tlsa->why : "the answer is SERVFAIL");
    if (tlsa->status != LOOKUP_FOUND)
        return false;
    if (!tlsa->secure)
        setup_add(it, "dane.unsigned", mx->name, "%s has TLSA records without DNSSEC.", mx->name);
    else if (!usable(tlsa))
        setup_add(it, "dane.unusable", mx->name, "The records are %s.",
                  setup_words(it->arena, &tlsa->records, RECORDS));
    if (!counts(tlsa))
        return false;
    see_match(it, mx);
    return true;
}

/* RFC 8460 section 3 by way of RFC 7672: the policy domain of a TLSA policy is the MX host. */
static void see_reports(struct setup_case *it, const struct setup_mx *mx)
{
    const char *domain = it->facts->domain;
    if (!text_same(mx->name, domain)
        && !text_ends(mx->name, arena_printf(it->arena, ".%s", domain)))
        setup_add(it, "dane.reports", mx->name,
                  "Senders that use its TLSA records may report to _smtp._tls.%s.", mx->name);
}

void setup_dane(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    const struct setup_mx *with = NULL, *without = NULL;
    size_t before = it->count;
    bool asked = false;
    for (size_t i = 0; i < facts->mx_count; i++) {
        const struct setup_mx *mx = &facts->mx[i];
        asked |= mx->tlsa.status != LOOKUP_NONE && mx->tlsa.status != LOOKUP_TIMEOUT;
        if (see_host(it, mx))
            with = with ? with : mx;
        else if (mx->tlsa.status == LOOKUP_NXDOMAIN || mx->tlsa.status == LOOKUP_NODATA)
            without = mx;
    }
    if (with && without)
        setup_add(it, "dane.partly", without->name, "%s has TLSA records, %s has none.", with->name,
                  without->name);
    if (with)
        see_reports(it, with);
    it->absent[SETUP_DANE] = it->count == before && !with && (asked || facts->null_mx);
}
