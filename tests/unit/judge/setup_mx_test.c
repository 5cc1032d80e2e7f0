/* MX records against the policy, other servers and what was seen before.
 * SPDX-License-Identifier: MIT */
#include "setup_world.h"

static struct world world;

static void lookup(struct world *it, enum setup_lookup status)
{
    it->facts.mx_answer = world_answer(it, "a.example", "MX", NULL);
    it->facts.mx_answer.status = status;
    it->facts.mx_servers.count = 0;
    it->facts.mx_count = 0;
}
static void mx_servfail(struct world *it)
{
    lookup(it, LOOKUP_SERVFAIL);
}
static void mx_bogus(struct world *it)
{
    lookup(it, LOOKUP_BOGUS);
}
static void mx_timeout(struct world *it)
{
    lookup(it, LOOKUP_TIMEOUT);
}
static void mx_nxdomain(struct world *it)
{
    lookup(it, LOOKUP_NXDOMAIN);
}
static void unlisted(struct world *it)
{
    world_mx(it, "mx3.a.example");
    it->mx_servers[0].records = it->facts.mx_answer.records;
}
static void unlisted_in_enforce(struct world *it)
{
    unlisted(it);
    world_policy(it, POLICY_ENFORCE);
    it->facts.clients.count = 0;
}
static void other_case(struct world *it) /* fits */
{
    world_policy(it, POLICY_TEXT("testing", "mx: MX1.a.Example\r\nmx: mx2.a.example\r\n", "86400"));
    it->facts.clients.count = 0;
    it->history.last_report_seconds = 0;
}
static void none_match(struct world *it)
{
    world_policy(it, POLICY_TEXT("enforce", "mx: mx.other.example\r\n", "1209600"));
    it->facts.clients.count = 0;
}
static void one_label(struct world *it)
{
    world_mx(it, "mx3.eu.a.example");
    it->mx_servers[0].records = it->facts.mx_answer.records;
    world_policy(it, POLICY_TEXT("testing", "mx: *.a.example\r\n", "86400"));
    it->facts.clients.count = 0;
}
static void only_wildcards(struct world *it) /* X15: fits, and is broad */
{
    world_policy(it, POLICY_TEXT("testing", "mx: *.a.example\r\n", "86400"));
    it->facts.clients.count = 0;
}
static void implicit(struct world *it)
{
    lookup(it, LOOKUP_NODATA);
    world_mx(it, "a.example");
    it->facts.mx_answer = world_answer(it, "a.example", "MX", NULL);
    it->facts.mx_answer.status = LOOKUP_NODATA;
    it->mx[0].implicit = true;
}
static void implicit_listed(struct world *it)
{
    implicit(it);
    world_policy(it, POLICY_TEXT("testing", "mx: a.example\r\n", "86400"));
    it->facts.clients.count = 0;
}
static void null_mx(struct world *it)
{
    it->facts.mx_answer = world_answer(it, "a.example", "MX", "0 .");
    it->mx_servers[0].records = it->facts.mx_answer.records;
    it->facts.null_mx = true;
    it->facts.mx_count = 0;
}
static void null_mx_mixed(struct world *it)
{
    it->facts.null_mx = true;
    world_record(&it->facts.mx_answer, "0 .");
    it->mx_servers[0].records = it->facts.mx_answer.records;
}
static void extra(struct world *it)
{
    world_policy(it, POLICY_TEXT("testing", POLICY_HOSTS "mx: next.a.example\r\n", "86400"));
    it->facts.clients.count = 0;
}
static void extra_long(struct world *it)
{
    extra(it);
    const struct setup_result now = world_judge(it);
    world_pair(it, "20261101000000", now.policy_sha256, 40, 1);
}
static void extra_after_leaving(struct world *it) /* it was an MX two weeks ago */
{
    extra_long(it);
    it->mx_seen[0] = (struct setup_seen){ "next.a.example", NOW - 80 * DAY, NOW - 14 * DAY, 3600 };
    it->history.mx = (struct setup_seen_list){ it->mx_seen, 1 };
}
static void changed(struct world *it)
{
    it->mx_seen[0] = (struct setup_seen){ "mx1.a.example", NOW - 80 * DAY, NOW, 3600 };
    it->mx_seen[1] = (struct setup_seen){ "old.a.example", NOW - 80 * DAY, NOW - 2 * DAY, 3600 };
    it->mx_seen[2] = (struct setup_seen){ "older.a.example", NOW - 80 * DAY, NOW - 9 * DAY, 3600 };
    it->history.mx = (struct setup_seen_list){ it->mx_seen, 3 };
}
static void reported(struct world *it)
{
    it->reported[0] = (struct setup_seen){ "mx2.a.example", NOW - 9 * DAY, NOW - DAY, -1 };
    it->reported[1] = (struct setup_seen){ "backup.b.example", NOW - 9 * DAY, NOW - DAY, -1 };
    it->history.reported_mx = (struct setup_seen_list){ it->reported, 2 };
}
static void split(struct world *it)
{
    it->mx_servers[0].records = world_answer(it, "", "", "10 mx1.a.example").records;
    world_record(&it->mx_servers[0], "20 hidden.a.example");
}
static void literal(struct world *it)
{
    world_mx(it, "192.0.2.25");
    it->mx_servers[0].records = it->facts.mx_answer.records;
}
static void alias(struct world *it)
{
    world_alias(it, &it->mx[0].a, "host7.provider.example");
}
static void twice(struct world *it)
{
    world_record(&it->facts.mx_answer, "50 mx1.a.example");
    it->mx_servers[0].records = it->facts.mx_answer.records;
}
static void no_policy(struct world *it)
{
    it->fetches[0].status = it->fetches[1].status = 404;
    it->fetches[0].body.size = it->fetches[1].body.size = 0;
}

/* clang-format off */
static const struct world_case cases[] = {
    { "R62 SERVFAIL", mx_servfail, "x.mx-servfail", SEVERITY_ERROR, "a.example", NULL, false },
    { "X11 bogus", mx_bogus, "x.mx-servfail", SEVERITY_ERROR, NULL, NULL, false },
    { "R62 no answer", mx_timeout, "x.mx-timeout", SEVERITY_UNKNOWN, NULL, NULL, true },
    { "R62 no such domain", mx_nxdomain, "x.mx-nxdomain", SEVERITY_ERROR, NULL, NULL, false },
    { "R62 unlisted in testing", unlisted, "x.mx-unlisted", SEVERITY_WARNING, "mx3.a.example", "would be refused", true },
    { "R62 unlisted in enforce", unlisted_in_enforce, "x.mx-unlisted", SEVERITY_ERROR, "mx3.a.example", "today", true },
    { "X9 mixed case fits", other_case, "rpt.first", SEVERITY_INFO, NULL, NULL, true },
    { "R61 one label", one_label, "x.mx-one-label", SEVERITY_ERROR, "mx3.eu.a.example", "*.a.example", true },
    { "X15 only a wildcard", only_wildcards, "pol.mx-wild-broad", SEVERITY_INFO, NULL, "*.a.example", true },
    { "R63 prepared entry", extra, "x.mx-extra", SEVERITY_INFO, "next.a.example", NULL, true },
    { "R63 stale entry", extra_long, "x.mx-stale", SEVERITY_WARNING, "next.a.example", NULL, true },
    { "R63 entry of a host that left two weeks ago", extra_after_leaving, "x.mx-extra", SEVERITY_INFO, NULL, "2026-11-14", true },
    { "R64 X20 host left lately", changed, "x.mx-changed", SEVERITY_WARNING, "old.a.example", "until 2026-12-01", true },
    { "R64 reported host", reported, "x.mx-reported", SEVERITY_WARNING, "backup.b.example", NULL, true },
    { "R65 X9 implicit MX", implicit, "x.implicit-mx", SEVERITY_ERROR, "a.example", NULL, true },
    { "R65 implicit MX is listed", implicit_listed, "x.implicit-mx-used", SEVERITY_INFO, NULL, NULL, true },
    { "R66 X9 null MX", null_mx, "x.null-mx", SEVERITY_INFO, NULL, NULL, true },
    { "R66 null MX among others", null_mx_mixed, "x.null-mx-mixed", SEVERITY_ERROR, NULL, "0 .", true },
    { "R67 X21 no host fits", none_match, "x.mx-none-match", SEVERITY_ERROR, "a.example", "another domain", true },
    { "R68 R43 split horizon", split, "x.mx-split", SEVERITY_WARNING, "hidden.a.example", "ns1.a.example", true },
    { "X9 address in an MX record", literal, "x.mx-literal", SEVERITY_ERROR, "192.0.2.25", NULL, false },
    { "X9 MX is a CNAME", alias, "x.mx-alias", SEVERITY_WARNING, "mx1.a.example", "host7", true },
    { "X9 the same MX twice", twice, "x.mx-twice", SEVERITY_INFO, "mx1.a.example", NULL, true },
    { "R62 without a policy", no_policy, "x.mx-no-policy", SEVERITY_UNKNOWN, NULL, NULL, false },
};
/* clang-format on */

static void test_cases(void **state)
{
    (void)state;
    assert_true(world_all_hold(&world, cases, ARRAY_SIZE(cases)));
    assert_true(world_covers(SETUP_MX, ""));
}

/* A host that is not in the policy stops enforce, whatever its severity is today. */
static void test_unlisted_blocks(void **state)
{
    (void)state;
    world_begin(&world);
    unlisted(&world);
    const struct setup_result result = world_judge(&world);
    assert_true(world_find(&result, "x.mx-unlisted")->blocks);
    assert_int_equal(result.gates[GATE_MX_LISTED], KNOWN_FALSE);
    assert_non_null(strstr(result.found[GATE_MX_LISTED], "mx3.a.example"));
    assert_int_equal(result.gates[GATE_MX_TLS], KNOWN_TRUE);
    assert_int_equal(result.word, VERDICT_NOT_YET);
    arena_free(&world.arena);
}

/* A domain that takes no mail needs nothing: no step is faulty. */
static void test_nothing_needed(void **state)
{
    (void)state;
    world_begin(&world);
    null_mx(&world);
    struct setup_facts *facts = &world.facts;
    facts->sts = world_answer(&world, "_mta-sts.a.example", "TXT", NULL);
    facts->host_a = facts->host_aaaa = world_answer(&world, "mta-sts.a.example", "A", NULL);
    facts->sts_servers.count = facts->fetches.count = facts->clients.count = 0;
    const struct setup_result result = world_judge(&world);
    static const enum setup_step steps[] = { SETUP_RECORD, SETUP_HOST, SETUP_POLICY, SETUP_SERVERS,
                                             SETUP_DANE };
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
        assert_int_equal(result.steps[steps[i]], SETUP_ABSENT);
    assert_int_equal(result.word, VERDICT_READY);
    arena_free(&world.arena);
}

/* Who has left MTA-STS has none, and nothing has to be there. What still is there counts as before. */
static void test_given_up(void **state)
{
    (void)state;
    world_begin(&world);
    struct setup_facts *facts = &world.facts;
    world.history.given_up = true;
    struct setup_result result = world_judge(&world);
    assert_int_equal(result.steps[SETUP_RECORD], SETUP_GOOD);
    assert_string_equal(result.mode, "testing");
    facts->sts = world_answer(&world, "_mta-sts.a.example", "TXT", NULL);
    facts->sts_servers.count = 0;
    result = world_judge(&world); /* the host still serves: without a record nobody asks it */
    assert_int_equal(world_find(&result, "dns.sts.given-up")->severity, SEVERITY_INFO);
    assert_null(result.mode);
    facts->host_a = facts->host_aaaa = world_answer(&world, "mta-sts.a.example", "A", NULL);
    facts->fetches.count = facts->clients.count = 0;
    facts->head = (struct setup_fetch){ 0 };
    result = world_judge(&world);
    assert_non_null(strstr(world_find(&result, "dns.sts.given-up")->fix, "policy set a.example"));
    for (int step = SETUP_RECORD; step <= SETUP_POLICY; step++)
        assert_int_equal(result.steps[step], SETUP_ABSENT);
    assert_int_equal(result.gates[GATE_RECORD], KNOWN_NOT);
    assert_int_equal(result.word, VERDICT_READY);
    world.history.given_up = false;
    result = world_judge(&world);
    assert_int_equal(world_find(&result, "dns.sts.missing")->severity, SEVERITY_ERROR);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_unlisted_blocks),
        cmocka_unit_test(test_nothing_needed),
        cmocka_unit_test(test_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
