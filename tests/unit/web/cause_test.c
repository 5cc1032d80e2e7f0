/* Causes: commands hold names only where a shell takes them as words.
 * SPDX-License-Identifier: MIT */
#include "web/cause.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_commands(void **state)
{
    (void)state;
    static const struct {
        const char *result, *host, *domain, *want;
    } cases[] = {
        { "dane-required", "mx.a.example", NULL, "delv _25._tcp.mx.a.example TLSA" },
        { "dane-required", NULL, "a.example", "delv _25._tcp.MX-HOST TLSA" },
        { "dane-required", "$(reboot)", NULL, "delv _25._tcp.MX-HOST TLSA" },
        { "dane-required", "a b", NULL, "delv _25._tcp.MX-HOST TLSA" },
        { "dane-required", "-f.example", NULL, "delv _25._tcp.MX-HOST TLSA" },
        { "dane-required", "", NULL, "delv _25._tcp.MX-HOST TLSA" },
        { "sts-policy-fetch-error", NULL, "a.example",
          "curl -sv https://mta-sts.a.example/.well-known/mta-sts.txt" },
        { "sts-policy-fetch-error", NULL, "a;b",
          "curl -sv https://mta-sts.DOMAIN/.well-known/mta-sts.txt" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        assert_string_equal(cause_command(&arena, cases[i].result, cases[i].host, cases[i].domain),
                            cases[i].want);
        arena_free(&arena);
    }
    struct arena arena = { 0 };
    assert_null(cause_command(&arena, "unheard-of", "mx.a.example", "a.example"));
    arena_free(&arena);
}

/* A result type is explained once, whatever policy types it stands under. */
static void test_reasons(void **state)
{
    (void)state;
    static struct failure_row rows[] = {
        { "certificate-expired", "sts", 5, 2, 1, 20770, 20780, "mx.a.example" },
        { "certificate-expired", "tlsa", 3, 1, 1, 20770, 20780, "mx.a.example" },
        { "unexplained", "sts", 2, 0, 1, 20770, 20780, NULL },
    };
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    cause_print(page, &(struct rows){ rows, ARRAY_SIZE(rows) }, "a.example");
    const char *text = buf_get(&page->text);
    const char *first = strstr(text, "has expired.");
    assert_non_null(first);
    assert_null(strstr(first + 1, "has expired."));
    assert_non_null(strstr(text, "-connect mx.a.example:25"));
    assert_non_null(strstr(text, "gave no details."));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
