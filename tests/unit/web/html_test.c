/* The HTML writer: what it escapes, how it writes numbers, shares and moments, and where it stops.
 * SPDX-License-Identifier: MIT */
#include "web/html.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NARROW "\u202f"

static void test_escapes_every_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want_html;
    } cases[] = {
        { "plain", "plain" },
        { NULL, "" },
        { "", "" },
        { "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
        { "\" onmouseover=\"x", "&quot; onmouseover=&quot;x" },
        { "it's", "it&#39;s" },
        { "&amp;", "&amp;amp;" },
        { "100 %s %d", "100 %s %d" }, /* a text is never a format */
        { "gr\u00fc\u00dfe", "gr\u00fc\u00dfe" },
        { "a\x01\x1f\x7f"
          "b",
          "a\ufffd\ufffd\ufffd"
          "b" },
        { "a\u202egnp.exe\u202c", "a\u27e8U+202E\u27e9gnp.exe\u27e8U+202C\u27e9" },
        { "\u2066\u2067\u2068\u2069",
          "\u27e8U+2066\u27e9\u27e8U+2067\u27e9\u27e8U+2068\u27e9\u27e8U+2069\u27e9" },
        { "\u200b\ufeff\u2028\xc2\x85", "\u27e8U+200B\u27e9\u27e8U+FEFF\u27e9\u27e8U+2028\u27e9"
                                        "\u27e8U+0085\u27e9" },
        { "\xf3\xa0\x81\x81", "\u27e8U+E0041\u27e9" },
        { "\u05e9\u05dc\u202f\U0001f600", "\u05e9\u05dc\u202f\U0001f600" },
        { "a\xff\xc3(\xe2\x80", "a\ufffd\ufffd(\ufffd\ufffd" },
        { "\xc3", "\ufffd" },
        { "e\u0301\u0302\u0303\u0304\u0301\u0489x\u0301",
          "e\u0301\u0302\u0303\u0304\u27e8U+0301\u27e9\u27e8U+0489\u27e9x\u0301" },
        { "two\nlines\tand a tab", "two\nlines\tand a tab" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct html *page = html_new(&arena);
        html(page, "<b title=\"%s\">", cases[i].text);
        char want[256];
        snprintf(want, sizeof want, "<b title=\"%s\">", cases[i].want_html);
        assert_string_equal(buf_get(&page->text), want);
        arena_free(&arena);
    }
}

static void test_knows_its_conversions(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    html(page, "%d %u %ld %lu %lld %llu %zu %c %%|%s", -1, 2U, -3L, 4UL, -5LL, 6ULL, sizeof(char),
         '<', "s");
    assert_string_equal(buf_get(&page->text), "-1 2 -3 4 -5 6 1 &lt; %|s");
    arena_free(&arena);
}

static void test_groups_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *want;
    } cases[] = {
        { 0, "0" },
        { 7, "7" },
        { 999, "999" },
        { 1000, "1" NARROW "000" },
        { 12345, "12" NARROW "345" },
        { 1234567, "1" NARROW "234" NARROW "567" },
        { -1000, "\u2212"
                 "1" NARROW "000" },
        { INT64_MIN,
          "\u2212"
          "9" NARROW "223" NARROW "372" NARROW "036" NARROW "854" NARROW "775" NARROW "808" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct html *page = html_new(&arena);
        html_number(page, cases[i].number);
        assert_string_equal(buf_get(&page->text), cases[i].want);
        arena_free(&arena);
    }
}

static void test_never_rounds_to_none_or_all(void **state)
{
    (void)state;
    static const struct {
        int64_t part, whole;
        const char *want;
    } cases[] = {
        { 0, 0, "\u2013" },
        { 0, 10, "0" NARROW "%" },
        { 10, 10, "100" NARROW "%" },
        { 1, 3, "33.3" NARROW "%" },
        { 1, 200, "0.50" NARROW "%" },
        { 1, 1000000, "&lt;" NARROW "0.01" NARROW "%" },
        { 999999, 1000000, "&gt;" NARROW "99.9" NARROW "%" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct html *page = html_new(&arena);
        html_share(page, cases[i].part, cases[i].whole);
        assert_string_equal(buf_get(&page->text), cases[i].want);
        arena_free(&arena);
    }
}

static void test_moments_say_utc(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    html_time(page, 1795477081);
    html(page, "|");
    html_day(page, 20780);
    html(page, "|");
    html_time(page, 0);
    assert_string_equal(buf_get(&page->text),
                        "<time datetime=\"2026-11-23T23:38:01Z\">2026-11-23 23:38\u00a0UTC</time>|"
                        "<time datetime=\"2026-11-23\">2026-11-23</time>|\u2013");
    arena_free(&arena);
}

static void test_bytes_of_any_kind(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    html_bytes(page, (struct bytes){ "\x1f\x8b\0<a>\n\xff", 8 });
    assert_string_equal(buf_get(&page->text), "\u00b7\u00b7\u00b7&lt;a&gt;\n\u00b7");
    arena_free(&arena);
}

static void test_stops_at_its_maximum(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    char *text = arena_alloc(&arena, (1 << 20) + 1);
    memset(text, 'x', 1 << 20);
    for (int i = 0; i < 20; i++)
        html(page, "%s", text);
    assert_true(page->text.failed);
    assert_true(page->text.size <= HTML_BYTES_MAX);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes_every_text),
        cmocka_unit_test(test_knows_its_conversions),
        cmocka_unit_test(test_groups_numbers),
        cmocka_unit_test(test_never_rounds_to_none_or_all),
        cmocka_unit_test(test_moments_say_utc),
        cmocka_unit_test(test_bytes_of_any_kind),
        cmocka_unit_test(test_stops_at_its_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
