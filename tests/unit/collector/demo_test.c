/* The sample reports: each can be counted, no two are taken for one, and they are the same whenever
 * they are made. Days are fixed, so that the sums below can be.
 * SPDX-License-Identifier: MIT */
#include "collector/demo.h"
#include "base/clock.h"
#include "base/text.h"
#include "ingest/report.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOON      (INT64_C(1795478400) + 12 * 3600) /* of 2026-11-24 */
#define FIRST_DAY 20751                             /* 2026-10-25 */
#define MOST      1000

static struct report parse(struct arena *arena, const struct buf *json)
{
    const struct limits limits = LIMITS_DEFAULT;
    struct payload *payload = arena_alloc(arena, sizeof *payload);
    struct report report;
    struct err err = { 0 };
    payload->json.data = arena_copy(arena, json->data, json->size);
    payload->json.size = json->size;
    payload->deviations.end = &payload->deviations.first;
    if (!report_parse(arena, payload, &limits, NOON, &report, &err))
        fail_msg("%s: %s in %s", err.field, err.text, json->data);
    return report;
}

static void test_every_report_counts(void **state)
{
    (void)state;
    static unsigned char identities[MOST][HASH_BYTES];
    CLEANUP(buf_done) struct buf json = BUF(DEMO_REPORT_BYTES);
    struct demo demo = demo_begin(NOON);
    size_t count = 0;
    int32_t day = FIRST_DAY;
    while (demo_next(&demo, &json)) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        assert_false(json.failed);
        struct report report = parse(&arena, &json);
        assert_in_range(report.day, day, FIRST_DAY + DEMO_DAYS - 1);
        day = report.day;
        assert_true(report.successful_sessions + report.failed_sessions > 0);
        assert_true(text_ends(report.policies[0].domain, ".example")
                    || text_begins(report.policies[0].domain, "example."));
        for (size_t i = 0; i < count; i++)
            assert_memory_not_equal(identities[i], report.identity, HASH_BYTES);
        assert_true(count < MOST);
        memcpy(identities[count++], report.identity, HASH_BYTES);
    }
    assert_int_equal(day, FIRST_DAY + DEMO_DAYS - 1);
    assert_in_range(count, 650, 850);
    assert_int_equal(json.size, 0);
}

/* The stories: what each domain's pages will tell. */
static void test_stories(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *result, *host; /* NULL result: all sessions; NULL host: none named */
        bool want_failures;
        int want_days; /* with reports, or with that failure */
    } rows[] = {
        { "example.org", NULL, NULL, false, 30 },
        { "example.net", NULL, NULL, true, 30 },
        { "example.net", "certificate-expired", "mx2.example.net", true, 3 },
        { "example.com", "validation-failure", "backup.example.com", true, 30 },
        { "library.example", "certificate-not-trusted", "mail.library.example", true, 30 },
        { "club.example", NULL, NULL, false, 23 },
        { "dane.example", NULL, NULL, false, 30 },
        { "shop.example", "certificate-host-mismatch", "mx2.shop.example", true, 30 },
        { "city.example", "sts-policy-fetch-error", NULL, true, 30 },
        { "plain.example", NULL, NULL, false, 30 },
        { "bank.example", NULL, NULL, false, 30 },
        { "former.example", NULL, NULL, false, 30 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(buf_done) struct buf json = BUF(DEMO_REPORT_BYTES);
        struct demo demo = demo_begin(NOON);
        int32_t last = 0;
        int days = 0;
        bool failures = false;
        while (demo_next(&demo, &json)) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct report report = parse(&arena, &json);
            const struct report_policy *policy = &report.policies[0];
            if (strcmp(policy->domain, rows[i].domain) != 0)
                continue;
            bool fits = !rows[i].result;
            for (size_t k = 0; k < policy->detail_count; k++) {
                const struct failure_detail *detail = &policy->details[k];
                bool same_host = rows[i].host && detail->receiving_mx_hostname
                                     ? strcmp(rows[i].host, detail->receiving_mx_hostname) == 0
                                     : !rows[i].host && !detail->receiving_mx_hostname;
                fits |=
                    rows[i].result && same_host && strcmp(detail->result_type, rows[i].result) == 0;
            }
            failures |= report.failed_sessions > 0;
            days += fits && report.day != last;
            last = fits ? report.day : last;
        }
        if (days != rows[i].want_days || failures != rows[i].want_failures)
            fail_msg("%s %s: %d days, failures %d", rows[i].domain,
                     rows[i].result ? rows[i].result : "", days, failures);
    }
}

/* Each sender's way of writing comes out as the deviation that real ones give. */
static void test_habits_of_senders(void **state)
{
    (void)state;
    static const struct {
        const char *organization;
        enum deviation_code want;
        bool want_none;
    } rows[] = {
        { "Google Inc.", 0, true },
        { "Microsoft Corporation", DEVIATION_DATE_WITHOUT_ZONE, false },
        { "Microsoft Corporation", DEVIATION_MIRRORED_POLICIES, false },
        { "Microsoft Corporation", DEVIATION_MX_HOST_ABSENT, false },
        { "Microsoft Corporation", DEVIATION_REPORT_ID_ODD, false },
        { "Mail.ru", DEVIATION_POLICY_STRING_ABSENT, false },
        { "Mail.ru", DEVIATION_END_NEXT_MIDNIGHT, false },
        { "Mail.ru", DEVIATION_MX_HOSTNAME_MISSING, false },
        { "Verein Musterstadt e.V.", 0, true },
        { "kiefer.example", DEVIATION_CONTACT_INFO_MISSING, false },
        { "kiefer.example", DEVIATION_END_NEXT_MIDNIGHT, false },
        { "birke.example", DEVIATION_DETAILS_DIFFER_FROM_TOTAL, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(buf_done) struct buf json = BUF(DEMO_REPORT_BYTES);
        struct demo demo = demo_begin(NOON);
        size_t reports = 0, found = 0, others = 0;
        while (demo_next(&demo, &json)) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct report report = parse(&arena, &json);
            if (strcmp(report.organization, rows[i].organization) != 0)
                continue;
            reports++;
            for (const struct deviation *d = report.deviations.first; d; d = d->next) {
                found += d->code == rows[i].want;
                others++;
            }
        }
        assert_true(reports > 0);
        if (rows[i].want_none ? others > 0 : found == 0)
            fail_msg("%s: %s %zu times, %zu deviations", rows[i].organization,
                     deviation_to_text(rows[i].want), found, others);
    }
}

static void test_same_bytes_whenever_made(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf today = BUF(DEMO_REPORT_BYTES);
    CLEANUP(buf_done) struct buf tomorrow = BUF(DEMO_REPORT_BYTES);
    struct demo now = demo_begin(NOON), later = demo_begin(NOON + DAY_SECONDS);
    assert_int_equal(now.day, FIRST_DAY);
    assert_int_equal(demo_begin(NOON - 12 * 3600).day, FIRST_DAY);
    assert_int_equal(demo_begin(NOON - 12 * 3600 - 1).day, FIRST_DAY - 1);
    assert_true(demo_next(&later, &tomorrow)); /* the first of the second day */
    do
        assert_true(demo_next(&now, &today));
    while (strcmp(buf_get(&today), buf_get(&tomorrow)) != 0);
    while (demo_next(&now, &today)) {
        assert_true(demo_next(&later, &tomorrow));
        assert_string_equal(buf_get(&today), buf_get(&tomorrow));
    }
    assert_true(demo_next(&later, &tomorrow)); /* a day more */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_report_counts),
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_habits_of_senders),
        cmocka_unit_test(test_same_bytes_whenever_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
