/* Public ids of reports: there and back, and nothing else is taken for one.
 * SPDX-License-Identifier: MIT */
#include "schema/report_key.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_there_and_back(void **state)
{
    (void)state;
    static const struct {
        struct report_key key;
        const char *want;
    } cases[] = {
        { { 12, 20780, 0x00ff00ff00ff00ff }, "12-20261123-00ff00ff00ff00ff" },
        { { 1, 0, 0 }, "1-19700101-0000000000000000" },
        { { INT32_MAX, 20780, -1 }, "2147483647-20261123-ffffffffffffffff" },
        { { 3, 20780, INT64_MIN }, "3-20261123-8000000000000000" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[REPORT_KEY_TEXT_BYTES];
        struct report_key back;
        assert_string_equal(report_key_to_text(&cases[i].key, text), cases[i].want);
        assert_true(report_key_from_text(text, &back));
        assert_int_equal(back.domain_id, cases[i].key.domain_id);
        assert_int_equal(back.day, cases[i].key.day);
        assert_true(back.id == cases[i].key.id);
    }
}

static void test_refuses_all_else(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "-",
        "x",
        "12-20261123-00ff00ff00ff00f",
        "12-20261123-00ff00ff00ff00ff0",
        "12-20261123-00FF00ff00ff00ff",
        "012-20261123-00ff00ff00ff00ff",
        "-1-20261123-00ff00ff00ff00ff",
        " 1-20261123-00ff00ff00ff00ff",
        "12-20260231-00ff00ff00ff00ff",
        "12-20261323-00ff00ff00ff00ff",
        "12-2026+123-00ff00ff00ff00ff",
        "99999999999-20261123-00ff00ff00ff00ff",
        "2147483648-20261123-00ff00ff00ff00ff",
        "12-20261123_00ff00ff00ff00ff",
        "12-20261123-00ff00ff00ff00ff\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct report_key key = { .domain_id = 77 };
        assert_false(report_key_from_text(texts[i], &key));
        assert_int_equal(key.domain_id, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_refuses_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
