/* See pg_values.h.
 * SPDX-License-Identifier: MIT */
#include "schema/pg_values.h"
#include "base/clock.h"
#include <assert.h>
#include <string.h>

void pg_raw(struct pg_values *values, const char *data, size_t size, bool binary)
{
    assert(values->count < PG_PARAMETERS);
    values->data[values->count] = data;
    values->sizes[values->count] = (int)size;
    values->binary[values->count] = binary;
    values->count++;
}

void pg_text(struct pg_values *values, const char *text)
{
    pg_raw(values, arena_text(values->arena, text), 0, false);
}

void pg_number(struct pg_values *values, int64_t number)
{
    pg_raw(values, arena_printf(values->arena, "%lld", (long long)number), 0, false);
}

void pg_flag(struct pg_values *values, bool flag)
{
    pg_raw(values, flag ? "t" : "f", 0, false);
}

void pg_bytes(struct pg_values *values, struct bytes bytes)
{
    pg_raw(values, arena_copy(values->arena, bytes.data, bytes.size), bytes.size, true);
}

void pg_day(struct pg_values *values, int32_t day)
{
    char text[CLOCK_TEXT_BYTES];
    pg_text(values, clock_day_to_text(day, text));
}

void pg_time(struct pg_values *values, int64_t seconds)
{
    char text[CLOCK_TEXT_BYTES];
    pg_text(values, clock_to_text(seconds, text));
}

void pg_time_us(struct pg_values *values, int64_t us)
{
    char text[CLOCK_TEXT_BYTES];
    clock_to_text(us / SECOND_US, text);
    text[strlen(text) - 1] = '\0'; /* Z */
    pg_text(values, arena_printf(values->arena, "%s.%06dZ", text, (int)(us % SECOND_US)));
}
