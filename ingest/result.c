/* See result.h. To add a result type: one row above that of `other`, nothing else.
 *
 * What enforce does is read from RFC 8461 section 5 (a session is refused when the MX is not in the
 * policy, its certificate fails, or STARTTLS is missing) and section 3.3 (a policy that cannot be
 * fetched is no policy). DANE results stand beside MTA-STS and do not depend on its mode.
 *
 * SPDX-License-Identifier: MIT
 * Before: report.c. Next: policy.c */
#include "ingest/result.h"
#include "base/text.h"

/* `other` is taken as blocking: nobody should enforce while a failure is not understood. */
/* clang-format off */
static const struct result results[] = {
    {
        .name = "starttls-not-supported",
        .class = RESULT_CLASS_BLOCKING,
        .blocks_under_enforce = true,
        .side = "receiving MX",
        .meaning = "The MX did not offer STARTTLS, so the session could not be encrypted.",
        .remedy = "Turn STARTTLS on at this MX for every address it listens on; if it is on, look "
                  "for a firewall or filter in front of it that removes STARTTLS.",
        .example = "openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} "
                   "</dev/null",
        .section = "RFC 8460 section 4.3.1",
    },
    {
        .name = "certificate-host-mismatch",
        .class = RESULT_CLASS_BLOCKING,
        .blocks_under_enforce = true,
        .side = "receiving MX",
        .meaning = "The certificate of the MX does not carry the name that the MX record gives.",
        .remedy = "Give this MX a certificate whose subjectAltName holds the host name of its MX "
                  "record, and check that it is the one sent for that name (SNI).",
        .example = "openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} "
                   "</dev/null | openssl x509 -noout -subject -ext subjectAltName",
        .section = "RFC 8460 section 4.3.1",
    },
    {
        .name = "certificate-expired",
        .class = RESULT_CLASS_BLOCKING,
        .blocks_under_enforce = true,
        .side = "receiving MX",
        .meaning = "The certificate of the MX, or one above it in the chain, has expired.",
        .remedy = "Renew the certificate, reload the mail server so that it is used, and let the "
                  "renewal run by itself from now on.",
        .example = "openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} "
                   "</dev/null | openssl x509 -noout -subject -dates",
        .section = "RFC 8460 section 4.3.1",
    },
    {
        .name = "certificate-not-trusted",
        .class = RESULT_CLASS_BLOCKING,
        .blocks_under_enforce = true,
        .side = "receiving MX",
        .meaning = "The certificate of the MX leads to no authority that the sender trusts.",
        .remedy = "Use a certificate of a public authority instead of a self-signed one, and send "
                  "the whole chain: a missing intermediate is the usual cause.",
        .example = "openssl s_client -starttls smtp -connect {mx}:25 -servername {mx} "
                   "-showcerts -verify_return_error </dev/null",
        .section = "RFC 8460 section 4.3.1",
    },
    {
        .name = "validation-failure",
        .class = RESULT_CLASS_BLOCKING,
        .blocks_under_enforce = true,
        .side = "receiving MX",
        .meaning = "The session failed for a reason that has no type of its own; several senders "
                   "say this when the policy does not list the MX.",
        .remedy = "Compare the MX named here with the mx lines of the policy first, then test "
                  "TLS on this MX; the reason code, where given, tells more.",
        .example = "dig +short {domain} MX; curl -s "
                   "https://mta-sts.{domain}/.well-known/mta-sts.txt",
        .section = "RFC 8460 sections 4.3.1 and 4.3.3",
    },
    {
        .name = "tlsa-invalid",
        .class = RESULT_CLASS_DANE,
        .blocks_under_enforce = false,
        .side = "DNS",
        .meaning = "None of the TLSA records of the MX fits the certificate that it sent.",
        .remedy = "Publish a TLSA record for the present certificate or key; when keys change, "
                  "publish the record of the next one before it is used.",
        .example = "dig +dnssec _25._tcp.{mx} TLSA; openssl s_client -starttls smtp -connect "
                   "{mx}:25 -servername {mx} </dev/null | openssl x509 -noout -pubkey | "
                   "openssl pkey -pubin -outform DER | sha256sum",
        .section = "RFC 8460 section 4.3.2.1",
    },
    {
        .name = "dnssec-invalid",
        .class = RESULT_CLASS_DANE,
        .blocks_under_enforce = false,
        .side = "DNS",
        .meaning = "The sender's resolver got no DNS answer whose DNSSEC signatures are valid.",
        .remedy = "Check the signatures, their expiry and the DS record of the domain and of the "
                  "MX host's zone.",
        .example = "delv {domain} MX; delv _25._tcp.{mx} TLSA",
        .section = "RFC 8460 section 4.3.2.1",
    },
    {
        .name = "dane-required",
        .class = RESULT_CLASS_DANE,
        .blocks_under_enforce = false,
        .side = "DNS",
        .meaning = "The sender demands DANE for this domain, but the MX has no TLSA record that "
                   "DNSSEC proves.",
        .remedy = "Publish signed TLSA records for each MX, or ask the sender not to demand DANE.",
        .example = "delv _25._tcp.{mx} TLSA",
        .section = "RFC 8460 section 4.3.2.1",
    },
    {
        .name = "sts-policy-fetch-error",
        .class = RESULT_CLASS_RETRIEVAL,
        .blocks_under_enforce = false,
        .side = "policy host",
        .meaning = "The sender could not fetch the MTA-STS policy; mail goes on as without one, or "
                   "under an older policy that the sender still keeps.",
        .remedy = "Check that https://mta-sts.DOMAIN/.well-known/mta-sts.txt answers with status "
                  "200, without a redirect, on every address, and that no filter keeps mail "
                  "servers out.",
        .example = "curl -sv https://mta-sts.{domain}/.well-known/mta-sts.txt",
        .section = "RFC 8460 section 4.3.2.2",
    },
    {
        .name = "sts-policy-invalid",
        .class = RESULT_CLASS_RETRIEVAL,
        .blocks_under_enforce = false,
        .side = "policy host",
        .meaning = "The MTA-STS policy was fetched but could not be used as a whole.",
        .remedy = "Check the text of the policy line by line: version, mode, mx and max_age, no "
                  "blank lines, sent as text/plain.",
        .example = "curl -si https://mta-sts.{domain}/.well-known/mta-sts.txt | cat -A",
        .section = "RFC 8460 section 4.3.2.2",
    },
    {
        .name = "sts-webpki-invalid",
        .class = RESULT_CLASS_RETRIEVAL,
        .blocks_under_enforce = false,
        .side = "policy host",
        .meaning = "The certificate of the policy host could not be verified, so the policy was "
                   "not taken.",
        .remedy = "Give mta-sts.DOMAIN a certificate of a public authority that holds this name, "
                  "is not expired, and is sent with its whole chain.",
        .example = "openssl s_client -connect mta-sts.{domain}:443 -servername "
                   "mta-sts.{domain} -verify_return_error </dev/null",
        .section = "RFC 8460 section 4.3.2.2",
    },
    {
        .name = "other",
        .class = RESULT_CLASS_UNKNOWN,
        .blocks_under_enforce = true,
        .side = "cannot be told",
        .meaning = "A result type that is not registered; only the sender knows what it means.",
        .remedy = "Look at the reason code and the additional information in the report, or ask "
                  "the sender's contact address.",
        .section = "RFC 8460 section 6.6",
    },
};
/* clang-format on */

#define OTHER (&results[ARRAY_SIZE(results) - 1])

const struct result *result_find(const char *name)
{
    for (const struct result *row = results; row < OTHER; row++)
        if (text_same(row->name, name))
            return row;
    return OTHER;
}

bool result_is_other(const struct result *result)
{
    return result == OTHER;
}

const struct result *result_at(size_t index)
{
    return index < ARRAY_SIZE(results) ? &results[index] : NULL;
}

static const char *const policy_types[] = {
    [POLICY_STS] = "sts",
    [POLICY_TLSA] = "tlsa",
    [POLICY_NO_POLICY_FOUND] = "no-policy-found",
    [POLICY_OTHER] = "other",
};

const char *policy_type_to_text(enum policy_type type)
{
    return policy_types[type];
}

enum policy_type policy_type_from_text(const char *text)
{
    for (size_t i = 0; i < POLICY_OTHER; i++)
        if (text_same(policy_types[i], text))
            return (enum policy_type)i;
    return POLICY_OTHER;
}
