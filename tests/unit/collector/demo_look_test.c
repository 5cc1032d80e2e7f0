/* Looks at the sample domains: each tells its story and nothing else, and the same whenever it is made.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "collector/demo_look.h"
#include "collector/demo.h"
#include "judge/setup_judge.h"
#include "base/clock.h"

#define NOON (INT64_C(1795478400) + 12 * 3600) /* of 2026-11-24: day 0 of the cycle is 2026-11-10 */
#define DAY  ((int64_t)DAY_SECONDS)

/* Codes of all that is more than worth knowing, a space before each. */
static const char *findings_of(struct arena *arena, const char *domain, int64_t at)
{
    struct setup_facts facts;
    struct setup_history history;
    const char *out = "";
    for (size_t i = 0; demo_look(arena, i, at, NOON, &facts, &history); i++) {
        if (strcmp(facts.domain, domain) != 0)
            continue;
        const struct setup_result result = setup_judge(arena, &facts, &history);
        for (size_t j = 0; j < result.finding_count; j++)
            if (result.findings[j].severity != SEVERITY_INFO)
                out = arena_printf(arena, "%s %s", out, result.findings[j].code);
        return out;
    }
    fail_msg("%s: no such domain", domain);
    return NULL;
}

static void test_stories(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        int days_ago;
        const char *want;
    } rows[] = {
        { "example.org", 0, "" },
        { "bank.example", 0, "" },
        { "dane.example", 0, "" },
        { "library.example", 0, "" },
        { "library.example", 21, " dns.sts.ttl-high" },
        { "example.net", 0, "" },
        { "example.com", 0, " x.mx-unlisted" },
        { "shop.example", 0, " mx.name" },
        { "club.example", 0, " mx.expiring" },
        { "club.example", 10, "" },
        { "city.example", 0, " http.ua-blocked" },
        { "former.example", 0, " pol.strict" },
        { "museum.example", 0, " mx.unreachable" },
        { "plain.example", 0, " dns.sts.missing host.nxdomain pol.not-looked x.mx-no-policy" },
        { "start.example", 0, " dns.sts.missing host.nxdomain pol.not-looked x.mx-no-policy" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *got = findings_of(&arena, rows[i].domain, NOON - rows[i].days_ago * DAY);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s, %d days ago:%s, wanted%s", rows[i].domain, rows[i].days_ago, got,
                     rows[i].want);
    }
}

/* In step with the reports: the certificate has expired on the days on which they say so, and is another afterwards. */
static void test_expired_with_the_reports(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    int expired = 0;
    for (int day = 0; day < DEMO_CYCLE_DAYS; day++) {
        int64_t at = NOON - day * DAY;
        int in_cycle = clock_day(at) % DEMO_CYCLE_DAYS;
        bool want = in_cycle >= DEMO_EXPIRED_FROM && in_cycle <= DEMO_EXPIRED_TO;
        bool got = strstr(findings_of(&arena, "example.net", at), "mx.expired") != NULL;
        assert_int_equal(got, want);
        expired += got;
    }
    assert_int_equal(expired, 3);
}

/* Every domain that has reports has a look; addresses are of documentation; issuers say what they are. */
static void test_all_are_samples(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct setup_facts facts;
    struct setup_history history;
    struct demo_domain domain;
    size_t count = 0;
    for (; demo_look(&arena, count, NOON, NOON, &facts, &history); count++) {
        assert_true(demo_domain(count, &domain));
        assert_string_equal(domain.name, facts.domain);
        assert_true(facts.mx_count > 0);
        for (size_t i = 0; i < facts.mx_count; i++)
            for (size_t j = 0; j < facts.mx[i].probe_count; j++) {
                const struct setup_probe *probe = &facts.mx[i].probes[j];
                assert_true(strncmp(probe->address, "192.0.2.", 8) == 0
                            || strncmp(probe->address, "2001:db8:", 9) == 0);
                if (probe->tls.certificate.shown)
                    assert_non_null(strstr(probe->tls.certificate.issuer, "Sample CA"));
            }
    }
    assert_int_equal(count, 13);
    assert_false(demo_domain(count, &domain));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_expired_with_the_reports),
        cmocka_unit_test(test_all_are_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
