/* The pool of readers while the database is away: every asker is told so, and soon; more askers than
 * connections take turns.
 * SPDX-License-Identifier: MIT */
#include "schema/read.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ASKERS 8

static void *ask(void *thing)
{
    struct reader *reader = thing;
    static char said_away;
    for (int i = 0; i < 20; i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct overview_row row;
        bool done = read_overview(reader, &arena, &row, &err);
        arena_free(&arena);
        if (done || err.kind != ERR_AGAIN)
            return NULL;
    }
    return &said_away;
}

static void test_away(void **state)
{
    (void)state;
    struct reader *reader =
        reader_new("host=/nonexistent dbname=none", 2, (struct pg_patience){ 0 });
    pthread_t threads[ASKERS];
    struct err err = { 0 };
    assert_false(reader_ready(reader, &err));
    assert_int_equal(err.kind, ERR_AGAIN);
    assert_non_null(strstr(err.text, "/nonexistent"));
    for (size_t i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, reader), 0);
    for (size_t i = 0; i < ASKERS; i++) {
        void *said_away;
        pthread_join(threads[i], &said_away);
        assert_non_null(said_away);
    }
    reader_free(&reader);
    assert_null(reader);
    reader_free(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
