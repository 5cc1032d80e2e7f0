/* Looks at mail servers of every kind: well, refusing, silent, slow, lying; how far each look comes, and
 * that it says nothing but EHLO, STARTTLS and QUIT.
 * SPDX-License-Identifier: MIT */
#include "probe/smtp.h"
#include "servers.h"

#define HOST "mx.example.org"

struct sample {
    const char *does;
    enum setup_reach reach;
    enum setup_starttls starttls;
    bool done;         /* hands were shaken */
    int code;          /* of a reply that was not as hoped */
    const char *why;   /* part of it; NULL: nothing is the matter */
    const char *heard; /* what the server heard; NULL: it cannot tell */
};

#define ALL   "EHLO client.example;STARTTLS>QUIT"
#define CLEAR "EHLO client.example;QUIT>"

static const struct sample samples[] = {
    { "good", REACH_OPEN, STARTTLS_OFFERED, true, 0, NULL, ALL },
    { "long 50", REACH_OPEN, STARTTLS_OFFERED, true, 0, NULL, ALL },
    { "tls 1.2", REACH_OPEN, STARTTLS_OFFERED, true, 0, NULL, ALL },
    { "no-starttls", REACH_OPEN, STARTTLS_MISSING, false, 0, NULL, CLEAR },
    { "stripped", REACH_OPEN, STARTTLS_MISSING, false, 0, NULL, CLEAR },
    { "starttls 454", REACH_OPEN, STARTTLS_REFUSED, false, 454,
      "STARTTLS: the server said 454 not now", ALL },
    { "starttls 501", REACH_OPEN, STARTTLS_REFUSED, false, 501, "501", ALL },
    { "greeting 421", REACH_OPEN, STARTTLS_NONE, false, 421,
      "the greeting: the server said 421 mx.example.org not now", "QUIT>" },
    { "greeting 554 5.7.1 Your address is on a list", REACH_OPEN, STARTTLS_NONE, false, 554,
      "on a list", "QUIT>" },
    { "greeting 250", REACH_OPEN, STARTTLS_NONE, false, 250, "the greeting", "QUIT>" },
    { "ehlo 550", REACH_OPEN, STARTTLS_NONE, false, 550, "EHLO: the server said 550 no", CLEAR },
    { "ehlo 451", REACH_OPEN, STARTTLS_NONE, false, 451, "EHLO", CLEAR },
    { "ehlo 502", REACH_OPEN, STARTTLS_MISSING, false, 502, "EHLO", CLEAR },
    { "ehlo 500", REACH_OPEN, STARTTLS_MISSING, false, 500, "EHLO", CLEAR },
    { "tls old", REACH_OPEN, STARTTLS_OFFERED, false, 0, "1.2", NULL },
    { "alert", REACH_OPEN, STARTTLS_OFFERED, false, 0, "alert \"handshake failure\"", NULL },
    { "cut", REACH_OPEN, STARTTLS_OFFERED, false, 0, "TLS: the handshake failed: the", NULL },
    { "garbage", REACH_OPEN, STARTTLS_OFFERED, false, 0, "not TLS", NULL },
    { "inject", REACH_OPEN, STARTTLS_OFFERED, false, 0, "in plain text after", NULL },
    { "long 300", REACH_OPEN, STARTTLS_NONE, false, 0, "too many lines", NULL },
    { "endless", REACH_OPEN, STARTTLS_NONE, false, 0, "too ", NULL },
    { "refused", REACH_REFUSED, STARTTLS_NONE, false, 0, "refused", NULL },
};

static void look_at(struct arena *arena, const struct wire_terms *terms, const char *does,
                    struct setup_probe *out)
{
    struct smtp_target target = { .host = HOST,
                                  .address = arena_text(arena, ask("mail %s / good", does)) };
    memset(out, 0xff, sizeof *out);
    smtp_look(arena, terms, &target, out);
    assert_true(out->address == target.address);
    assert_int_equal(out->dane, DANE_NONE);
}

/* What the server at ADDRESS heard, once the client has gone. */
static const char *heard(const char *address)
{
    const char *visits = "";
    for (int i = 0; i < 2000 && !*visits; i++) {
        usleep(10000);
        visits = ask("visits %s", address);
    }
    return visits;
}

static void test_samples(void **state)
{
    int open_before = open_files();
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct sample *want = &samples[i];
        struct setup_probe probe;
        look_at(&arena, &servers.terms, want->does, &probe);
        if (probe.reach != want->reach || probe.starttls != want->starttls
            || probe.tls.done != want->done || probe.code != want->code
            || !!probe.why != !!want->why || (want->why && !strstr(probe.why, want->why)))
            fail_msg("%s: reach %d, STARTTLS %d, code %d, \"%s\"", want->does, probe.reach,
                     probe.starttls, probe.code, probe.why);
        if (want->heard)
            assert_string_equal(heard(probe.address), want->heard);
        assert_true(probe.milliseconds >= 0 && probe.at_seconds > 0);
    }
    assert_int_equal(open_files(), open_before);
}

static void test_what_is_shown(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_probe probe;
    look_at(&arena, &servers.terms, "good", &probe);
    assert_string_equal(probe.banner, "220 mx.example.org ESMTP");
    assert_true(probe.tls.tried);
    assert_string_equal(probe.tls.version, "TLSv1.3");
    assert_int_equal(probe.tls.certificate.flaws, 0);
    assert_string_equal(probe.tls.certificate.names.items[0], HOST);
    look_at(&arena, &servers.terms, "tls old", &probe);
    assert_true(probe.tls.tried && probe.tls.too_old);
    look_at(&arena, &servers.terms, "inject", &probe);
    assert_true(probe.tls.tried && !probe.tls.done && !probe.tls.certificate.shown);
    look_at(&arena, &servers.terms, "starttls 454", &probe);
    assert_false(probe.tls.tried);
}

/* A silent server costs a step; one that drips costs a step for each reply, and all of it no more than
 * the whole. The bounds are wide: what is tested is that there are some. */
static void test_slow_servers(void **state)
{
    static const struct {
        const char *does, *where;
        int64_t step_ms, total_ms;
    } cases[] = {
        { "mute", "the greeting: no answer in time", 300, 60000 },
        { "mute-ehlo", "EHLO: no answer in time", 3000, 60000 },
        { "mute-tls", "TLS: the handshake failed: no answer in time", 3000, 60000 },
        { "drip 0.3", "the greeting: no answer in time", 500, 60000 },
        { "drip 0.3", "the greeting: no answer in time", 60000, 500 },
        { "mute", "the greeting: no answer in time", 60000, 300 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct wire_terms terms = servers.terms;
        struct setup_probe probe;
        terms.step_ms = cases[i].step_ms;
        terms.total_ms = cases[i].total_ms;
        look_at(&arena, &terms, cases[i].does, &probe);
        assert_int_equal(probe.reach, REACH_OPEN);
        assert_string_equal(probe.why, cases[i].where);
        assert_in_range(probe.milliseconds, 300, 30000);
    }
}

static void test_addresses(void **state)
{
    static const struct {
        const char *address;
        enum setup_reach reach;
        const char *why;
    } cases[] = {
        { "10.1.2.3", REACH_FORBIDDEN, "10.1.2.3 is private (10.0.0.0/8)" },
        { "169.254.169.254", REACH_FORBIDDEN, "metadata" },
        { "mx.example.org", REACH_FORBIDDEN, "no address" },
        { "192.0.2.1", REACH_UNREACHABLE, "unreachable" },
        { "2001:db8::1", REACH_UNREACHABLE, "unreachable" },
        { "::1", REACH_REFUSED, "refused" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct smtp_target target = { .host = HOST, .address = cases[i].address };
        struct setup_probe probe;
        smtp_look(&arena, &servers.terms, &target, &probe);
        if (probe.reach != cases[i].reach || !strstr(probe.why, cases[i].why))
            fail_msg("%s: %d, %s", cases[i].address, probe.reach, probe.why);
    }
}

static void test_ipv6(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct smtp_target target = { .host = HOST, .address = "::1" };
    struct setup_probe probe;
    assert_string_equal(ask("mail6 good / good"), "::1");
    smtp_look(&arena, &servers.terms, &target, &probe);
    assert_true(probe.tls.done && !probe.why);
}

static void test_nobody_answers(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct wire_terms terms = servers.terms;
    struct setup_probe probe;
    terms.connect_ms = 300;
    look_at(&arena, &terms, "deaf", &probe);
    assert_int_equal(probe.reach, REACH_TIMEOUT);
    assert_string_equal(probe.why, "no answer within 0.3 seconds");
}

static void test_dane(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *record = arena_printf(&arena, "3 1 1 %s", ask("spki"));
    struct text_list records = { &record, 1 };
    struct smtp_target target = { .host = HOST, .tlsa = &records };
    struct setup_probe probe;
    target.address = arena_text(&arena, ask("mail good / self-signed"));
    smtp_look(&arena, &servers.terms, &target, &probe);
    assert_int_equal(probe.dane, DANE_MATCHES);
    assert_int_equal(probe.tls.certificate.flaws, FLAW_UNTRUSTED | FLAW_SELF_SIGNED);
    target.address = arena_text(&arena, ask("mail good / weak-key")); /* another key */
    smtp_look(&arena, &servers.terms, &target, &probe);
    assert_int_equal(probe.dane, DANE_MISMATCH);
    target.address = arena_text(&arena, ask("mail no-starttls / good"));
    smtp_look(&arena, &servers.terms, &target, &probe);
    assert_int_equal(probe.dane, DANE_NONE);
}

static bool is_expired(const char *address)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct smtp_target target = { .host = HOST, .address = address };
    struct setup_probe probe;
    smtp_look(&arena, &servers.terms, &target, &probe);
    return probe.tls.done && probe.tls.certificate.flaws == FLAW_EXPIRED;
}

static void test_many_at_once(void **state)
{
    (void)state;
    many_at_once(is_expired, "mail good / expired");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),      cmocka_unit_test(test_what_is_shown),
        cmocka_unit_test(test_slow_servers), cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_ipv6),         cmocka_unit_test(test_nobody_answers),
        cmocka_unit_test(test_dane),         cmocka_unit_test(test_many_at_once),
    };
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
