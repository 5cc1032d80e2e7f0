/* Days, dates and what senders write for them.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static void test_days(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        int32_t want;
    } rows[] = {
        { .year = 1970, .month = 1, .day = 1, .want = 0 },
        { .year = 1969, .month = 12, .day = 31, .want = -1 },
        { .year = 2000, .month = 2, .day = 29, .want = 11016 },
        { .year = 2000, .month = 3, .day = 1, .want = 11017 },
        { .year = 1900, .month = 3, .day = 1, .want = -25508 },
        { .year = 2026, .month = 11, .day = 23, .want = 20780 },
        { .year = 1, .month = 1, .day = 1, .want = -719162 },
        { .year = 9999, .month = 12, .day = 31, .want = 2932896 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int year, month, day;
        assert_int_equal(clock_day_of(rows[i].year, rows[i].month, rows[i].day), rows[i].want);
        clock_date_of(rows[i].want, &year, &month, &day);
        assert_int_equal(year, rows[i].year);
        assert_int_equal(month, rows[i].month);
        assert_int_equal(day, rows[i].day);
    }
}

/* Each day of the years 1 to 9999 follows the one before and leads back to itself. */
static void test_every_day(void **state)
{
    (void)state;
    int before_year = 0, before_month = 12, before_day = 31;
    for (int32_t at = clock_day_of(1, 1, 1); at <= clock_day_of(9999, 12, 31); at++) {
        int year, month, day;
        clock_date_of(at, &year, &month, &day);
        bool next_day = year == before_year && month == before_month && day == before_day + 1;
        bool next_month = year == before_year && month == before_month + 1 && day == 1;
        bool next_year = year == before_year + 1 && month == 1 && day == 1 && before_month == 12;
        if (clock_day_of(year, month, day) != at || !(next_day || next_month || next_year))
            fail_msg("%d-%d-%d is not day %d", year, month, day, at);
        before_year = year, before_month = month, before_day = day;
    }
}

/* What the C library reads from it is the same moment. */
static void test_texts(void **state)
{
    (void)state;
    for (int64_t at = -62135596800; at < 253402300800; at += 8640013579) {
        char text[CLOCK_TEXT_BYTES], day[CLOCK_TEXT_BYTES];
        struct tm parts = { 0 };
        const char *end = strptime(clock_to_text(at, text), "%Y-%m-%dT%H:%M:%SZ", &parts);
        assert_int_equal(strlen(text), 20);
        assert_ptr_equal(end, text + 20);
        assert_true(timegm(&parts) == at);
        text[10] = '\0';
        assert_string_equal(clock_day_to_text(clock_day(at), day), text);
    }
    char text[CLOCK_TEXT_BYTES];
    assert_string_equal(clock_to_text(-1, text), "1969-12-31T23:59:59Z");
    assert_int_equal(clock_day(-1), -1);
    assert_int_equal(clock_day(-86400), -1);
    assert_int_equal(clock_day(-86401), -2);
    assert_int_equal(clock_day(86399), 0);
    assert_int_equal(clock_day(86400), 1);
}

#define NOON 1795435200 /* 2026-11-23T12:00:00Z */

static void test_from_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want;
        unsigned want_odd;
    } rows[] = {
        { .text = "2026-11-23T12:00:00Z", .want = NOON },
        { .text = "2026-11-23t12:00:00z", .want = NOON },
        { .text = "2026-11-23 12:00:00Z", .want = NOON },
        { .text = "2026-11-23T12:00:00", .want = NOON, .want_odd = CLOCK_WITHOUT_ZONE },
        { .text = "2026-11-23T12:00:00.5Z", .want = NOON, .want_odd = CLOCK_FRACTION },
        { .text = "2026-11-23T12:00:00.123456789Z", .want = NOON, .want_odd = CLOCK_FRACTION },
        { .text = "2026-11-23T12:00:00.1",
          .want = NOON,
          .want_odd = CLOCK_FRACTION | CLOCK_WITHOUT_ZONE },
        { .text = "2026-11-23T12:00:00+00:00", .want = NOON, .want_odd = CLOCK_OFFSET },
        { .text = "2026-11-23T13:30:00+01:30", .want = NOON, .want_odd = CLOCK_OFFSET },
        { .text = "2026-11-23T10:30:00-0130", .want = NOON, .want_odd = CLOCK_OFFSET },
        { .text = "2026-11-23", .want = NOON - 43200, .want_odd = CLOCK_DATE_ONLY },
        { .text = "2026-11-23T23:59:60Z", .want = NOON + 43200 },
        { .text = "2026-11-23T24:00:00Z", .want = NOON + 43200 },
        { .text = "2028-02-29T00:00:00Z", .want = 1835395200 },
        { .text = "1970-01-01T00:00:00Z", .want = 0 },
        { .text = "1969-12-31T23:59:59Z", .want = -1 },
        { .text = "0001-01-01T00:00:00Z", .want = -62135596800 },
        { .text = "9999-12-31T23:59:59Z", .want = 253402300799 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int64_t seconds = 7;
        unsigned odd = 77;
        if (!clock_from_text(rows[i].text, &seconds, &odd))
            fail_msg("%s is refused", rows[i].text);
        assert_true(seconds == rows[i].want);
        assert_int_equal(odd, rows[i].want_odd);
    }
}

static void test_no_dates(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "x",
        "2026",
        "2026-11",
        "2026-11-23T",
        "2026-11-23 ",
        "2026-11-23Z",
        "2026-1-23",
        "26-11-23",
        "0000-01-01",
        "2026-00-01",
        "2026-13-01",
        "2026-11-00",
        "2026-11-31",
        "2026-02-29",
        "1900-02-29",
        "2026-11-23T12",
        "2026-11-23T12:00",
        "2026-11-23T12:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T24:00:01Z",
        "2026-11-23T12:60:00Z",
        "2026-11-23T12:00:61Z",
        "2026-11-23T12:00:00.Z",
        "2026-11-23T12:00:00+",
        "2026-11-23T12:00:00+01",
        "2026-11-23T12:00:00+24:00",
        "2026-11-23T12:00:00+01:60",
        "2026-11-23T12:00:00Zx",
        "2026-11-23T12:00:00Z ",
        " 2026-11-23T12:00:00Z",
        "-026-11-23T12:00:00Z",
        "1795435200",
        "Mon, 23 Nov 2026 12:00:00 +0000",
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int64_t seconds = 7;
        unsigned odd = 77;
        if (clock_from_text(rows[i], &seconds, &odd))
            fail_msg("%s is taken", rows[i]);
        assert_int_equal(seconds, 7);
        assert_int_equal(odd, 77);
    }
}

static void test_now(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ms();
    assert_true(clock_now() > NOON - 86400 * 3650LL);
    assert_in_range(clock_monotonic_ms() - before, 0, 5000);
}

/* ISO 8601: a year has the weeks whose Thursdays lie in it. */
static void test_weeks(void **state)
{
    (void)state;
    static const struct {
        int32_t day;
        int year, week;
    } rows[] = {
        { 0, 1970, 1 },      /* a Thursday */
        { -4, 1969, 52 },    /* Sunday, 1969-12-28 */
        { -3, 1970, 1 },     /* Monday, 1969-12-29 */
        { 18627, 2020, 53 }, /* Thursday, 2020-12-31 */
        { 18630, 2020, 53 }, /* Sunday, 2021-01-03 */
        { 18631, 2021, 1 },  /* Monday, 2021-01-04 */
        { 20780, 2026, 48 }, /* Monday, 2026-11-23 */
        { 20779, 2026, 47 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int year, week;
        clock_week_of(rows[i].day, &year, &week);
        assert_int_equal(year, rows[i].year);
        assert_int_equal(week, rows[i].week);
        int32_t monday = clock_week_day(rows[i].year, rows[i].week);
        assert_in_range(rows[i].day + 1000 - monday, 1000, 1006);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weeks),     cmocka_unit_test(test_days),
        cmocka_unit_test(test_every_day), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_from_text), cmocka_unit_test(test_no_dates),
        cmocka_unit_test(test_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
