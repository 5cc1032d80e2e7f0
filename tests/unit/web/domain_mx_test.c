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
        { "mx1.a.example", "sts", "successful", 4, 2, 20780, 2 },
        { "mx1.a.example", "sts", "certificate-expired", 6, 2, 20780, 2 },
        { "mx1.a.example", "sts", "starttls-not-supported", 1, 2, 20780, 2 },
        { "mx1.a.example", "tlsa", "successful", 9, 0, 0, 2 },
        { NULL, "sts", "unexplained", 2, 1, 20779, 2 },
    };
    static struct trend_row trend[] = {
        { "mx1.a.example", "sts", 20778, 3 },
        { "mx1.a.example", "sts", 20780, 4 },
    };
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    const struct period period = { .from_day = 20777, .to_day = 20780, .query = "days=3" };
    const struct rows mx_rows = { mx, ARRAY_SIZE(mx) }, trends = { trend, ARRAY_SIZE(trend) };
    domain_mx_print(page, &(struct domain_mx){ &mx_rows, &trends, &policy_rows, &period });
    const char *text = buf_get(&page->text);
    /* 7 of 164 when all shared ones were its own, 7 of 11 when none was. */
    assert_non_null(
        strstr(text, "<a href=\"/mx/mx1.a.example?days=3\">mx1.a.example</a></th><td>sts</td>"
                     "<td class=\"n\">4</td><td class=\"n\">153</td><td class=\"n some\">7</td>"
                     "<td class=\"n\">4.27\u202f% to 63.6\u202f%</td>"));
    assert_non_null(strstr(text, "<td class=\"n\">2</td><td><time datetime=\"2026-11-23\">"));
    assert_non_null(strstr(text, "<code>certificate-expired</code>&nbsp;6, "
                                 "<code>starttls-not-supported</code>&nbsp;1"));
    assert_non_null(strstr(text, "no host named</th><td>sts</td><td class=\"n\">\u2013</td><td "
                                 "class=\"n\">\u2013</td><td class=\"n some\">2</td>"));
    /* Four days: nothing, 3, nothing, 4. */
    assert_non_null(strstr(text, "d=\"M6 24V9.0M14 24V4.0\""));
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
