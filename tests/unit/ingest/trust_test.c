/* Who is believed: the settings, the fit of signer and submitter, several signatures, DNS that fails,
 * and Authentication-Results; with a DNS of the test's own.
 * SPDX-License-Identifier: MIT */
#include "ingest/trust.h"
#include "ingest/dkim.h"
#include "signed_mails.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define RECEIVED 1600000100

/* --- a DNS --- */

struct fake {
    struct dns dns; /* first: one is cast to the other */
    enum dns_status status;
    const char *records[4];
    int asked;
    char name[300]; /* asked last */
};

static enum dns_status answer(struct dns *dns, struct arena *arena, const char *name,
                              int milliseconds, struct text_list *out, struct err *why)
{
    struct fake *fake = (struct fake *)dns;
    size_t count = 0;
    assert_true(milliseconds > 0);
    fake->asked++;
    snprintf(fake->name, sizeof fake->name, "%s", name);
    while (count < ARRAY_SIZE(fake->records) && fake->records[count])
        count++;
    const char **copy = arena_array(arena, count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_text(arena, fake->records[i]);
    *out = (struct text_list){ copy, count };
    if (fake->status == DNS_TROUBLE)
        err_set(why, ERR_AGAIN, "SERVFAIL");
    return fake->status;
}

/* --- mails --- */

static const char *const service[] = { "tlsrpt" };
static const char *const server[] = { "mx.ours.example" };
static const struct trust_settings standard = { .mail = "dkim",
                                                .submitter_fit = "organization",
                                                .key_services = { service, 1 },
                                                .authserv_ids = { server, 1 },
                                                .rsa_bits = 1024,
                                                .signatures = 5 };

/* A mail whose report names three domains; any may be NULL. */
struct claim {
    const char *contact, *submitter, *from;
};
static const struct claim honest = { "sender.example", "sender.example",
                                     "Reports <tlsrpt@sender.example>" };

static struct sender judge_mail(struct arena *arena, const struct trust_settings *settings,
                                const char *top, const struct mail *mail,
                                const struct report *report, struct fake *fake)
{
    struct trust_rules *rules = arena_alloc(arena, sizeof *rules);
    struct sender sender;
    struct err err = { 0 };
    const char *text = arena_printf(arena, "%s%s\r\n%s", top, signed_header, signed_body);
    assert_true(trust_rules_make(settings, rules, &err));
    struct trust_check *check =
        trust_begin(arena, rules, (struct bytes){ text, strlen(text) }, RECEIVED);
    trust_judge(check, fake ? &fake->dns : NULL, mail, report, &sender);
    assert_non_null(sender.reason);
    assert_non_null(trust_ground(arena, &sender));
    return sender;
}

static struct sender judge(struct arena *arena, const struct trust_settings *settings,
                           const char *top, const struct claim *claim, struct fake *fake)
{
    struct mail mail = { .submitter = claim->submitter, .from = claim->from };
    struct report report = { .submitter = claim->contact ? claim->contact : claim->submitter };
    return judge_mail(arena, settings, top, &mail, &report, fake);
}

static void want(const struct sender *sender, enum proof result, const char *reason)
{
    if (sender->result != result || !strstr(sender->reason, reason))
        fail_msg("%s: %s; expected %s: %s", proof_to_text(sender->result), sender->reason,
                 proof_to_text(result), reason);
}

static void test_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(signed_mails); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct fake fake = { .dns.txt = answer, .records = { signed_mails[i].key } };
        struct sender sender = judge(&arena, &standard, signed_mails[i].signature, &honest, &fake);
        want(&sender, PROOF_PASS, "key for any service");
        assert_string_equal(sender.method, "dkim");
        assert_string_equal(sender.domain, "sender.example");
        assert_string_equal(sender.selector, "s1");
        assert_string_equal(fake.name, "s1._domainkey.sender.example");
        assert_int_equal(fake.asked, 1);
    }
}

/* What the key's name holds, and what comes of it. */
static void test_keys(void **state)
{
    static const char prefix[] = "v=DKIM1; s=tlsrpt; k=ed25519; p=";
    const char *bare = strstr(ed25519_key, "p=") + 2;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *signature = signed_mails[7].signature;
    const char *tlsrpt = arena_printf(&arena, "%s%s", prefix, bare);
    const char *email = arena_printf(&arena, "s=email; k=ed25519; p=%s", bare);
    struct {
        struct fake fake;
        enum proof result;
        const char *reason;
    } rows[] = {
        { { .records = { tlsrpt } }, PROOF_PASS, "key for tlsrpt" },
        { { .records = { email } }, PROOF_FAIL, "other services" },
        { { .records = { "v=DKIM1; k=ed25519; p=" } }, PROOF_FAIL, "revoked" },
        { { .records = { "hello", rsa_key, ed25519_key } }, PROOF_PASS, "any service" },
        { { .records = { rsa_key } }, PROOF_FAIL, "another type" },
        { { .status = DNS_FOUND }, PROOF_FAIL, "" },
        { { .status = DNS_ABSENT }, PROOF_FAIL, "there is no key: s1._domainkey.sender.example" },
        { { .status = DNS_TROUBLE }, PROOF_UNKNOWN, "SERVFAIL" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        rows[i].fake.dns.txt = answer;
        struct sender sender = judge(&arena, &standard, signature, &honest, &rows[i].fake);
        want(&sender, rows[i].result, rows[i].reason);
    }
    struct trust_settings lenient = standard;
    static const char *const both[] = { "tlsrpt", "email" };
    lenient.key_services = (struct text_list){ both, 2 };
    struct sender sender = judge(&arena, &lenient, signature, &honest, &rows[1].fake);
    want(&sender, PROOF_PASS, "key for email");
}

struct fit_row {
    const char *name;
    struct claim claim;
    bool fits[3]; /* organization, subdomain, exact */
};

/* The mail is signed by sender.example. */
static const struct fit_row fit_rows[] = {
    { "all the same",
      { "sender.example", "sender.example", "a@sender.example" },
      { true, true, true } },
    { "From alone", { NULL, NULL, "a@sender.example" }, { true, true, true } },
    { "names below",
      { "mail.sender.example", "a.b.sender.example", "x <a@sender.example>" },
      { true, true, false } },
    { "another contact",
      { "google.com", "sender.example", "a@sender.example" },
      { false, false, false } },
    { "another submitter",
      { "sender.example", "google.com", "a@sender.example" },
      { false, false, false } },
    { "another From",
      { "sender.example", "sender.example", "a@google.com" },
      { false, false, false } },
    { "one of two in From",
      { "sender.example", NULL, "a@sender.example, b@google.com" },
      { false, false, false } },
    { "an address in quotes is none",
      { "sender.example", NULL, "\"b@google.com, \\\"\" <a@sender.example>" },
      { true, true, true } },
    { "upper case and a dot",
      { "sender.example", "SENDER.Example.", "a@Sender.Example" },
      { true, true, true } },
    { "a submitter that is no domain",
      { "sender.example", "Sender Inc.", "a@sender.example" },
      { true, true, true } },
    { "nothing at all", { NULL, NULL, "undisclosed" }, { false, false, false } },
    { "a name that ends alike", { NULL, NULL, "a@xsender.example" }, { false, false, false } },
    { "a public suffix", { "example", NULL, "a@sender.example" }, { false, false, false } },
};

static void test_fit(void **state)
{
    static const char *const fits[] = { "organization", "subdomain", "exact" };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(fit_rows); i++)
        for (size_t k = 0; k < ARRAY_SIZE(fits); k++) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct trust_settings settings = standard;
            struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
            settings.submitter_fit = fits[k];
            struct sender sender =
                judge(&arena, &settings, signed_mails[0].signature, &fit_rows[i].claim, &fake);
            if ((sender.result == PROOF_PASS) != fit_rows[i].fits[k])
                fail_msg("%s, %s: %s", fit_rows[i].name, fits[k], sender.reason);
            if (sender.result == PROOF_PASS)
                continue;
            want(&sender, PROOF_FAIL, "signed by sender.example, which does not speak for ");
            assert_int_equal(fake.asked, 0); /* DNS is not for those who do not fit */
        }
}

/* Whatever contact-info names is shown, also what is no address by the rules. */
static void test_contacts(void **state)
{
    static const struct {
        const char *contact;
        bool from_is_cut, fits;
    } rows[] = {
        { "a@sender.example", false, true },
        { "a@sender.example, b@mail.sender.example", false, true },
        { "https://sender.example/tlsrpt", false, true },
        { "a@sender.example <b@google.com>", false, false },
        { "b@google.com (a@sender.example)", false, false },
        { "\"b@google.com\" a@sender.example", false, false },
        { "a@sender.example", true, false }, /* who else is in From is not known */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
        struct mail mail = { .from = "a@sender.example", .from_is_cut = rows[i].from_is_cut };
        struct report report = { .contact = rows[i].contact };
        struct sender sender =
            judge_mail(&arena, &standard, signed_mails[0].signature, &mail, &report, &fake);
        want(&sender, rows[i].fits ? PROOF_PASS : PROOF_FAIL,
             rows[i].fits ? "" : "signed by sender.example, which does not speak for ");
    }
}

/* The signer may stand below the submitter, as long as one owner has registered both. */
static void test_organizations(void **state)
{
    static const struct {
        const char *signer, *claim;
        bool same;
    } rows[] = {
        { "mail.sender.example", "sender.example", true },
        { "a.sender.co.uk", "b.sender.co.uk", true },
        { "a.co.uk", "b.co.uk", false },
        { "evil.github.io", "good.github.io", false },
        { "co.uk", "a.co.uk", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *signature =
            arena_printf(&arena,
                         "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=s; h=from; "
                         "bh=AAAA; b=AAAA\r\n",
                         rows[i].signer);
        struct claim claim = { rows[i].claim, NULL, NULL };
        struct sender sender = judge(&arena, &standard, signature, &claim, NULL);
        /* Without DNS nothing is verified; but who fits would be. */
        want(&sender, rows[i].same ? PROOF_UNKNOWN : PROOF_FAIL,
             rows[i].same ? "could not be asked" : "");
    }
}

#define ALIEN "DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
#define DAMAGED \
    "DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=s; h=from; l=1; bh=AAAA; b=AAAA\r\n"

static void test_several_signatures(void **state)
{
    const char *good = signed_mails[3].signature;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
    const char *top = arena_printf(&arena, ALIEN DAMAGED "%s" ALIEN, good);
    (void)state;
    struct sender sender = judge(&arena, &standard, top, &honest, &fake);
    want(&sender, PROOF_PASS, "");
    assert_int_equal(fake.asked, 1);

    fake.status = DNS_TROUBLE; /* may still pass: the others do not settle it */
    sender = judge(&arena, &standard, top, &honest, &fake);
    want(&sender, PROOF_UNKNOWN, "SERVFAIL");

    sender = judge(&arena, &standard, DAMAGED ALIEN, &honest, &fake);
    want(&sender, PROOF_FAIL, "RFC 8460");

    struct trust_settings two = standard;
    two.signatures = 2;
    sender = judge(&arena, &two, top, &honest, &fake);
    want(&sender, PROOF_FAIL, "2 more signatures were not looked at");

    sender = judge(&arena, &standard, "", &honest, &fake);
    want(&sender, PROOF_NONE, "not signed");
}

/* A mail with several reports is verified once. */
static void test_once_for_all_reports(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
    const char *text =
        arena_printf(&arena, "%s%s\r\n%s", signed_mails[0].signature, signed_header, signed_body);
    struct trust_rules rules;
    struct mail mail = { .from = honest.from };
    struct report own = { .submitter = "sender.example" }, alien = { .submitter = "google.com" };
    struct sender sender;
    struct err err = { 0 };
    (void)state;
    assert_true(trust_rules_make(&standard, &rules, &err));
    struct trust_check *check =
        trust_begin(&arena, &rules, (struct bytes){ text, strlen(text) }, RECEIVED);
    trust_judge(check, NULL, &mail, &own, &sender);
    want(&sender, PROOF_UNKNOWN, "could not be asked");
    for (int i = 0; i < 3; i++) {
        trust_judge(check, &fake.dns, &mail, &own, &sender);
        want(&sender, PROOF_PASS, "");
        trust_judge(check, &fake.dns, &mail, &alien, &sender);
        want(&sender, PROOF_FAIL, "google.com");
    }
    assert_int_equal(fake.asked, 1);
}

static void test_expired(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
    (void)state;
    struct sender sender =
        judge(&arena, &standard,
              "DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=s; h=from; "
              "x=1600000099; bh=AAAA; b=AAAA\r\n",
              &honest, &fake);
    want(&sender, PROOF_FAIL, "expired");
    assert_int_equal(fake.asked, 0);
}

#define OURS "Authentication-Results: mx.ours.example; "

static void test_authentication_results(void **state)
{
    static const struct {
        const char *top, *mode;
        enum proof result;
        const char *reason;
    } rows[] = {
        { OURS "dkim=pass header.d=sender.example header.s=x\r\n", "authres", PROOF_PASS,
          "says so" },
        { OURS "dkim=pass header.i=@sender.example\r\n", "any", PROOF_PASS, "says so" },
        { OURS "dkim=pass header.d=sender.example\r\n", "dkim", PROOF_NONE, "not signed" },
        { OURS "dkim=pass header.d=sender.example\r\n", "none", PROOF_NONE, "trust.mail = none" },
        { OURS "dkim=pass header.d=google.com\r\n", "authres", PROOF_FAIL, "does not speak for" },
        { OURS "dkim=fail header.d=sender.example\r\n", "authres", PROOF_FAIL, "dkim=fail" },
        { OURS "dkim=pass\r\n", "authres", PROOF_FAIL, "without a domain" },
        { OURS "dkim=none\r\n", "authres", PROOF_NONE, "dkim=none" },
        { OURS "spf=pass smtp.mailfrom=sender.example\r\n", "authres", PROOF_NONE,
          "nothing of DKIM" },
        { OURS "dmarc=pass header.d=sender.example\r\n", "authres", PROOF_NONE, "nothing of DKIM" },
        { OURS "dkim=fail header.d=x.example; dkim=pass header.d=sender.example\r\n", "authres",
          PROOF_PASS, "" },
        { OURS "dkim=pass (\r\n", "authres", PROOF_FAIL, "RFC 8601" },
        { "", "authres", PROOF_NONE, "no Authentication-Results" },
        { "Authentication-Results: mx.evil.example; dkim=pass header.d=sender.example\r\n",
          "authres", PROOF_NONE, "no Authentication-Results" },
        { OURS "dkim=none\r\n" OURS "dkim=pass header.d=sender.example\r\n", "authres", PROOF_NONE,
          "dkim=none" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct trust_settings settings = standard;
        struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
        settings.mail = rows[i].mode;
        struct sender sender = judge(&arena, &settings, rows[i].top, &honest, &fake);
        if (sender.result != rows[i].result)
            print_error("%s", rows[i].top);
        want(&sender, rows[i].result, rows[i].reason);
    }
    /* `any`: what the mail server does not vouch for is verified. */
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct trust_settings any = standard;
    struct fake fake = { .dns.txt = answer, .records = { rsa_key } };
    any.mail = "any";
    const char *top = arena_printf(&arena, OURS "dkim=fail header.d=sender.example\r\n%s",
                                   signed_mails[0].signature);
    struct sender sender = judge(&arena, &any, top, &honest, &fake);
    want(&sender, PROOF_PASS, "rsa-sha256");
    fake.status = DNS_TROUBLE;
    sender = judge(&arena, &any, top, &honest, &fake);
    want(&sender, PROOF_UNKNOWN, "SERVFAIL");
}

static void test_settings(void **state)
{
    static const struct {
        struct trust_settings settings;
        const char *field;
    } rows[] = {
        { { .mail = "spf", .submitter_fit = "exact" }, "trust.mail" },
        { { .mail = "", .submitter_fit = "exact" }, "trust.mail" },
        { { .mail = "authres", .submitter_fit = "exact" }, "trust.authserv_ids" },
        { { .mail = "any", .submitter_fit = "exact" }, "trust.authserv_ids" },
        { { .mail = "none", .submitter_fit = "loose" }, "trust.submitter_fit" },
        { { .mail = "none", .submitter_fit = "exact" }, NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct trust_rules rules;
        struct err err = { 0 };
        assert_int_equal(trust_rules_make(&rows[i].settings, &rules, &err), !rows[i].field);
        if (rows[i].field)
            assert_string_equal(err.field, rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_contacts),
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_organizations),
        cmocka_unit_test(test_several_signatures),
        cmocka_unit_test(test_once_for_all_reports),
        cmocka_unit_test(test_expired),
        cmocka_unit_test(test_authentication_results),
        cmocka_unit_test(test_settings),
    };
    return dkim_is_built_in() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
