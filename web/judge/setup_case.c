/* See setup_case.h. What strangers wrote stands in evidence, so it is cut, and bytes that are no UTF-8
 * are replaced, where it is added.
 * SPDX-License-Identifier: MIT
 * Before: setup_finding.c. Next: setup_reporting.c */
#include "judge/setup_case.h"
#include "base/clock.h"
#include "base/words.h"
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES    1000 /* of an evidence */
#define SUBJECT_BYTES 300
#define FIRST_ROOM    16

/* The first MOST bytes of TEXT, whole characters, as UTF-8. */
static const char *bounded(struct arena *arena, const char *text, size_t most)
{
    size_t size = strlen(text);
    bool replaced;
    const char *good = text_to_utf8(arena, text, size, &replaced);
    size = strlen(good);
    if (size <= most)
        return good;
    size = most;
    while (size && ((unsigned char)good[size] & 0xc0) == 0x80)
        size--;
    return arena_printf(arena, "%.*s\u2026", (int)size, good);
}

static struct setup_finding *place(struct setup_case *it)
{
    if (it->count == it->room) {
        size_t room = it->room ? it->room * 2 : FIRST_ROOM;
        struct setup_finding *more = arena_array(it->arena, room, sizeof *more);
        if (it->count)
            memcpy(more, it->findings, it->count * sizeof *more);
        it->findings = more;
        it->room = room;
    }
    return &it->findings[it->count++];
}

/* One that is there already: what follows is further evidence of it. */
static struct setup_finding *find(struct setup_case *it, const char *code, const char *subject)
{
    for (size_t i = 0; i < it->count; i++)
        if (it->findings[i].code == code && strcmp(it->findings[i].subject, subject) == 0)
            return &it->findings[i];
    return NULL;
}

struct setup_finding *setup_add(struct setup_case *it, const char *code, const char *subject,
                                const char *format, ...)
{
    const struct setup_finding_kind *row = setup_finding_kind(code);
    assert(row);
    char text[4 * TEXT_BYTES];
    subject = bounded(it->arena, subject, SUBJECT_BYTES);
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    struct setup_finding *finding = find(it, row->code, subject);
    if (finding) {
        finding->evidence =
            bounded(it->arena, arena_printf(it->arena, "%s %s", finding->evidence, text),
                    TEXT_BYTES);
        return finding;
    }
    finding = place(it);
    *finding = (struct setup_finding){
        .code = row->code,
        .severity = row->severity,
        .step = row->step,
        .subject = subject,
        .title = row->title,
        .evidence = bounded(it->arena, text, TEXT_BYTES),
        .fix = words_filled(it->arena, row->fix, "DOMAIN", it->facts->domain),
        .rule = row->rule,
        .blocks = row->blocks,
    };
    it->looked[row->step] |= row->severity != SEVERITY_UNKNOWN;
    return finding;
}

const char *setup_words(struct arena *arena, const struct text_list *list, size_t most)
{
    const struct text_list shown = { list->items, list->count < most ? list->count : most };
    const char *words = words_joined(arena, &shown, "", ", ");
    return list->count == shown.count
               ? words
               : arena_printf(arena, "%s and %zu more", words, list->count - most);
}

const char *setup_span(struct arena *arena, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = { { DAY_SECONDS, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
    size_t unit = 0;
    while (unit + 1 < ARRAY_SIZE(units) && seconds < units[unit].seconds)
        unit++;
    int64_t count = seconds / units[unit].seconds;
    return arena_printf(arena, "%" PRId64 " %s%s", count, units[unit].name, count == 1 ? "" : "s");
}

const char *setup_day(struct arena *arena, int64_t seconds)
{
    char text[CLOCK_TEXT_BYTES];
    return arena_text(arena, clock_day_to_text(clock_day(seconds), text));
}

const char *setup_moment(struct arena *arena, int64_t seconds)
{
    char text[CLOCK_TEXT_BYTES];
    clock_to_text(seconds, text);
    return arena_printf(arena, "%.10s %.5s UTC", text, text + 11);
}
