/* Which version of the policy is the current one, and since when: see verdict_evidence.h. Of each
 * reporter and day the version of most sessions counts. Senders keep an old policy for its max_age, so
 * the version seen most is not the newest; but who changes, changes to a newer one.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict_evidence.c. Next: verdict_triage.c */
#include "judge/verdict_evidence.h"
#include <string.h>

#define SPAN (VERDICT_DAYS + 1)

/* What is known of each version. */
struct history {
    bool seen;
    int32_t first_day; /* that it was seen in a successful session: a failure starts no clock */
    int32_t taken_day; /* that a reporter last changed to it; 0: none did */
    int32_t left_day;  /* that a reporter last changed from it; 0: none did */
    int64_t told_by;   /* reporters whose newest version it is */
    int32_t last_day;  /* that it was a reporter's main one */
};

/* The main version of each reporter and day, -1 where there is none. */
static int *main_versions(const struct evidence *evidence)
{
    size_t count = (size_t)evidence->reporter_count * SPAN;
    int *mains = arena_array(evidence->arena, count + 1, sizeof *mains);
    int64_t *most = arena_array(evidence->arena, count + 1, sizeof *most);
    int32_t first = evidence->input->today - VERDICT_DAYS;
    for (size_t i = 0; i < count; i++)
        mains[i] = -1;
    for (size_t i = 0; i < evidence->block_count; i++) {
        const struct evidence_block *block = &evidence->blocks[i];
        size_t place = (size_t)block->reporter * SPAN + (size_t)(block->day - first);
        int64_t sessions = block->successful + block->failed;
        if (block->version < 0 || (mains[place] >= 0 && sessions <= most[place]))
            continue;
        mains[place] = block->version;
        most[place] = sessions;
    }
    return mains;
}

static struct history *histories(const struct evidence *evidence, const int *mains)
{
    struct history *all =
        arena_array(evidence->arena, (size_t)evidence->version_count + 1, sizeof *all);
    int32_t first = evidence->input->today - VERDICT_DAYS;
    for (size_t i = 0; i < evidence->block_count; i++) {
        const struct evidence_block *block = &evidence->blocks[i];
        if (block->version < 0)
            continue;
        struct history *history = &all[block->version];
        history->seen = true;
        if (!history->first_day && block->successful > 0)
            history->first_day = block->day;
    }
    for (int reporter = 0; reporter < evidence->reporter_count; reporter++) {
        int before = -1;
        for (int32_t place = 0; place < SPAN; place++) {
            int now = mains[reporter * SPAN + place];
            int32_t day = first + place;
            if (now < 0)
                continue;
            if (day > all[now].last_day)
                all[now].last_day = day;
            if (before >= 0 && before != now) {
                if (day > all[now].taken_day)
                    all[now].taken_day = day;
                if (day > all[before].left_day)
                    all[before].left_day = day;
            }
            before = now;
        }
        if (before >= 0)
            all[before].told_by++;
    }
    return all;
}

static bool is_newer(const struct history *a, const struct history *b)
{
    if (a->taken_day != b->taken_day)
        return a->taken_day > b->taken_day;
    if (a->told_by != b->told_by)
        return a->told_by > b->told_by;
    return a->last_day > b->last_day;
}

/* The first day on which the current version was a reporter's main one since one last left it. */
static int32_t clock_of(const struct evidence *evidence, const int *mains,
                        const struct history *history)
{
    int32_t first = evidence->input->today - VERDICT_DAYS;
    if (!history->left_day)
        return history->first_day;
    for (int32_t day = history->left_day; day < first + SPAN; day++)
        for (int reporter = 0; reporter < evidence->reporter_count; reporter++)
            if (mains[reporter * SPAN + (day - first)] == evidence->current
                && evidence_active(evidence, reporter, day) && day > history->left_day)
                return day;
    return 0;
}

void evidence_choose(struct evidence *evidence)
{
    const int *mains = main_versions(evidence);
    const struct history *all = histories(evidence, mains);
    const char *mode = evidence->input->live->mode;
    int32_t reset = evidence->input->live->reset_day;
    evidence->mains = mains;
    for (int i = 0; i < evidence->version_count; i++)
        if (all[i].seen && (!mode || strcmp(evidence->versions[i].mode, mode) == 0)
            && (evidence->current < 0 || is_newer(&all[i], &all[evidence->current])))
            evidence->current = i;
    if (evidence->current >= 0)
        evidence->clock_day = clock_of(evidence, mains, &all[evidence->current]);
    if (evidence->clock_day && reset > evidence->clock_day)
        evidence->clock_day = reset;
    evidence->first_day =
        evidence->clock_day ? evidence->clock_day : evidence->input->today - VERDICT_DAYS;
}

int evidence_main(const struct evidence *evidence, int reporter, int32_t day)
{
    int32_t place = day - (evidence->input->today - VERDICT_DAYS);
    return place < 0 || place >= SPAN ? -1 : evidence->mains[reporter * SPAN + place];
}
