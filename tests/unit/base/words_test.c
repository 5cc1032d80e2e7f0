/* Words of a list in one text, and a word in its place in a text.
 * SPDX-License-Identifier: MIT */
#include "base/words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_joined(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *const items[] = { "a", "", "b.example" };
    assert_string_equal(words_joined(&arena, &(struct text_list){ items, 3 }, "--mx ", " "),
                        "--mx a --mx  --mx b.example");
    assert_string_equal(words_joined(&arena, &(struct text_list){ items, 1 }, "", ", "), "a");
    assert_string_equal(words_joined(&arena, &(struct text_list){ NULL, 0 }, "x", ", "), "");
}

static void test_filled(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value, *want;
    } rows[] = {
        { "", "a", "" },
        { "none here", "a", "none here" },
        { "DOMAIN", "a.example", "a.example" },
        { "mta-sts.DOMAIN/x DOMAIN.", "a", "mta-sts.a/x a." },
        { "DOMAINDOMAI", "", "DOMAI" },
        { "DOMAIN DOMAIN", "DOMAIN", "DOMAIN DOMAIN" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        assert_string_equal(words_filled(&arena, rows[i].text, "DOMAIN", rows[i].value),
                            rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
