/* Certificates of every kind, each flaw by itself and together; handshakes that fail, and the sentence about
 * each; DANE by real handshakes.
 * SPDX-License-Identifier: MIT */
#include "probe/tls.h"
#include "servers.h"

#define NAME "mta-sts.example.org"

struct kind {
    const char *certificate;
    unsigned want;
    const char *why; /* part of it */
};

static const struct kind kinds[] = {
    { "good", 0, NULL },
    { "expiring", 0, NULL },
    { "expired", FLAW_EXPIRED, "expired on 20" },
    { "not-yet", FLAW_NOT_YET, "not valid before 20" },
    { "name", FLAW_NAME, "it is not for " NAME },
    { "names other.example *.org *.example.org.evil.example", FLAW_NAME, "not for" },
    { "names MTA-STS.Example.ORG", 0, NULL },
    { "names *." NAME, FLAW_NAME, "not for" },
    { "common-name", FLAW_NAME, "it has no DNS name in subjectAltName" },
    { "wildcard", 0, NULL },
    { "part-wildcard", FLAW_NAME, "not for" },
    { "weak-key", FLAW_WEAK, "a key of 1024 bits is too weak" },
    { "sha1", FLAW_WEAK, "a signature with" },
    { "client-only", FLAW_PURPOSE, "purpose" },
    { "untrusted rootless", FLAW_UNTRUSTED, "unknown issuer (CN=Stranger's Root)" },
    { "untrusted", FLAW_UNTRUSTED, "self-signed certificate in certificate chain" },
    { "untrusted chain", FLAW_UNTRUSTED, "unknown issuer (CN=Stranger's Root)" },
    { "self-signed", FLAW_UNTRUSTED | FLAW_SELF_SIGNED, "self-signed certificate" },
    { "no-intermediate", FLAW_CHAIN, "was not sent (CN=Test Intermediate)" },
    { "private no-intermediate", FLAW_UNTRUSTED, "unknown issuer (CN=Test Intermediate)" },
    { "logged chain", FLAW_CHAIN, "was not sent (CN=Stranger's Root)" },
    { "chain-expired", FLAW_EXPIRED, "certificate has expired (CN=Lapsed Intermediate)" },
    { "all wrong", FLAW_EXPIRED | FLAW_NAME | FLAW_UNTRUSTED | FLAW_WEAK | FLAW_PURPOSE,
      "expired on" },
    { "expired and name", FLAW_EXPIRED | FLAW_NAME, "expired on" },
};

static void look_at(struct arena *arena, const char *address, uint16_t port, struct tls_look *look,
                    struct setup_tls *out)
{
    struct err err = { 0 };
    struct tls *tls = NULL;
    int fd = -1;
    look->arena = arena;
    look->roots = servers.roots;
    look->name = NAME;
    look->out = out;
    *out = (struct setup_tls){ 0 };
    assert_int_equal(wire_connect(&servers.terms, address, port, &fd, &err), REACH_OPEN);
    bool good = tls_open(look, fd, clock_monotonic_ms() + 20000, &tls);
    assert_true(good == out->done && good == (tls != NULL));
    tls_close(&tls);
    wire_close(&fd);
}

static void test_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct kind *kind = &kinds[i];
        struct tls_look look = { 0 };
        struct setup_tls tls;
        look_at(&arena, ask("web good / %s", kind->certificate), 443, &look, &tls);
        const struct setup_certificate *shown = &tls.certificate;
        assert_true(tls.done && tls.tried && shown->shown && !tls.too_old);
        if (shown->flaws != kind->want || !!shown->why != !!kind->why
            || (kind->why && !strstr(shown->why, kind->why)))
            fail_msg("%s: %#x \"%s\", not %#x", kind->certificate, shown->flaws, shown->why,
                     kind->want);
    }
}

static void test_what_is_shown(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct tls_look look = { 0 };
    struct setup_tls tls;
    int64_t now = clock_now();
    look_at(&arena, ask("web good / wildcard"), 443, &look, &tls);
    const struct setup_certificate *shown = &tls.certificate;
    assert_string_equal(tls.version, "TLSv1.3");
    assert_non_null(strstr(tls.cipher, "_"));
    assert_string_equal(shown->subject, "CN=" NAME);
    assert_string_equal(shown->issuer, "CN=Test Intermediate");
    assert_int_equal(shown->names.count, 1);
    assert_string_equal(shown->names.items[0], "*.example.org");
    assert_int_equal(shown->chain.count, 2);
    assert_string_equal(shown->chain.items[1], "CN=Test Intermediate");
    assert_in_range(now - shown->begin_seconds, 10 * DAY_SECONDS - 1, 10 * DAY_SECONDS + 600);
    assert_in_range(shown->end_seconds - now, 60 * DAY_SECONDS - 600, 60 * DAY_SECONDS + 1);
    assert_true(shown->chain_end_seconds == shown->end_seconds);
    assert_string_equal(shown->spki_sha256, ask("spki"));
    assert_int_equal(strlen(shown->sha256), 64);
    look_at(&arena, ask("web good / chain-expired"), 443, &look, &tls);
    assert_true(tls.certificate.chain_end_seconds < now && tls.certificate.end_seconds > now);
}

static void test_handshakes_that_fail(void **state)
{
    static const struct {
        const char *does, *why;
        bool too_old;
    } cases[] = {
        { "tls old", "1.2", true },
        { "alert", "the server refused the handshake: alert \"handshake failure\"", false },
        { "plain", "the handshake failed: what it sent is not TLS", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct tls_look look = { 0 };
        struct setup_tls tls;
        look_at(&arena, ask("web %s / good", cases[i].does), 443, &look, &tls);
        assert_false(tls.done);
        if (!strstr(tls.why, cases[i].why) || tls.too_old != cases[i].too_old)
            fail_msg("%s: %s", cases[i].does, tls.why);
    }
}

static void test_versions(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct tls_look look = { 0 };
    struct setup_tls tls;
    look_at(&arena, ask("web tls 1.2 / good"), 443, &look, &tls);
    assert_true(tls.done);
    assert_string_equal(tls.version, "TLSv1.2");
    look_at(&arena, ask("web tls 1.3 / good"), 443, &look, &tls);
    assert_string_equal(tls.version, "TLSv1.3");
}

static void test_names_that_are_sent(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct tls_look look = { 0 };
    struct setup_tls tls;
    char address[64];
    snprintf(address, sizeof address, "%s", ask("web good / self-signed but good by name"));
    look_at(&arena, address, 443, &look, &tls);
    assert_int_equal(tls.certificate.flaws, 0);
}

/* A record is usage, selector, matching type, and whose digest: the key's, or that of the Nth certificate. */
static const struct {
    const char *certificate, *domain, *record, *more;
    enum setup_dane want;
} dane_cases[] = {
    { "good", NULL, "3 1 1 KEY", NULL, DANE_MATCHES },
    { "expired and name", NULL, "3 1 1 KEY", NULL, DANE_MATCHES },
    { "self-signed", NULL, "3 1 1 KEY", NULL, DANE_MATCHES },
    { "good", NULL, "3 0 1 SENT0", NULL, DANE_MATCHES },
    { "good", NULL, "3 0 1 SENT1", NULL, DANE_MISMATCH },
    { "weak-key", NULL, "3 1 1 KEY", NULL, DANE_MISMATCH },
    { "good", NULL, "3 1 1 NONE", NULL, DANE_MISMATCH },
    { "good", NULL, "3 1 1 NONE", "3 1 1 KEY", DANE_MATCHES },
    { "good", NULL, "2 0 1 SENT1", NULL, DANE_MATCHES },
    { "good", NULL, "2 1 1 KEY", NULL, DANE_MISMATCH },
    { "untrusted chain", NULL, "2 0 1 SENT1", NULL, DANE_MATCHES },
    { "untrusted", NULL, "2 0 1 SENT1", NULL, DANE_MATCHES },
    { "expired", NULL, "2 0 1 SENT1", NULL, DANE_MISMATCH },
    { "names other.example", NULL, "2 0 1 SENT1", NULL, DANE_MISMATCH },
    { "names other.example", "other.example", "2 0 1 SENT1", NULL, DANE_MATCHES },
    /* what does not count */
    { "good", NULL, "1 1 1 KEY", NULL, DANE_NONE },
    { "good", NULL, "0 0 1 SENT1", NULL, DANE_NONE },
    { "good", NULL, "1 1 1 NONE", "3 1 1 KEY", DANE_MATCHES },
    { "good", NULL, "3 1 1 abcd", NULL, DANE_NONE },
    { "good", NULL, "3 1 1", NULL, DANE_NONE },
    { "good", NULL, "3 1 1 xyz", NULL, DANE_NONE },
    { "good", NULL, "3 1 9 KEY", NULL, DANE_NONE },
    { "good", NULL, "256 1 1 KEY", NULL, DANE_NONE },
    { "good", NULL, "", NULL, DANE_NONE },
};

static const char *record_of(struct arena *arena, const char *certificate, const char *record)
{
    const char *whose = strrchr(record, ' ');
    if (!whose
        || (strncmp(whose, " KEY", 4) != 0 && strncmp(whose, " SENT", 5) != 0
            && strcmp(whose, " NONE") != 0))
        return record;
    const char *digest = whose[1] == 'K'   ? ask("spki")
                         : whose[1] == 'S' ? ask("digest %s %s", certificate, whose + 5)
                                           : "00000000000000000000000000000000"
                                             "00000000000000000000000000000000";
    return arena_printf(arena, "%.*s %s", (int)(whose - record), record, digest);
}

static void test_dane(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(dane_cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *certificate = dane_cases[i].certificate, *more = dane_cases[i].more;
        const char *records[] = { record_of(&arena, certificate, dane_cases[i].record),
                                  more ? record_of(&arena, certificate, more) : NULL };
        struct text_list list = { records, more ? 2 : 1 };
        struct tls_look look = { .tlsa = &list, .domain = dane_cases[i].domain };
        struct setup_tls tls;
        look_at(&arena, ask("web good / %s", certificate), 443, &look, &tls);
        assert_true(tls.done);
        if (look.dane != dane_cases[i].want)
            fail_msg("%s, %s: %d", certificate, records[0], look.dane);
    }
}

static void test_dane_that_is_not_looked_at(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *record = record_of(&arena, "good", "3 1 1 NONE");
    struct text_list list = { &record, 1 };
    struct tls_look look = { .tlsa = &list };
    struct setup_tls tls;
    look_at(&arena, ask("web alert / good"), 443, &look, &tls);
    assert_int_equal(look.dane, DANE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_what_is_shown),
        cmocka_unit_test(test_handshakes_that_fail),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_names_that_are_sent),
        cmocka_unit_test(test_dane),
        cmocka_unit_test(test_dane_that_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
