/* What changed from one policy to the next.
 * SPDX-License-Identifier: MIT */
#include "web/domain_policies.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_changes(void **state)
{
    (void)state;
    static const struct {
        struct policy_row older, newer;
        const char *want;
    } cases[] = {
        { { .mode = "testing", .mx = "a b", .body = "x", .max_age_seconds = 1 },
          { .mode = "testing", .mx = "a b", .body = "x", .max_age_seconds = 1 },
          "" },
        { { .mode = "testing", .mx = "a", .body = "x" },
          { .mode = "enforce", .mx = "a", .body = "y" },
          "mode testing \u2192 enforce" },
        { { .mode = "", .mx = "mx1 mx2", .body = "" },
          { .mode = "testing", .mx = "mx2 mx3 mx", .body = "y" },
          "mode not told \u2192 testing; mx added mx3, mx; mx removed mx1" },
        { { .mode = "", .mx = "", .body = "", .max_age_seconds = 86400 },
          { .mode = "", .mx = "", .body = "", .max_age_seconds = 604800 },
          "max_age 86400 \u2192 604800" },
        { { .mode = "", .mx = "", .body = "3 1 1 aa" },
          { .mode = "", .mx = "", .body = "3 1 1 bb" },
          "other text" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        assert_string_equal(domain_policies_changes(&arena, &cases[i].older, &cases[i].newer),
                            cases[i].want);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
