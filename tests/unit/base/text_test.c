/* Names, addresses, numbers and UTF-8, as strangers write them.
 * SPDX-License-Identifier: MIT */
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define LABEL_60 "123456789a123456789b123456789c123456789d123456789e123456789f"
#define LABEL_63 LABEL_60 "xyz"

struct name_row {
    const char *text, *want; /* NULL: no name */
    bool want_odd;
};

static void compare(const struct name_row *row,
                    const char *(*read)(struct arena *arena, const char *text, bool *odd))
{
    struct arena arena = { 0 };
    bool odd = false;
    const char *got = read(&arena, row->text, &odd);
    if (!got != !row->want || (got && strcmp(got, row->want) != 0))
        fail_msg("\"%s\": %s, not %s", row->text, got ? got : "NULL",
                 row->want ? row->want : "NULL");
    if (odd != row->want_odd)
        fail_msg("\"%s\": odd %d", row->text, odd);
    got = read(&arena, row->text, NULL);
    assert_true(!got == !row->want);
    arena_free(&arena);
}

static void test_host(void **state)
{
    (void)state;
    static const struct name_row rows[] = {
        { .text = "mx.example.org", .want = "mx.example.org" },
        { .text = "localhost", .want = "localhost" },
        { .text = "_25._tcp.mx.example.org", .want = "_25._tcp.mx.example.org" },
        { .text = "*.example.org", .want = "*.example.org" },
        { .text = "3com.example.4you", .want = "3com.example.4you" },
        { .text = "MX.Example.ORG", .want = "mx.example.org", .want_odd = true },
        { .text = "mx.example.org.", .want = "mx.example.org", .want_odd = true },
        { .text = " mx.example.org\t\r\n", .want = "mx.example.org", .want_odd = true },
        { .text = "b\xc3\xbc"
                  "cher.example",
          .want = "xn--bcher-kva.example",
          .want_odd = true },
        { .text = "B\xc3\x9c"
                  "CHER.example.",
          .want = "xn--bcher-kva.example",
          .want_odd = true },
        { .text = "*.b\xc3\xbc"
                  "cher.example",
          .want = "*.xn--bcher-kva.example",
          .want_odd = true },
        { .text = "_mta-sts.b\xc3\xbc"
                  "cher.example",
          .want = "_mta-sts.xn--bcher-kva.example",
          .want_odd = true },
        { .text = LABEL_63 ".example", .want = LABEL_63 ".example" },
        { .text = LABEL_63 "x.example" },
        { .text = LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".abcdefghi",
          .want = LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".abcdefghi" },
        { .text = LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".abcdefghij" },
        { .text = "" },
        { .text = "." },
        { .text = "   " },
        { .text = "mx..example" },
        { .text = "mx.example.." },
        { .text = ".example.org" },
        { .text = "192.0.2.1" },
        { .text = "192.0.2.1." },
        { .text = "2001:db8::1" },
        { .text = "[192.0.2.1]" },
        { .text = "mx example.org" },
        { .text = "mx.example.org:25" },
        { .text = "mx/example.org" },
        { .text = "*" },
        { .text = "*." },
        { .text = "mx.*.example" },
        { .text = "**.example" },
        { .text = "<script>.example" },
        { .text = "b\xfc"
                  "cher.example" },
        { .text = "a\n.example" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        compare(&rows[i], text_host);
}

/* However far behind: what follows white space is no part of a name. */
static void test_tails(void **state)
{
    (void)state;
    static char text[3000];
    for (size_t spaces = 1; spaces < 2500; spaces++) {
        struct arena arena = { 0 };
        snprintf(text, sizeof text, "mx.example%*s", (int)spaces + 4, "tail");
        if (text_host(&arena, text, NULL))
            fail_msg("taken with %zu spaces", spaces);
        memcpy(text, "192.0.2.12", 10);
        if (text_address(&arena, text, NULL))
            fail_msg("address taken with %zu spaces", spaces);
        arena_free(&arena);
    }
}

static void test_address(void **state)
{
    (void)state;
    static const struct name_row rows[] = {
        { .text = "192.0.2.1", .want = "192.0.2.1" },
        { .text = "2001:db8::1", .want = "2001:db8::1" },
        { .text = "2001:DB8::1", .want = "2001:db8::1" },
        { .text = "2001:0db8:0:0:0:0:0:1", .want = "2001:db8::1", .want_odd = true },
        { .text = "::ffff:192.0.2.1", .want = "192.0.2.1", .want_odd = true },
        { .text = "[2001:db8::1]", .want = "2001:db8::1", .want_odd = true },
        { .text = "[2001:db8::1]:25", .want = "2001:db8::1", .want_odd = true },
        { .text = "[IPv6:2001:db8::1]", .want = "2001:db8::1", .want_odd = true },
        { .text = "[192.0.2.1]", .want = "192.0.2.1", .want_odd = true },
        { .text = "192.0.2.1:25", .want = "192.0.2.1", .want_odd = true },
        { .text = "fe80::1%eth0", .want = "fe80::1", .want_odd = true },
        { .text = " 192.0.2.1 ", .want = "192.0.2.1", .want_odd = true },
        { .text = "" },
        { .text = "[" },
        { .text = "[]" },
        { .text = "%" },
        { .text = ":" },
        { .text = "192.0.2" },
        { .text = "192.0.2.256" },
        { .text = "192.0.2.1.5" },
        { .text = "2001:db8::1::2" },
        { .text = "mx.example.org" },
        { .text = "[2001:db8::1" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        compare(&rows[i], text_address);
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *want; /* NULL: well-formed */
    } rows[] = {
        { .text = "", .size = 0 },
        { .text = "abc", .size = 3 },
        { .text = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", .size = 9 },
        { .text = "\xf4\x8f\xbf\xbf\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xe0\xa0\x80", .size = 16 },
#define BAD "\xef\xbf\xbd"
        { .text = "a\0b", .size = 3, .want = "a" BAD "b" },
        { .text = "\x80", .size = 1, .want = BAD },
        { .text = "\xc3", .size = 1, .want = BAD },
        { .text = "\xc3(", .size = 2, .want = BAD "(" },
        { .text = "\xc0\xaf", .size = 2, .want = BAD BAD },                 /* overlong */
        { .text = "\xe0\x80\xaf", .size = 3, .want = BAD BAD BAD },         /* overlong */
        { .text = "\xf0\x80\x80\xaf", .size = 4, .want = BAD BAD BAD BAD }, /* overlong */
        { .text = "\xed\xa0\x80", .size = 3, .want = BAD BAD BAD },         /* surrogate */
        { .text = "\xf4\x90\x80\x80", .size = 4, .want = BAD BAD BAD BAD }, /* > U+10FFFF */
        { .text = "\xf5\x80\x80\x80", .size = 4, .want = BAD BAD BAD BAD },
        { .text = "x\xe2\x82", .size = 3, .want = "x" BAD BAD },
        { .text = "\xff\xc3\xa9", .size = 3, .want = BAD "\xc3\xa9" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct arena arena = { 0 };
        bool replaced = false;
        char *exact = (char *)arena_alloc(&arena, 32) + 32 - rows[i].size;
        memcpy(exact, rows[i].text, rows[i].size);
        assert_int_equal(text_is_utf8(exact, rows[i].size), !rows[i].want);
        const char *got = text_to_utf8(&arena, exact, rows[i].size, &replaced);
        assert_string_equal(got, rows[i].want ? rows[i].want : rows[i].text);
        assert_int_equal(replaced, rows[i].want != NULL);
        arena_free(&arena);
    }
}

static void test_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t min, max, want;
        bool good;
    } rows[] = {
        { "0", 0, 9, 0, true },
        { "007", 0, 9, 7, true },
        { "-5", -5, 5, -5, true },
        { "9223372036854775807", 0, INT64_MAX, INT64_MAX, true },
        { "-9223372036854775808", INT64_MIN, 0, INT64_MIN, true },
        { "9223372036854775808", INT64_MIN, INT64_MAX, 0, false },
        { "10", 0, 9, 0, false },
        { "-1", 0, 9, 0, false },
        { "", 0, 9, 0, false },
        { "-", -9, 9, 0, false },
        { "+1", 0, 9, 0, false },
        { " 1", 0, 9, 0, false },
        { "1 ", 0, 9, 0, false },
        { "1x", 0, 9, 0, false },
        { "1.0", 0, 9, 0, false },
        { "0x1", 0, 9, 0, false },
        { "--1", -9, 9, 0, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int64_t number = 77;
        bool good = text_number(rows[i].text, rows[i].min, rows[i].max, &number);
        if (good != rows[i].good || number != (good ? rows[i].want : 77))
            fail_msg("\"%s\"", rows[i].text);
    }
}

static void test_comparing(void **state)
{
    (void)state;
    assert_true(text_same("aBc", "AbC"));
    assert_false(text_same("abc", "abcd"));
    assert_true(text_begins("Content-Type", "content-"));
    assert_true(text_begins("x", ""));
    assert_false(text_begins("con", "content"));
    assert_true(text_ends("report.JSON.gz", ".json.GZ"));
    assert_true(text_ends("x", ""));
    assert_false(text_ends("gz", ".gz"));
}

static void test_trim(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    assert_string_equal(text_trim(&arena, " \t a b \r\n", 9), "a b");
    assert_string_equal(text_trim(&arena, "   ", 3), "");
    assert_string_equal(text_trim(&arena, "", 0), "");
    assert_string_equal(text_trim(&arena, "abcdef", 3), "abc");
    arena_free(&arena);
}

static void test_json(void **state)
{
    (void)state;
    struct buf out = BUF(1000);
    text_json(&out, "a\"b\\c/\b\n\x1f\x7f\xc3\xa9</script>");
    assert_string_equal(buf_get(&out), "a\\\"b\\\\c/\\u0008\\u000a\\u001f\\u007f\xc3\xa9</script>");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host),    cmocka_unit_test(test_tails),
        cmocka_unit_test(test_address), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_number),  cmocka_unit_test(test_comparing),
        cmocka_unit_test(test_trim),    cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
