/* See summary_html.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary_html.h"
#include "base/clock.h"
#include "ingest/result.h"
#include "web/link.h"
#include "web/summary_setup.h"
#include "web/summary_verdict.h"
#include "web/summary_words.h"
#include <inttypes.h>
#include <string.h>

/* Every style of the document; html() takes literals only. */
#define LINE \
    "border-top:1px solid #888888;padding:6px 12px 6px 0;text-align:left;vertical-align:top"
#define NUMBER \
    "border-top:1px solid #888888;padding:6px 12px 6px 0;text-align:right;vertical-align:top"
#define QUIET "margin:4px 0;font-size:14px"
#define TITLE "font-size:18px;margin:24px 0 8px 0"

static const char *marks[] = {
    [WEEK_NEW] = "#d55e00",    [WEEK_WORSE] = "#e69f00", [WEEK_GOING_ON] = "#888888",
    [WEEK_BETTER] = "#56b4e9", [WEEK_GONE] = "#009e73",
};

static void head(struct html *page, const struct summary *summary)
{
    html(page,
         "<!DOCTYPE html>\n<html lang=\"en\" style=\"color-scheme:light dark\">\n<head>\n"
         "<meta charset=\"utf-8\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta name=\"supported-color-schemes\" content=\"light dark\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<title>%s</title>\n</head>\n",
         summary_subject(page->arena, summary));
    html(page, "<body style=\"margin:0;padding:16px;font-family:system-ui,'Segoe UI',Roboto,Arial,"
               "sans-serif;font-size:16px;line-height:1.45\">\n"
               "<div style=\"max-width:640px;margin:0 auto;overflow-wrap:anywhere\">\n");
    html(page, "<h1 style=\"font-size:22px;margin:0 0 4px 0\">%s</h1>\n<p style=\"" QUIET "\">",
         summary->domain ? summary->domain : "All domains");
    html(page, "TLS reports of week %s, %s</p>\n", summary->week,
         summary_days(page->arena, summary));
    html(page, "<p style=\"font-size:18px;margin:12px 0\"><strong>%s</strong></p>\n",
         summary_headline(page->arena, summary));
    if (!summary->over)
        html(page, "<p style=\"" QUIET "\">This week is not over yet.</p>\n");
    else if (!summary->settled)
        html(page,
             "<p style=\"" QUIET "\">Reports of its last days may still be on their way.</p>\n");
}

static void total(struct html *page, const char *label, const char *now, const char *before)
{
    html(page,
         "<tr><th scope=\"row\" style=\"" LINE ";font-weight:normal\">%s</th>"
         "<td style=\"" NUMBER "\"><strong>%s</strong></td><td style=\"" NUMBER "\">%s</td></tr>\n",
         label, now, before);
}

static void totals(struct html *page, const struct summary *summary)
{
    struct arena *arena = page->arena;
    const struct week_totals_row *t = &summary->totals;
    const struct week_domains_row *d = &summary->domains;
    int64_t now = t->successful + t->failed, before = t->successful_before + t->failed_before;
    html(page,
         "<table style=\"border-collapse:collapse;width:100%%;font-size:15px\">\n<thead><tr>"
         "<th scope=\"col\" style=\"padding:6px 12px 6px 0;text-align:left\">Sums</th>"
         "<th scope=\"col\" style=\"padding:6px 12px 6px 0;text-align:right\">%s</th>"
         "<th scope=\"col\" style=\"padding:6px 12px 6px 0;text-align:right\">%s</th></tr></thead>"
         "\n<tbody>\n",
         summary->week, summary->week_before);
    total(page, "Sessions", summary_number(arena, now), summary_number(arena, before));
    total(page, "Failed", summary_number(arena, t->failed),
          summary_number(arena, t->failed_before));
    total(page, "Share failed", summary_share(arena, t->failed, now),
          summary_share(arena, t->failed_before, before));
    total(page, "Not verified", summary_number(arena, t->untrusted),
          summary_number(arena, t->untrusted_before));
    total(page, "Reporters", summary_number(arena, t->reporters),
          summary_number(arena, t->reporters_before));
    if (!summary->domain)
        total(page, "Domains with failures", summary_domains(arena, d->domains, d->looked),
              summary_domains(arena, d->domains_before, d->looked_before));
    html(page, "</tbody></table>\n");
}

static void remedy(struct html *page, const char *name)
{
    const struct result *result = result_find(name);
    if (strcmp(name, "unexplained") == 0)
        html(page, "<p style=\"" QUIET "\">The report gave no details: see what other senders "
                   "saw.</p>\n");
    else
        html(page, "<p style=\"" QUIET "\">%s <strong>To do</strong> (%s): %s</p>\n",
             result->meaning, result->side, result->remedy);
}

static void line(struct html *page, const struct summary *summary, const struct week_line_row *rows,
                 size_t count, const char *base)
{
    struct arena *arena = page->arena;
    const char *host = rows->mx ? rows->mx : "no host named";
    html(page,
         "<div style=\"border-left:4px solid %s;padding:2px 0 2px 12px;margin:0 0 14px 0\">\n",
         marks[rows->kind]);
    html(page, "<p style=\"margin:0 0 2px 0\"><strong>%s</strong> \u00b7 %s</p>\n", host,
         summary_value(arena, rows->result));
    html(page, "<p style=\"margin:0\">%s.</p>\n", summary_counts(arena, rows));
    html(page, "<p style=\"" QUIET "\">Told by %s.</p>\n", summary_tellers(arena, rows, count));
    if (*rows->names)
        html(page, "<p style=\"" QUIET "\">Domains: %s.</p>\n", summary_names(arena, rows));
    if (rows->kind == WEEK_GONE && !rows->heard)
        html(page, "<p style=\"" QUIET "\"><strong>Beware:</strong> none of those that told of it "
                   "sent a report this week.</p>\n");
    if (summary_is_first(summary, rows))
        remedy(page, rows->result);
    if (*base)
        html(page, "<p style=\"" QUIET "\"><a href=\"%s%s\">Evidence for %s</a></p>\n", base,
             summary_evidence(arena, summary, rows), host);
    html(page, "</div>\n");
}

static void more(struct html *page, int64_t number)
{
    if (number > 0)
        html(page, "<p style=\"" QUIET "\">And %s more.</p>\n",
             summary_number(page->arena, number));
}

static void kind(struct html *page, const struct summary *summary, enum week_kind which,
                 const char *base)
{
    const struct summary_kind *k = &summary->kinds[which];
    if (!k->lines)
        return;
    html(page, "<h2 style=\"" TITLE "\">%s (%s)</h2>\n", summary_title(which),
         summary_number(page->arena, k->lines));
    for (size_t i = 0, n = 0; i < k->count; i += n) {
        n = summary_rows_of_line(k, i);
        line(page, summary, &k->rows[i], n, base);
    }
    more(page, k->lines - k->shown);
}

static void silence(struct html *page, const struct summary *summary)
{
    struct arena *arena = page->arena;
    char day[CLOCK_TEXT_BYTES];
    if (!summary->silent_all)
        return;
    html(page,
         "<h2 style=\"" TITLE "\">Reporters that fell silent (%s)</h2>\n"
         "<ul style=\"margin:0;padding-left:20px\">\n",
         summary_number(arena, summary->silent_all));
    for (size_t i = 0; i < summary->silent_count; i++) {
        const struct week_silent_row *row = &summary->silent[i];
        html(page, "<li><strong>%s</strong>: %s sessions on %lld days of the week before, last ",
             summary_value(arena, row->organization), summary_number(arena, row->sessions),
             (long long)row->days);
        html(page, "<span style=\"white-space:nowrap\">%s</span></li>\n",
             clock_day_to_text(row->last_day, day));
    }
    html(page, "</ul>\n");
    more(page, summary->silent_all - (int64_t)summary->silent_count);
}

static void verdicts(struct html *page, const struct summary *summary, const char *base)
{
    static const char *turns[] = {
        [WEEK_TURN_WORSE] = "#d55e00",
        [WEEK_TURN_READY] = "#009e73",
        [WEEK_TURN_OTHER] = "#888888",
        [WEEK_TURN_NONE] = "#888888",
    };
    struct arena *arena = page->arena;
    const struct summary_verdicts *found = &summary->verdicts;
    if (!found->count)
        return;
    html(page, "<h2 style=\"" TITLE "\">%s (%s)</h2>\n", summary_verdict_title(summary),
         summary_number(arena, (int64_t)found->count + summary_verdict_more(summary)));
    for (size_t i = 0; i < found->count; i++) {
        const struct week_verdict_row *row = &found->rows[i];
        html(page,
             "<div style=\"border-left:4px solid %s;padding:2px 0 2px 12px;margin:0 0 14px 0\">\n"
             "<p style=\"margin:0 0 2px 0\"><strong>%s</strong> \u00b7 %s</p>\n",
             turns[row->turn], row->domain, summary_verdict_turn(arena, row));
        if (*row->sentence)
            html(page, "<p style=\"" QUIET "\">Because: %s</p>\n",
                 summary_sentence(arena, row->sentence));
        if (*base)
            html(page, "<p style=\"" QUIET "\"><a href=\"%s%s\">Reasons for %s</a></p>\n", base,
                 link_domain(arena, row->domain, NULL), row->domain);
        html(page, "</div>\n");
    }
    more(page, summary_verdict_more(summary));
}

static void setups(struct html *page, const struct summary *summary, enum live_week_kind which,
                   const char *base)
{
    static const char *setup_marks[] = {
        [LIVE_WEEK_NEW] = "#d55e00",
        [LIVE_WEEK_GONE] = "#009e73",
        [LIVE_WEEK_ENDS] = "#e69f00",
    };
    struct arena *arena = page->arena;
    size_t count;
    const struct live_week_row *rows = summary_setup_rows(summary, which, &count);
    if (!count)
        return;
    html(page, "<h2 style=\"" TITLE "\">%s (%s)</h2>\n", summary_setup_title(which),
         summary_number(arena, rows->of_kind));
    for (size_t i = 0; i < count; i++) {
        html(page,
             "<div style=\"border-left:4px solid %s;padding:2px 0 2px 12px;margin:0 0 14px 0\">\n"
             "<p style=\"margin:0 0 2px 0\"><strong>%s</strong> \u00b7 %s</p>\n",
             setup_marks[which], summary_setup_name(&rows[i]), summary_setup_what(arena, &rows[i]));
        if (*base)
            html(page, "<p style=\"" QUIET "\"><a href=\"%s%s\">Set-up of %s</a></p>\n", base,
                 summary_setup_path(arena, summary, &rows[i]), summary_setup_name(&rows[i]));
        html(page, "</div>\n");
    }
    more(page, rows->of_kind - (int64_t)count);
}

void summary_html(struct html *page, const struct summary *summary, const char *base)
{
    head(page, summary);
    totals(page, summary);
    verdicts(page, summary, base);
    for (int which = LIVE_WEEK_NEW; which <= LIVE_WEEK_ENDS; which++)
        setups(page, summary, (enum live_week_kind)which, base);
    for (int which = WEEK_NEW; which <= WEEK_GONE; which++)
        kind(page, summary, (enum week_kind)which, base);
    silence(page, summary);
    html(page, "<p style=\"border-top:1px solid #888888;margin:24px 0 0 0;padding:8px 0;"
               "font-size:13px\">" SUMMARY_NOTE "</p>\n");
    if (*base)
        html(page,
             "<p style=\"font-size:13px;margin:0\"><a href=\"%s%s\">This week on the pages"
             "</a></p>\n",
             base, link_week(page->arena, summary->week, summary->domain));
    html(page, "</div>\n</body>\n</html>\n");
}
