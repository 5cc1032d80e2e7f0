/* Which shared successes may belong to a host: those of policies whose patterns fit it, or are not
 * known; and never any of another policy type.
 * SPDX-License-Identifier: MIT */
#include "web/domain_mx.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct policy_row policies[] = {
    { .type = "sts", .mx = "mx1.a.example mx2.a.example", .body = "", .mode = "", .shared = 100 },
    { .type = "sts", .mx = "*.b.example", .body = "", .mode = "", .shared = 20 },
    { .type = "sts", .mx = "", .body = "", .mode = "", .shared = 3 },
    { .type = "tlsa", .mx = "mx1.a.example", .body = "", .mode = "", .shared = 7000 },
    { .type = "sts", .mx = "mx1.a.example mx2.a.example", .body = "", .mode = "", .shared = 50 },
};
static const struct rows policy_rows = { policies, ARRAY_SIZE(policies) };

static void test_shared(void **state)
{
    (void)state;
    static const struct {
        const char *type, *host;
        int64_t want;
    } cases[] = {
        { "sts", "mx1.a.example", 153 }, { "sts", "mx2.a.example", 153 },
        { "sts", "mx3.a.example", 3 },   { "sts", "x.b.example", 23 },
        { "sts", "x.y.b.example", 3 },   { "tlsa", "mx1.a.example", 7000 },
        { "tlsa", "mx2.a.example", 0 },  { "no-policy-found", "mx1.a.example", 0 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        assert_int_equal(domain_mx_shared(&arena, &policy_rows, cases[i].type, cases[i].host),
                         cases[i].want);
        arena_free(&arena);
    }
}

/* How often PART stands in TEXT. */
static int times(const char *text, const char *part)
{
    int count = 0;
    while ((text = strstr(text, part))) {
        text += strlen(part);
        count++;
    }
    return count;
}

static void test_rows(void **state)
{
    (void)state;
    static struct mx_row mx[] = {
        { "mx1.a.example", "sts", "successful", 4 },
        { "mx1.a.example", "sts", "certificate-expired", 6 },
        { "mx1.a.example", "sts", "starttls-not-supported", 1 },
        { "mx1.a.example", "tlsa", "successful", 9 },
        { NULL, "sts", "unexplained", 2 },
    };
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    domain_mx_print(page, &(struct rows){ mx, ARRAY_SIZE(mx) }, &policy_rows);
    const char *text = buf_get(&page->text);
    assert_non_null(strstr(text,
                           "mx1.a.example</th><td>sts</td><td class=\"n\">4</td><td class=\"n\">153"
                           "</td><td class=\"n\">7</td>"));
    assert_non_null(strstr(text, "<code>certificate-expired</code>&nbsp;6, "
                                 "<code>starttls-not-supported</code>&nbsp;1"));
    assert_non_null(strstr(text, "no host named</th><td>sts</td><td class=\"n\">\u2013</td><td "
                                 "class=\"n\">\u2013</td><td class=\"n\">2</td>"));
    /* Two policies with the same hosts are one set. */
    assert_non_null(strstr(text, "any of mx1.a.example, mx2.a.example</th><td>sts</td><td "
                                 "class=\"n\">\u2013</td><td class=\"n\">150</td>"));
    assert_int_equal(times(text, "any of mx1.a.example, mx2.a.example"), 1);
    assert_int_equal(times(text, "<tr"), 1 + 3 + 4);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
