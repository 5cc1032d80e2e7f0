/* See verdict_counterfactual.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_measure.c. Next: verdict_reason.c */
#include "judge/verdict_counterfactual.h"
#include "judge/verdict_stats.h"
#include "base/clock.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 40 /* of each list the largest */

struct frame {
    const struct evidence *evidence;
    int32_t from_day, to_day;
};

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static bool is_within(const struct frame *frame, int32_t day)
{
    return day >= frame->from_day && day <= frame->to_day;
}

/* --- by MX, and by reason --- */

static int by_host(const void *a, const void *b)
{
    const struct evidence_failure *x = a, *y = b;
    int order = strcmp(text_of(x->mx), text_of(y->mx));
    if (order)
        return order;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->reporter != y->reporter)
        return x->reporter < y->reporter ? -1 : 1;
    order = x->version < y->version ? -1 : x->version > y->version;
    return order ? order : strcmp(x->result, y->result);
}

static int by_result(const void *a, const void *b)
{
    const struct evidence_failure *x = a, *y = b;
    int order = strcmp(x->result, y->result);
    return order ? order : by_host(a, b);
}

static int by_size(const void *a, const void *b)
{
    const struct verdict_refused *x = a, *y = b;
    if (x->high != y->high)
        return x->high > y->high ? -1 : 1;
    return strcmp(text_of(x->name), text_of(y->name));
}

/* Refused sessions in these days, in the order of COMPARE. */
static struct evidence_failure *failures_of(const struct frame *frame, size_t *count,
                                            int (*compare)(const void *a, const void *b))
{
    const struct evidence *evidence = frame->evidence;
    struct evidence_failure *all =
        arena_array(evidence->arena, evidence->failure_count + 1, sizeof *all);
    *count = 0;
    for (size_t i = 0; i < evidence->failure_count; i++)
        if (evidence->failures[i].blocking && evidence->failures[i].sts
            && is_within(frame, evidence->failures[i].day))
            all[(*count)++] = evidence->failures[i];
    qsort(all, *count, sizeof *all, compare);
    return all;
}

static bool same_block(const struct evidence_failure *a, const struct evidence_failure *b)
{
    return a->day == b->day && a->reporter == b->reporter && a->version == b->version;
}

static struct verdict_refused_list finish(struct verdict_refused *items, size_t count)
{
    qsort(items, count, sizeof *items, by_size);
    return (struct verdict_refused_list){ items, count < LIST_MAX ? count : LIST_MAX };
}

static struct verdict_refused_list list_mx(const struct frame *frame)
{
    size_t count, made = 0;
    const struct evidence_failure *all = failures_of(frame, &count, by_host);
    struct verdict_refused *items = arena_array(frame->evidence->arena, count + 1, sizeof *items);
    int64_t most = 0; /* of one block, which adds the largest of its types to `low` */
    for (size_t i = 0; i < count; i++) {
        bool new_host = i == 0 || strcmp(text_of(all[i].mx), text_of(all[i - 1].mx)) != 0;
        if (new_host)
            items[made++] = (struct verdict_refused){ .name = all[i].mx };
        struct verdict_refused *item = &items[made - 1];
        most = !new_host && same_block(&all[i], &all[i - 1]) && most > all[i].sessions
                   ? most
                   : all[i].sessions;
        item->high = verdict_sum(item->high, all[i].sessions);
        if (i + 1 == count || !same_block(&all[i], &all[i + 1])
            || strcmp(text_of(all[i].mx), text_of(all[i + 1].mx)) != 0)
            item->low = verdict_sum(item->low, most);
    }
    return finish(items, made);
}

static struct verdict_refused_list list_reasons(const struct frame *frame)
{
    size_t count, made = 0;
    const struct evidence_failure *all = failures_of(frame, &count, by_result);
    struct verdict_refused *items = arena_array(frame->evidence->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(all[i].result, all[i - 1].result) != 0)
            items[made++] = (struct verdict_refused){ .name = all[i].result };
        items[made - 1].high = verdict_sum(items[made - 1].high, all[i].sessions);
        items[made - 1].low = items[made - 1].high;
    }
    return finish(items, made);
}

/* --- by day and reporter --- */

static void add_block(struct verdict_refused *item, const struct evidence_block *block)
{
    item->low = verdict_sum(item->low, block->low);
    item->high = verdict_sum(item->high, block->high);
    item->sessions = verdict_sum(item->sessions, block->sessions);
}

static void list_blocks(const struct frame *frame, struct verdict_counterfactual *out)
{
    const struct evidence *evidence = frame->evidence;
    struct arena *arena = evidence->arena;
    size_t days =
        frame->to_day >= frame->from_day ? (size_t)(frame->to_day - frame->from_day) + 1 : 0;
    struct verdict_refused *by_day = arena_array(arena, days + 1, sizeof *by_day);
    struct verdict_refused *by_reporter =
        arena_array(arena, (size_t)evidence->reporter_count + 1, sizeof *by_reporter);
    struct verdict_refused sum = { 0 };
    size_t told = 0;
    char text[CLOCK_TEXT_BYTES];
    for (size_t i = 0; i < evidence->block_count; i++) {
        const struct evidence_block *block = &evidence->blocks[i];
        if (!is_within(frame, block->day))
            continue;
        add_block(&sum, block);
        add_block(&by_day[block->day - frame->from_day], block);
        add_block(&by_reporter[block->reporter], block);
        by_reporter[block->reporter].name = evidence->reporters[block->reporter];
        out->reporter_days += block->sessions > 0
                              && (i == 0 || evidence->blocks[i - 1].day != block->day
                                  || evidence->blocks[i - 1].reporter != block->reporter);
    }
    for (size_t i = 0; i < days; i++)
        by_day[i].name = arena_text(arena, clock_day_to_text(frame->from_day + (int32_t)i, text));
    for (int i = 0; i < evidence->reporter_count; i++)
        if (by_reporter[i].sessions > 0)
            by_reporter[told++] = by_reporter[i];
    out->refused_low = sum.low;
    out->refused_high = sum.high;
    out->sessions = sum.sessions;
    out->reporters = (int64_t)told;
    out->by_day = (struct verdict_refused_list){ by_day, days };
    out->by_reporter = finish(by_reporter, told);
}

/* --- the sentence --- */

static const char *plural(int64_t number)
{
    return number == 1 ? "" : "s";
}

static const char *sentence_of(struct arena *arena, const struct verdict_counterfactual *it,
                               bool enforced)
{
    int days = it->to_day - it->from_day + 1;
    if (days < 1)
        return "No day is complete yet: that takes 48 hours from its end, for the reports to come.";
    if (it->sessions == 0)
        return arena_printf(arena,
                            "In the last %d complete days no reporter described a delivery that "
                            "checked your policy.",
                            days);
    const char *refused =
        it->refused_low == it->refused_high
            ? arena_printf(arena, "%lld", (long long)it->refused_high)
            : arena_printf(arena, "between %lld and %lld", (long long)it->refused_low,
                           (long long)it->refused_high);
    const char *all = arena_printf(arena,
                                   "In the last %d complete day%s %lld reporter%s described %lld "
                                   "deliveries that checked your policy",
                                   days, plural(days), (long long)it->reporters,
                                   plural(it->reporters), (long long)it->sessions);
    if (enforced)
        return arena_printf(arena,
                            "%s; they refused %s. Not visible: senders that send no reports.", all,
                            refused);
    return arena_printf(
        arena,
        "%s; enforce would have refused %s. With that much data the true share is very "
        "likely below %.1f %%. Not visible: senders that send no reports, and Postfix "
        "senders, which ignore testing policies.",
        all, refused, fmax(it->upper_bound * 100, 0.1)); /* never "below 0.0 %" */
}

struct verdict_counterfactual counterfactual_make(const struct evidence *evidence,
                                                  const struct measure *measure, bool enforced)
{
    const struct frame frame = { evidence, measure->told_from_day, measure->to_day };
    struct verdict_counterfactual out = { .from_day = frame.from_day, .to_day = frame.to_day };
    list_blocks(&frame, &out);
    out.by_mx = list_mx(&frame);
    out.by_reason = list_reasons(&frame);
    out.upper_bound = verdict_upper_bound(out.refused_high, out.sessions);
    out.sentence = sentence_of(evidence->arena, &out, enforced);
    return out;
}
