/* See summary_text.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary_text.h"
#include "base/clock.h"
#include "ingest/result.h"
#include "web/link.h"
#include "web/summary_setup.h"
#include "web/summary_verdict.h"
#include "web/summary_words.h"
#include <inttypes.h>
#include <string.h>

#define LABEL_COLUMNS  24
#define NUMBER_COLUMNS 16

/* --- lines --- */

static int columns_of(const char *text, size_t size)
{
    int columns = 0;
    for (size_t i = 0; i < size; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

/* TEXT on lines of its own: the first after FIRST, the others indented by as many spaces. */
static void paragraph(struct buf *out, const char *first, const char *text)
{
    int indent = (int)strlen(first), column = indent;
    buf_text(out, first);
    while (*text) {
        size_t size = strcspn(text, " ");
        int width = columns_of(text, size);
        if (column > indent && column + 1 + width > SUMMARY_COLUMNS) {
            buf_printf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            buf_text(out, " ");
            column++;
        }
        buf_add(out, text, size);
        column += width;
        text += size + (text[size] == ' ');
    }
    buf_text(out, "\n");
}

static void heading(struct buf *out, const char *text, char under)
{
    paragraph(out, "", text);
    for (int i = 0; i < columns_of(text, strlen(text)) && i < SUMMARY_COLUMNS; i++)
        buf_printf(out, "%c", under);
    buf_text(out, "\n");
}

static void total(struct buf *out, const char *label, const char *now, const char *before)
{
    buf_printf(out, "  %-*s%*s%*s\n", LABEL_COLUMNS, label, NUMBER_COLUMNS, now, NUMBER_COLUMNS,
               before);
}

static void totals(struct buf *out, struct arena *arena, const struct summary *summary)
{
    const struct week_totals_row *t = &summary->totals;
    const struct week_domains_row *d = &summary->domains;
    int64_t now = t->successful + t->failed, before = t->successful_before + t->failed_before;
    total(out, "", summary->week, summary->week_before);
    total(out, "Sessions", summary_number(arena, now), summary_number(arena, before));
    total(out, "Failed", summary_number(arena, t->failed), summary_number(arena, t->failed_before));
    total(out, "Share failed", summary_share(arena, t->failed, now),
          summary_share(arena, t->failed_before, before));
    total(out, "Not verified", summary_number(arena, t->untrusted),
          summary_number(arena, t->untrusted_before));
    total(out, "Reporters", summary_number(arena, t->reporters),
          summary_number(arena, t->reporters_before));
    if (!summary->domain)
        total(out, "Domains with failures", summary_domains(arena, d->domains, d->looked),
              summary_domains(arena, d->domains_before, d->looked_before));
}

/* --- one failure --- */

static void remedy(struct buf *out, struct arena *arena, const char *name)
{
    const struct result *result = result_find(name);
    if (strcmp(name, "unexplained") == 0)
        paragraph(out, "  ", "The report gave no details: see what other senders saw.");
    else
        paragraph(out, "  ",
                  arena_printf(arena, "%s To do (%s): %s", result->meaning, result->side,
                               result->remedy));
}

static void line(struct buf *out, struct arena *arena, const struct summary *summary,
                 const struct week_line_row *rows, size_t count)
{
    paragraph(out, "* ",
              arena_printf(arena, "%s: %s", rows->mx ? rows->mx : "no host named",
                           summary_value(arena, rows->result)));
    paragraph(out, "  ", arena_printf(arena, "%s.", summary_counts(arena, rows)));
    paragraph(out, "  ", arena_printf(arena, "Told by %s.", summary_tellers(arena, rows, count)));
    if (*rows->names)
        paragraph(out, "  ", arena_printf(arena, "Domains: %s.", summary_names(arena, rows)));
    if (rows->kind == WEEK_GONE && !rows->heard)
        paragraph(out, "  ", "Beware: none of those that told of it sent a report this week.");
    if (summary_is_first(summary, rows))
        remedy(out, arena, rows->result);
}

static void kind(struct buf *out, struct arena *arena, const struct summary *summary,
                 enum week_kind which, const char *base)
{
    const struct summary_kind *k = &summary->kinds[which];
    if (!k->lines)
        return;
    buf_text(out, "\n");
    heading(out,
            arena_printf(arena, "%s (%s)", summary_title(which), summary_number(arena, k->lines)),
            '-');
    for (size_t i = 0, n = 0; i < k->count; i += n) {
        n = summary_rows_of_line(k, i);
        line(out, arena, summary, &k->rows[i], n);
        buf_printf(out, "  %s%s\n", base, summary_evidence(arena, summary, &k->rows[i]));
    }
    if (k->lines > k->shown)
        paragraph(out, "* ",
                  arena_printf(arena, "and %s more", summary_number(arena, k->lines - k->shown)));
}

static void silence(struct buf *out, struct arena *arena, const struct summary *summary)
{
    char day[CLOCK_TEXT_BYTES];
    if (!summary->silent_all)
        return;
    buf_text(out, "\n");
    heading(out,
            arena_printf(arena, "Reporters that fell silent (%s)",
                         summary_number(arena, summary->silent_all)),
            '-');
    for (size_t i = 0; i < summary->silent_count; i++)
        paragraph(out, "* ",
                  arena_printf(arena,
                               "%s: %s sessions on %" PRId64 " days of the week before, "
                               "none of this; last %s",
                               summary_value(arena, summary->silent[i].organization),
                               summary_number(arena, summary->silent[i].sessions),
                               summary->silent[i].days,
                               clock_day_to_text(summary->silent[i].last_day, day)));
    if (summary->silent_all > (int64_t)summary->silent_count)
        paragraph(out, "* ",
                  arena_printf(arena, "and %s more",
                               summary_number(arena, summary->silent_all
                                                         - (int64_t)summary->silent_count)));
}

static void verdicts(struct buf *out, struct arena *arena, const struct summary *summary,
                     const char *base)
{
    const struct summary_verdicts *found = &summary->verdicts;
    if (!found->count)
        return;
    buf_text(out, "\n");
    heading(out,
            arena_printf(arena, "%s (%s)", summary_verdict_title(summary),
                         summary_number(arena,
                                        (int64_t)found->count + summary_verdict_more(summary))),
            '-');
    for (size_t i = 0; i < found->count; i++) {
        const struct week_verdict_row *row = &found->rows[i];
        paragraph(out, "* ",
                  arena_printf(arena, "%s: %s", row->domain, summary_verdict_turn(arena, row)));
        if (*row->sentence)
            paragraph(out, "  ",
                      arena_printf(arena, "Because: %s", summary_sentence(arena, row->sentence)));
        buf_printf(out, "  %s%s\n", base, link_domain(arena, row->domain, NULL));
    }
    if (summary_verdict_more(summary))
        paragraph(out, "* ",
                  arena_printf(arena, "and %s more",
                               summary_number(arena, summary_verdict_more(summary))));
}

static void setups(struct buf *out, struct arena *arena, const struct summary *summary,
                   enum live_week_kind which, const char *base)
{
    size_t count;
    const struct live_week_row *rows = summary_setup_rows(summary, which, &count);
    if (!count)
        return;
    buf_text(out, "\n");
    heading(out,
            arena_printf(arena, "%s (%s)", summary_setup_title(which),
                         summary_number(arena, rows->of_kind)),
            '-');
    for (size_t i = 0; i < count; i++) {
        paragraph(out, "* ",
                  arena_printf(arena, "%s: %s", summary_setup_name(&rows[i]),
                               summary_setup_what(arena, &rows[i])));
        buf_printf(out, "  %s%s\n", base, summary_setup_path(arena, summary, &rows[i]));
    }
    if (rows->of_kind > (int64_t)count)
        paragraph(out, "* ",
                  arena_printf(arena, "and %s more",
                               summary_number(arena, rows->of_kind - (int64_t)count)));
}

void summary_text(struct buf *out, struct arena *arena, const struct summary *summary,
                  const char *base)
{
    heading(out,
            arena_printf(arena, "TLS reports of week %s (%s), %s", summary->week,
                         summary_days(arena, summary),
                         summary->domain ? summary->domain : "all domains"),
            '=');
    buf_text(out, "\n");
    paragraph(out, "", summary_headline(arena, summary));
    if (!summary->over)
        paragraph(out, "", "This week is not over yet.");
    else if (!summary->settled)
        paragraph(out, "", "Reports of its last days may still be on their way.");
    buf_text(out, "\n");
    totals(out, arena, summary);
    verdicts(out, arena, summary, base);
    for (int which = LIVE_WEEK_NEW; which <= LIVE_WEEK_ENDS; which++)
        setups(out, arena, summary, (enum live_week_kind)which, base);
    for (int which = WEEK_NEW; which <= WEEK_GONE; which++)
        kind(out, arena, summary, (enum week_kind)which, base);
    silence(out, arena, summary);
    buf_text(out, "\n");
    paragraph(out, "", SUMMARY_NOTE);
    buf_printf(out, "%s%s\n", base, link_week(arena, summary->week, summary->domain));
}
