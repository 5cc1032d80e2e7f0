/* Memory of one unit of work: alignment, zeroes, small beside large, hooks in reverse order.
 * SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void test_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 7, 16, 999, 1000, 1001, 3999, 4000, 4001, 100000, 3, 0, 24 };
    struct arena arena = { 0 };
    unsigned char *pieces[20][ARRAY_SIZE(sizes)];
    for (size_t round = 0; round < 20; round++)
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
            unsigned char *piece = arena_alloc(&arena, sizes[i]);
            assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(piece[k], 0);
            memset(piece, (int)(round * ARRAY_SIZE(sizes) + i) % 251 + 1, sizes[i]);
            pieces[round][i] = piece;
        }
    for (size_t round = 0; round < 20; round++) /* nobody has written into another's */
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[round][i][k], (round * ARRAY_SIZE(sizes) + i) % 251 + 1);
    arena_free(&arena);
}

static void test_texts(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    assert_null(arena_text(&arena, NULL));
    assert_string_equal(arena_text(&arena, ""), "");
    assert_string_equal(arena_text(&arena, "abc"), "abc");
    assert_memory_equal(arena_copy(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%d of %s", 7, "x"), "7 of x");
    assert_int_equal(strlen(arena_printf(&arena, "%5000d", 1)), 5000);
    int64_t *numbers = arena_array(&arena, 3, sizeof *numbers);
    assert_int_equal(numbers[2], 0);
    arena_free(&arena);
}

/* Each hook notes what it was given. */
static int order[4];
static size_t ran;

static void note(void *thing)
{
    order[ran++] = *(int *)thing;
}

static void test_hooks_run_last_first_while_memory_is_there(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    int *one = arena_alloc(&arena, sizeof *one), *two = arena_alloc(&arena, 5000);
    *one = 1;
    *two = 2;
    arena_on_free(&arena, note, one);
    arena_on_free(&arena, free, malloc(100)); /* a leak if it did not run */
    arena_on_free(&arena, note, two);
    arena_free(&arena);
    assert_int_equal(ran, 2);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
    arena_free(&arena); /* empty: nothing runs twice */
    assert_int_equal(ran, 2);
    assert_string_equal(arena_text(&arena, "again"), "again");
    arena_free(&arena);
}

static void absurd_size(void)
{
    struct arena arena = { 0 };
    arena_alloc(&arena, SIZE_MAX - (size_t)getpid());
}

static void absurd_array(void)
{
    struct arena arena = { 0 };
    arena_array(&arena, SIZE_MAX / 8 + (size_t)getpid(), 16);
}

/* Ends by abort() and not by using memory that is not there. */
static void test_absurd_requests_end_the_program(void **state)
{
    (void)state;
    void (*const absurd[])(void) = { absurd_size, absurd_array };
    for (size_t i = 0; i < ARRAY_SIZE(absurd); i++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            close(STDERR_FILENO);
            absurd[i]();
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static void test_memory_of_its_own(void **state)
{
    (void)state;
    char *memory = memory_new(0);
    assert_non_null(memory);
    memory = memory_resize(memory, 10);
    memcpy(memory, "123456789", 10);
    memory = memory_resize(memory, 100000);
    assert_string_equal(memory, "123456789");
    char *copy = memory_text(memory);
    free(memory);
    assert_string_equal(copy, "123456789");
    free(copy);
    unsigned char *zeroes = memory_new(500);
    for (int i = 0; i < 500; i++)
        assert_int_equal(zeroes[i], 0);
    free(zeroes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_hooks_run_last_first_while_memory_is_there),
        cmocka_unit_test(test_absurd_requests_end_the_program),
        cmocka_unit_test(test_memory_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
