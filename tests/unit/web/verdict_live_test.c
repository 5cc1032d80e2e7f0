/* Looks at a live set-up as the verdict takes them: how long a gate has to hold, and what is too old.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "web/verdict_live.h"
#include "base/clock.h"

#define NOW  INT64_C(1795694400) /* 2026-11-26T12:00:00Z */
#define HOUR INT64_C(3600)
#define DAY  (24 * HOUR)

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct verdict_live *live_of(struct live_row *look, struct live_gate_row *gate,
                                          struct live_host_row *hosts, size_t host_count)
{
    const struct live_evidence evidence = {
        .looks = { look, look ? 1 : 0 },
        .gates = { gate, gate ? 1 : 0 },
        .hosts = { hosts, host_count },
    };
    return verdict_live_of(&arena, &evidence, NOW);
}

static struct live_row look_at(int64_t seconds)
{
    return (struct live_row){ 1, NOW - 40 * DAY, seconds, "testing", 0, 0, false };
}

static void test_never(void **state)
{
    (void)state;
    const struct verdict_live *live = live_of(NULL, NULL, NULL, 0);
    assert_int_equal(live->looked_seconds, 0);
    assert_false(live->knows_mx);
    for (int gate = 0; gate < GATES; gate++)
        assert_int_equal(live->gates[gate], KNOWN_NOT);
}

static void test_gates(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t state;
        int64_t known, good, false_ago;
        enum verdict_known want;
        bool lately;
    } cases[] = {
        { "the first look, good", KNOWN_TRUE, 1, 1, 0, KNOWN_TRUE, false },
        { "the first look, bad", KNOWN_FALSE, 1, 0, 1, KNOWN_FALSE, false },
        { "the first look, unknown", KNOWN_NOT, 0, 0, 0, KNOWN_NOT, false },
        { "two days ago", KNOWN_TRUE, 300, 299, 48 * HOUR, KNOWN_FALSE, true },
        { "just within 72 hours", KNOWN_TRUE, 300, 299, 72 * HOUR - 1, KNOWN_FALSE, true },
        { "72 hours ago", KNOWN_TRUE, 300, 299, 72 * HOUR, KNOWN_TRUE, false },
        { "95 %", KNOWN_TRUE, 300, 285, 5 * DAY, KNOWN_TRUE, false },
        { "less than 95 %", KNOWN_TRUE, 300, 284, 5 * DAY, KNOWN_FALSE, true },
        { "too few to count", KNOWN_TRUE, 19, 17, 5 * DAY, KNOWN_TRUE, false },
        { "just enough to count", KNOWN_TRUE, 20, 18, 5 * DAY, KNOWN_FALSE, true },
        { "few, but two days ago", KNOWN_TRUE, 2, 1, 48 * HOUR, KNOWN_FALSE, true },
        { "bad now, good always", KNOWN_FALSE, 300, 299, HOUR, KNOWN_FALSE, false },
        { "unknown now, bad two days ago", KNOWN_NOT, 300, 299, 48 * HOUR, KNOWN_NOT, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct live_row look = look_at(NOW - HOUR);
        struct live_gate_row gate = {
            1,
            GATE_MX_TLS,
            cases[i].state,
            cases[i].state == KNOWN_FALSE ? "mx1: it has expired." : "",
            cases[i].known,
            cases[i].good,
            cases[i].false_ago ? NOW - cases[i].false_ago : 0,
        };
        const struct verdict_live *live = live_of(&look, &gate, NULL, 0);
        print_message("%s\n", cases[i].name);
        assert_int_equal(live->gates[GATE_MX_TLS], cases[i].want);
        assert_int_equal(live->lately[GATE_MX_TLS], cases[i].lately);
        assert_int_equal(live->found[GATE_MX_TLS] != NULL, cases[i].want == KNOWN_FALSE);
        assert_int_equal(live->gates[GATE_RECORD], KNOWN_NOT);
    }
}

static void test_when_it_was(void **state)
{
    (void)state;
    struct live_row look = look_at(NOW);
    struct live_gate_row gate = { 1, GATE_RECORD, KNOWN_TRUE, "", 300, 280, NOW - 48 * HOUR };
    assert_string_equal(live_of(&look, &gate, NULL, 0)->found[GATE_RECORD],
                        "until 2026-11-24T12:00:00Z");
    gate.false_seconds = NOW - 96 * HOUR;
    assert_string_equal(live_of(&look, &gate, NULL, 0)->found[GATE_RECORD],
                        "in 20 of 300 looks of 14 days");
}

/* What is older than a day is not known, but that something changed once is. */
static void test_stale(void **state)
{
    (void)state;
    struct live_gate_row gate = { 1, GATE_RECORD, KNOWN_TRUE, "", 300, 300, 0 };
    struct live_host_row host = { 1, "mx1.a.example", true, NOW - DAY, KNOWN_TRUE, "", 0 };
    struct live_row look = look_at(NOW - DAY);
    look.mx_since_seconds = NOW - 9 * DAY;
    const struct verdict_live *live = live_of(&look, &gate, &host, 1);
    assert_int_equal(live->gates[GATE_RECORD], KNOWN_TRUE);
    assert_string_equal(live->mode, "testing");
    assert_true(live->knows_mx);
    look.checked_seconds--;
    live = live_of(&look, &gate, &host, 1);
    assert_int_equal(live->gates[GATE_RECORD], KNOWN_NOT);
    assert_null(live->mode);
    assert_false(live->knows_mx);
    assert_int_equal(live->host_count, 0);
    assert_int_equal(live->looked_seconds, NOW - DAY - 1);
    assert_int_equal(live->reset_day, clock_day(NOW - 9 * DAY));
}

static void test_hosts(void **state)
{
    (void)state;
    struct live_row look = look_at(NOW);
    struct live_host_row hosts[] = {
        { 1, "mx1.a.example", true, NOW, KNOWN_FALSE, "certificate-expired", NOW - 3 * DAY },
        { 1, "old.a.example", false, NOW - 20 * DAY, KNOWN_NOT, "", 0 },
    };
    const struct verdict_live *live = live_of(&look, NULL, hosts, 2);
    assert_int_equal(live->mx_from_day, clock_day(NOW - 40 * DAY));
    assert_int_equal(live->host_count, 2);
    assert_int_equal(live->hosts[0].last_day, INT32_MAX);
    assert_int_equal(live->hosts[0].passes, KNOWN_FALSE);
    assert_string_equal(live->hosts[0].fails_with, "certificate-expired");
    assert_int_equal(live->hosts[0].certificate_day, clock_day(NOW - 3 * DAY));
    assert_int_equal(live->hosts[1].last_day, clock_day(NOW - 20 * DAY));
    assert_null(live->hosts[1].fails_with);
    assert_int_equal(live->hosts[1].certificate_day, 0);
    /* The newest looks could not ask for MX records: who is in them is not known any more. */
    hosts[0].last_seconds = NOW - DAY - 1;
    live = live_of(&look, NULL, hosts, 2);
    assert_false(live->knows_mx);
    assert_int_equal(live->hosts[0].passes, KNOWN_NOT);
}

static void test_reset(void **state)
{
    (void)state;
    struct live_row look = look_at(NOW);
    assert_int_equal(live_of(&look, NULL, NULL, 0)->reset_day, 0);
    look.host_back_seconds = NOW - 5 * DAY;
    assert_int_equal(live_of(&look, NULL, NULL, 0)->reset_day, clock_day(NOW - 5 * DAY));
    look.mx_since_seconds = NOW - 2 * DAY;
    assert_int_equal(live_of(&look, NULL, NULL, 0)->reset_day, clock_day(NOW - 2 * DAY));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_teardown(test, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_never), TEST(test_gates), TEST(test_when_it_was),
        TEST(test_stale), TEST(test_hosts), TEST(test_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
