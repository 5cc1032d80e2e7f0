/* See clock.h.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include <stdio.h>
#include <time.h>

/* A test that wants another time links its own clock_now_us(). */
__attribute__((weak)) int64_t clock_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int32_t clock_day(int64_t seconds)
{
    return (int32_t)(seconds >= 0 ? seconds / DAY_SECONDS
                                  : -((DAY_SECONDS - 1 - seconds) / DAY_SECONDS));
}

/* Days and dates: the year is taken to begin in March, so that the leap day is its last. */
int32_t clock_day_of(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void clock_date_of(int32_t day, int *year, int *month, int *day_of_month)
{
    int z = day + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int march_month = (5 * day_of_year + 2) / 153;
    *day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* Day 0 was a Thursday, and a week belongs to the year that its Thursday lies in. */
static int32_t monday_of(int32_t day)
{
    return day - (int32_t)(((int64_t)day + 3) % 7 + 7) % 7;
}

void clock_week_of(int32_t day, int *year, int *week)
{
    int month, day_of_month;
    int32_t thursday = monday_of(day) + 3;
    clock_date_of(thursday, year, &month, &day_of_month);
    *week = (thursday - clock_day_of(*year, 1, 1)) / 7 + 1;
}

int32_t clock_week_day(int year, int week)
{
    return monday_of(clock_day_of(year, 1, 4)) + (week - 1) * 7; /* 4 January is in week 1 */
}

char *clock_to_text(int64_t seconds, char out[CLOCK_TEXT_BYTES])
{
    int year, month, day;
    int32_t days = clock_day(seconds);
    int rest = (int)(seconds - (int64_t)days * DAY_SECONDS);
    clock_date_of(days, &year, &month, &day);
    snprintf(out, CLOCK_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, rest / 3600,
             rest / 60 % 60, rest % 60);
    return out;
}

char *clock_day_to_text(int32_t day, char out[CLOCK_TEXT_BYTES])
{
    int year, month, day_of_month;
    clock_date_of(day, &year, &month, &day_of_month);
    snprintf(out, CLOCK_TEXT_BYTES, "%04d-%02d-%02d", year, month, day_of_month);
    return out;
}

/* Reads exactly DIGITS digits; -1 when there are fewer. */
static int number(const char **at, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool literal(const char **at, const char *one_of)
{
    for (; *one_of; one_of++)
        if (**at == *one_of) {
            (*at)++;
            return true;
        }
    return false;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool date_from(const char **at, int32_t *out)
{
    int year = number(at, 4);
    if (year < 1 || !literal(at, "-"))
        return false;
    int month = number(at, 2);
    if (month < 1 || month > 12 || !literal(at, "-"))
        return false;
    int day = number(at, 2);
    if (day < 1 || day > days_in(year, month))
        return false;
    *out = clock_day_of(year, month, day);
    return true;
}

static bool time_from(const char **at, int *out, unsigned *odd)
{
    int hour = number(at, 2);
    if (hour < 0 || hour > 24 || !literal(at, ":"))
        return false;
    int minute = number(at, 2);
    if (minute < 0 || minute > 59 || !literal(at, ":"))
        return false;
    int second = number(at, 2);
    if (second < 0 || second > 60) /* 60: a leap second */
        return false;
    if (literal(at, ".,")) {
        if (number(at, 1) < 0)
            return false;
        while (number(&(const char *){ *at }, 1) >= 0)
            (*at)++;
        *odd |= CLOCK_FRACTION;
    }
    *out = hour * 3600 + minute * 60 + second;
    return *out <= DAY_SECONDS; /* 24:00:00 is the day's end */
}

static bool zone_from(const char **at, int *out, unsigned *odd)
{
    *out = 0;
    if (literal(at, "Zz"))
        return true;
    if (**at == '\0') {
        *odd |= CLOCK_WITHOUT_ZONE;
        return true;
    }
    int sign = **at == '-' ? -1 : 1;
    if (!literal(at, "+-"))
        return false;
    int hour = number(at, 2);
    literal(at, ":");
    int minute = number(at, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    *out = sign * (hour * 3600 + minute * 60);
    *odd |= CLOCK_OFFSET;
    return true;
}

bool clock_from_text(const char *text, int64_t *seconds, unsigned *oddities)
{
    const char *at = text;
    unsigned odd = 0;
    int32_t day;
    int of_day = 0, zone = 0;
    if (!date_from(&at, &day))
        return false;
    if (*at == '\0')
        odd = CLOCK_DATE_ONLY;
    else if (!literal(&at, "Tt ") || !time_from(&at, &of_day, &odd) || !zone_from(&at, &zone, &odd)
             || *at != '\0')
        return false;
    int64_t moment = (int64_t)day * DAY_SECONDS + of_day - zone;
    if (clock_day(moment) < clock_day_of(1, 1, 1) || clock_day(moment) > clock_day_of(9999, 12, 31))
        return false; /* its zone takes it out of the years that a date has room for */
    *seconds = moment;
    *oddities = odd;
    return true;
}
