/* Commands in a text are marked as such, and nothing in them becomes markup.
 * SPDX-License-Identifier: MIT */
#include "web/part.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_prose(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "" },
        { "No command.", "No command." },
        { "`tlsrptd check a.example` looks.", "<code>tlsrptd check a.example</code> looks." },
        { "Try `a`, `b`", "Try <code>a</code>, <code>b</code>" },
        { "`<b>` & `\"", "<code>&lt;b&gt;</code> &amp; <code>&quot;</code>" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct html *page = html_new(&arena);
        part_prose(page, rows[i].text);
        assert_string_equal(buf_get(&page->text), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_prose) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
