/* Statistics of the verdict: the tables by which its bounds were chosen.
 * SPDX-License-Identifier: MIT */
#include "judge/verdict_stats.h"
#include "base/macros.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Sessions needed with so many failures to claim at most SHARE. */
static int64_t needed(int64_t failed, double share)
{
    int64_t all = failed;
    while (verdict_upper_bound(failed, all) > share)
        all++;
    return all;
}

static void test_sessions(void **state)
{
    (void)state;
    static const int64_t percent[] = { 381, 563, 726, 878, 1025, 1166 };
    static const int64_t permille[] = { 3838, 5662, 7289, 8818, 10282, 11702 };
    for (int64_t failed = 0; failed < 6; failed++) {
        assert_int_equal(needed(failed, 0.01), percent[failed]);
        assert_int_equal(needed(failed, 0.001), permille[failed]);
    }
}

static void test_bounds(void **state)
{
    (void)state;
    static const struct {
        int64_t all, want; /* permille, rounded */
    } cases[] = { { 14, 215 }, { 28, 121 }, { 42, 84 }, { 56, 64 }, { 90, 41 }, { 212, 18 } };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal((int64_t)(verdict_upper_bound(0, cases[i].all) * 1000 + 0.5),
                         cases[i].want);
    assert_true(verdict_upper_bound(0, 0) == 1);
    assert_true(verdict_upper_bound(5, 5) == 1);
    assert_true(verdict_upper_bound(0, 1000000000000000000) > 0);
}

static void test_silence(void **state)
{
    (void)state;
    static const struct {
        int active, want; /* days of silence that are odd first */
    } cases[] = { { 28, 2 }, { 26, 3 }, { 20, 4 }, { 14, 7 } };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct verdict_rhythm rhythm = { cases[i].active, 28 };
        assert_false(verdict_is_odd(verdict_silent_chance(rhythm, cases[i].want - 1)));
        assert_true(verdict_is_odd(verdict_silent_chance(rhythm, cases[i].want)));
    }
    const struct verdict_rhythm never = { 0, 28 };
    assert_false(verdict_is_odd(verdict_silent_chance(never, 90)));
}

static void test_sums(void **state)
{
    (void)state;
    const int64_t most = 1000000000000000000;
    assert_int_equal(verdict_sum(2, 3), 5);
    assert_int_equal(verdict_sum(most, most), most);
    assert_int_equal(verdict_sum(most, 1), most);
    assert_int_equal(verdict_sum(most - 1, 1), most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
