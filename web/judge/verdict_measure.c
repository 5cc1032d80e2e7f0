/* See verdict_measure.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_triage.c. Next: verdict_counterfactual.c */
#include "judge/verdict_measure.h"
#include "judge/verdict_stats.h"
#include "base/clock.h"
#include <string.h>

#define SPAN           (VERDICT_DAYS + 1)
#define RETRIEVAL_DAYS 7
#define FORGOTTEN_DAYS 28 /* whoever has been silent for longer has stopped to report */

/* --- sums of days --- */

/* Per reporter and day: successful sessions that checked the present policy, or one that is not told. */
struct sheet {
    int64_t *sessions;
    int32_t first;
};

static struct sheet sheet_of(const struct evidence *evidence)
{
    struct sheet sheet = { arena_array(evidence->arena,
                                       (size_t)(evidence->reporter_count + 1) * SPAN,
                                       sizeof(int64_t)),
                           evidence->input->today - VERDICT_DAYS };
    for (size_t i = 0; i < evidence->block_count; i++) {
        const struct evidence_block *block = &evidence->blocks[i];
        int64_t *cell = &sheet.sessions[block->reporter * SPAN + (block->day - sheet.first)];
        if (evidence_label(evidence, block->version) != LABEL_OLDER)
            *cell = verdict_sum(*cell, block->successful);
    }
    return sheet;
}

static void sum_up(const struct evidence *evidence, const struct sheet *sheet, struct measure *out)
{
    out->sessions = 0;
    out->reporter_days = out->active_days = out->reporters = 0;
    for (int reporter = 0; reporter < evidence->reporter_count; reporter++) {
        int days = 0;
        for (int32_t day = out->from_day; day <= out->to_day; day++) {
            int64_t sessions = sheet->sessions[reporter * SPAN + (day - sheet->first)];
            out->sessions = verdict_sum(out->sessions, sessions);
            days += sessions > 0;
        }
        out->reporter_days += days;
        out->reporters += days > 0;
    }
    for (int32_t day = out->from_day; day <= out->to_day; day++) {
        bool any = false;
        for (int reporter = 0; reporter < evidence->reporter_count && !any; reporter++)
            any = sheet->sessions[reporter * SPAN + (day - sheet->first)] > 0;
        out->active_days += any;
    }
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static bool is_thin(const struct verdict_settings *settings, const struct measure *it)
{
    return it->reporter_days < settings->limited_reporter_days
           || it->sessions < settings->limited_sessions || it->active_days < settings->active_days;
}

/* Reporters with sessions on enough of the days since LEAST, which may be more than are looked at: whoever
 * speaks on every fifth day is independent evidence all the same. */
static int count_regular(const struct evidence *evidence, const struct sheet *sheet, int32_t least,
                         int32_t to_day)
{
    int regular = 0;
    for (int reporter = 0; reporter < evidence->reporter_count; reporter++) {
        int days = 0;
        for (int32_t day = least; day <= to_day; day++)
            days += sheet->sessions[reporter * SPAN + (day - sheet->first)] > 0;
        regular += days >= evidence->input->settings->reporter_days;
    }
    return regular;
}

/* The days that have to be clean, or so many more, since LEAST, that they are not thin. */
static void choose_days(const struct evidence *evidence, const struct sheet *sheet, int32_t least,
                        struct measure *out)
{
    const struct verdict_settings *settings = evidence->input->settings;
    least = later(least, evidence->input->today - VERDICT_DAYS);
    least = later(least, out->to_day - (int32_t)settings->stretch_days + 1);
    out->from_day = later(least, out->to_day - (int32_t)settings->days + 1);
    sum_up(evidence, sheet, out);
    while (out->from_day > least && is_thin(settings, out)) {
        out->from_day--;
        out->stretched = true;
        sum_up(evidence, sheet, out);
    }
    out->regular = count_regular(evidence, sheet, least, out->to_day);
}

struct measure measure_take(const struct evidence *evidence, const struct triage *triage)
{
    const struct sheet sheet = sheet_of(evidence);
    int32_t oldest = evidence->input->today - VERDICT_DAYS;
    struct measure out = { .clean_from = evidence->clock_day, .to_day = evidence->last_closed };
    for (size_t i = 0; i < triage->count; i++) {
        const struct triage_group *group = &triage->groups[i];
        if (group->counts)
            out.clean_from = later(out.clean_from, group->last_day + 1);
        out.clean_from = later(out.clean_from, group->restart_day);
    }
    if (evidence->clock_day && out.to_day >= out.clean_from)
        out.clean_days = out.to_day - out.clean_from + 1;
    struct measure told = out;
    choose_days(evidence, &sheet, evidence->clock_day ? evidence->clock_day : oldest, &told);
    choose_days(evidence, &sheet, evidence->clock_day ? out.clean_from : oldest, &out);
    out.told_from_day = told.from_day;
    out.told_sessions = told.sessions;
    out.told_reporters = told.reporters;
    return out;
}

/* --- who is silent --- */

struct measure_silence measure_silence(const struct evidence *evidence)
{
    struct measure_silence out = { 0 };
    for (int reporter = 0; reporter < evidence->reporter_count; reporter++) {
        int silent = evidence_silence(evidence, reporter);
        out.others += silent == 0 && evidence_active(evidence, reporter, evidence->last_closed);
        if (silent == 0 || silent > FORGOTTEN_DAYS)
            continue;
        out.reporters++;
        if (silent > out.longest) {
            out.longest = silent;
            out.name = evidence->reporters[reporter];
        }
    }
    return out;
}

/* --- who keeps an older policy --- */

static struct verdict_adopter adopter_of(const struct evidence *evidence, int reporter)
{
    struct verdict_adopter out = { .reporter = evidence->reporters[reporter] };
    int newest = -1;
    for (int32_t day = evidence->input->today - VERDICT_DAYS; day <= evidence->input->today;
         day++) {
        int version = evidence_main(evidence, reporter, day);
        if (version < 0)
            continue;
        newest = version;
        out.last_day = day;
        if (version == evidence->current && !out.since_day && day >= evidence->clock_day)
            out.since_day = day;
    }
    out.current = newest >= 0 && newest == evidence->current;
    if (newest >= 0 && !out.current && evidence->versions[newest].max_age_seconds >= 0)
        out.deadline_day =
            out.last_day
            + (int32_t)(evidence->versions[newest].max_age_seconds / DAY_SECONDS % 4000) + 1;
    return out;
}

const struct verdict_adopter *measure_adopters(const struct evidence *evidence, size_t *count)
{
    struct verdict_adopter *all =
        arena_array(evidence->arena, (size_t)evidence->reporter_count + 1, sizeof *all);
    *count = 0;
    for (int reporter = 0; reporter < evidence->reporter_count && evidence->current >= 0;
         reporter++) {
        struct verdict_adopter one = adopter_of(evidence, reporter);
        if (one.last_day)
            all[(*count)++] = one;
    }
    return all;
}

static bool is_regular(const struct evidence *evidence, int reporter)
{
    int days = 0;
    for (int32_t back = 0; back < evidence->input->settings->days; back++)
        days += evidence_active(evidence, reporter, evidence->last_closed - back);
    return days >= evidence->input->settings->reporter_days;
}

struct measure_older measure_older(const struct evidence *evidence)
{
    struct measure_older out = { 0 };
    for (int reporter = 0; reporter < evidence->reporter_count && evidence->current >= 0;
         reporter++) {
        struct verdict_adopter one = adopter_of(evidence, reporter);
        if (!one.last_day || one.current || !is_regular(evidence, reporter))
            continue;
        out.reporters++;
        if (!out.name || one.deadline_day > out.deadline_day) {
            out.name = one.reporter;
            out.deadline_day = one.deadline_day;
        }
    }
    return out;
}

/* --- who cannot fetch it --- */

struct measure_retrieval measure_retrieval(const struct evidence *evidence)
{
    struct measure_retrieval out = { 0 };
    int32_t since = evidence->last_closed - RETRIEVAL_DAYS + 1,
            width = evidence->input->today - since + 1;
    unsigned char *told =
        arena_array(evidence->arena, (size_t)(evidence->reporter_count + 1), (size_t)width);
    for (size_t i = 0; i < evidence->failure_count; i++) {
        const struct evidence_failure *one = &evidence->failures[i];
        if (one->blocking)
            continue;
        out.last_day = later(out.last_day, one->day);
        if (one->day < since)
            continue;
        out.sessions = verdict_sum(out.sessions, one->sessions);
        told[one->reporter * width + (one->day - since)] = 1;
    }
    for (int reporter = 0; reporter < evidence->reporter_count; reporter++) {
        int days = 0;
        for (int32_t day = 0; day < width; day++)
            days += told[reporter * width + day];
        out.reporters += days > 0;
        if (days > out.days) {
            out.days = days;
            out.name = evidence->reporters[reporter];
        }
    }
    for (int32_t day = 0; day < width; day++) {
        int reporters = 0;
        for (int reporter = 0; reporter < evidence->reporter_count; reporter++)
            reporters += told[reporter * width + day];
        out.blocks = out.blocks || reporters > 1;
    }
    out.blocks = out.blocks || out.days > 1;
    return out;
}
