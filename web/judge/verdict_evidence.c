/* See verdict_evidence.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_stats.c. Next: verdict_triage.c */
#include "judge/verdict_evidence.h"
#include "judge/verdict_stats.h"
#include "ingest/policy.h"
#include "ingest/result.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CLOSED_AFTER \
    3 /* days from a day to when no more reports of it come: 48 hours past its end */
#define RHYTHM_DAYS 28
#define SPAN        (VERDICT_DAYS + 1)

static const char *text_of(const char *text)
{
    return text ? text : "";
}

/* --- names and versions --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_own(const struct verdict_settings *settings, const char *reporter)
{
    for (size_t i = 0; i < settings->own_reporters.count; i++)
        if (text_same(settings->own_reporters.items[i], reporter))
            return true;
    return false;
}

static void name_reporters(struct evidence *evidence)
{
    const struct verdict_input *input = evidence->input;
    const char **names = arena_array(evidence->arena, input->row_count + 1, sizeof *names);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < input->row_count; i++)
        if ((i == 0 || strcmp(input->rows[i].reporter, input->rows[i - 1].reporter) != 0)
            && !is_own(input->settings, input->rows[i].reporter))
            names[count++] = input->rows[i].reporter;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    evidence->reporters = names;
    evidence->reporter_count = (int)kept;
}

/* -1: it is ourselves. */
static int reporter_of(const struct evidence *evidence, const char *name)
{
    const char **found = bsearch(&name, evidence->reporters, (size_t)evidence->reporter_count,
                                 sizeof *evidence->reporters, by_name);
    return found ? (int)(found - evidence->reporters) : -1;
}

static int by_version(const void *a, const void *b)
{
    const struct evidence_version *x = a, *y = b;
    int order = strcmp(x->mode, y->mode);
    return order ? order : strcmp(x->mx, y->mx);
}

/* A policy in mode none names no MX host: what reporters put there instead is theirs, and no version of it. */
static struct evidence_version version_of(const struct verdict_policy_row *policy)
{
    return (struct evidence_version){ policy->mode,
                                      strcmp(policy->mode, "none") == 0 ? "" : policy->mx,
                                      policy->max_age_seconds };
}

static void name_versions(struct evidence *evidence)
{
    const struct verdict_input *input = evidence->input;
    struct evidence_version *all =
        arena_array(evidence->arena, input->policy_count + 1, sizeof *all);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < input->policy_count; i++)
        if (*input->policies[i].mode)
            all[count++] = version_of(&input->policies[i]);
    qsort(all, count, sizeof *all, by_version);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_version(&all[kept - 1], &all[i]) != 0)
            all[kept++] = all[i];
        else if (all[i].max_age_seconds > all[kept - 1].max_age_seconds)
            all[kept - 1].max_age_seconds = all[i].max_age_seconds;
    }
    evidence->versions = all;
    evidence->version_count = (int)kept;
}

/* Which version a policy is. */
struct numbered_policy {
    int64_t id;
    int version;
};

static int by_id(const void *a, const void *b)
{
    const struct numbered_policy *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Those that have a version, by id; *COUNT of them. */
static struct numbered_policy *number_policies(const struct evidence *evidence, size_t *count)
{
    const struct verdict_input *input = evidence->input;
    struct numbered_policy *all =
        arena_array(evidence->arena, input->policy_count + 1, sizeof *all);
    *count = 0;
    for (size_t i = 0; i < input->policy_count; i++) {
        const struct verdict_policy_row *policy = &input->policies[i];
        const struct evidence_version key = version_of(policy);
        const struct evidence_version *found =
            bsearch(&key, evidence->versions, (size_t)evidence->version_count,
                    sizeof *evidence->versions, by_version);
        if (found)
            all[(*count)++] =
                (struct numbered_policy){ policy->id, (int)(found - evidence->versions) };
    }
    qsort(all, *count, sizeof *all, by_id);
    return all;
}

bool evidence_lists(const struct evidence *evidence, int version, const char *host)
{
    const char *mx = version < 0 ? "" : evidence->versions[version].mx;
    if (!*mx)
        return true;
    char pattern[256];
    while (*mx) {
        size_t size = strcspn(mx, " ");
        if (size < sizeof pattern) {
            memcpy(pattern, mx, size);
            pattern[size] = '\0';
            if (policy_matches(pattern, host))
                return true;
        }
        mx += size + strspn(mx + size, " ");
    }
    return false;
}

/* --- rows --- */

/* A row with its names as numbers. */
struct numbered {
    const struct verdict_row *row;
    int reporter, version;
};

static int by_place(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    if (x->row->day != y->row->day)
        return x->row->day < y->row->day ? -1 : 1;
    if (x->reporter != y->reporter)
        return x->reporter < y->reporter ? -1 : 1;
    if (x->row->policy_id != y->row->policy_id)
        return x->row->policy_id < y->row->policy_id ? -1 : 1;
    int order = strcmp(text_of(x->row->mx), text_of(y->row->mx));
    return order ? order : strcmp(x->row->result, y->row->result);
}

enum kind { KIND_NONE, KIND_BLOCKING, KIND_RETRIEVAL };

/* What a failed session of ROW means for enforce. A sender may call it an invalid policy when an MX does
 * not fit it: so where an MX or its address is named, and the policy can be read. */
static enum kind kind_of(const struct numbered *it)
{
    const struct verdict_row *row = it->row;
    if (strcmp(row->result, "unexplained") == 0)
        return KIND_BLOCKING;
    switch (result_find(row->result)->class) {
    case RESULT_CLASS_BLOCKING:
    case RESULT_CLASS_UNKNOWN:
        return KIND_BLOCKING;
    case RESULT_CLASS_RETRIEVAL:
        return strcmp(row->result, "sts-policy-invalid") == 0 && (row->mx || row->addressed > 0)
                       && it->version >= 0
                   ? KIND_BLOCKING
                   : KIND_RETRIEVAL;
    case RESULT_CLASS_DANE:
        break;
    }
    return KIND_NONE;
}

static bool is_detail(const struct verdict_row *row)
{
    return strcmp(row->result, "successful") != 0 && strcmp(row->result, "total-failure") != 0;
}

/* The block of the rows from FIRST up to END, which are of one day, reporter and policy. Types of one
 * session may be several, so that of an MX between the largest and the sum of them were refused. */
static struct evidence_block block_of(const struct numbered *first, const struct numbered *end)
{
    struct evidence_block block = { .day = first->row->day,
                                    .reporter = first->reporter,
                                    .version = first->version };
    int64_t sum = 0, most = 0;
    for (const struct numbered *it = first; it < end; it++) {
        const struct verdict_row *row = it->row;
        if (it > first && strcmp(text_of(row->mx), text_of(it[-1].row->mx)) != 0) {
            block.low = verdict_sum(block.low, most);
            most = 0;
        }
        if (strcmp(row->result, "successful") == 0)
            block.successful = verdict_sum(block.successful, row->sessions);
        else if (strcmp(row->result, "total-failure") == 0)
            block.failed = verdict_sum(block.failed, row->sessions);
        else if (strcmp(row->result, "unexplained") == 0)
            continue; /* a part of the total already */
        else if (kind_of(it) == KIND_RETRIEVAL)
            block.retrieval = verdict_sum(block.retrieval, row->sessions);
        else if (kind_of(it) == KIND_BLOCKING) {
            sum = verdict_sum(sum, row->sessions);
            most = row->sessions > most ? row->sessions : most;
        }
    }
    int64_t rest = block.failed > block.retrieval ? block.failed - block.retrieval : 0;
    block.low = verdict_sum(block.low, most);
    if (sum == 0)
        block.low = rest;
    block.high = rest > sum ? rest : sum;
    int64_t all = verdict_sum(block.successful, rest);
    block.sessions = all > block.high ? all : block.high;
    return block;
}

static bool same_block(const struct numbered *a, const struct numbered *b)
{
    return a->row->day == b->row->day && a->reporter == b->reporter
           && a->row->policy_id == b->row->policy_id;
}

static void make_blocks(struct evidence *evidence, const struct numbered *rows, size_t count)
{
    evidence->blocks = arena_array(evidence->arena, count + 1, sizeof *evidence->blocks);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && same_block(&rows[i], &rows[end]);)
            end++;
        evidence->blocks[evidence->block_count++] = block_of(rows + i, rows + end);
    }
}

static int by_failure(const void *a, const void *b)
{
    const struct evidence_failure *x = a, *y = b;
    int order = strcmp(text_of(x->mx), text_of(y->mx));
    order = order ? order : strcmp(x->result, y->result);
    if (order)
        return order;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->reporter != y->reporter)
        return x->reporter < y->reporter ? -1 : 1;
    return x->version < y->version ? -1 : x->version > y->version;
}

static void add_failure(struct evidence *evidence, const struct numbered *it, bool sts)
{
    enum kind kind = kind_of(it);
    if (kind == KIND_NONE || it->row->sessions <= 0)
        return;
    evidence->failures[evidence->failure_count++] = (struct evidence_failure){
        .day = it->row->day,
        .reporter = it->reporter,
        .version = it->version,
        .mx = it->row->mx,
        .result = it->row->result,
        .blocking = kind == KIND_BLOCKING,
        .sts = sts,
        .sessions = it->row->sessions,
        .transient = it->row->transient,
    };
}

/* A sender that found no policy tells of certificates and STARTTLS all the same. */
static bool tells_of_mx(const char *result)
{
    return strcmp(result, "starttls-not-supported") == 0
           || strncmp(result, "certificate-", strlen("certificate-")) == 0;
}

static void sort_rows(struct evidence *evidence)
{
    const struct verdict_input *input = evidence->input;
    struct numbered *rows = arena_array(evidence->arena, input->row_count + 1, sizeof *rows);
    size_t count = 0, policy_count;
    const struct numbered_policy *policies = number_policies(evidence, &policy_count), *policy;
    evidence->failures =
        arena_array(evidence->arena, input->row_count + 1, sizeof *evidence->failures);
    for (size_t i = 0; i < input->row_count; i++) {
        const struct verdict_row *row = &input->rows[i];
        struct numbered it = { row, reporter_of(evidence, row->reporter), -1 };
        if (it.reporter < 0 || row->day < input->today - VERDICT_DAYS || row->day > input->today)
            continue;
        evidence->any = true;
        if (strcmp(row->policy_type, "no-policy-found") == 0) {
            if (strcmp(row->result, "successful") == 0)
                evidence->without_policy = verdict_sum(evidence->without_policy, row->sessions);
            else if (tells_of_mx(row->result))
                add_failure(evidence, &it, false);
        }
        if (strcmp(row->policy_type, "sts") != 0)
            continue;
        const struct numbered_policy key = { .id = row->policy_id };
        policy = bsearch(&key, policies, policy_count, sizeof *policies, by_id);
        it.version = policy ? policy->version : -1;
        rows[count++] = it;
        if (is_detail(row))
            add_failure(evidence, &it, true);
    }
    qsort(rows, count, sizeof *rows, by_place);
    qsort(evidence->failures, evidence->failure_count, sizeof *evidence->failures, by_failure);
    make_blocks(evidence, rows, count);
}

static void mark_active(struct evidence *evidence)
{
    evidence->active = arena_array(evidence->arena, (size_t)evidence->reporter_count + 1, SPAN);
    int32_t first = evidence->input->today - VERDICT_DAYS;
    for (size_t i = 0; i < evidence->block_count; i++) {
        const struct evidence_block *block = &evidence->blocks[i];
        if (block->successful > 0)
            evidence->active[block->reporter * SPAN + (block->day - first)] = 1;
    }
}

bool evidence_active(const struct evidence *evidence, int reporter, int32_t day)
{
    int32_t place = day - (evidence->input->today - VERDICT_DAYS);
    return place >= 0 && place < SPAN && evidence->active[reporter * SPAN + place];
}

bool evidence_is_gap(const struct evidence *evidence, int32_t day)
{
    for (size_t i = 0; i < evidence->input->gap_count; i++)
        if (evidence->input->gaps[i] == day)
            return true;
    return false;
}

enum evidence_label evidence_label(const struct evidence *evidence, int version)
{
    return version < 0 ? LABEL_UNKNOWN : version == evidence->current ? LABEL_CURRENT : LABEL_OLDER;
}

/* --- silence --- */

static bool is_weekend(int32_t day)
{
    int weekday = (day + 4) % 7; /* 0 is Sunday */
    return weekday == 0 || weekday == 6;
}

/* The rhythm of the DAYS collected days before DAY; of weekends and other days, where that is asked. */
static void rhythm_before(const struct evidence *evidence, int reporter, int32_t day, int days,
                          bool apart, struct verdict_rhythm rhythm[2])
{
    int32_t first = evidence->input->today - VERDICT_DAYS;
    rhythm[0] = rhythm[1] = (struct verdict_rhythm){ 0 };
    while (days > 0 && --day >= first) {
        if (evidence_is_gap(evidence, day))
            continue;
        struct verdict_rhythm *one = &rhythm[apart && is_weekend(day)];
        one->days++;
        one->active += evidence_active(evidence, reporter, day);
        days--;
    }
    if (!apart)
        rhythm[1] = rhythm[0];
}

int evidence_silence(const struct evidence *evidence, int reporter)
{
    int32_t first = evidence->input->today - VERDICT_DAYS, day = evidence->last_closed;
    int silent = 0;
    while (day >= first && !evidence_active(evidence, reporter, day))
        silent += !evidence_is_gap(evidence, day--);
    if (day < first || silent == 0)
        return 0;
    bool apart = false; /* whoever has been known for 56 days has weekends of his own */
    for (int32_t old = first; old <= day - 2 * RHYTHM_DAYS && !apart; old++)
        apart = evidence_active(evidence, reporter, old);
    struct verdict_rhythm rhythm[2];
    rhythm_before(evidence, reporter, day + 1, apart ? 2 * RHYTHM_DAYS : RHYTHM_DAYS, apart,
                  rhythm);
    double chance = 1;
    for (int32_t open = day + 1; open <= evidence->last_closed; open++)
        if (!evidence_is_gap(evidence, open))
            chance *= verdict_silent_chance(rhythm[is_weekend(open)], 1);
    return verdict_is_odd(chance) ? silent : 0;
}

struct evidence evidence_read(struct arena *arena, const struct verdict_input *input)
{
    struct evidence evidence = {
        .arena = arena,
        .input = input,
        .current = -1,
        .last_closed = input->today - CLOSED_AFTER,
    };
    name_reporters(&evidence);
    name_versions(&evidence);
    sort_rows(&evidence);
    mark_active(&evidence);
    evidence_choose(&evidence);
    return evidence;
}
