/* See summary_words.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary_words.h"
#include "base/glyph.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VALUE_CHARACTERS    60
#define SENTENCE_CHARACTERS 600
#define NAMES_BYTES         4000

static const char *plain(struct arena *arena, const char *value, int most)
{
    CLEANUP(buf_done) struct buf text = BUF(SENTENCE_CHARACTERS * 16);
    glyph_add_text(&text, value, (size_t)most);
    return arena_text(arena, buf_get(&text));
}

const char *summary_value(struct arena *arena, const char *value)
{
    return plain(arena, value, VALUE_CHARACTERS);
}

const char *summary_sentence(struct arena *arena, const char *sentence)
{
    return plain(arena, sentence, SENTENCE_CHARACTERS);
}

const char *summary_number(struct arena *arena, int64_t number)
{
    char digits[32], grouped[64] = "";
    snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t used = 0, size = strlen(digits);
    for (size_t i = 0; i < size; i++)
        used += (size_t)snprintf(grouped + used, sizeof grouped - used, "%s%c",
                                 i && (size - i) % 3 == 0 && digits[i - 1] != '-' ? "," : "",
                                 digits[i]);
    return arena_text(arena, grouped);
}

const char *summary_share(struct arena *arena, int64_t part, int64_t whole)
{
    if (whole <= 0)
        return "-";
    double percent = 100.0 * (double)part / (double)whole;
    if (part == 0 || part == whole)
        return part ? "100 %" : "0 %";
    if (percent < 0.01)
        return "<0.01 %";
    if (percent > 99.9)
        return ">99.9 %";
    return arena_printf(arena, "%.*f %%", percent < 10 ? 2 : 1, percent);
}

const char *summary_domains(struct arena *arena, int64_t domains, int64_t looked)
{
    const char *number = summary_number(arena, domains);
    return looked >= WEEK_ROWS_LOOKED_AT ? arena_printf(arena, "at least %s", number) : number;
}

const char *summary_title(enum week_kind kind)
{
    static const char *const titles[] = {
        [WEEK_NEW] = "New failures", [WEEK_WORSE] = "Worse", [WEEK_GOING_ON] = "Going on",
        [WEEK_BETTER] = "Better",    [WEEK_GONE] = "Gone",
    };
    return titles[kind];
}

const char *summary_counts(struct arena *arena, const struct week_line_row *row)
{
    const char *share = !row->untrusted ? ""
                        : row->untrusted == row->failed
                            ? "; not verified"
                            : arena_printf(arena, "; %s of these not verified",
                                           summary_number(arena, row->untrusted));
    const char *failed = row->failed ? summary_number(arena, row->failed) : "No";
    const char *before = row->before ? summary_number(arena, row->before) : "none";
    return arena_printf(arena, "%s session%s failed, %s the week before%s", failed,
                        row->failed == 1 ? "" : "s", before, share);
}

bool summary_is_first(const struct summary *summary, const struct week_line_row *row)
{
    for (int which = WEEK_NEW; which <= WEEK_WORSE; which++) {
        const struct summary_kind *kind = &summary->kinds[which];
        for (size_t i = 0; i < kind->count; i++) {
            if (&kind->rows[i] == row)
                return true;
            if (strcmp(kind->rows[i].result, row->result) == 0)
                return false;
        }
    }
    return false;
}

const char *summary_tellers(struct arena *arena, const struct week_line_row *rows, size_t count)
{
    CLEANUP(buf_done) struct buf text = BUF(NAMES_BYTES);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%s", i ? ", " : "", summary_value(arena, rows[i].organization));
        if (rows[i].told)
            buf_printf(&text, " %s", summary_number(arena, rows[i].told));
        if (rows[i].told_before)
            buf_printf(&text, " (before %s)", summary_number(arena, rows[i].told_before));
    }
    if (rows->reporters > (int64_t)count)
        buf_printf(&text, ", and %" PRId64 " more", rows->reporters - (int64_t)count);
    return arena_text(arena, buf_get(&text));
}

const char *summary_names(struct arena *arena, const struct week_line_row *row)
{
    CLEANUP(buf_done) struct buf text = BUF(NAMES_BYTES);
    int64_t shown = 0;
    for (const char *name = row->names; *name; shown++) {
        size_t size = strcspn(name, " ");
        buf_printf(&text, "%s%.*s", shown ? ", " : "", (int)size, name);
        name += size + (name[size] == ' ');
    }
    if (row->looked >= WEEK_LINE_LOOKED_AT && row->domains <= shown)
        buf_text(&text, ", and perhaps more");
    else if (row->looked >= WEEK_LINE_LOOKED_AT)
        buf_printf(&text, ", and %s more at least", summary_number(arena, row->domains - shown));
    else if (row->domains > shown)
        buf_printf(&text, ", and %s more", summary_number(arena, row->domains - shown));
    return arena_text(arena, buf_get(&text));
}
