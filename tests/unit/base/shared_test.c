/* Replacing what others use: nobody sees a freed or a half-made one, and all are freed.
 * SPDX-License-Identifier: MIT */
#include "base/shared.h"
#include "base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define READERS 4
#define ROUNDS  2000

struct thing {
    struct shared shared;
    int number, twice;
};

static atomic_int alive;

static void thing_free(void *thing)
{
    atomic_fetch_sub(&alive, 1);
    free(thing);
}

static struct thing *thing_new(int number)
{
    struct thing *thing = memory_new(sizeof *thing);
    shared_init(&thing->shared, thing_free);
    thing->number = number;
    thing->twice = 2 * number;
    atomic_fetch_add(&alive, 1);
    return thing;
}

static void test_last_owner_frees(void **state)
{
    (void)state;
    struct shared_slot slot;
    shared_slot_init(&slot, NULL);
    assert_null(shared_take(&slot));
    shared_replace(&slot, thing_new(1));
    const struct thing *one = shared_take(&slot);
    shared_keep(one);
    shared_replace(&slot, thing_new(2));
    const struct thing *two = shared_take(&slot);
    assert_int_equal(one->number, 1);
    assert_int_equal(two->number, 2);
    assert_int_equal(atomic_load(&alive), 2);
    shared_release(one);
    assert_int_equal(atomic_load(&alive), 2);
    shared_release(one);
    assert_int_equal(atomic_load(&alive), 1);
    shared_slot_done(&slot);
    assert_int_equal(atomic_load(&alive), 1);
    shared_release(two);
    shared_release(NULL);
    assert_int_equal(atomic_load(&alive), 0);
}

static atomic_bool ended;

static void *look(void *slot)
{
    long wrong = 0;
    int last = 0;
    while (!atomic_load(&ended)) {
        const struct thing *thing = shared_take(slot);
        wrong += thing->twice != 2 * thing->number || thing->number < last;
        last = thing->number;
        shared_release(thing);
    }
    return wrong ? slot : NULL;
}

static void test_replaced_under_readers(void **state)
{
    (void)state;
    struct shared_slot slot;
    pthread_t readers[READERS];
    shared_slot_init(&slot, thing_new(0));
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, look, &slot), 0);
    for (int i = 1; i <= ROUNDS; i++)
        shared_replace(&slot, thing_new(i));
    atomic_store(&ended, true);
    for (int i = 0; i < READERS; i++) {
        void *wrong = NULL;
        pthread_join(readers[i], &wrong);
        assert_null(wrong);
    }
    shared_slot_done(&slot);
    assert_int_equal(atomic_load(&alive), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_owner_frees),
        cmocka_unit_test(test_replaced_under_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
