/* STARTTLS and certificate at every address of every MX host (RFC 8461 section 4.2). What could not be
 * looked at is neither good nor bad. See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_mx.c. Next: setup_dane.c */
#include "judge/setup_certificate.h"
#include "judge/setup_letter.h"
#include <string.h>

static const char *or_no_reason(const char *why)
{
    return why ? why : "no reason was given";
}

/* --- one address --- */

static void see_smtp(struct setup_group *group, const struct setup_probe *probe)
{
    const char *at = probe->address;
    switch (probe->starttls) {
    case STARTTLS_NONE:
        setup_group_see(group, "mx.inconclusive", at, "It ended before EHLO was answered%s: %s.",
                        probe->code ? arena_printf(group->it->arena, " (code %d)", probe->code)
                                    : "",
                        or_no_reason(probe->why));
        return;
    case STARTTLS_MISSING:
        setup_group_see(group, "mx.no-starttls", at, "EHLO is answered without STARTTLS.");
        return;
    case STARTTLS_REFUSED:
        setup_group_see(group, "mx.starttls-refused", at, "STARTTLS is answered with %d: %s.",
                        probe->code, or_no_reason(probe->why));
        return;
    case STARTTLS_OFFERED:
        break;
    }
    if (!probe->tls.tried)
        setup_group_see(group, "mx.inconclusive", at, "It ended before TLS: %s.",
                        or_no_reason(probe->why));
    else
        setup_certificate(group, "mx", at, &probe->tls);
}

static void see_probe(struct setup_group *group, const struct setup_probe *probe)
{
    const char *at = probe->address;
    switch (probe->reach) {
    case REACH_OPEN:
        see_smtp(group, probe);
        break;
    case REACH_REFUSED:
    case REACH_TIMEOUT:
        setup_group_see(group, "mx.noreach", at, "Port 25 %s.",
                        probe->reach == REACH_REFUSED ? "refuses connections"
                                                      : "did not answer in time");
        break;
    case REACH_UNREACHABLE:
        setup_group_see(group, "mx.unreachable", at, "No way there: %s.", or_no_reason(probe->why));
        break;
    case REACH_FORBIDDEN:
        setup_group_see(group, "mx.forbidden", at,
                        "Addresses of this kind are not connected to unless the setting "
                        "check.allow_networks names them.");
        break;
    case REACH_LATER:
        setup_group_see(group, "mx.later", at,
                        "The address was gone to often enough within the hour, for other hosts.");
        break;
    case REACH_NONE:
        setup_group_see(group, "mx.not-looked", at, "Not asked: %s.", or_no_reason(probe->why));
        break;
    }
}

/* --- one host --- */

static bool has_address(const struct setup_mx *mx)
{
    return mx->a.status == LOOKUP_FOUND || mx->aaaa.status == LOOKUP_FOUND;
}

static void see_unresolved(struct setup_case *it, const struct setup_mx *mx)
{
    const struct setup_answer *answer =
        mx->a.status == LOOKUP_NXDOMAIN || mx->a.status == LOOKUP_NODATA ? &mx->aaaa : &mx->a;
    bool absent = answer->status == LOOKUP_NXDOMAIN || answer->status == LOOKUP_NODATA;
    if (absent)
        setup_add(it, "mx.no-address", mx->name, "%s has neither A nor AAAA.", mx->name);
    else
        setup_add(it, "mx.not-looked", mx->name, "The addresses of %s: %s.", mx->name,
                  or_no_reason(answer->why));
}

/* Faults of the session itself that only one family of addresses has. */
static void see_families(struct setup_group *group, const struct setup_mx *mx)
{
    bool v4 = false, v6 = false;
    for (size_t i = 0; i < mx->probe_count; i++) {
        bool open = mx->probes[i].reach == REACH_OPEN;
        v6 |= open && strchr(mx->probes[i].address, ':');
        v4 |= open && !strchr(mx->probes[i].address, ':');
    }
    for (size_t i = 0; i < group->count && v4 && v6; i++) {
        const struct setup_fault *fault = &group->faults[i];
        if (fault->severity > SEVERITY_WARNING || fault->v4 == fault->v6
            || strcmp(fault->code, "mx.noreach") == 0)
            continue;
        setup_add(group->it, "mx.v6-differs", mx->name, "Only over IPv%c: %s",
                  fault->v6 ? '6' : '4', setup_finding_kind(fault->code)->title);
        return;
    }
}

/* Where DANE holds, senders that know it do not look at the issuer; without MTA-STS nobody else does. */
static void forgive(struct setup_case *it, const struct setup_mx *mx, size_t from)
{
    bool matches = mx->probe_count && !it->result.id && !it->served;
    for (size_t i = 0; i < mx->probe_count; i++)
        matches &= mx->probes[i].dane == DANE_MATCHES;
    for (size_t i = from; matches && i < it->count; i++) {
        it->findings[i].severity = SEVERITY_INFO;
        it->findings[i].blocks = false;
    }
}

static void see_host(struct setup_case *it, const struct setup_mx *mx)
{
    struct setup_group *group = arena_alloc(it->arena, sizeof *group);
    size_t from = it->count;
    *group = (struct setup_group){ .it = it, .host = mx->name, .addresses = mx->probe_count };
    if (!has_address(mx) && !mx->probe_count) {
        see_unresolved(it, mx);
        return;
    }
    for (size_t i = 0; i < mx->probe_count; i++) {
        see_probe(group, &mx->probes[i]);
        it->looked[SETUP_SERVERS] |= mx->probes[i].starttls != STARTTLS_NONE;
    }
    setup_group_end(group);
    see_families(group, mx);
    forgive(it, mx, from);
}

/* --- all of them --- */

struct reached {
    size_t probes, open, closed, late; /* closed: refused or timed out; late: of these timed out */
};

static struct reached count_reached(const struct setup_facts *facts)
{
    struct reached out = { 0 };
    for (size_t i = 0; i < facts->mx_count; i++)
        for (size_t j = 0; j < facts->mx[i].probe_count; j++) {
            enum setup_reach reach = facts->mx[i].probes[j].reach;
            out.probes++;
            out.open += reach == REACH_OPEN;
            out.late += reach == REACH_TIMEOUT;
            out.closed += reach == REACH_TIMEOUT || reach == REACH_REFUSED;
        }
    return out;
}

static bool is_of(const struct setup_finding *finding, const struct setup_mx *mx)
{
    size_t size = strlen(mx->name);
    return finding->step == SETUP_SERVERS && finding->severity == SEVERITY_ERROR
           && strncmp(finding->subject, mx->name, size) == 0
           && (!finding->subject[size] || finding->subject[size] == ' ');
}

/* R100: the first error of a host bears the letter about it. */
static void add_letters(struct setup_case *it)
{
    for (size_t i = 0; i < it->facts->mx_count; i++)
        for (size_t j = 0; j < it->count; j++)
            if (is_of(&it->findings[j], &it->facts->mx[i])) {
                it->findings[j].letter = setup_letter_mx(it->arena, it->facts, &it->facts->mx[i],
                                                         it->findings, it->count);
                break;
            }
}

void setup_servers(struct setup_case *it)
{
    const struct setup_facts *facts = it->facts;
    struct reached reached = count_reached(facts);
    it->absent[SETUP_SERVERS] = facts->null_mx && !facts->mx_count;
    if (facts->smtp_blocked || (reached.probes && reached.late == reached.probes)) {
        setup_add(it, "mx.blocked", "",
                  "No address of any MX host answered at port 25 (%zu asked).", reached.probes);
        return;
    }
    if (reached.probes && reached.closed == reached.probes) {
        setup_add(it, "mx.noreach-all", "", "Port 25 of all %zu addresses is closed.",
                  reached.probes);
        return;
    }
    for (size_t i = 0; i < facts->mx_count; i++)
        if (!text_address(it->arena, facts->mx[i].name, NULL))
            see_host(it, &facts->mx[i]);
    add_letters(it);
}
