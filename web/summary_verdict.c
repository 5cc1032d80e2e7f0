/* See summary_verdict.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary_verdict.h"
#include "judge/verdict.h"
#include "base/clock.h"
#include <inttypes.h>

const char *summary_verdict_title(const struct summary *summary)
{
    return summary->domain ? "Verdict" : "Verdicts that changed";
}

/* "not yet": what is stored is "not-yet". */
static const char *label_of(const char *stored)
{
    enum verdict_word word;
    return verdict_word_from_text(stored, &word) ? verdict_word_label(word) : stored;
}

const char *summary_verdict_before(struct arena *arena, const struct week_verdict_row *row)
{
    if (row->turn == WEEK_TURN_NONE)
        return "";
    const char *times =
        row->changes > 1 ? arena_printf(arena, ", %" PRId64 " changes since", row->changes) : "";
    if (!*row->from_verdict)
        return arena_printf(arena, "none%s", times);
    return arena_printf(arena, "\u201c%s\u201d%s", label_of(row->from_verdict), times);
}

const char *summary_verdict_turn(struct arena *arena, const struct week_verdict_row *row)
{
    char day[CLOCK_TEXT_BYTES];
    const char *before = summary_verdict_before(arena, row);
    return arena_printf(arena, "\u201c%s\u201d (%s) since %s%s%s", label_of(row->verdict),
                        row->stage, clock_day_to_text(clock_day(row->at_seconds), day),
                        *before ? ", before " : "", before);
}

int64_t summary_verdict_more(const struct summary *summary)
{
    int64_t shown = 0;
    for (size_t i = 0; i < summary->verdicts.count; i++)
        shown += summary->verdicts.rows[i].changes > 0;
    return summary->verdicts.all - shown;
}
