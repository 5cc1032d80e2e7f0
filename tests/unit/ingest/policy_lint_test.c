/* Policy texts as they are served: what RFC 8461 does not allow, what some sender refuses, on which line.
 * SPDX-License-Identifier: MIT */
#include "ingest/policy_lint.h"
#include "ingest/policy_text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FLAWS 6
#define NONE  POLICY_FLAWS

struct want {
    enum policy_flaw_kind kind;
    size_t line;
};

struct row {
    const char *name;
    const char *text;
    bool valid, strict;
    struct want flaws[FLAWS + 1]; /* ended by NONE; in order */
};

#define V     "version: STSv1\r\n"
#define M     "mode: testing\r\n"
#define X     "mx: mx.example.org\r\n"
#define A     "max_age: 86400\r\n"
#define GOOD  .valid = true, .strict = true
#define VALID .valid = true
#define END     \
    {           \
        NONE, 0 \
    }
#define ONE(kind, line) .flaws = { { POLICY_FLAW_##kind, line }, END }
#define MX_IS(value)    V M "mx: " value "\r\n" A
#define AGE_IS(value)   V M X "max_age: " value "\r\n"

/* clang-format off */
static const struct row rows[] = {
    { .name = "CRLF", .text = V M X A, GOOD, .flaws = { END } },
    { .name = "LF", .text = "version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 86400\n", GOOD, .flaws = { END } },
    { .name = "any order, no spaces", .text = "version:STSv1\nmax_age:86400\nmx:mx.example.org\nmx:*.example.net\nmode:enforce\n", GOOD,
      .flaws = { END } },
    { .name = "spaces and tabs behind a colon", .text = V "mode: \t testing\r\n" X A, GOOD, .flaws = { END } },
    /* ends of lines */
    { .name = "both ends", .text = "version: STSv1\n" M X A, GOOD, ONE(MIXED, 0) },
    { .name = "CR only", .text = "version: STSv1\rmode: testing\rmx: mx.example.org\rmax_age: 86400\r", ONE(CR, 1) },
    { .name = "CR in one line", .text = V "mode: testing\r" X A, ONE(CR, 2) },
    { .name = "no end at the end", .text = V M X "max_age: 86400", GOOD, ONE(NO_END, 4) },
    { .name = "CR at the very end", .text = V M X "max_age: 86400\r", ONE(CR, 4) },
    { .name = "CR twice", .text = V M X "max_age: 86400\r\r\n", .flaws = { { POLICY_FLAW_CR, 4 }, { POLICY_FLAW_BLANK, 5 }, END } },
    { .name = "a blank line at the end", .text = V M X A "\r\n", ONE(BLANK, 5) },
    { .name = "a blank line at the beginning", .text = "\n" V M X A, .flaws = { { POLICY_FLAW_MIXED, 0 }, { POLICY_FLAW_BLANK, 1 }, END } },
    { .name = "a blank line inside", .text = V M "\r\n" X A, ONE(BLANK, 3) },
    { .name = "a line of spaces", .text = V M X A "  \r\n", ONE(BLANK, 5) },
    { .name = "nothing", .text = "", .flaws = { { POLICY_FLAW_VERSION_MISSING, 0 }, { POLICY_FLAW_MODE_MISSING, 0 },
      { POLICY_FLAW_MAX_AGE_MISSING, 0 }, { POLICY_FLAW_MX_MISSING, 0 }, END } },
    /* characters */
    { .name = "a byte order mark", .text = "\xef\xbb\xbf" V M X A, ONE(BOM, 0) },
    { .name = "a comment", .text = V "# our policy\r\n" M X A, VALID, ONE(COMMENT, 2) },
    { .name = "a comment in UTF-8", .text = V "# \xc3\xbc\r\n" M X A, VALID, .flaws = { { POLICY_FLAW_COMMENT, 2 }, { POLICY_FLAW_NOT_ASCII, 2 }, END } },
    { .name = "UTF-8 in an extension", .text = V M X A "note: \xc3\xbc\r\n", VALID, .flaws = { { POLICY_FLAW_NOT_ASCII, 5 }, { POLICY_FLAW_EXTENSION, 5 }, END } },
    { .name = "Latin 1 in an extension", .text = V M X A "note: \xfc\r\n", .flaws = { { POLICY_FLAW_NOT_UTF8, 5 }, { POLICY_FLAW_EXTENSION, 5 }, END } },
    { .name = "a control character", .text = V M X A "note: \x01\r\n", ONE(LINE, 5) },
    /* spaces */
    { .name = "a space in front", .text = V " mode: testing\r\n" X A, VALID, ONE(LEADING, 2) },
    { .name = "a space at the end", .text = V "mode: testing \r\n" X A, VALID, ONE(TRAILING, 2) },
    { .name = "a tab at the end", .text = V M X "max_age: 86400\t\r\n", VALID, ONE(TRAILING, 4) },
    { .name = "a space before the colon", .text = V "mode : testing\r\n" X A, VALID, ONE(COLON, 2) },
    /* keys */
    { .name = "no colon", .text = V M "hello\r\n" X A, ONE(LINE, 3) },
    { .name = "an equals sign", .text = V "mode=testing\r\n" X A, .flaws = { { POLICY_FLAW_MODE_MISSING, 0 }, { POLICY_FLAW_LINE, 2 }, END } },
    { .name = "no key", .text = V M X A ": x\r\n", ONE(LINE, 5) },
    { .name = "a key of nothing", .text = V M X A "note:\r\n", ONE(LINE, 5) },
    { .name = "an unknown key", .text = V M X A "contact: post@example.org\r\n", GOOD, ONE(EXTENSION, 5) },
    { .name = "an unknown key with a colon", .text = V M X A "contact: mailto:post@example.org\r\n", VALID,
      .flaws = { { POLICY_FLAW_EXTENSION, 5 }, { POLICY_FLAW_EXTENSION_COLON, 5 }, END } },
    { .name = "nmx", .text = V M X "nmx: mx2.example.org\r\n" A, GOOD, ONE(SIMILAR, 4) },
    { .name = "max-age", .text = V M X "max-age: 86400\r\n", .flaws = { { POLICY_FLAW_MAX_AGE_MISSING, 0 }, { POLICY_FLAW_SIMILAR, 4 }, END } },
    { .name = "Mode", .text = V "Mode: testing\r\n" X A, .flaws = { { POLICY_FLAW_MODE_MISSING, 0 }, { POLICY_FLAW_SIMILAR, 2 }, END } },
    { .name = "id is not mx", .text = V M X A "id: 1\r\n", GOOD, ONE(EXTENSION, 5) },
    { .name = "mode twice", .text = V M "mode: enforce\r\n" X A, VALID, ONE(DUPLICATE, 3) },
    { .name = "mode twice, the first one bad", .text = V "mode: maybe\r\n" M X A, .flaws = { { POLICY_FLAW_MODE, 2 }, { POLICY_FLAW_DUPLICATE, 3 }, END } },
    { .name = "version twice", .text = V V M X A, VALID, ONE(DUPLICATE, 2) },
    { .name = "mx twice the same", .text = V M X X A, GOOD, .flaws = { END } },
    /* version */
    { .name = "no version", .text = M X A, ONE(VERSION_MISSING, 0) },
    { .name = "version 2", .text = "version: STSv2\r\n" M X A, ONE(VERSION, 1) },
    { .name = "version in small letters", .text = "version: stsv1\r\n" M X A, ONE(VERSION, 1) },
    { .name = "version not first", .text = M V X A, VALID, ONE(VERSION_PLACE, 2) },
    { .name = "version of the record", .text = "v: STSv1\r\n" M X A, .flaws = { { POLICY_FLAW_VERSION_MISSING, 0 }, { POLICY_FLAW_EXTENSION, 1 }, END } },
    /* mode */
    { .name = "no mode", .text = V X A, ONE(MODE_MISSING, 0) },
    { .name = "mode in capitals", .text = V "mode: Enforce\r\n" X A, ONE(MODE, 2) },
    { .name = "mode report", .text = V "mode: report\r\n" X A, ONE(MODE, 2) },
    { .name = "an empty mode", .text = V "mode:\r\n" X A, ONE(MODE, 2) },
    /* max_age */
    { .name = "no max_age", .text = V M X, ONE(MAX_AGE_MISSING, 0) },
    { .name = "0", .text = AGE_IS("0"), GOOD, .flaws = { END } },
    { .name = "zeros in front", .text = AGE_IS("00086400"), GOOD, .flaws = { END } },
    { .name = "a year", .text = AGE_IS("31557600"), GOOD, .flaws = { END } },
    { .name = "more than a year", .text = AGE_IS("31557601"), ONE(MAX_AGE_RANGE, 4) },
    { .name = "10 digits", .text = AGE_IS("9999999999"), ONE(MAX_AGE_RANGE, 4) },
    { .name = "11 digits", .text = AGE_IS("99999999999"), ONE(MAX_AGE, 4) },
    { .name = "an exponent", .text = AGE_IS("1e5"), ONE(MAX_AGE, 4) },
    { .name = "a fraction", .text = AGE_IS("86400.0"), ONE(MAX_AGE, 4) },
    { .name = "negative", .text = AGE_IS("-1"), ONE(MAX_AGE, 4) },
    { .name = "a unit", .text = AGE_IS("1d"), ONE(MAX_AGE, 4) },
    { .name = "empty", .text = AGE_IS(""), ONE(MAX_AGE, 4) },
    /* mx */
    { .name = "no mx", .text = V M A, ONE(MX_MISSING, 0) },
    { .name = "no mx in mode none", .text = V "mode: none\r\n" A, VALID, ONE(MX_NONE, 0) },
    { .name = "mode none", .text = V "mode: none\r\n" X A, GOOD, .flaws = { END } },
    { .name = "a wildcard", .text = MX_IS("*.example.org"), GOOD, .flaws = { END } },
    { .name = "capitals", .text = MX_IS("MX.Example.ORG"), GOOD, .flaws = { END } },
    { .name = "an address", .text = MX_IS("192.0.2.1"), ONE(MX_ADDRESS, 3) },
    { .name = "an address in brackets", .text = MX_IS("[192.0.2.1]"), ONE(MX_ADDRESS, 3) },
    { .name = "an address of IPv6", .text = MX_IS("2001:db8::1"), ONE(MX_ADDRESS, 3) },
    { .name = "a dot at the end", .text = MX_IS("mx.example.org."), ONE(MX, 3) },
    { .name = "a port", .text = MX_IS("mx.example.org:25"), ONE(MX, 3) },
    { .name = "a list", .text = MX_IS("mx1.example.org, mx2.example.org"), ONE(MX, 3) },
    { .name = "a preference", .text = MX_IS("10 mx1.example.org"), ONE(MX, 3) },
    { .name = "a U-label", .text = MX_IS("b\xc3\xbc" "cher.example"), .flaws = { { POLICY_FLAW_NOT_ASCII, 3 }, { POLICY_FLAW_MX, 3 }, END } },
    { .name = "a wildcard inside", .text = MX_IS("mx.*.example.org"), ONE(MX, 3) },
    { .name = "an asterisk", .text = MX_IS("*"), ONE(MX, 3) },
    { .name = "an empty mx", .text = MX_IS(""), ONE(MX, 3) },
    { .name = "one label", .text = MX_IS("mx"), GOOD, ONE(MX_SINGLE, 3) },
    { .name = "a wildcard of a top domain", .text = MX_IS("*.org"), GOOD, ONE(MX_SINGLE, 3) },
    { .name = "HTML", .text = "<!DOCTYPE html>\n<html></html>\n", .flaws = { { POLICY_FLAW_VERSION_MISSING, 0 }, { POLICY_FLAW_MODE_MISSING, 0 },
      { POLICY_FLAW_MAX_AGE_MISSING, 0 }, { POLICY_FLAW_MX_MISSING, 0 }, { POLICY_FLAW_LINE, 1 }, { POLICY_FLAW_LINE, 2 }, END } },
};
/* clang-format on */

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){ text, strlen(text) };
}

static void test_flaws(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct policy_lint lint = policy_lint(&arena, bytes_of(row->text));
        print_message("%s\n", row->name);
        for (size_t k = 0; k < lint.flaw_count; k++)
            print_message("    %zu: %s (%s)\n", lint.flaws[k].line, lint.flaws[k].text,
                          lint.flaws[k].what);
        size_t want = 0;
        for (; row->flaws[want].kind != NONE; want++) {
            assert_true(want < lint.flaw_count);
            assert_int_equal(lint.flaws[want].kind, row->flaws[want].kind);
            assert_int_equal(lint.flaws[want].line, row->flaws[want].line);
            assert_non_null(policy_lint_code(lint.flaws[want].kind));
        }
        assert_int_equal(lint.flaw_count, want);
        assert_int_equal(lint.valid, row->valid);
        assert_int_equal(lint.strict, row->strict);
        assert_int_equal(*lint.policy.mode != '\0', row->valid);
    }
}

/* The first of what stands twice counts, and what is wrong is nobody's policy; what was meant is known. */
static void test_policy(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct policy_lint lint = policy_lint(
        &arena,
        bytes_of(V M "mode: enforce\r\nmx: B.example.org\r\nmx: a.example.org\r\nx: y\r\n" A));
    assert_string_equal(lint.policy.canonical, "version: STSv1\nmode: testing\nmx: a.example.org\n"
                                               "mx: b.example.org\nmax_age: 86400");
    assert_string_equal(lint.meant.canonical, lint.policy.canonical);

    lint = policy_lint(
        &arena,
        bytes_of(
            "\xef\xbb\xbfVersion : STSv1\rmode: Enforce\r\rmx: mx.example.org.\rmax_age: 5\r"));
    assert_string_equal(lint.policy.canonical, "");
    assert_int_equal(lint.policy.mx_count, 0);
    assert_int_equal(lint.policy.max_age_seconds, -1);
    assert_string_equal(lint.meant.canonical,
                        "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 5");
}

/* What we make ourselves has no flaw. */
static void test_own(void **state)
{
    (void)state;
    static const char *const modes[] = { "testing", "enforce", "none" };
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *hosts[] = { "MX2.example.org.", "*.example.net" }, *text = NULL;
        struct policy_terms terms = { modes[i], 86400, { hosts, 2 } };
        struct err err = { 0 };
        assert_true(policy_text_make(&arena, &terms, &text, &err));
        struct policy_lint lint = policy_lint(&arena, bytes_of(text));
        assert_true(lint.valid && lint.strict);
        assert_int_equal(lint.flaw_count, 0);
        assert_string_equal(lint.policy.mode, modes[i]);
    }
}

/* Many flaws, many bytes, bytes of any kind. */
static void test_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    char *text = arena_alloc(&arena, 70000);
    memset(text, '\n', 70000);
    struct policy_lint lint = policy_lint(&arena, (struct bytes){ text, 70000 });
    assert_int_equal(lint.flaw_count, POLICY_FLAWS_MAX);
    assert_int_equal(lint.flaws[0].kind, POLICY_FLAW_LARGE);
    assert_true(lint.left_out > 60000);
    assert_false(lint.valid || lint.strict);

    lint = policy_lint(&arena, (struct bytes){ NULL, 0 });
    assert_int_equal(lint.flaw_count, 4);
    lint = policy_lint(&arena, (struct bytes){ "version\0: STSv1\n", 16 });
    assert_int_equal(lint.flaws[4].kind, POLICY_FLAW_LINE);

    /* A fatal flaw behind all those that are told counts too. */
    memset(text, ' ', 70000);
    struct buf many = BUF(70000);
    buf_text(&many, V M X A);
    for (int i = 0; i < 60; i++)
        buf_text(&many, "note: x\r\n");
    lint = policy_lint(&arena, (struct bytes){ many.data, many.size });
    assert_true(lint.valid && lint.strict && lint.left_out == 20);
    buf_text(&many, "\r\n");
    lint = policy_lint(&arena, (struct bytes){ many.data, many.size });
    assert_false(lint.valid || lint.strict);
    buf_done(&many);
}

static void test_what_is_shown(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct policy_lint lint = policy_lint(&arena, bytes_of(V "mode: \xe2\x80\xae"
                                                             "enforce\r\n" X A));
    assert_int_equal(lint.flaw_count, 2);
    assert_int_equal(lint.flaws[1].kind, POLICY_FLAW_MODE);
    assert_non_null(strstr(lint.flaws[1].what, "U+202E"));
    lint = policy_lint(&arena, bytes_of(MX_IS("mx.example.org:25")));
    assert_string_equal(lint.flaws[0].what, "mx.example.org:25");
    assert_string_equal(lint.flaws[0].text, "this mx has a port; a policy names hosts only");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flaws),         cmocka_unit_test(test_policy),
        cmocka_unit_test(test_own),           cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_what_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
