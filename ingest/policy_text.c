/* See policy_text.h.
 * SPDX-License-Identifier: MIT
 * Before: policy_mx.c. Next: record.c */
#include "ingest/policy_text.h"
#include "base/clock.h"
#include "base/hash.h"
#include "ingest/policy.h"
#include "ingest/policy_mx.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TIME_DIGITS 14
#define HASH_DIGITS 12

static bool check_mode(const char *mode, struct err *err)
{
    static const char *const modes[] = { "testing", "enforce", "none" };
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
        if (strcmp(mode, modes[i]) == 0)
            return true;
    return err_field(err, ERR_INPUT, "mode",
                     "\"%.40s\" is none of testing, enforce and none (in lower case)", mode);
}

/* The host as it is written into the policy; NULL and an error when it is none. */
static const char *canonical_host(struct arena *arena, const char *given, struct err *err)
{
    char *host = arena_text(arena, given);
    size_t size = strlen(host);
    if (size > 1 && host[size - 1] == '.')
        host[--size] = '\0';
    for (char *c = host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    enum policy_mx_flaw flaw = policy_mx_check((struct bytes){ host, size });
    if (flaw == POLICY_MX_GOOD)
        return host;
    const char *ascii = flaw == POLICY_MX_UNICODE ? text_host(arena, given, NULL) : NULL;
    if (ascii)
        err_field(err, ERR_INPUT, "mx", "\"%.90s\" is not in ASCII; write %.100s", given, ascii);
    else
        err_field(err, ERR_INPUT, "mx", "\"%.90s\" %s", given, policy_mx_flaw_to_text(flaw));
    return NULL;
}

static bool check_terms(const struct policy_terms *terms, struct err *err)
{
    if (!check_mode(terms->mode, err))
        return false;
    if (terms->max_age_seconds < 0 || terms->max_age_seconds > POLICY_MAX_AGE_MAX)
        return err_field(err, ERR_INPUT, "max_age",
                         "%" PRId64 " is not in 0 to %d seconds (a year)", terms->max_age_seconds,
                         POLICY_MAX_AGE_MAX);
    if (!terms->mx.count && strcmp(terms->mode, "none") != 0)
        return err_field(err, ERR_INPUT, "mx", "none is named; mode %s needs at least one host",
                         terms->mode);
    return true;
}

bool policy_text_make(struct arena *arena, const struct policy_terms *terms, const char **out,
                      struct err *err)
{
    if (!check_terms(terms, err))
        return false;
    const char **hosts = arena_array(arena, terms->mx.count + 1, sizeof *hosts);
    for (size_t i = 0; i < terms->mx.count; i++)
        if (!(hosts[i] = canonical_host(arena, terms->mx.items[i], err)))
            return false;
    size_t count = policy_sort(hosts, terms->mx.count);

    CLEANUP(buf_done) struct buf text = BUF(POLICY_BYTES_MAX);
    buf_printf(&text, "version: STSv1\r\nmode: %s\r\n", terms->mode);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "mx: %s\r\n", hosts[i]);
    buf_printf(&text, "max_age: %" PRId64 "\r\n", terms->max_age_seconds);
    if (text.failed)
        return err_field(
            err, ERR_LIMIT, "mx",
            "the policy is longer than the %d bytes that senders read; name fewer hosts",
            POLICY_BYTES_MAX);
    *out = arena_text(arena, buf_get(&text));
    return true;
}

char *policy_text_id(int64_t changed_seconds, struct bytes policy, char out[POLICY_ID_BYTES])
{
    int32_t day = clock_day(changed_seconds);
    int year, month, date;
    clock_date_of(day, &year, &month, &date);
    int second = (int)(changed_seconds - (int64_t)day * DAY_SECONDS);
    char hash[HASH_TEXT_BYTES];
    /* The remainders tell the compiler what the calendar knows: each part has its width. */
    snprintf(out, POLICY_ID_BYTES, "%04u%02u%02u%02u%02u%02uh%.*s", (unsigned)year % 10000,
             (unsigned)month % 100, (unsigned)date % 100, (unsigned)second / 3600 % 100,
             (unsigned)second / 60 % 60, (unsigned)second % 60, HASH_DIGITS,
             hash_to_text(policy.data, policy.size, hash));
    return out;
}

enum policy_fit policy_text_fit(const char *id, struct bytes policy)
{
    if (strspn(id, "0123456789") != TIME_DIGITS || id[TIME_DIGITS] != 'h')
        return POLICY_FIT_OTHER;
    const char *given = id + TIME_DIGITS + 1;
    if (strlen(given) != HASH_DIGITS || strspn(given, "0123456789abcdef") != HASH_DIGITS)
        return POLICY_FIT_OTHER;
    char hash[HASH_TEXT_BYTES];
    hash_to_text(policy.data, policy.size, hash);
    return strncmp(hash, given, HASH_DIGITS) == 0 ? POLICY_FIT_GOOD : POLICY_FIT_DIFFERS;
}

const char *policy_text_record(struct arena *arena, const char *id)
{
    return arena_printf(arena, "v=STSv1; id=%s;", id);
}
