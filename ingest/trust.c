/* See trust.h. A report names its submitter in up to three places: the domain of contact-info, the
 * mail's TLS-Report-Submitter, and From. The signing domain has to fit each that is there: else
 * whoever can sign for any domain could speak for another in the place that is shown.
 *
 * The only place that knows libpsl.
 *
 * SPDX-License-Identifier: MIT
 * Before: dkim.c. Next: admit.c */
#include "ingest/trust.h"
#include "base/clock.h"
#include "base/text.h"
#include "ingest/authres.h"
#include "ingest/dkim.h"
#include "ingest/header.h"
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <libpsl.h>

#define CLAIMS_MAX  8
#define LOOKUP_MS   5000
#define MAIL_MS     10000 /* for all look-ups of one mail */
#define RECORDS_MAX 4     /* keys under one name that are tried */

static const char *const proofs[] = {
    [PROOF_NONE] = "none",
    [PROOF_PASS] = "pass",
    [PROOF_FAIL] = "fail",
    [PROOF_UNKNOWN] = "unknown",
};

const char *proof_to_text(enum proof proof)
{
    return proofs[proof];
}

bool proof_from_text(const char *text, enum proof *out)
{
    for (enum proof proof = PROOF_NONE; proof <= PROOF_UNKNOWN; proof++)
        if (strcmp(text, proofs[proof]) == 0) {
            *out = proof;
            return true;
        }
    return false;
}

/* --- rules --- */

static bool take_mode(const char *mode, struct trust_rules *out, struct err *err)
{
    bool any = strcmp(mode, "any") == 0;
    out->dkim = any || strcmp(mode, "dkim") == 0;
    out->authres = any || strcmp(mode, "authres") == 0;
    if (!out->dkim && !out->authres && strcmp(mode, "none") != 0)
        return err_field(err, ERR_SETUP, "trust.mail", "must be dkim, authres, any or none");
    if (out->dkim && !dkim_is_built_in())
        return err_field(err, ERR_SETUP, "trust.mail",
                         "this program was built without libopendkim; set it to authres or none");
    if (out->authres && !out->authserv_ids.count)
        return err_field(
            err, ERR_SETUP, "trust.authserv_ids",
            "must name your mail server as its Authentication-Results fields do, since "
            "trust.mail is %s",
            mode);
    return true;
}

static bool take_fit(const char *fit, struct trust_rules *out, struct err *err)
{
    static const char *const words[] = {
        [TRUST_SAME_ORGANIZATION] = "organization",
        [TRUST_BELOW] = "subdomain",
        [TRUST_EXACT] = "exact",
    };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strcmp(words[i], fit) == 0) {
            out->fit = (enum trust_fit)i;
            return true;
        }
    return err_field(err, ERR_SETUP, "trust.submitter_fit",
                     "must be organization, subdomain or exact");
}

bool trust_rules_make(const struct trust_settings *settings, struct trust_rules *out,
                      struct err *err)
{
    struct trust_rules rules = { .authserv_ids = settings->authserv_ids,
                                 .key_services = settings->key_services,
                                 .rsa_bits = settings->rsa_bits,
                                 .signatures = settings->signatures };
    if (!take_mode(settings->mail, &rules, err) || !take_fit(settings->submitter_fit, &rules, err))
        return false;
    *out = rules;
    return true;
}

/* --- one mail --- */

/* A signature, and what became of it; PROOF_NONE: not looked at yet. */
struct signed_by {
    struct signature signature;
    enum proof result;
    const char *reason;
};

struct trust_check {
    struct arena *arena;
    const struct trust_rules *rules;
    struct bytes message;
    int64_t received_seconds;
    int64_t until_ms; /* no DNS after that; 0: none was asked yet */
    struct signed_by *signatures;
    size_t count;
    int64_t left_out; /* signatures beyond the limit */
};

struct trust_check *trust_begin(struct arena *arena, const struct trust_rules *rules,
                                struct bytes message, int64_t received_seconds)
{
    struct trust_check *check = arena_alloc(arena, sizeof *check);
    *check = (struct trust_check){
        .arena = arena, .rules = rules, .message = message, .received_seconds = received_seconds
    };
    if (!rules->dkim)
        return check;
    check->signatures = arena_array(arena, (size_t)rules->signatures, sizeof *check->signatures);
    struct bytes rest = header_of(message);
    struct header_field field;
    while (header_next(&rest, &field)) {
        if (!header_is(&field, "DKIM-Signature"))
            continue;
        if ((int64_t)check->count < rules->signatures)
            signature_read(arena, &field, &check->signatures[check->count++].signature);
        else
            check->left_out++;
    }
    return check;
}

/* --- whom the report names --- */

struct claims {
    const char *domains[CLAIMS_MAX];
    size_t count;
    bool too_many;
};

static void add_claim(struct claims *claims, const char *domain)
{
    if (!domain)
        return;
    for (size_t i = 0; i < claims->count; i++)
        if (strcmp(claims->domains[i], domain) == 0)
            return;
    if (claims->count < CLAIMS_MAX)
        claims->domains[claims->count++] = domain;
    else
        claims->too_many = true;
}

/* The domains of all addresses in TEXT: whatever follows an "@", unless it stands in quotes and those
 * say that it is no address. */
static void claim_addresses(struct arena *arena, struct claims *claims, const char *text,
                            bool quotes_count)
{
    bool quoted = false;
    for (const char *c = text; *c; c++) {
        if (*c == '\\' && quoted && c[1])
            c++;
        else if (*c == '"')
            quoted = quotes_count && !quoted;
        else if (*c == '@' && !quoted) {
            size_t size = strcspn(c + 1, " \t\r\n,;:<>()\"@");
            add_claim(claims, text_host(arena, arena_copy(arena, c + 1, size), NULL));
        }
    }
}

static struct claims claims_of(struct arena *arena, const struct mail *mail,
                               const struct report *report)
{
    struct claims claims = { .count = 0 };
    add_claim(&claims, report->submitter);
    if (report->contact) /* whatever else it names is shown too */
        claim_addresses(arena, &claims, report->contact, false);
    if (mail->submitter)
        add_claim(&claims, text_host(arena, mail->submitter, NULL));
    claims.too_many = mail->from_is_cut;
    if (mail->from)
        claim_addresses(arena, &claims, mail->from, true);
    return claims;
}

/* --- fit --- */

/* The name that its owner registered; NAME itself when it is a public suffix. */
static const char *organization_of(const char *name)
{
    const char *registered = psl_registrable_domain(psl_builtin(), name);
    return registered ? registered : name;
}

static bool lies_below(const char *name, const char *domain)
{
    size_t size = strlen(name), own = strlen(domain);
    return size > own && name[size - own - 1] == '.' && strcmp(name + size - own, domain) == 0;
}

static bool fits_one(enum trust_fit fit, const char *signer, const char *claim)
{
    if (strcmp(signer, claim) == 0)
        return true;
    switch (fit) {
    case TRUST_SAME_ORGANIZATION:
        return strcmp(organization_of(signer), organization_of(claim)) == 0;
    case TRUST_BELOW:
        return lies_below(claim, signer);
    case TRUST_EXACT:
        break;
    }
    return false;
}

/* NULL when SIGNER fits all that is claimed, else the claim that it does not fit. */
static const char *misfit(const struct trust_check *check, const struct claims *claims,
                          const char *signer)
{
    for (size_t i = 0; i < claims->count; i++)
        if (!fits_one(check->rules->fit, signer, claims->domains[i]))
            return claims->domains[i];
    return claims->too_many ? "all of its many domains" : claims->count ? NULL : "no domain at all";
}

static const char *misfit_reason(struct arena *arena, const char *signer, const char *claim)
{
    return arena_printf(arena, "signed by %s, which does not speak for %s", signer, claim);
}

/* --- DKIM --- */

static bool hold(struct trust_check *check, struct signed_by *by, const char *record,
                 struct err *err)
{
    struct signature_key key;
    int64_t bits = 0;
    if (!signature_key(check->arena, &by->signature, record, &check->rules->key_services, &key, err)
        || !dkim_check(check->message, &by->signature, &key, check->rules->rsa_bits, &bits, err))
        return false;
    by->result = PROOF_PASS;
    by->reason =
        bits ? arena_printf(check->arena, "%s, %" PRId64 " bits, key for %s",
                            by->signature.algorithm, bits, key.service)
             : arena_printf(check->arena, "%s, key for %s", by->signature.algorithm, key.service);
    return true;
}

/* Asks DNS within the time that is left to this mail. */
static enum dns_status look_up(struct trust_check *check, struct dns *dns, const char *name,
                               struct text_list *records, struct err *err)
{
    int64_t now = clock_monotonic_ms();
    if (!check->until_ms)
        check->until_ms = now + MAIL_MS;
    int64_t left = check->until_ms - now;
    if (left <= 0) {
        err_set(err, ERR_AGAIN, "the time for this mail's look-ups was over");
        return DNS_TROUBLE;
    }
    return dns->txt(dns, check->arena, name, left < LOOKUP_MS ? (int)left : LOOKUP_MS, records,
                    err);
}

static void verify(struct trust_check *check, struct dns *dns, struct signed_by *by)
{
    struct arena *arena = check->arena;
    struct text_list records = { NULL, 0 };
    struct err err = { 0 };
    if (!signature_in_time(&by->signature, check->received_seconds, &err)) {
        by->result = PROOF_FAIL;
        by->reason = arena_text(arena, err.text);
        return;
    }
    by->result = PROOF_UNKNOWN;
    by->reason = "DNS could not be asked in time";
    if (!dns)
        return;
    const char *name = signature_key_name(arena, &by->signature);
    switch (look_up(check, dns, name, &records, &err)) {
    case DNS_TROUBLE:
        by->reason = arena_printf(arena, "DNS: %s: %s", name, err.text);
        return;
    case DNS_ABSENT:
        by->reason = arena_printf(arena, "there is no key: %s", name);
        break;
    case DNS_FOUND:
        for (size_t i = 0; i < records.count && i < RECORDS_MAX; i++) {
            err = (struct err){ 0 };
            if (hold(check, by, records.items[i], &err))
                return;
        }
        by->reason = arena_text(arena, err.text);
    }
    by->result = PROOF_FAIL;
}

/* Whether A says more than B: what is unknown may still pass, and of two faults the first counts. */
static bool says_more(const struct sender *a, const struct sender *b)
{
    static const int rank[] = {
        [PROOF_NONE] = 0, [PROOF_FAIL] = 1, [PROOF_UNKNOWN] = 2, [PROOF_PASS] = 3
    };
    return rank[a->result] > rank[b->result];
}

static struct sender judge_signature(struct trust_check *check, struct dns *dns,
                                     struct signed_by *by, const struct claims *claims)
{
    const struct signature *signature = &by->signature;
    struct sender sender = { .result = PROOF_FAIL,
                             .method = "dkim",
                             .domain = signature->domain,
                             .selector = signature->selector };
    const char *claim = signature->domain ? misfit(check, claims, signature->domain) : NULL;
    if (signature->err.kind != ERR_NONE) {
        sender.reason = signature->err.text;
    } else if (claim) {
        sender.reason = misfit_reason(check->arena, signature->domain, claim);
    } else {
        if (by->result == PROOF_NONE || (by->result == PROOF_UNKNOWN && dns))
            verify(check, dns, by);
        sender.result = by->result;
        sender.reason = by->reason;
    }
    return sender;
}

static struct sender judge_signatures(struct trust_check *check, struct dns *dns,
                                      const struct claims *claims)
{
    struct sender best = { .method = "dkim",
                           .reason = "the mail is not signed (RFC 8460 section 3)" };
    for (size_t i = 0; i < check->count && best.result != PROOF_PASS; i++) {
        struct sender sender = judge_signature(check, dns, &check->signatures[i], claims);
        if (says_more(&sender, &best))
            best = sender;
    }
    if (check->left_out && best.result != PROOF_PASS)
        best.reason = arena_printf(check->arena,
                                   "%s; %" PRId64 " more signatures were not looked at "
                                   "(trust.signatures)",
                                   best.reason, check->left_out);
    return best;
}

/* --- Authentication-Results --- */

static struct sender judge_result(const struct trust_check *check, const struct authres *authres,
                                  const struct authres_result *result, const struct claims *claims)
{
    struct sender sender = { .result = PROOF_FAIL,
                             .method = "authres",
                             .domain = result->domain,
                             .selector = result->selector };
    const char *claim = result->domain ? misfit(check, claims, result->domain) : NULL;
    if (strcmp(result->result, "none") == 0)
        sender.result = PROOF_NONE;
    if (strcmp(result->result, "pass") != 0 || !result->domain) {
        sender.reason =
            arena_printf(check->arena, "%.100s says dkim=%.20s%s%.100s", authres->authserv_id,
                         result->result, result->domain ? " for " : " without a domain",
                         result->domain ? result->domain : "");
    } else if (claim) {
        sender.reason = misfit_reason(check->arena, result->domain, claim);
    } else {
        sender.result = PROOF_PASS;
        sender.reason = arena_printf(check->arena, "%.100s says so", authres->authserv_id);
    }
    return sender;
}

static struct sender judge_authres(struct trust_check *check, const struct claims *claims)
{
    struct sender best = { .method = "authres" };
    struct authres authres;
    struct err err = { 0 };
    bool found;
    if (!authres_find(check->arena, check->message, &check->rules->authserv_ids, &authres, &found,
                      &err)) {
        best.result = PROOF_FAIL;
        best.reason = arena_text(check->arena, err.text);
        return best;
    }
    best.reason =
        found ? arena_printf(check->arena, "%.100s says nothing of DKIM", authres.authserv_id)
              : "no Authentication-Results by any of trust.authserv_ids";
    bool any = false;
    for (const struct authres_result *r = found ? authres.results : NULL; r; r = r->next) {
        if (strcmp(r->method, "dkim") != 0)
            continue;
        struct sender sender = judge_result(check, &authres, r, claims);
        if (!any || says_more(&sender, &best))
            best = sender;
        any = true;
    }
    return best;
}

/* --- both --- */

void trust_judge(struct trust_check *check, struct dns *dns, const struct mail *mail,
                 const struct report *report, struct sender *out)
{
    struct claims claims = claims_of(check->arena, mail, report);
    struct sender best = { .reason = "senders of mail are not verified (trust.mail = none)" };
    if (check->rules->authres)
        best = judge_authres(check, &claims);
    if (check->rules->dkim && best.result != PROOF_PASS) {
        struct sender sender = judge_signatures(check, dns, &claims);
        if (!check->rules->authres || says_more(&sender, &best))
            best = sender;
    }
    *out = best;
}

const char *trust_ground(struct arena *arena, const struct sender *sender)
{
    switch (sender->result) {
    case PROOF_PASS:
        return arena_printf(arena, "signed by %s (%s)", sender->domain, sender->reason);
    case PROOF_UNKNOWN:
        return arena_printf(arena, "not known yet: %s", sender->reason);
    case PROOF_NONE:
    case PROOF_FAIL:
        break;
    }
    return sender->reason;
}
