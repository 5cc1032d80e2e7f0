/* See setup_text.h. Words are put on lines by their characters; what is not seen stands by its number.
 * SPDX-License-Identifier: MIT
 * Before: setup_letter.c. Next: web/setup_json.c */
#include "judge/setup_text.h"
#include "base/glyph.h"
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#define WIDTH      80
#define TEXT_BYTES 16384

static const char *const marks[] = {
    [SETUP_UNKNOWN] = "? ", [SETUP_GOOD] = "ok",   [SETUP_WARNED] = "! ",
    [SETUP_FAULTY] = "!!",  [SETUP_ABSENT] = "- ",
};

static const char *const signs[] = {
    [SEVERITY_ERROR] = "!!",
    [SEVERITY_WARNING] = "! ",
    [SEVERITY_UNKNOWN] = "? ",
    [SEVERITY_INFO] = "  ",
};

static const char *const words[] = {
    [VERDICT_READY] = "all is good",
    [VERDICT_READY_LIMITED] = "good, with reserve",
    [VERDICT_NOT_YET] = "something has to be mended",
    [VERDICT_UNKNOWN] = "nothing could be looked at",
    [VERDICT_HEALTHY] = "all is good",
    [VERDICT_FAILING] = "something has to be mended",
};

static size_t columns_of(const char *text, size_t size)
{
    size_t columns = 0;
    for (size_t i = 0; i < size; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

/* TEXT behind what stands on the line already (AT columns), its further lines indented. */
static void put_words(struct buf *out, size_t at, size_t indent, const char *text)
{
    CLEANUP(buf_done) struct buf seen = BUF(TEXT_BYTES);
    glyph_add_text(&seen, text, SIZE_MAX);
    const char *word = buf_get(&seen);
    bool begins = true;
    while (*word) {
        size_t size = strcspn(word, " "), columns = columns_of(word, size);
        if (!begins && at + 1 + columns > WIDTH) {
            buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!begins) {
            buf_text(out, " ");
            at++;
        }
        buf_printf(out, "%.*s", (int)size, word);
        at += columns;
        begins = false;
        word += size;
        word += strspn(word, " ");
    }
    buf_text(out, "\n");
}

static void put_line(struct buf *out, size_t indent, const char *label, const char *text)
{
    if (!*text)
        return;
    buf_printf(out, "%*s%s", (int)indent, "", label);
    put_words(out, indent + strlen(label), indent + strlen(label), text);
}

static void put_finding(struct buf *out, const struct setup_finding *finding)
{
    buf_printf(out, "  %s %s (%s%s)", signs[finding->severity], finding->code,
               setup_severity_to_text(finding->severity),
               finding->blocks ? ", blocks enforce" : "");
    if (*finding->subject) {
        buf_text(out, " ");
        glyph_add_text(out, finding->subject, SIZE_MAX);
    }
    buf_text(out, "\n");
    put_line(out, 5, "", finding->title);
    put_line(out, 5, "Seen: ", finding->evidence);
    put_line(out, 5, "Do:   ", finding->fix);
    put_line(out, 5, "Rule: ", finding->rule);
    if (finding->letter)
        put_line(out, 5, "", "A letter about it stands below.");
}

static void put_letters(struct buf *out, const struct setup_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const char *line = result->findings[i].letter;
        if (!line)
            continue;
        buf_printf(out, "\n----- letter: %s -----\n", result->findings[i].code);
        while (*line) {
            size_t size = strcspn(line, "\n");
            CLEANUP(buf_done) struct buf one = BUF(TEXT_BYTES);
            buf_add(&one, line, size);
            glyph_add_text(out, buf_get(&one), SIZE_MAX);
            buf_text(out, "\n");
            line += size + (line[size] == '\n');
        }
    }
}

static void put_published(struct buf *out, const struct setup_result *result)
{
    if (result->id)
        buf_printf(out, "Published: record id %s; policy ", result->id);
    else
        buf_text(out, "Published: no record seen; policy ");
    if (!result->mode)
        buf_text(out, "not seen"); /* "none" is a mode */
    else
        buf_printf(out, "%s, max_age %" PRId64, result->mode, result->max_age_seconds);
    buf_text(out, "\n");
    for (size_t i = 0; i < result->patterns.count; i++) {
        buf_text(out, "  mx: ");
        glyph_add_text(out, result->patterns.items[i], SIZE_MAX);
        buf_text(out, "\n");
    }
}

void setup_text(struct buf *out, const struct setup_facts *facts, const struct setup_result *result)
{
    glyph_add_text(out, facts->domain, SIZE_MAX);
    buf_printf(out, ": %s (%" PRId64 " ms)\n", words[result->word], facts->milliseconds);
    put_published(out, result);
    for (int step = 0; step < SETUP_STEPS; step++) {
        buf_printf(out, "%s %s: %s\n", marks[result->steps[step]],
                   setup_step_label((enum setup_step)step),
                   setup_state_to_text(result->steps[step]));
        for (size_t i = 0; i < result->finding_count; i++)
            if (result->findings[i].step == (enum setup_step)step)
                put_finding(out, &result->findings[i]);
    }
    put_letters(out, result);
}

void setup_text_steps(struct buf *out, const struct setup_result *result)
{
    for (int step = 0; step < SETUP_STEPS; step++)
        buf_printf(out, "%s%s %s", step ? ", " : "", setup_step_to_text((enum setup_step)step),
                   setup_state_to_text(result->steps[step]));
}

int setup_exit(const struct setup_result *result)
{
    switch (result->word) {
    case VERDICT_READY:
    case VERDICT_HEALTHY:
        return 0;
    case VERDICT_READY_LIMITED:
        return 1;
    case VERDICT_NOT_YET:
    case VERDICT_FAILING:
        return 2;
    case VERDICT_UNKNOWN:
        break;
    }
    return 3;
}
