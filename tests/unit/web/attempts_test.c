/* Failed log-ins: per client, of all, filling up again, networks of IPv6, and more clients than there
 * is memory for.
 * SPDX-License-Identifier: MIT */
#include "web/attempts.h"
#include "base/macros.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define START 1000000

static bool take(struct attempts *attempts, const char *client, int64_t now_ms, int64_t *retry)
{
    bool first;
    *retry = 0;
    return attempts_take(attempts, client, now_ms, retry, &first);
}

static int take_all(struct attempts *attempts, const char *client, int64_t now_ms)
{
    int count = 0;
    int64_t retry;
    while (count < 100000 && take(attempts, client, now_ms, &retry))
        count++;
    return count;
}

static void test_per_client(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(10, 1000);
    int64_t retry;
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 10);
    assert_false(take(attempts, "192.0.2.1", START, &retry));
    assert_in_range(retry, 6, 7);
    assert_int_equal(take_all(attempts, "192.0.2.1", START + 5900), 0);
    assert_int_equal(take_all(attempts, "192.0.2.1", START + 6000), 1);
    assert_int_equal(take_all(attempts, "192.0.2.1", START + 600000), 10);
    assert_int_equal(take_all(attempts, "192.0.2.2", START), 10);
    assert_int_equal(take_all(attempts, "unix", START), 10);
    attempts_free(&attempts);
    assert_null(attempts);
    attempts_free(&attempts);
}

static void test_put_back(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(3, 3);
    int64_t retry;
    for (int i = 0; i < 100; i++) {
        assert_true(take(attempts, "192.0.2.1", START, &retry));
        attempts_return(attempts, "192.0.2.1");
    }
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 3);
    for (int i = 0; i < 100; i++)
        attempts_return(attempts, "192.0.2.1"); /* never more than there is room for */
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 3);
    attempts_free(&attempts);
}

static void test_told_once(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(1, 100);
    int64_t retry;
    bool first = false;
    assert_true(attempts_take(attempts, "192.0.2.1", START, &retry, &first));
    assert_false(attempts_take(attempts, "192.0.2.1", START, &retry, &first));
    assert_true(first);
    assert_false(attempts_take(attempts, "192.0.2.1", START, &retry, &first));
    assert_false(first);
    assert_true(attempts_take(attempts, "192.0.2.1", START + 60000, &retry, &first));
    assert_false(attempts_take(attempts, "192.0.2.1", START + 60000, &retry, &first));
    assert_true(first);
    attempts_free(&attempts);
}

static void test_of_all(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(10, 25);
    int64_t retry;
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 10);
    assert_int_equal(take_all(attempts, "192.0.2.2", START), 10);
    assert_int_equal(take_all(attempts, "192.0.2.3", START), 5);
    assert_false(take(attempts, "192.0.2.4", START, &retry));
    assert_in_range(retry, 1, 3);
    attempts_free(&attempts);
}

static void test_networks_of_ipv6(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(10, 1000);
    assert_int_equal(take_all(attempts, "2001:db8:1:2::1", START), 10);
    assert_int_equal(take_all(attempts, "2001:db8:1:2:ffff::2", START), 0);
    assert_int_equal(take_all(attempts, "2001:db8:1:3::1", START), 10);
    attempts_free(&attempts);
}

static void test_without_end(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(0, 0);
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 100000);
    attempts_free(&attempts);
    attempts = attempts_new(0, 7);
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 7);
    attempts_free(&attempts);
    attempts = attempts_new(7, 0);
    assert_int_equal(take_all(attempts, "192.0.2.1", START), 7);
    attempts_free(&attempts);
}

static void test_more_clients_than_memory(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(2, 1000000);
    for (int i = 0; i < 20000; i++) {
        char client[32];
        snprintf(client, sizeof client, "10.0.%d.%d", i / 256, i % 256);
        assert_int_equal(take_all(attempts, client, START + i), 2);
    }
    assert_int_equal(take_all(attempts, "10.0.78.31", START + 20000), 0); /* the newest is there */
    attempts_free(&attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_per_client),
        cmocka_unit_test(test_put_back),
        cmocka_unit_test(test_told_once),
        cmocka_unit_test(test_of_all),
        cmocka_unit_test(test_networks_of_ipv6),
        cmocka_unit_test(test_without_end),
        cmocka_unit_test(test_more_clients_than_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
