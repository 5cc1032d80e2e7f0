/* The memory of policies that are written: exact, growing, forgettable.
 * SPDX-License-Identifier: MIT */
#include "schema/policies.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void test_each_once(void **state)
{
    (void)state;
    struct policies policies;
    policies_init(&policies);
    assert_true(policies_add(&policies, 1, 7));
    assert_false(policies_add(&policies, 1, 7));
    assert_true(policies_add(&policies, 2, 7)); /* the same text of another domain */
    assert_true(policies_add(&policies, 1, -7));
    assert_true(policies_add(&policies, 1, 0));
    assert_true(policies_add(&policies, 1, INT64_MIN));
    assert_true(policies_add(&policies, INT32_MAX, INT64_MAX));
    assert_false(policies_add(&policies, 1, 0));
    assert_false(policies_add(&policies, INT32_MAX, INT64_MAX));
    policies_done(&policies);
}

/* Thousands, in ids that all fall on the same few places, survive every growth. */
static void test_growth(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct policies policies;
    policies_init(&policies);
    for (int32_t i = 1; i <= COUNT; i++)
        assert_true(policies_add(&policies, 1 + i % 3, (int64_t)i << 20));
    for (int32_t i = 1; i <= COUNT; i++)
        assert_false(policies_add(&policies, 1 + i % 3, (int64_t)i << 20));
    assert_true(policies_add(&policies, 1, 1));
    policies_done(&policies);
}

static void test_forgetting(void **state)
{
    (void)state;
    struct policies policies;
    policies_init(&policies);
    assert_true(policies_add(&policies, 1, 7));
    policies_trim(&policies); /* not yet too large */
    assert_false(policies_add(&policies, 1, 7));
    policies_forget(&policies);
    assert_true(policies_add(&policies, 1, 7));
    for (int64_t i = 0; i < 500001; i++)
        (void)policies_add(&policies, 2, i);
    policies_trim(&policies);
    assert_true(policies_add(&policies, 1, 7));
    assert_true(policies.used == 1);
    policies_done(&policies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_once),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_forgetting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
