/* See policy.h. A line is "key: value" cut at its first colon; all is trimmed, keys and hosts
 * become lower case. A sender may quote a policy that is wrong or hostile, so what is kept is
 * bounded and what is not understood is left out of the canonical form.
 *
 * SPDX-License-Identifier: MIT
 * Before: result.c. Next: policy_mx.c */
#include "ingest/policy.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX   4000
#define MX_MAX      1000
#define MAX_AGE_MAX INT64_C(9999999999) /* 1*10 DIGIT, RFC 8461 section 3.2 */

/* What was read so far; of version, mode and max_age the first one counts, even a bad one. */
struct reading {
    struct arena *arena;
    struct policy policy;
    size_t mx_room, lines;
    bool version, version_seen, mode_seen, max_age_seen;
};

static void read_version(struct reading *reading, const char *value)
{
    if (!reading->version_seen)
        reading->version = text_same(value, "STSv1");
    reading->version_seen = true;
}

static void read_mode(struct reading *reading, const char *value)
{
    static const char *const modes[] = { "testing", "enforce", "none" };
    for (size_t i = 0; i < ARRAY_SIZE(modes) && !reading->mode_seen; i++)
        if (text_same(value, modes[i]))
            reading->policy.mode = modes[i];
    reading->mode_seen = true;
}

static void read_max_age(struct reading *reading, const char *value)
{
    int64_t seconds;
    if (!reading->max_age_seen && text_number(value, 0, MAX_AGE_MAX, &seconds))
        reading->policy.max_age_seconds = seconds;
    reading->max_age_seen = true;
}

static void read_mx(struct reading *reading, const char *value)
{
    struct policy *policy = &reading->policy;
    const char *host = text_host(reading->arena, value, NULL);
    if (!host || policy->mx_count == MX_MAX)
        return;
    if (policy->mx_count == reading->mx_room) {
        size_t room = reading->mx_room ? reading->mx_room * 4 : 8;
        const char **larger = arena_array(reading->arena, room, sizeof *larger);
        if (policy->mx_count)
            memcpy(larger, policy->mx, policy->mx_count * sizeof *larger);
        policy->mx = larger;
        reading->mx_room = room;
    }
    policy->mx[policy->mx_count++] = host;
}

/* clang-format off */
static const struct {
    const char *name;
    void (*read)(struct reading *reading, const char *value);
} keys[] = {
    { .name = "version", .read = read_version },
    { .name = "mode", .read = read_mode },
    { .name = "max_age", .read = read_max_age },
    { .name = "mx", .read = read_mx },
};
/* clang-format on */

static void read_line(struct reading *reading, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    if (!colon || reading->lines++ >= LINES_MAX)
        return;
    const char *key = text_trim(reading->arena, line, (size_t)(colon - line));
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        if (text_same(key, keys[i].name)) {
            size_t rest = size - (size_t)(colon + 1 - line);
            keys[i].read(reading, text_trim(reading->arena, colon + 1, rest));
            return;
        }
}

static int compare_hosts(const void *a, const void *b)
{
    const char *const *one = a, *const *other = b;
    return strcmp(*one, *other);
}

size_t policy_sort(const char **names, size_t count)
{
    if (count < 2)
        return count;
    qsort(names, count, sizeof *names, compare_hosts);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i], names[kept - 1]) != 0)
            names[kept++] = names[i];
    return kept;
}

static const char *canonical(const struct reading *reading)
{
    const struct policy *policy = &reading->policy;
    CLEANUP(buf_done) struct buf text = BUF(SIZE_MAX / 2);
    if (reading->version)
        buf_text(&text, "version: STSv1\n");
    if (*policy->mode)
        buf_printf(&text, "mode: %s\n", policy->mode);
    for (size_t i = 0; i < policy->mx_count; i++)
        buf_printf(&text, "mx: %s\n", policy->mx[i]);
    if (policy->max_age_seconds >= 0)
        buf_printf(&text, "max_age: %" PRId64 "\n", policy->max_age_seconds);
    size_t size = text.size ? text.size - 1 : 0; /* lines are separated, not ended */
    return arena_copy(reading->arena, buf_get(&text), size);
}

struct policy policy_parse(struct arena *arena, const char *const *lines, size_t count)
{
    struct reading reading = { .arena = arena };
    reading.policy = (struct policy){ .mode = "", .max_age_seconds = -1 };
    /* Some senders put several lines into one string. */
    for (size_t i = 0; i < count && i < LINES_MAX; i++)
        for (const char *line = lines[i]; *line;) {
            size_t size = strcspn(line, "\r\n");
            read_line(&reading, line, size);
            line += size + (line[size] != '\0');
        }
    reading.policy.mx_count = policy_sort(reading.policy.mx, reading.policy.mx_count);
    reading.policy.canonical = canonical(&reading);
    return reading.policy;
}

bool policy_matches(const char *pattern, const char *host)
{
    if (strcmp(pattern, host) == 0)
        return true;
    if (strncmp(pattern, "*.", 2) != 0)
        return false;
    const char *dot = strchr(host, '.');
    return dot && dot > host && strcmp(dot + 1, pattern + 2) == 0;
}
