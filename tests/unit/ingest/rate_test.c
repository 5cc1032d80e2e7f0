/* Token buckets: exactly as much as is allowed, filled evenly, and a table that strangers cannot use up.
 * SPDX-License-Identifier: MIT */
#include "ingest/rate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One a second, and 60 at once. */
static const struct rate slow = { 3600, 1 };

static bool one(struct rate_table *table, uint64_t key, int64_t now_ms)
{
    return rate_take(table, key, slow, 1, now_ms);
}

static void test_bucket(void **state)
{
    (void)state;
    struct rate_table *table = rate_table_new();
    for (int i = 0; i < 60; i++)
        assert_true(one(table, 7, 1000));
    assert_false(one(table, 7, 1000));
    assert_false(one(table, 7, 1999));
    assert_true(one(table, 7, 2000));
    assert_false(one(table, 7, 2000));
    assert_true(one(table, 8, 2000)); /* another one's */
    assert_false(one(table, 7, 0));   /* a clock that is set back gives nothing */
    for (int i = 0; i < 60; i++)
        assert_true(one(table, 7, 1000000000)); /* full, and not fuller */
    assert_false(one(table, 7, 1000000000));
    rate_table_free(&table);
    assert_null(table);
}

static void test_cost(void **state)
{
    (void)state;
    struct rate_table *table = rate_table_new();
    assert_false(rate_take(table, 7, slow, 61, 0));
    assert_true(rate_take(table, 7, slow, 60, 0));
    assert_false(rate_take(table, 7, slow, 0, 0)); /* nothing is left */
    assert_false(rate_take(table, 7, slow, 0, 999));
    assert_true(rate_take(table, 7, slow, 0, 1000)); /* and takes nothing */
    assert_true(rate_take(table, 7, slow, 1, 1000));
    rate_spend(table, 7, slow, 1000, 5000); /* never below nothing */
    assert_false(rate_take(table, 7, slow, 0, 5000));
    assert_true(rate_take(table, 7, slow, 1, 6000));
    assert_true(rate_take(table, 9, (struct rate){ 0, 1 }, 1000000, 0)); /* no limit */
    rate_spend(table, 9, (struct rate){ 0, 1 }, 1000000, 0);
    rate_table_free(&table);
}

/* However many strangers come, whoever has used up his share stays known. */
static void test_strangers(void **state)
{
    (void)state;
    struct rate_table *table = rate_table_new();
    rate_spend(table, 7, slow, 60, 0);
    uint64_t key = 1;
    for (int i = 0; i < 300000; i++) {
        key = key * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        assert_true(one(table, key | UINT64_C(1) << 40, 0));
    }
    assert_false(one(table, 7, 0));
    rate_table_free(&table);
}

/* The largest settings do not overflow. */
static void test_extremes(void **state)
{
    (void)state;
    struct rate_table *table = rate_table_new();
    assert_true(rate_take(table, 7, (struct rate){ 1000000000, 60 }, 1000000000, INT64_C(1) << 50));
    assert_false(rate_take(table, 7, (struct rate){ 1000000000, 60 }, 1, INT64_C(1) << 50));
    assert_true(rate_take(table, 7, (struct rate){ 1000000000, 60 }, 1000000000, INT64_C(1) << 60));
    rate_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket),
        cmocka_unit_test(test_cost),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
