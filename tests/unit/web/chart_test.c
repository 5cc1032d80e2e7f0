/* Charts: scales, what is stacked on what, gaps, the table behind, and nothing that is not escaped.
 * SPDX-License-Identifier: MIT */
#include "web/chart.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_scale(void **state)
{
    (void)state;
    static const struct {
        int64_t value, want;
    } cases[] = {
        { 0, 2 },
        { 1, 2 },
        { 2, 2 },
        { 3, 4 },
        { 7, 8 },
        { 9, 10 },
        { 10, 10 },
        { 11, 20 },
        { 699, 800 },
        { 801, 1000 },
        { 1000, 1000 },
        { 1001, 2000 },
        { INT64_C(1000000000000000000), INT64_C(1000000000000000000) },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(chart_scale(cases[i].value), cases[i].want);
}

static void test_stack_and_table(void **state)
{
    (void)state;
    static const struct chart_bar bars[] = {
        { .day = 20778, .reported = true, .own = 50, .shared = 25, .failed = 25 },
        { .day = 20779, .reported = false },
        { .day = 20780, .reported = true, .own = 100 },
    };
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    chart_print(page, &(struct chart){ bars, ARRAY_SIZE(bars), 1 });
    const char *text = buf_get(&page->text);
    /* 156 units for 100 sessions: own at the bottom, shared on it, failed on top. */
    assert_non_null(strstr(text, "class=\"own\" d=\"M1 82.0h8v78.0h-8zM21 4.0h8v156.0h-8z\""));
    assert_non_null(strstr(text, "fill=\"url(#lines)\" d=\"M1 43.0h8v39.0h-8z\""));
    assert_non_null(strstr(text, "class=\"failed\" d=\"M1 4.0h8v39.0h-8z\""));
    assert_non_null(strstr(text, "class=\"missing\" d=\"M11 0.0h8v160.0h-8z\""));
    /* The failures alone: 25 on a scale to 40, 56 units high. */
    assert_non_null(strstr(text, "class=\"failed\" d=\"M1 21.0h8v35.0h-8z\""));
    assert_non_null(strstr(text, "<title>2026-11-21: 75 succeeded, 25 failed</title>"));
    assert_non_null(strstr(text, "<title>2026-11-22: no report</title>"));
    assert_non_null(strstr(text, "<th scope=\"row\">2026-11-21</th><td class=\"n\">100</td>"
                                 "<td class=\"n\">50</td><td class=\"n\">25</td>"
                                 "<td class=\"n some\">25</td><td class=\"n\">25.0\u202f%</td>"));
    assert_non_null(
        strstr(text, "<th scope=\"row\">2026-11-22</th><td class=\"n\" colspan=\"5\">no report"));
    assert_true(strstr(text, "2026-11-23</th>") < strstr(text, "2026-11-21</th>"));
    assert_null(strstr(text, "style="));
    arena_free(&arena);
}

/* One failure in a million is seen, and nothing leaves the drawing. */
static void test_least_height(void **state)
{
    (void)state;
    static const struct chart_bar bars[] = {
        { .day = 0, .reported = true, .own = 999998, .shared = 1, .failed = 1 },
    };
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    chart_print(page, &(struct chart){ bars, ARRAY_SIZE(bars), 7 });
    const char *text = buf_get(&page->text);
    assert_non_null(strstr(text, "class=\"failed\" d=\"M1 0.0h8v2.0h-8z\""));
    assert_non_null(strstr(text, "<title>from 1970-01-01: "));
    assert_non_null(strstr(text, "Sessions per week"));
    arena_free(&arena);

    arena = (struct arena){ 0 };
    page = html_new(&arena);
    chart_print(page, &(struct chart){ NULL, 0, 1 });
    assert_int_equal(page->text.size, 0);
    arena_free(&arena);
}

static void test_sparkline(void **state)
{
    (void)state;
    static const int64_t sessions[] = { 10, -1, 20 }, failed[] = { 0, 0, 10 };
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    chart_sparkline(page, sessions, failed, ARRAY_SIZE(sessions), "a \"<b>\"");
    const char *text = buf_get(&page->text);
    assert_non_null(strstr(text, "aria-label=\"a &quot;&lt;b&gt;&quot;\""));
    assert_non_null(strstr(text, "class=\"good\" d=\"M2 24.0V14.0M10 14.0V4.0\""));
    assert_non_null(strstr(text, "class=\"bad\" d=\"M10 24V14.0\""));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_stack_and_table),
        cmocka_unit_test(test_least_height),
        cmocka_unit_test(test_sparkline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
