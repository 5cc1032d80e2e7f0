/* The policy host in DNS: its addresses, who may issue its certificate, and whether it was delegated
 * together with the record. See setup_case.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_record.c. Next: setup_http.c */
#include "judge/setup_case.h"
#include "judge/setup_letter.h"
#include <string.h>

#define NAMES 6

/* Words in a certificate's issuer, and the domain that CAA records call it by. */
static const struct {
    const char *issuer, *domain;
} authorities[] = {
    { "Let's Encrypt", "letsencrypt.org" },
    { "DigiCert", "digicert.com" },
    { "Sectigo", "sectigo.com" },
    { "ZeroSSL", "sectigo.com" },
    { "Google Trust Services", "pki.goog" },
    { "GlobalSign", "globalsign.com" },
    { "Amazon", "amazon.com" },
    { "Buypass", "buypass.com" },
    { "Actalis", "actalis.it" },
    { "SSL Corp", "ssl.com" },
    { "Asseco", "certum.pl" },
    { "GoDaddy", "godaddy.com" },
    { "Entrust", "entrust.net" },
    { "HARICA", "harica.gr" },
    { "SwissSign", "swisssign.com" },
    { "D-Trust", "d-trust.net" },
};

static bool is_found(const struct setup_answer *answer)
{
    return answer->status == LOOKUP_FOUND;
}

static bool is_absent(const struct setup_answer *answer)
{
    return answer->status == LOOKUP_NXDOMAIN || answer->status == LOOKUP_NODATA;
}

static const char *aliases(const struct setup_case *it, const struct setup_answer *answer)
{
    return setup_words(it->arena, &answer->aliases, NAMES);
}

/* Neither family was found. */
static void see_no_address(struct setup_case *it, const struct setup_answer *worse)
{
    struct setup_finding *finding = NULL;
    switch (worse->status) {
    case LOOKUP_TIMEOUT:
        setup_add(it, "host.lookup-timeout", it->host, "%s: %s.", it->host,
                  worse->why ? worse->why : "no answer in time");
        return;
    case LOOKUP_SERVFAIL:
    case LOOKUP_BOGUS:
        setup_add(it, "host.servfail", it->host, "The addresses of %s: %s.", it->host,
                  worse->why ? worse->why : "the answer is SERVFAIL");
        return;
    case LOOKUP_NXDOMAIN:
    case LOOKUP_NODATA:
    case LOOKUP_NONE:
    case LOOKUP_FOUND:
        break;
    }
    if (worse->aliases.count)
        finding =
            setup_add(it, "host.alias", it->host, "%s is a CNAME to %s, which has no address.",
                      it->host, aliases(it, worse));
    else if (worse->status == LOOKUP_NXDOMAIN)
        finding =
            setup_add(it, "host.nxdomain", it->host, "DNS says that there is no %s.", it->host);
    else
        finding = setup_add(it, "host.no-address", it->host,
                            "%s exists and has neither A nor AAAA.", it->host);
    finding->letter = setup_letter_provider(it->arena, it->facts);
}

static void see_addresses(struct setup_case *it)
{
    const struct setup_answer *a = &it->facts->host_a, *aaaa = &it->facts->host_aaaa;
    if (a->status == LOOKUP_NONE && aaaa->status == LOOKUP_NONE)
        return;
    if (!is_found(a) && !is_found(aaaa)) {
        see_no_address(it, is_absent(a) ? aaaa : a);
        return;
    }
    it->looked[SETUP_HOST] = true;
    if (is_absent(a))
        setup_add(it, "host.no-v4", it->host, "%s has AAAA and no A.", it->host);
    if (is_absent(aaaa))
        setup_add(it, "host.no-v6", it->host, "%s has A and no AAAA.", it->host);
    const struct setup_answer *failed = is_found(a) ? aaaa : a;
    if (failed->status == LOOKUP_SERVFAIL || failed->status == LOOKUP_BOGUS)
        setup_add(it, "host.servfail", it->host, "The question for %s of %s: %s.", failed->type,
                  it->host, failed->why ? failed->why : "the answer is SERVFAIL")
            ->severity = SEVERITY_WARNING;
}

/* --- CAA --- */

/* "0 issue \"ca.example; x=y\"" -> "ca.example", "" for one that forbids all; NULL: not of this property. */
static const char *issuer_of(struct arena *arena, const char *record)
{
    const char *tag = strchr(record, ' ');
    if (!tag || !text_begins(tag + 1, "issue "))
        return NULL;
    const char *value = tag + 1 + strlen("issue ");
    value += strspn(value, " \"");
    size_t size = strcspn(value, ";\"");
    return text_trim(arena, value, size);
}

/* By what CAA records call the issuer of the certificate that the policy host shows; NULL: not known. */
static const char *authority_of(const char *issuer)
{
    for (size_t i = 0; i < ARRAY_SIZE(authorities); i++)
        if (strstr(issuer, authorities[i].issuer))
            return authorities[i].domain;
    return NULL;
}

static const char *issuer_shown(const struct setup_case *it)
{
    const struct setup_fetches *fetches = &it->facts->fetches;
    for (size_t i = 0; i < fetches->count; i++) {
        const struct setup_certificate *certificate = &fetches->items[i].tls.certificate;
        if (certificate->shown && certificate->issuer)
            return certificate->issuer;
    }
    return NULL;
}

static void see_caa(struct setup_case *it)
{
    const struct setup_answer *caa = &it->facts->host_caa;
    const char *shown = issuer_shown(it), *permitted = "";
    const char *authority = shown ? authority_of(shown) : NULL;
    size_t issue = 0;
    for (size_t i = 0; is_found(caa) && i < caa->records.count; i++) {
        const char *issuer = issuer_of(it->arena, caa->records.items[i]);
        if (!issuer)
            continue;
        issue++;
        if (authority && text_same(issuer, authority))
            return;
        if (*issuer)
            permitted =
                arena_printf(it->arena, "%s%s%s", permitted, *permitted ? ", " : "", issuer);
    }
    if (!issue)
        return;
    if (!*permitted)
        setup_add(it, "host.caa-none", caa->name, "The CAA records of %s permit nobody.",
                  caa->name);
    else if (shown)
        setup_add(it, "host.caa", caa->name,
                  "The CAA records of %s permit %s; the issuer of the certificate is %s.%s",
                  caa->name, permitted, shown, authority ? "" : " See whether that is one of them.")
            ->severity = authority ? SEVERITY_WARNING : SEVERITY_INFO;
}

/* --- delegation --- */

/* RFC 8461 section 8.2: the record by a CNAME, and the host to the same provider. */
static void see_delegation(struct setup_case *it)
{
    const struct setup_answer *sts = &it->facts->sts, *a = &it->facts->host_a;
    const struct setup_answer *host = a->aliases.count ? a : &it->facts->host_aaaa;
    bool record = sts->aliases.count, away = host->aliases.count;
    if (record && !away && (is_found(a) || is_found(host) || is_absent(a)))
        setup_add(it, "x.delegation-half", it->host,
                  "%s is a CNAME to %s, and %s is none: record and policy may come from different "
                  "places.",
                  sts->name, aliases(it, sts), it->host)
            ->severity =
            it->result.id && (is_found(a) || is_found(host)) ? SEVERITY_INFO : SEVERITY_WARNING;
    if (away && !record && is_absent(sts))
        setup_add(it, "x.delegation-half", sts->name, "%s is a CNAME to %s, and %s has no record.",
                  it->host, aliases(it, host), sts->name);
    else if (away && !record && is_found(sts)
             && !text_ends(host->aliases.items[host->aliases.count - 1],
                           arena_printf(it->arena, ".%s", it->facts->domain)))
        setup_add(it, "x.delegation-half", sts->name,
                  "%s is a CNAME to %s, and %s is none: who changes the policy there has to tell "
                  "you, so that you change the id.",
                  it->host, aliases(it, host), sts->name)
            ->severity = SEVERITY_INFO;
}

void setup_host(struct setup_case *it)
{
    it->host = arena_printf(it->arena, "mta-sts.%s", it->facts->domain);
    bool unnamed = is_absent(&it->facts->host_a) && is_absent(&it->facts->host_aaaa);
    if (it->absent[SETUP_RECORD] && (it->history->given_up || unnamed)) { /* nobody looks there */
        it->absent[SETUP_HOST] = it->absent[SETUP_POLICY] = true;
        return;
    }
    see_addresses(it);
    see_caa(it);
    see_delegation(it);
}
