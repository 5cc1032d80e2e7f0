/* What follows from findings: states of steps, gates, the word. A healthy world has none above info.
 * SPDX-License-Identifier: MIT */
#include "judge/setup_text.h"
#include "setup_world.h"

static struct world world;

static void test_healthy(void **state)
{
    (void)state;
    world_begin(&world);
    const struct setup_result result = world_judge(&world);
    for (size_t i = 0; i < result.finding_count; i++)
        assert_int_equal(result.findings[i].severity, SEVERITY_INFO);
    for (int step = 0; step < SETUP_STEPS; step++)
        assert_int_equal(result.steps[step], step == SETUP_DANE ? SETUP_ABSENT : SETUP_GOOD);
    for (int gate = 0; gate < GATES; gate++)
        assert_int_equal(result.gates[gate], KNOWN_TRUE);
    assert_int_equal(result.word, VERDICT_READY);
    assert_int_equal(setup_exit(&result), 0);
    assert_string_equal(result.id, "20261101000000");
    assert_string_equal(result.mode, "testing");
    assert_string_equal(result.policy, POLICY_TESTING);
    assert_int_equal(result.max_age_seconds, 86400);
    assert_int_equal(result.patterns.count, 2);
    assert_int_equal(strlen(result.policy_sha256), 64);
    arena_free(&world.arena);
}

/* In enforce all is well too, and the gate of the mode says that it is no longer testing. */
static void test_healthy_in_enforce(void **state)
{
    (void)state;
    world_begin(&world);
    world_policy(&world, POLICY_ENFORCE);
    world.facts.clients.count = 0;
    const struct setup_result result = world_judge(&world);
    assert_int_equal(result.word, VERDICT_READY);
    assert_int_equal(result.gates[GATE_MODE], KNOWN_FALSE);
    assert_non_null(strstr(result.found[GATE_MODE], "enforce"));
    arena_free(&world.arena);
}

/* Nothing was looked at: nothing is said, neither good nor bad. */
static void test_nothing_known(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.facts.domain = "a.example";
    world.facts.at_seconds = NOW;
    struct setup_result result = world_judge(&world);
    assert_int_equal(result.word, VERDICT_UNKNOWN);
    for (int gate = 0; gate < GATES; gate++)
        assert_int_equal(result.gates[gate], KNOWN_NOT);
    struct setup_facts *facts = &world.facts;
    facts->sts.status = facts->rpt.status = facts->mx_answer.status = LOOKUP_TIMEOUT;
    facts->host_a.status = facts->host_aaaa.status = LOOKUP_TIMEOUT;
    result = world_judge(&world);
    assert_int_equal(result.finding_count, 1);
    assert_string_equal(result.findings[0].code, "dns.unreachable");
    assert_int_equal(setup_exit(&result), 3);
    arena_free(&world.arena);
}

/* A domain that has nothing yet: what is missing is told, and what cannot be judged is not. */
static void test_nothing_published(void **state)
{
    (void)state;
    world_begin(&world);
    struct setup_facts *facts = &world.facts;
    facts->sts = world_answer(&world, "_mta-sts.a.example", "TXT", NULL);
    facts->rpt = world_answer(&world, "_smtp._tls.a.example", "TXT", NULL);
    facts->host_a = facts->host_aaaa = world_answer(&world, "mta-sts.a.example", "A", NULL);
    facts->sts_servers.count = facts->rpt_servers.count = facts->fetches.count = 0;
    facts->clients.count = 0;
    const struct setup_result result = world_judge(&world);
    assert_non_null(world_find(&result, "dns.rpt.missing"));
    assert_non_null(world_find(&result, "dns.sts.missing"));
    assert_non_null(world_find(&result, "host.nxdomain"));
    assert_int_equal(result.steps[SETUP_POLICY], SETUP_UNKNOWN);
    assert_int_equal(result.steps[SETUP_SERVERS], SETUP_GOOD);
    assert_int_equal(setup_exit(&result), 2);
    arena_free(&world.arena);
}

/* Errors first, then in the order of steps; each of a code and a subject once. */
static void test_order(void **state)
{
    (void)state;
    world_begin(&world);
    world.probes[1][0].tls.certificate.flaws = FLAW_NAME;
    world.fetches[1].milliseconds = 9000;
    world.facts.rpt.status = LOOKUP_NXDOMAIN;
    world.facts.rpt.records.count = 0;
    world.facts.rpt_servers.count = 0;
    const struct setup_result result = world_judge(&world);
    assert_true(result.finding_count >= 4);
    for (size_t i = 1; i < result.finding_count; i++) {
        const struct setup_finding *a = &result.findings[i - 1], *b = &result.findings[i];
        assert_true(a->severity < b->severity
                    || (a->severity == b->severity && a->step <= b->step));
        for (size_t j = 0; j < i; j++)
            assert_true(strcmp(result.findings[j].code, b->code) != 0
                        || strcmp(result.findings[j].subject, b->subject) != 0);
    }
    arena_free(&world.arena);
}

/* The table itself: steps in order, a title for each, a remedy for all that is bad. */
static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; setup_finding_at(i); i++) {
        const struct setup_finding_kind *row = setup_finding_at(i);
        assert_ptr_equal(setup_finding_kind(row->code), row);
        assert_true(!i || setup_finding_at(i - 1)->step <= row->step);
        assert_true(*row->title && row->title[strlen(row->title) - 1] != '.');
        assert_true(row->severity == SEVERITY_INFO || *row->fix);
        assert_true(!row->blocks || row->severity <= SEVERITY_WARNING);
    }
    assert_null(setup_finding_kind("no.such"));
}

/* Whatever strangers write: what is told is bounded, well-formed UTF-8, and a line for a terminal. */
static void test_strangers(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out = BUF(1 << 20);
    char record[5000];
    memset(record, 'x', sizeof record);
    memcpy(record, "v=STSv1; \xff\x1b[31m\u202e", 18);
    record[sizeof record - 1] = '\0';
    world_begin(&world);
    world.facts.sts.records = world_answer(&world, "", "", record).records;
    world.facts.sts_servers.count = 0;
    world.probes[0][0].tls.done = false;
    world.probes[0][0].tls.why = "\xc3\x28\r\n  ok MX records: good";
    const struct setup_result result = world_judge(&world);
    for (size_t i = 0; i < result.finding_count; i++) {
        const struct setup_finding *it = &result.findings[i];
        assert_true(text_is_utf8(it->evidence, strlen(it->evidence)));
        assert_true(text_is_utf8(it->subject, strlen(it->subject)));
        assert_true(strlen(it->evidence) < 1100);
    }
    setup_text(&out, &world.facts, &result);
    assert_null(strchr(buf_get(&out), '\x1b'));
    assert_null(strstr(buf_get(&out), "\u202e"));
    assert_null(strstr(buf_get(&out), "\n  ok MX records: good"));
    arena_free(&world.arena);
}

/* R1: steps in order with a mark, each finding with code, severity, subject, evidence, remedy; 80 columns. */
static void test_text(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out = BUF(1 << 20);
    static const char *const want[] = {
        "a.example: something has to be mended (900 ms)\n",
        "Published: record id 20261101000000; policy testing, max_age 86400\n  mx: mx1.a.example\n",
        "ok Reporting record: good\n     dns.rpt.rua-external (info) _smtp._tls.a.example\n",
        "ok MTA-STS record: good\nok Policy host: good\n",
        "!! Mail servers: faulty\n  !! mx.name (error, blocks enforce) mx2.a.example (192.0.2.1)\n",
        "     Do:   Use one whose subjectAltName has the name of the MX record.\n",
        "     Rule: RFC 8461 section 4.2\n",
        "-  DANE: absent\n",
        "\n----- letter: mx.name -----\nSubject: TLS at the mail server mx2.a.example\n",
    };
    world_begin(&world);
    world.probes[1][0].tls.certificate.flaws = FLAW_NAME;
    const struct setup_result result = world_judge(&world);
    setup_text(&out, &world.facts, &result);
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        if (!strstr(buf_get(&out), want[i]))
            fail_msg("no %s in:\n%s", want[i], buf_get(&out));
    const char *end = strstr(buf_get(&out), "----- letter");
    for (const char *line = buf_get(&out); line < end; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy),       cmocka_unit_test(test_healthy_in_enforce),
        cmocka_unit_test(test_nothing_known), cmocka_unit_test(test_nothing_published),
        cmocka_unit_test(test_order),         cmocka_unit_test(test_table),
        cmocka_unit_test(test_strangers),     cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
