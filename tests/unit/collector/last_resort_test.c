/* A process that hangs while it stops ends all the same; one that does not is left alone.
 * SPDX-License-Identifier: MIT */
#include "collector/last_resort.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define OTHER 7 /* an end that is the process's own */

static int status_of(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_hangs(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct last_resort resort;
        last_resort_begin(&resort, 1);
        sleep(60);
        _exit(OTHER);
    }
    assert_int_equal(status_of(child), 0);
}

static void test_cancelled(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct last_resort resort;
        last_resort_begin(&resort, 1);
        last_resort_cancel(&resort);
        last_resort_cancel(&resort);
        sleep(2);
        _exit(OTHER);
    }
    assert_int_equal(status_of(child), OTHER);
    last_resort_cancel(&(struct last_resort){ 0 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
