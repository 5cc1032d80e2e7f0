/* See setup_certificate.h. Each flaw is told by itself: a certificate that is expired and names another
 * host has to be mended twice.
 * SPDX-License-Identifier: MIT
 * Before: setup_group.c. Next: setup_reporting.c */
#include "judge/setup_certificate.h"
#include <string.h>

#define NAMES 6 /* of a certificate, told */

static const struct {
    unsigned flaw;
    const char *code;
} flaws[] = {
    { FLAW_EXPIRED, "expired" },
    { FLAW_NOT_YET, "not-yet" },
    { FLAW_SELF_SIGNED, "self-signed" },
    { FLAW_CHAIN, "chain" },
    { FLAW_UNTRUSTED, "untrusted" },
    { FLAW_NAME, "name" },
    { FLAW_WEAK, "weak" },
    { FLAW_PURPOSE, "purpose" },
    { FLAW_OTHER, "other" },
};

static const char *or_none(const char *text)
{
    return text && *text ? text : "(none)";
}

static const char *names_evidence(struct setup_group *group,
                                  const struct setup_certificate *certificate)
{
    struct arena *arena = group->it->arena;
    if (!certificate->names.count)
        return arena_printf(arena, "It has no subjectAltName with a host name; its subject is %s.",
                            or_none(certificate->subject));
    return arena_printf(arena, "It names %s, not %s.",
                        setup_words(arena, &certificate->names, NAMES), group->host);
}

static const char *evidence_of(struct setup_group *group, unsigned flaw,
                               const struct setup_certificate *certificate)
{
    struct arena *arena = group->it->arena;
    int64_t now = group->it->facts->at_seconds;
    switch ((enum setup_flaw)flaw) {
    case FLAW_EXPIRED:
        return arena_printf(arena, "It expired on %s, %s ago. Issuer: %s.",
                            setup_day(arena, certificate->end_seconds),
                            setup_span(arena, now - certificate->end_seconds),
                            or_none(certificate->issuer));
    case FLAW_NOT_YET:
        return arena_printf(arena, "It is valid from %s.",
                            setup_moment(arena, certificate->begin_seconds));
    case FLAW_NAME:
        return names_evidence(group, certificate);
    case FLAW_CHAIN:
        return arena_printf(arena, "The server sent %s; the issuer %s is not among them.",
                            or_none(setup_words(arena, &certificate->chain, NAMES)),
                            or_none(certificate->issuer));
    case FLAW_UNTRUSTED:
    case FLAW_SELF_SIGNED:
        return arena_printf(arena, "Subject: %s. Issuer: %s.", or_none(certificate->subject),
                            or_none(certificate->issuer));
    case FLAW_WEAK:
    case FLAW_PURPOSE:
    case FLAW_OTHER:
        break;
    }
    return arena_printf(arena, "Subject: %s. %s.", or_none(certificate->subject),
                        certificate->why ? certificate->why : "Verification fails");
}

/* The root's own end says nothing to who can renew the leaf only, but a chain that ends before it does. */
static int64_t end_of(const struct setup_certificate *certificate)
{
    int64_t chain = certificate->chain_end_seconds;
    return chain && chain < certificate->end_seconds ? chain : certificate->end_seconds;
}

static void note_end(struct setup_group *group, const char *address, int64_t end)
{
    struct setup_case *it = group->it;
    if (it->certificate_end && it->certificate_end <= end)
        return;
    it->certificate_end = end;
    it->certificate_of = arena_printf(it->arena, "%s (%s)", group->host, address);
}

static void see_horizon(struct setup_group *group, const char *kind, const char *address,
                        const struct setup_certificate *certificate)
{
    struct arena *arena = group->it->arena;
    int64_t end = end_of(certificate), left = end - group->it->facts->at_seconds;
    const char *code = arena_printf(arena, "%s.expiring", kind);
    note_end(group, address, end);
    if (left >= SETUP_EXPIRING_SECONDS || (certificate->flaws & FLAW_EXPIRED))
        return;
    setup_group_see(group, code, address, "%s runs out on %s, in %s.",
                    end < certificate->end_seconds ? "A certificate of its chain" : "It",
                    setup_moment(arena, end), setup_span(arena, left > 0 ? left : 0));
    if (left < SETUP_CRITICAL_SECONDS)
        setup_group_weigh(group, code, SEVERITY_ERROR);
}

void setup_certificate(struct setup_group *group, const char *kind, const char *address,
                       const struct setup_tls *tls)
{
    struct arena *arena = group->it->arena;
    const struct setup_certificate *certificate = &tls->certificate;
    if (tls->too_old)
        setup_group_see(group, strcmp(kind, "mx") == 0 ? "mx.tls-old" : "tls.policy.version",
                        address, "It would speak nothing newer than %s.",
                        tls->version ? tls->version : "TLS 1.1");
    else if (tls->tried && !tls->done)
        setup_group_see(group, arena_printf(arena, "%s.handshake", kind), address,
                        "The handshake failed: %s.", tls->why ? tls->why : "no reason was given");
    if (!certificate->shown)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(flaws); i++) {
        unsigned named = flaws[i].flaw == FLAW_UNTRUSTED ? FLAW_SELF_SIGNED | FLAW_CHAIN : 0;
        if ((certificate->flaws & flaws[i].flaw) && !(certificate->flaws & named))
            setup_group_see(group, arena_printf(arena, "%s.%s", kind, flaws[i].code), address, "%s",
                            evidence_of(group, flaws[i].flaw, certificate));
    }
    see_horizon(group, kind, address, certificate);
}
