/* Mail servers and DANE: STARTTLS and certificate at every address, and what could not be looked at.
 * SPDX-License-Identifier: MIT */
#include "setup_world.h"

static struct world world;

static void flaw(struct world *it, unsigned flaws)
{
    it->probes[1][0].tls.certificate.flaws = it->probes[1][1].tls.certificate.flaws = flaws;
}
static void expired(struct world *it)
{
    flaw(it, FLAW_EXPIRED);
    it->probes[1][0].tls.certificate.end_seconds = NOW - DAY;
    it->probes[1][1].tls.certificate.end_seconds = NOW - DAY;
}
static void wrong_name(struct world *it)
{
    flaw(it, FLAW_NAME);
    it->probes[1][0].tls.certificate.names = world_certificate(it, "mail.b.example").names;
}
static void ends_in(struct world *it, int64_t days)
{
    it->probes[0][0].tls.certificate.end_seconds = NOW + days * DAY;
    it->probes[0][1].tls.certificate.end_seconds = NOW + days * DAY;
}
static void ends_in_20(struct world *it)
{
    ends_in(it, 20);
}
static void ends_in_6(struct world *it)
{
    ends_in(it, 6);
}
static void starttls(struct world *it, enum setup_starttls starttls, int from)
{
    for (int i = from; i < 2; i++) {
        it->probes[0][i].starttls = starttls;
        it->probes[0][i].tls = (struct setup_tls){ 0 };
    }
}
static void no_starttls(struct world *it)
{
    starttls(it, STARTTLS_MISSING, 0);
}
static void no_starttls_v6(struct world *it)
{
    starttls(it, STARTTLS_MISSING, 1);
}
static void starttls_refused(struct world *it)
{
    starttls(it, STARTTLS_REFUSED, 0);
    it->probes[0][0].code = 454;
    it->probes[0][0].why = "TLS not available";
}
static void greylisted(struct world *it)
{
    starttls(it, STARTTLS_NONE, 0);
    it->probes[0][0].code = 450;
    it->probes[0][0].why = "450 try again later";
}
static void handshake(struct world *it)
{
    for (int i = 0; i < 2; i++)
        it->probes[0][i].tls =
            (struct setup_tls){ .tried = true, .why = "alert handshake failure" };
}
static void old_tls(struct world *it)
{
    handshake(it);
    it->probes[0][0].tls.too_old = it->probes[0][1].tls.too_old = true;
}
static void reach(struct world *it, enum setup_reach reach, int hosts)
{
    for (int i = 0; i < hosts; i++)
        for (int j = 0; j < 2; j++)
            it->probes[i][j] =
                (struct setup_probe){ .address = it->probes[i][j].address, .reach = reach };
}
static void one_dead(struct world *it)
{
    reach(it, REACH_TIMEOUT, 1);
}
static void all_closed(struct world *it)
{
    reach(it, REACH_REFUSED, 2);
}
static void all_dead(struct world *it)
{
    reach(it, REACH_TIMEOUT, 2);
}
static void told_blocked(struct world *it)
{
    reach(it, REACH_REFUSED, 2);
    it->facts.smtp_blocked = true;
}
static void no_way(struct world *it)
{
    it->probes[0][1] = (struct setup_probe){ .address = "2001:db8::1", .reach = REACH_UNREACHABLE };
}
static void forbidden(struct world *it)
{
    reach(it, REACH_FORBIDDEN, 1);
}
static void later(struct world *it)
{
    reach(it, REACH_LATER, 1);
}
static void not_looked(struct world *it)
{
    reach(it, REACH_NONE, 1);
}
static void no_address(struct world *it)
{
    it->mx[0].a = it->mx[0].aaaa = world_answer(it, "mx1.a.example", "A", NULL);
    it->mx[0].probe_count = 0;
}
static void v6_certificate(struct world *it)
{
    it->probes[0][1].tls.certificate.flaws = FLAW_NAME;
}

/* --- DANE --- */

static void dane(struct world *it, enum setup_dane dane, int hosts)
{
    for (int i = 0; i < hosts; i++) {
        it->mx[i].tlsa = world_answer(it, "_25._tcp", "TLSA", "3 1 1 bb");
        world_record(&it->mx[i].tlsa, "3 1 1 cc");
        it->mx[i].tlsa.secure = true;
        it->probes[i][0].dane = it->probes[i][1].dane = dane;
    }
}
static void dane_mismatch(struct world *it)
{
    dane(it, DANE_MATCHES, 2);
    it->probes[1][1].dane = DANE_MISMATCH;
}
static void dane_bogus(struct world *it)
{
    it->mx[0].tlsa.status = LOOKUP_BOGUS;
}
static void dane_unsigned(struct world *it)
{
    dane(it, DANE_NONE, 2);
    it->mx[0].tlsa.secure = it->mx[1].tlsa.secure = false;
}
static void dane_partly(struct world *it)
{
    dane(it, DANE_MATCHES, 1);
}
static void dane_unusable(struct world *it)
{
    dane(it, DANE_MATCHES, 2);
    it->mx[0].tlsa.records = world_answer(it, "", "", "1 1 1 bb").records;
}
static void dane_no_spare(struct world *it)
{
    dane(it, DANE_MATCHES, 2);
    it->mx[0].tlsa.records.count = 1;
}
static void dane_elsewhere(struct world *it)
{
    dane(it, DANE_MATCHES, 2);
    it->mx[0].name = "mx.provider.example";
    it->facts.mx_servers.count = 0;
    world_policy(it, POLICY_TEXT("testing", "mx: mx2.a.example\r\nmx: mx.provider.example\r\n",
                                 "86400"));
    it->facts.clients.count = 0;
}
static void dane_not_looked(struct world *it)
{
    dane(it, DANE_NONE, 2);
}

/* clang-format off */
static const struct world_case cases[] = {
    { "R70 no STARTTLS", no_starttls, "mx.no-starttls", SEVERITY_ERROR, "mx1.a.example", "all 2 addresses", true },
    { "R70 no STARTTLS over IPv6", no_starttls_v6, "mx.no-starttls", SEVERITY_ERROR, "mx1.a.example (2001:db8::1)", NULL, false },
    { "R70 X8 families differ", no_starttls_v6, "mx.v6-differs", SEVERITY_WARNING, "mx1.a.example", "IPv6", false },
    { "R71 X8 certificate differs", v6_certificate, "mx.v6-differs", SEVERITY_WARNING, "mx1.a.example", "name", false },
    { "R70 STARTTLS refused", starttls_refused, "mx.starttls-refused", SEVERITY_ERROR, NULL, "454", true },
    { "R77 handshake", handshake, "mx.handshake", SEVERITY_ERROR, NULL, "alert handshake failure", true },
    { "R77 old TLS", old_tls, "mx.tls-old", SEVERITY_ERROR, NULL, NULL, true },
    { "R71 X17 expired", expired, "mx.expired", SEVERITY_ERROR, "mx2.a.example", NULL, true },
    { "R71 X17 wrong name", wrong_name, "mx.name", SEVERITY_ERROR, NULL, "mail.b.example, not mx2.a.example", true },
    { "R73 20 days left", ends_in_20, "mx.expiring", SEVERITY_WARNING, "mx1.a.example", NULL, true },
    { "R73 6 days left", ends_in_6, "mx.expiring", SEVERITY_ERROR, NULL, NULL, true },
    { "R74 one of two dead", one_dead, "mx.noreach", SEVERITY_WARNING, "mx1.a.example", NULL, true },
    { "R74 listed host does not resolve", no_address, "mx.no-address", SEVERITY_WARNING, "mx1.a.example", NULL, true },
    { "R74 all refuse", all_closed, "mx.noreach-all", SEVERITY_ERROR, NULL, NULL, true },
    { "R75 no answer anywhere", all_dead, "mx.blocked", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R75 port 25 is blocked", told_blocked, "mx.blocked", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R75 greylisted", greylisted, "mx.inconclusive", SEVERITY_UNKNOWN, "mx1.a.example", "450", true },
    { "R75 no way to IPv6 from here", no_way, "mx.unreachable", SEVERITY_UNKNOWN, "mx1.a.example (2001:db8::1)", NULL, true },
    { "R78 forbidden address", forbidden, "mx.forbidden", SEVERITY_UNKNOWN, NULL, "check.allow_networks", true },
    { "R75 looked at lately", later, "mx.later", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R75 not asked", not_looked, "mx.not-looked", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R76 TLSA mismatch", dane_mismatch, "dane.mismatch", SEVERITY_ERROR, "mx2.a.example", "2001:db8::1", true },
    { "X11 TLSA bogus", dane_bogus, "dane.bogus", SEVERITY_ERROR, NULL, NULL, true },
    { "R76 TLSA unsigned", dane_unsigned, "dane.unsigned", SEVERITY_WARNING, NULL, NULL, false },
    { "R76 TLSA for one host", dane_partly, "dane.partly", SEVERITY_WARNING, "mx2.a.example", NULL, true },
    { "R76 TLSA of another usage", dane_unusable, "dane.unusable", SEVERITY_WARNING, "mx1.a.example", NULL, true },
    { "R76 no spare", dane_no_spare, "dane.no-spare", SEVERITY_INFO, "mx1.a.example", NULL, true },
    { "R87 reports of the MX host's domain", dane_elsewhere, "dane.reports", SEVERITY_INFO, NULL, "_smtp._tls.mx.provider.example", true },
    { "R76 no certificate was seen", dane_not_looked, "dane.not-looked", SEVERITY_UNKNOWN, NULL, NULL, false },
};
/* clang-format on */

static void test_cases(void **state)
{
    (void)state;
    assert_true(world_all_hold(&world, cases, ARRAY_SIZE(cases)));
    assert_true(world_flaws_hold(&world, flaw, "mx", true));
    assert_true(world_covers(SETUP_SERVERS, ""));
    assert_true(world_covers(SETUP_DANE, ""));
}

/* TV14: what could not be looked at leaves the gate undecided, neither good nor bad. */
static void test_unknown_is_neither(void **state)
{
    (void)state;
    world_begin(&world);
    all_dead(&world);
    const struct setup_result result = world_judge(&world);
    assert_int_equal(result.steps[SETUP_SERVERS], SETUP_UNKNOWN);
    assert_int_equal(result.gates[GATE_MX_TLS], KNOWN_NOT);
    assert_non_null(result.found[GATE_MX_TLS]);
    assert_int_equal(result.gates[GATE_CERTIFICATES], KNOWN_NOT);
    assert_int_equal(result.word, VERDICT_READY_LIMITED);
    arena_free(&world.arena);
}

/* TV18: a backup that is dead beside one that answers is a warning, and the gate stays open. */
static void test_one_dead_is_no_failure(void **state)
{
    (void)state;
    world_begin(&world);
    one_dead(&world);
    const struct setup_result result = world_judge(&world);
    assert_int_equal(result.steps[SETUP_SERVERS], SETUP_WARNED);
    assert_int_equal(result.gates[GATE_MX_TLS], KNOWN_TRUE);
    assert_false(world_find(&result, "mx.noreach")->blocks);
    arena_free(&world.arena);
}

/* G7: 13 days are too few for enforce, 15 are not. */
static void test_certificate_gate(void **state)
{
    (void)state;
    for (int days = 13; days <= 15; days += 2) {
        world_begin(&world);
        ends_in(&world, days);
        const struct setup_result result = world_judge(&world);
        assert_int_equal(result.gates[GATE_CERTIFICATES], days < 14 ? KNOWN_FALSE : KNOWN_TRUE);
        if (days < 14)
            assert_non_null(strstr(result.found[GATE_CERTIFICATES], "mx1.a.example"));
    }
    arena_free(&world.arena);
}

/* R100: the letter says which host, which addresses, what was seen and its certificate; strangers' text
 * cannot begin a line of its own. */
static void test_letter(void **state)
{
    (void)state;
    static const char *const want[] = {
        "Subject: TLS at the mail server mx2.a.example\n",
        "* The certificate has expired\n",
        "\n* 192.0.2.1, 2026-11-28 12:00 UTC\n",
        "\n* 2001:db8::1, ",
        "  STARTTLS: offered\n",
        "  Greeting: 220 evil  Kind regards\n",
        "  Certificate: CN=mx2.a.example\n",
        "  Issuer: CN=R10,O=Let's Encrypt,C=US\n",
        "  Names (SAN): mx2.a.example\n",
        "  Valid: 2026-10-29 to 2026-11-27\n",
        "  Chain sent: CN=mx2.a.example, CN=R10",
        "The other mail server of the domain passes the same look.\n",
        "-connect mx2.a.example:25",
    };
    world_begin(&world);
    expired(&world);
    world.probes[1][0].banner = "220 evil\r\nKind regards";
    const struct setup_result result = world_judge(&world);
    const char *letter = world_find(&result, "mx.expired")->letter;
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        if (!strstr(letter, want[i]))
            fail_msg("no %s in:\n%s", want[i], letter);
    assert_null(strstr(letter, "mx1.a.example"));
    arena_free(&world.arena);
}

/* Where DANE holds and nothing of MTA-STS is there, a certificate that nobody else trusts is no fault. */
static void test_dane_alone(void **state)
{
    (void)state;
    world_begin(&world);
    dane(&world, DANE_MATCHES, 2);
    flaw(&world, FLAW_SELF_SIGNED | FLAW_UNTRUSTED);
    world.facts.sts = world_answer(&world, "_mta-sts.a.example", "TXT", NULL);
    world.facts.sts_servers.count = world.facts.fetches.count = 0;
    const struct setup_result result = world_judge(&world);
    assert_int_equal(world_find(&result, "mx.self-signed")->severity, SEVERITY_INFO);
    assert_int_equal(result.steps[SETUP_DANE], SETUP_GOOD);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_unknown_is_neither),
        cmocka_unit_test(test_one_dead_is_no_failure),
        cmocka_unit_test(test_certificate_gate),
        cmocka_unit_test(test_letter),
        cmocka_unit_test(test_dane_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
