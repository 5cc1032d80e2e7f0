/* One bound for all that is received: who is dropped for whom, and that nothing is counted twice.
 * SPDX-License-Identifier: MIT */
#include "ingest/budget.h"
#include "base/arena.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MIB (1 << 20)

static char zeros[4 * MIB];

static size_t used(struct budget *budget)
{
    size_t now, peak;
    budget_read(budget, &now, &peak);
    return now;
}

static void free_taken(struct bytes bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

static void test_hold(void **state)
{
    (void)state;
    struct budget *budget = budget_new(4 * MIB);
    struct hold hold;
    struct charge charge;
    hold_init(&hold, budget, 10);
    hold_add(&hold, "12345", 5);
    hold_add(&hold, "67890", 5);
    assert_int_not_equal(hold_state(&hold), HOLD_TOO_LARGE);
    struct bytes bytes = hold_take(&hold, &charge);
    assert_int_equal(bytes.size, 10);
    assert_string_equal(bytes.data, "1234567890");
    assert_int_equal(used(budget), charge.bytes);
    free_taken(bytes);
    charge_done(&charge);
    assert_int_equal(used(budget), 0);
    hold_add(&hold, "12345678901", 11);
    assert_int_equal(hold_state(&hold), HOLD_TOO_LARGE);
    hold_add(&hold, "1", 1); /* forgotten */
    assert_int_equal(used(budget), 0);
    hold_done(&hold);
    assert_int_not_equal(hold_state(&hold), HOLD_TOO_LARGE);
    budget_free(&budget);
}

/* The largest goes, and only for a smaller one. */
static void test_dropped(void **state)
{
    (void)state;
    struct budget *budget = budget_new(4 * MIB);
    struct hold large, larger, small;
    hold_init(&large, budget, 8 * MIB);
    hold_init(&larger, budget, 8 * MIB);
    hold_init(&small, budget, 8 * MIB);
    hold_add(&large, zeros, MIB);
    hold_add(&larger, zeros, MIB + MIB / 2);
    hold_add(&small, zeros, MIB); /* 3.5 MiB: beyond what large ones may have */
    assert_int_equal(hold_state(&larger), HOLD_DROPPED);
    assert_int_not_equal(hold_state(&large), HOLD_DROPPED);
    assert_int_not_equal(hold_state(&small), HOLD_DROPPED);
    assert_true(used(budget) <= 3 * MIB);
    hold_add(&larger, zeros, 1); /* forgotten */
    assert_int_equal(hold_state(&larger), HOLD_DROPPED);
    hold_add(&small, zeros, 3 * MIB); /* nobody is larger */
    assert_int_equal(hold_state(&small), HOLD_DROPPED);
    assert_int_not_equal(hold_state(&large), HOLD_DROPPED);
    hold_done(&large);
    hold_done(&larger);
    hold_done(&small);
    assert_int_equal(used(budget), 0);
    budget_free(&budget);
}

/* Large ones never get the last quarter; small ones do. */
static void test_reserve(void **state)
{
    (void)state;
    struct budget *budget = budget_new(4 * MIB);
    struct charge large = { .budget = budget }, more = { .budget = budget }, small = large;
    assert_true(charge_set(&large, 3 * MIB));
    assert_false(charge_set(&more, BUDGET_SMALL + 1));
    assert_int_equal(more.bytes, 0);
    assert_true(charge_set(&small, BUDGET_SMALL));
    assert_true(charge_set(&more, BUDGET_SMALL));
    assert_int_equal(used(budget), 3 * MIB + 2 * BUDGET_SMALL);
    assert_true(charge_set(&large, MIB)); /* less is always in order */
    assert_int_equal(used(budget), MIB + 2 * BUDGET_SMALL);
    charge_done(&large);
    charge_done(&more);
    charge_done(&small);
    assert_int_equal(used(budget), 0);
    budget_free(&budget);
}

static void test_none(void **state)
{
    (void)state;
    struct hold hold;
    struct charge charge = { 0 };
    hold_init(&hold, NULL, 8 * MIB);
    hold_add(&hold, zeros, 4 * MIB);
    assert_int_not_equal(hold_state(&hold), HOLD_DROPPED);
    assert_true(charge_set(&charge, SIZE_MAX));
    charge_done(&charge);
    free_taken(hold_take(&hold, &charge));
    hold_done(&hold);
}

/* Bodies of many threads, that drop each other. */
static void *receive(void *context)
{
    struct budget *budget = context;
    for (int i = 0; i < 200; i++) {
        struct hold hold;
        hold_init(&hold, budget, MIB);
        for (int k = 0; k < 100; k++)
            hold_add(&hold, zeros, (size_t)(i * 37 % 9000));
        if (i % 2) {
            struct charge charge;
            free_taken(hold_take(&hold, &charge));
            charge_done(&charge);
        }
        hold_done(&hold);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct budget *budget = budget_new(MIB);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, receive, budget), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    size_t now, peak;
    budget_read(budget, &now, &peak);
    assert_int_equal(now, 0);
    assert_in_range(peak, 1, MIB);
    budget_free(&budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hold), cmocka_unit_test(test_dropped), cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_none), cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
