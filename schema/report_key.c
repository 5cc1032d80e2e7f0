/* See report_key.h.
 * SPDX-License-Identifier: MIT */
#include "schema/report_key.h"
#include "base/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *report_key_to_text(const struct report_key *key, char out[REPORT_KEY_TEXT_BYTES])
{
    int year = 0, month = 0, day = 0;
    clock_date_of(key->day, &year, &month, &day);
    snprintf(out, REPORT_KEY_TEXT_BYTES, "%" PRId32 "-%04d%02d%02d-%016" PRIx64, key->domain_id,
             year, month, day, (uint64_t)key->id);
    return out;
}

/* SIZE digits of BASE at TEXT, and nothing that strtoull() would forgive. */
static bool digits(const char *text, size_t size, int base, uint64_t *out)
{
    const char *allowed = base == 16 ? "0123456789abcdef" : "0123456789";
    char copy[24];
    if (!size || size >= sizeof copy || strspn(text, allowed) < size)
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    *out = strtoull(copy, NULL, base);
    return true;
}

bool report_key_from_text(const char *text, struct report_key *key)
{
    uint64_t domain = 0, date = 0, id = 0;
    const char *dash = strchr(text, '-');
    if (!dash || dash - text > 10 || strlen(dash) != strlen("-YYYYMMDD-0123456789abcdef")
        || dash[9] != '-')
        return false;
    if (!digits(text, (size_t)(dash - text), 10, &domain) || !digits(dash + 1, 8, 10, &date)
        || !digits(dash + 10, 16, 16, &id) || domain > INT32_MAX)
        return false;
    struct report_key found = {
        .domain_id = (int32_t)domain,
        .day = clock_day_of((int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100)),
        .id = (int64_t)id,
    };
    char back[REPORT_KEY_TEXT_BYTES];
    if (strcmp(report_key_to_text(&found, back), text) != 0)
        return false; /* 31 February, or a leading zero */
    *key = found;
    return true;
}
