/* See guide_seen.h.
 * SPDX-License-Identifier: MIT */
#include "judge/guide_seen.h"
#include "ingest/policy.h"
#include <string.h>

#define TTL_UNKNOWN   3600
#define QUEUE_SECONDS (5 * DAY)
#define DAY           86400
/* What an older look saw says nothing of now. */
#define LOOK_SECONDS DAY
/* Some senders hold an enforce policy for a week, whatever its max_age. */
#define FLOOR_SECONDS (7 * DAY)

const struct hosting_version_row *guide_current(const struct guide_input *input)
{
    return input->hosted && !input->hosted->ended && input->version_count ? input->versions : NULL;
}

struct text_list guide_words(struct arena *arena, const char *text)
{
    size_t count = 0;
    const char **items = arena_array(arena, strlen(text) / 2 + 1, sizeof *items);
    for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        items[count++] = arena_copy(arena, at, size);
        at += size;
    }
    return (struct text_list){ items, count };
}

bool guide_covers(const struct text_list *patterns, const char *host)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (policy_matches(patterns->items[i], host))
            return true;
    return false;
}

bool guide_has(const struct text_list *list, const char *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], item) == 0)
            return true;
    return false;
}

static bool is_found(const struct guide_input *input, const char *code)
{
    for (size_t i = 0; i < input->finding_count; i++)
        if (!input->findings[i].gone_seconds && strcmp(input->findings[i].code, code) == 0)
            return true;
    return false;
}

/* Word number WHICH of setup_row's steps, in the order of enum setup_step. */
static bool step_holds(struct arena *arena, const struct setup_row *look, size_t which)
{
    const struct text_list steps = guide_words(arena, look->steps);
    return which < steps.count
           && (strcmp(steps.items[which], "good") == 0
               || strcmp(steps.items[which], "warned") == 0);
}

/* The newest value of that KIND; NULL: none. VALUE, if not NULL, is the one that is meant. */
static const struct setup_value_row *value_of(const struct guide_input *input, const char *kind,
                                              const char *value)
{
    const struct setup_value_row *newest = NULL;
    const struct setup_value_row *rows = input->past ? input->past->values.first : NULL;
    for (size_t i = 0; rows && i < input->past->values.count; i++)
        if (strcmp(rows[i].kind, kind) == 0 && (!value || strcmp(rows[i].value, value) == 0)
            && (!newest || rows[i].last_seconds > newest->last_seconds))
            newest = &rows[i];
    return newest;
}

static bool is_fresh(const struct guide_input *input)
{
    return input->look->checked_seconds >= input->now_seconds - LOOK_SECONDS;
}

bool guide_is_foreign(const struct guide_input *input)
{
    if (!input->look || !is_fresh(input) || !*input->look->mode)
        return false;
    for (size_t i = 0; i < input->version_count; i++)
        if (strcmp(input->versions[i].sha256, input->look->policy_sha256) == 0)
            return false;
    return true;
}

static void see_policy(struct arena *arena, const struct guide_input *input,
                       const struct hosting_version_row *current, struct guide_seen *seen)
{
    enum { REPORTING, RECORD, HOST };
    const struct setup_row *look = input->look;
    const struct setup_value_row *id = value_of(input, "id", current->id);
    seen->looked = is_fresh(input) && look->checked_seconds >= current->made_seconds;
    seen->served = seen->looked && strcmp(look->policy_sha256, current->sha256) == 0
                   && step_holds(arena, look, HOST) && !is_found(input, "http.differs");
    bool recorded = seen->looked && strcmp(look->id, current->id) == 0;
    seen->published =
        recorded && !is_found(input, "dns.sts.split") && !is_found(input, "dns.sts.stale");
    seen->ahead = recorded && !seen->served;
    if (seen->published)
        seen->published_seconds = id ? id->since_seconds : look->checked_seconds;
    const struct setup_value_row *newest = value_of(input, "id", NULL);
    if (newest && newest->ttl_seconds >= 0)
        seen->ttl_seconds = newest->ttl_seconds;
}

struct guide_seen guide_see(struct arena *arena, const struct guide_input *input)
{
    struct guide_seen seen = { .ttl_seconds = TTL_UNKNOWN };
    const struct hosting_version_row *current = guide_current(input);
    const struct setup_value_row *mx = value_of(input, "mx-set", NULL);
    if (!input->look)
        return seen;
    seen.reporting = step_holds(arena, input->look, 0);
    seen.unrecorded =
        !*input->look->id
        && (is_found(input, "dns.sts.missing") || is_found(input, "dns.sts.given-up"));
    seen.knows_mx = mx && is_fresh(input);
    if (mx)
        seen.mx = guide_words(arena, mx->value);
    if (current)
        see_policy(arena, input, current, &seen);
    return seen;
}

int64_t guide_out_seconds(const struct guide_input *input, size_t at)
{
    int64_t out = input->now_seconds;
    for (size_t i = 0; i <= at; i++) {
        const struct setup_value_row *id = value_of(input, "id", input->versions[i].id);
        if (id && id->first_seconds < out)
            out = id->first_seconds;
    }
    return out;
}

int64_t guide_run_seconds(const struct guide_input *input, const char *mode,
                          int64_t max_age_seconds)
{
    size_t count = 0;
    while (guide_current(input) && count < input->version_count
           && strcmp(input->versions[count].mode, mode) == 0
           && input->versions[count].max_age_seconds >= max_age_seconds)
        count++;
    return count ? guide_out_seconds(input, count - 1) : 0;
}

int64_t guide_drained_seconds(const struct guide_input *input, const struct guide_seen *seen,
                              const struct text_list *kept)
{
    int64_t drained = 0;
    const struct setup_value_row *rows = input->past ? input->past->values.first : NULL;
    for (size_t i = 0; i < seen->mx.count; i++)
        if (!guide_covers(kept, seen->mx.items[i]))
            return INT64_MAX;
    if (!seen->knows_mx)
        return INT64_MAX;
    for (size_t i = 0; rows && i < input->past->values.count; i++) {
        if (strcmp(rows[i].kind, "mx") != 0 || guide_covers(kept, rows[i].value))
            continue;
        int64_t ttl = rows[i].ttl_seconds >= 0 ? rows[i].ttl_seconds : DAY;
        int64_t gone = rows[i].last_seconds + ttl + QUEUE_SECONDS;
        drained = gone > drained ? gone : drained;
    }
    return drained;
}

/* When a look last saw the bytes of VERSION at an address of the policy host; 0: never. */
static int64_t last_seen(const struct guide_input *input, const struct hosting_version_row *version)
{
    int64_t last = 0;
    const struct setup_policy_row *rows = input->past ? input->past->policies.first : NULL;
    for (size_t i = 0; rows && i < input->past->policies.count; i++)
        if (strcmp(rows[i].policy_sha256, version->sha256) == 0 && rows[i].last_seconds > last)
            last = rows[i].last_seconds;
    return last;
}

/* The last moment at which senders may have got version number AT of the list. */
static int64_t last_got(const struct guide_input *input, size_t at)
{
    const struct hosting_version_row *version = &input->versions[at];
    int64_t seen = last_seen(input, version), served = version->last_served_seconds;
    int64_t last = seen > served ? seen : served;
    if (at == 0)
        return input->hosted->ended ? last : input->now_seconds;
    /* Elsewhere we do not see who fetches; there it lasts until a newer one is seen to be published. */
    int64_t replaced = version->elsewhere ? guide_out_seconds(input, at - 1)
                                          : input->versions[at - 1].made_seconds;
    return last > replaced ? last : replaced;
}

int64_t guide_forgotten_seconds(const struct guide_input *input, bool enforce_alone)
{
    int64_t forgotten = 0;
    for (size_t i = 0; i < input->version_count; i++) {
        const struct hosting_version_row *version = &input->versions[i];
        bool enforces = strcmp(version->mode, "enforce") == 0;
        if (!enforces && (enforce_alone || strcmp(version->mode, "none") == 0))
            continue;
        int64_t held = version->max_age_seconds;
        if (enforces && held < FLOOR_SECONDS)
            held = FLOOR_SECONDS;
        int64_t end = last_got(input, i) + held;
        forgotten = end > forgotten ? end : forgotten;
    }
    return forgotten;
}
