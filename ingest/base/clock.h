/* Time: the one call that tells it (tests link another), UTC days, RFC 3339 and what senders write
 * instead of it.
 *
 * A moment is int64_t seconds since 1970-01-01T00:00:00Z; a day is int32_t days since then, UTC.
 *
 * SPDX-License-Identifier: MIT
 * Before: log.h. Next: text.h */
#pragma once

#include "base/macros.h"
#include <stdbool.h>
#include <stdint.h>

#define DAY_SECONDS 86400
#define SECOND_US   1000000 /* microseconds */

/* Microseconds since 1970, UTC: for what needs an order within a second. */
int64_t clock_now_us(void);

/* Seconds since 1970, UTC. */
static inline int64_t clock_now(void)
{
    return clock_now_us() / SECOND_US;
}

/* Milliseconds of a clock that is never set back; only differences mean anything. */
int64_t clock_monotonic_ms(void);

int32_t clock_day(int64_t seconds);
int32_t clock_day_of(int year, int month, int day); /* month and day from 1; proleptic Gregorian */
void clock_date_of(int32_t day, int *year, int *month, int *day_of_month);

/* The week of ISO 8601 that DAY lies in, whose year may be another than the day's; and the Monday of
 * one. Weeks are numbered from 1. */
void clock_week_of(int32_t day, int *year, int *week);
int32_t clock_week_day(int year, int week);

/* "2026-11-23T00:00:00Z" and "2026-11-23"; OUT is returned. */
#define CLOCK_TEXT_BYTES 32
char *clock_to_text(int64_t seconds, char out[CLOCK_TEXT_BYTES]);
char *clock_day_to_text(int32_t day, char out[CLOCK_TEXT_BYTES]);

/* What in a date was not RFC 3339 in the form "…T00:00:00Z"; bits. */
enum clock_oddity {
    CLOCK_WITHOUT_ZONE = 1 << 0, /* taken as UTC */
    CLOCK_DATE_ONLY = 1 << 1,
    CLOCK_FRACTION = 1 << 2, /* fraction of a second, dropped */
    CLOCK_OFFSET = 1 << 3,   /* an offset such as +00:00 instead of Z, honoured */
};

/* Reads a date-time (RFC 3339 section 5.6) or one of the forms above; the years 1 to 9999. False,
 * and outputs untouched, when TEXT is nothing of the kind. */
MUST_CHECK bool clock_from_text(const char *text, int64_t *seconds, unsigned *oddities);
