/* URLs: what is put into them is encoded, what is not given is left out.
 * SPDX-License-Identifier: MIT */
#include "web/link.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_paths(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const struct report_key key = { .domain_id = 12, .day = 20780, .id = -1 };
    const struct {
        const char *link, *want;
    } cases[] = {
        { link_domain(&arena, "example.org", NULL), "/domains/example.org" },
        { link_domain(&arena, "example.org", "days=7"), "/domains/example.org?days=7" },
        { link_mx(&arena, "mx.example.org", NULL), "/mx/mx.example.org" },
        { link_mx(&arena, "a/b", "from=2026-01-01&to=2026-01-02"),
          "/mx/a%2Fb?from=2026-01-01&to=2026-01-02" },
        { link_domain(&arena, "a/../b?c#d e%\u00e4", NULL),
          "/domains/a%2F..%2Fb%3Fc%23d%20e%25%C3%A4" },
        { link_reports(&arena, NULL, NULL), "/reports" },
        { link_reports(&arena, "a&b.example", NULL), "/reports?domain=a%26b.example" },
        { link_reports(&arena, NULL, &key), "/reports?before=12-20261123-ffffffffffffffff" },
        { link_reports(&arena, "a.example", &key),
          "/reports?domain=a.example&before=12-20261123-ffffffffffffffff" },
        { link_report(&arena, &key), "/reports/12-20261123-ffffffffffffffff" },
        { link_original(&arena, &key), "/reports/12-20261123-ffffffffffffffff/original" },
        { link_rejected(&arena, NULL, NULL), "/rejected" },
        { link_rejected(&arena, NULL, "7-9"), "/rejected?after=7-9" },
        { link_rejected(&arena, &(struct rejected_list){ .source = "lmtp", .text = "a&b" }, "7-9"),
          "/rejected?source=lmtp&text=a%26b&after=7-9" },
        { link_rejection(&arena, 9), "/rejected/9" },
        { link_rejection_original(&arena, 9), "/rejected/9/original" },
        { link_asset(&arena, "none.css"), "" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(cases[i].link, cases[i].want);
    arena_free(&arena);
}

static void test_assets_carry_their_version(void **state)
{
    (void)state;
    static const char want[] = "/static/style.css?v=";
    struct arena arena = { 0 };
    const char *link = link_asset(&arena, "style.css");
    assert_memory_equal(link, want, strlen(want));
    assert_int_equal(strlen(link), strlen(want) + 16);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_assets_carry_their_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
