/* Policy texts as senders quote them: one canonical form, and matching of host names.
 * SPDX-License-Identifier: MIT */
#include "ingest/policy.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define LINES 6

struct row {
    const char *name;
    const char *lines[LINES];
    const char *want; /* canonical */
    const char *want_mode;
    int64_t want_max_age;
    size_t want_mx;
};

/* clang-format off */
static const struct row rows[] = {
    { .name = "nothing", .want = "", .want_mode = "", .want_max_age = -1 },
    { .name = "as in RFC 8461",
      .lines = { "version: STSv1", "mode: testing", "mx: mx2.example.com", "mx: mx1.example.com",
                 "max_age: 86400" },
      .want = "version: STSv1\nmode: testing\nmx: mx1.example.com\nmx: mx2.example.com\n"
              "max_age: 86400",
      .want_mode = "testing", .want_max_age = 86400, .want_mx = 2 },
    { .name = "the same, written otherwise",
      .lines = { "max_age:86400", "MX :  MX1.Example.com. ", "mx: mx2.EXAMPLE.com",
                 " Mode: TESTING", "mx: mx1.example.com", "version:STSv1\r" },
      .want = "version: STSv1\nmode: testing\nmx: mx1.example.com\nmx: mx2.example.com\n"
              "max_age: 86400",
      .want_mode = "testing", .want_max_age = 86400, .want_mx = 2 },
    { .name = "all in one string",
      .lines = { "version: STSv1\r\nmode: none\nmax_age: 0\n" },
      .want = "version: STSv1\nmode: none\nmax_age: 0", .want_mode = "none" },
    { .name = "the first one counts",
      .lines = { "mode: enforce", "mode: testing", "max_age: 5", "max_age: 6" },
      .want = "mode: enforce\nmax_age: 5", .want_mode = "enforce", .want_max_age = 5 },
    { .name = "even a bad first one",
      .lines = { "mode: maybe", "mode: testing", "max_age: x", "max_age: 6", "version: STSv2" },
      .want = "", .want_mode = "", .want_max_age = -1 },
    { .name = "what is not understood is left out",
      .lines = { "no colon", "key: value", ":", "mx: not a host", "mx: 192.0.2.1",
                 "max_age: 99999999999" },
      .want = "", .want_mode = "", .want_max_age = -1 },
    { .name = "a value may hold colons, a negative age is none",
      .lines = { "x: mode: testing", "max_age: -1", "mx: *.example.com" },
      .want = "mx: *.example.com", .want_mode = "", .want_max_age = -1, .want_mx = 1 },
    { .name = "names in Unicode become A-labels",
      .lines = { "mx: b\xc3\xbc" "cher.example" },
      .want = "mx: xn--bcher-kva.example", .want_mode = "", .want_max_age = -1, .want_mx = 1 },
};
/* clang-format on */

static void test_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        size_t count = 0;
        while (count < LINES && row->lines[count])
            count++;
        struct arena arena = { 0 };
        struct policy policy = policy_parse(&arena, row->lines, count);
        print_message("%s\n", row->name);
        assert_string_equal(policy.canonical, row->want);
        assert_string_equal(policy.mode, row->want_mode);
        assert_int_equal(policy.max_age_seconds, row->want_max_age);
        assert_int_equal(policy.mx_count, row->want_mx);
        arena_free(&arena);
    }
}

/* A hostile text costs no more than the bounds allow. */
static void test_bounded(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const size_t count = 100000;
    const char **lines = arena_array(&arena, count, sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = arena_printf(&arena, "mx: mx%zu.example.com\nmx: mx%zu.example.net", i, i);
    struct policy policy = policy_parse(&arena, lines, count);
    assert_int_equal(policy.mx_count, 1000);
    assert_true(strlen(policy.canonical) < 1000 * 30);
    arena_free(&arena);
}

static void test_matches(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *host;
        bool want;
    } pairs[] = {
        { "mx.example.com", "mx.example.com", true },
        { "mx.example.com", "mx2.example.com", false },
        { "*.example.com", "mx.example.com", true },
        { "*.example.com", "a.b.example.com", false },
        { "*.example.com", "example.com", false },
        { "*.example.com", ".example.com", false },
        { "*.mx.microsoft", "x.h-v1.mx.microsoft", false },
        { "*.h-v1.microsoft", "x.h-v1.microsoft", true },
        { "*.example.com", "*.example.com", true },
        { "example.com", "mx.example.com", false },
        { "*.com", "mx.example.com", false },
        { "*.localhost", "localhost", false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
        assert_int_equal(policy_matches(pairs[i].pattern, pairs[i].host), pairs[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
