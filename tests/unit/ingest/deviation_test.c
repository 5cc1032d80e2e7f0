/* The table of deviations, and the list: in order, copied, bounded.
 * SPDX-License-Identifier: MIT */
#include "ingest/deviation.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Each code has a name of its own, in lower case with hyphens, and a sentence. */
static void test_table(void **state)
{
    (void)state;
    for (int code = 0; code < DEVIATION_COUNT_OF_CODES; code++) {
        const char *name = deviation_to_text((enum deviation_code)code);
        const char *meaning = deviation_meaning((enum deviation_code)code);
        assert_true(name && *name
                    && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name));
        assert_true(meaning && *meaning && meaning[strlen(meaning) - 1] == '.');
        for (int other = 0; other < code; other++)
            assert_string_not_equal(name, deviation_to_text((enum deviation_code)other));
    }
}

static void test_order(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct deviations list = { 0 };
    char path[] = "policies[0]";
    deviation_note(&arena, &list, DEVIATION_BOM, "", NULL);
    deviation_note(&arena, &list, DEVIATION_POLICY_SKIPPED, path, "why");
    path[9] = '1'; /* the list has a copy */

    struct deviations report = list; /* a report's list begins with its payload's */
    deviation_note(&arena, &report, DEVIATION_DATE_ONLY, path, NULL);
    assert_int_equal(report.count, 3);
    const struct deviation *at = report.first;
    assert_int_equal(at->code, DEVIATION_BOM);
    assert_string_equal(at->path, "");
    assert_null(at->note);
    at = at->next;
    assert_string_equal(at->path, "policies[0]");
    assert_string_equal(at->note, "why");
    at = at->next;
    assert_string_equal(at->path, "policies[1]");
    assert_null(at->next);
    arena_free(&arena);
}

static void test_bounded(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct deviations list = { 0 };
    for (int i = 0; i < 5 * DEVIATIONS_MAX; i++)
        deviation_note(&arena, &list, DEVIATION_IP_ODD, "", NULL);
    assert_int_equal(list.count, 5 * DEVIATIONS_MAX);
    size_t kept = 0;
    for (const struct deviation *at = list.first; at; at = at->next)
        kept++;
    assert_int_equal(kept, DEVIATIONS_MAX);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
