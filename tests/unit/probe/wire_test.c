/* Texts of strangers, cut where a character ends; what is written to who has gone, and read from who is
 * silent.
 * SPDX-License-Identifier: MIT */
#include "probe/wire.h"
#include "base/clock.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

static void test_text(void **state)
{
    static const struct {
        const char *text;
        size_t size, most;
        const char *want;
    } cases[] = {
        { "", 0, 5, "" },
        { "abc", 3, 5, "abc" },
        { "abcde", 5, 5, "abcde" },
        { "abcdef", 6, 5, "abcde…" },
        { "abcd\xc3\xbc", 6, 5, "abcd…" },
        { "abc\xc3\xbc", 5, 5, "abc\xc3\xbc" },
        { "\xe2\x82\xac\xe2\x82\xac", 6, 5, "\xe2\x82\xac…" },
        { "a\xff", 2, 5, "a\xef\xbf\xbd" },
        { "a\0b", 3, 5,
          "a\xef\xbf\xbd"
          "b" },
        { "\x80\x80\x80", 3, 2, "…" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        assert_string_equal(wire_text(&arena, cases[i].text, cases[i].size, cases[i].most),
                            cases[i].want);
    }
}

static void test_steps(void **state)
{
    int64_t now = clock_monotonic_ms();
    (void)state;
    assert_true(wire_step(60000, now + 10) == now + 10);
    assert_true(wire_step(60000, INT64_MAX) >= now + 60000);
    assert_true(wire_step(60000, INT64_MAX) < now + 120000);
}

static void pair(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

static void test_read(void **state)
{
    int fds[2];
    char piece[10];
    size_t got = 99;
    struct err err = { 0 };
    (void)state;
    pair(fds);
    assert_false(wire_read(fds[0], piece, sizeof piece, clock_monotonic_ms() + 50, &got, &err));
    assert_int_equal(err.kind, ERR_AGAIN);
    assert_string_equal(err.text, "no answer in time");
    assert_int_equal(got, 99);
    assert_true(wire_write(fds[1], (struct bytes){ "hello", 5 }, INT64_MAX, &err));
    assert_true(wire_read(fds[0], piece, sizeof piece, INT64_MAX, &got, &err));
    assert_int_equal(got, 5);
    wire_close(&fds[1]);
    assert_int_equal(fds[1], -1);
    assert_true(wire_read(fds[0], piece, sizeof piece, INT64_MAX, &got, &err));
    assert_int_equal(got, 0);
    wire_close(&fds[0]);
    wire_close(&fds[0]);
}

/* Nobody reads: it ends in time. Nobody is there: it ends without a signal. */
static void test_write(void **state)
{
    static char much[1 << 22];
    int fds[2];
    struct err err = { 0 };
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    pair(fds);
    assert_false(
        wire_write(fds[0], (struct bytes){ much, sizeof much }, clock_monotonic_ms() + 50, &err));
    assert_string_equal(err.text, "no answer in time");
    wire_close(&fds[1]);
    err = (struct err){ 0 };
    assert_false(wire_write(fds[0], (struct bytes){ much, 1 }, INT64_MAX, &err));
    assert_string_equal(err.text, "the connection broke: Broken pipe");
    wire_close(&fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
