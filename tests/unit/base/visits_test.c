/* Who must go, and when: times of phases, the rate, clients, room for the next one.
 * SPDX-License-Identifier: MIT */
#include "base/visits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct visit_rules rules = {
    .most = 4,
    .per_client = 2,
    .seconds = { [VISIT_ARRIVED] = 10,
                 [VISIT_ASKING] = 20,
                 [VISIT_SENDING] = 100,
                 [VISIT_READING] = 30,
                 [VISIT_IDLE] = 40 },
    .session_seconds = 1000,
    .grace_seconds = 10,
    .bytes_per_second = 50,
};

static void add(struct visits *visits, struct visit *visit, int fd, const char *client, int64_t ms)
{
    visits_add(visits, visit, fd, client, false, ms);
}

/* Overdue exactly at its time, and not a millisecond before. */
static void test_times(void **state)
{
    (void)state;
    static const struct {
        enum visit_phase phase;
        int64_t bytes, want_ms; /* after it began, at 5000 */
    } rows[] = {
        { VISIT_ARRIVED, 0, 10000 },    { VISIT_ASKING, 0, 20000 },
        { VISIT_READING, 0, 30000 },    { VISIT_IDLE, 0, 40000 },
        { VISIT_SENDING, 0, 10000 },    { VISIT_SENDING, 1000, 30000 },
        { VISIT_SENDING, 4499, 99980 }, { VISIT_SENDING, 5000000, 100000 }, /* all in all */
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct visits visits;
        struct visit visit;
        visits_init(&visits, &rules);
        add(&visits, &visit, 7, "192.0.2.1", 5000);
        visit_enter(&visit, rows[i].phase, 5000);
        visit.bytes = rows[i].bytes;
        assert_null(visits_overdue(&visits, 5000 + rows[i].want_ms - 1));
        assert_ptr_equal(visits_overdue(&visits, 5000 + rows[i].want_ms), &visit);
        assert_true(visit.leaving);
        assert_null(visits_overdue(&visits, INT64_MAX)); /* told once */
        visits_remove(&visits, &visit);
        assert_null(visits.first);
    }
}

/* Our own slowness is nobody's fault, but a session has an end. */
static void test_waiting(void **state)
{
    (void)state;
    struct visits visits;
    struct visit visit;
    visits_init(&visits, &rules);
    add(&visits, &visit, 7, "192.0.2.1", 0);
    visit_enter(&visit, VISIT_WAITING, 0);
    assert_null(visits_overdue(&visits, 1000000000));
    visit_enter(&visit, VISIT_ASKING, 999000);
    assert_null(visits_overdue(&visits, 999999));
    assert_non_null(visits_overdue(&visits, 1000000));
    visits_remove(&visits, &visit);
}

static void test_clients(void **state)
{
    (void)state;
    struct visits visits;
    struct visit one[3], other[3], trusted[3];
    visits_init(&visits, &rules);
    for (int i = 0; i < 3; i++) {
        char six[40];
        snprintf(six, sizeof six, "2001:db8:0:1::%d", i + 1); /* one /64 is one client */
        add(&visits, &one[i], i, six, 0);
        add(&visits, &other[i], i, i < 2 ? "192.0.2.1" : "192.0.2.2", 0);
        visits_add(&visits, &trusted[i], i, "192.0.2.9", true, 0);
    }
    assert_false(one[0].excess);
    assert_false(one[1].excess);
    assert_true(one[2].excess);
    assert_int_equal(visit_siblings(&one[0]), 3);
    assert_false(other[1].excess);
    assert_false(other[2].excess);
    assert_false(trusted[2].excess);
    visits_remove(&visits, &one[0]);
    add(&visits, &one[0], 9, "2001:db8:0:1::7", 0);
    assert_true(one[0].excess);
    for (int i = 0; i < 3; i++) {
        visits_remove(&visits, &one[i]);
        visits_remove(&visits, &other[i]);
        visits_remove(&visits, &trusted[i]);
    }
    assert_int_equal(visits.count, 0);
}

/* Who goes first: the greediest client's, of them whoever has not moved for longest. */
static void test_victim(void **state)
{
    (void)state;
    struct visits visits;
    struct visit visit[6];
    visits_init(&visits, &rules);
    add(&visits, &visit[0], 0, "192.0.2.1", 100);
    add(&visits, &visit[1], 1, "192.0.2.2", 200);
    add(&visits, &visit[2], 2, "192.0.2.3", 300);
    add(&visits, &visit[3], 3, "192.0.2.4", 400);
    assert_null(visits_victim(&visits)); /* full is not too full */
    visit_enter(&visit[0], VISIT_SENDING, 500);
    add(&visits, &visit[4], 4, "192.0.2.5", 600);
    assert_ptr_equal(visits_victim(&visits), &visit[1]); /* the oldest has moved */
    assert_null(visits_victim(&visits));
    add(&visits, &visit[5], 5, "192.0.2.5", 700);
    assert_ptr_equal(visits_victim(&visits), &visit[4]); /* two of one client */
    visits_remove(&visits, &visit[4]);
    for (int i = 0; i < 6; i++)
        if (i != 4)
            visit_enter(&visit[i], VISIT_WAITING, 800);
    add(&visits, &visit[4], 4, "192.0.2.6", 900);
    assert_ptr_equal(visits_victim(&visits), &visit[4]); /* nobody else can */
    for (int i = 0; i < 6; i++)
        visits_remove(&visits, &visit[i]);
    assert_int_equal(visits.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_victim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
