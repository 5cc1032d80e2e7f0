/* Days by their URL: bounds of each form, and what cannot be asked for is said by its argument.
 * SPDX-License-Identifier: MIT */
#include "web/period.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define TODAY 20781 /* Tuesday, 2026-11-24 */

static void test_bounds(void **state)
{
    (void)state;
    static const struct {
        struct period_words words;
        int32_t want_from, want_to;
        const char *want_query;
        int32_t want_step;
    } cases[] = {
        { { 0 }, TODAY - 30, TODAY, "days=30", 1 },
        { { .days = "" }, TODAY - 30, TODAY, "days=30", 1 },
        { { .days = "7" }, TODAY - 7, TODAY, "days=7", 1 },
        { { .days = "90" }, TODAY - 90, TODAY, "days=90", 1 },
        { { .days = "100" }, TODAY - 100, TODAY, "days=100", 7 },
        { { .days = "800" }, TODAY - 800, TODAY, "days=800", 7 },
        { { .week = "2026-W48" }, TODAY - 1, TODAY + 5, "week=2026-W48", 1 },
        { { .week = "2020-W53" }, 18624, 18630, "week=2020-W53", 1 },
        { { .from = "2026-11-01", .to = "2026-11-01" },
          20758,
          20758,
          "from=2026-11-01&to=2026-11-01",
          1 },
        { { .from = "2026-11-01" }, 20758, TODAY, "from=2026-11-01&to=2026-11-24", 1 },
        { { .to = "2026-11-01" }, 20728, 20758, "from=2026-10-02&to=2026-11-01", 1 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct period period;
        struct err err = { 0 };
        assert_true(period_parse(&arena, &cases[i].words, TODAY, &period, &err));
        assert_int_equal(period.from_day, cases[i].want_from);
        assert_int_equal(period.to_day, cases[i].want_to);
        assert_int_equal(period.today, TODAY);
        assert_string_equal(period.query, cases[i].want_query);
        assert_int_equal(period_step(&period), cases[i].want_step);
        arena_free(&arena);
    }
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        struct period_words words;
        const char *want_field;
    } cases[] = {
        { { .days = "0" }, "days" },
        { { .days = "801" }, "days" },
        { { .days = "-1" }, "days" },
        { { .days = "7x" }, "days" },
        { { .days = "99999999999999999999" }, "days" },
        { { .week = "2026-48" }, "week" },
        { { .week = "2026-W00" }, "week" },
        { { .week = "2026-W54" }, "week" },
        { { .week = "2021-W53" }, "week" },
        { { .week = "2026-W48x" }, "week" },
        { { .from = "yesterday" }, "from" },
        { { .from = "2026-02-30" }, "from" },
        { { .from = "1969-12-31" }, "from" },
        { { .to = "2026-11-31" }, "to" },
        { { .from = "2026-11-25" }, "from" },
        { { .from = "2026-11-02", .to = "2026-11-01" }, "from" },
        { { .from = "2020-01-01", .to = "2026-11-01" }, "from" },
        { { .days = "7", .week = "2026-W48" }, "week" },
        { { .days = "7", .to = "2026-11-01" }, "days" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct period period;
        struct err err = { 0 };
        assert_false(period_parse(&arena, &cases[i].words, TODAY, &period, &err));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.field, cases[i].want_field);
        arena_free(&arena);
    }
}

/* The one shown is marked, and forms begin with it. */
static void test_picker(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct period period;
    struct err err = { 0 };
    const struct period_words words = { .week = "2026-W46" };
    assert_true(period_parse(&arena, &words, TODAY, &period, &err));
    struct html *page = html_new(&arena);
    period_print(page, &period, "/mx");
    const char *text = buf_get(&page->text);
    assert_non_null(strstr(text, "<a href=\"/mx?days=90\">90 days</a>"));
    assert_non_null(strstr(text, "<a href=\"/mx?week=2026-W45\">week 2026-W45</a>"));
    assert_non_null(strstr(text, "<a href=\"/mx?week=2026-W46\" aria-current=\"true\">"));
    assert_non_null(strstr(text, "<a href=\"/mx?week=2026-W47\">week 2026-W47</a>"));
    assert_non_null(strstr(text, "name=\"from\" value=\"2026-11-09\" max=\"2026-11-24\""));
    assert_non_null(strstr(text, "name=\"to\" value=\"2026-11-15\""));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_picker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
