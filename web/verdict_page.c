/* See verdict_page.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict_load.c. Next: page_domain.c */
#include "web/verdict_page.h"
#include "web/verdict_form.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/part.h"
#include "judge/setup_letter.h"
#include <string.h>

#define WATCH_DAYS 14
#define ADOPTERS   40  /* reporters listed */
#define FAILURES   200 /* kinds of failures listed */

static enum badge badge_of(enum verdict_word word)
{
    switch (word) {
    case VERDICT_READY:
    case VERDICT_HEALTHY:
        return BADGE_GOOD;
    case VERDICT_READY_LIMITED:
        return BADGE_WARN;
    case VERDICT_FAILING:
        return BADGE_BAD;
    case VERDICT_NOT_YET:
    case VERDICT_UNKNOWN:
        break;
    }
    return BADGE_PLAIN;
}

static const struct {
    enum badge badge;
    const char *label;
} weights[] = {
    [WEIGHT_REFUSES] = { BADGE_BAD, "refused today" },
    [WEIGHT_BLOCKS] = { BADGE_BAD, "to mend" },
    [WEIGHT_WAITS] = { BADGE_WARN, "to wait for" },
    [WEIGHT_UNKNOWN] = { BADGE_WARN, "not known" },
    [WEIGHT_LIMITS] = { BADGE_WARN, "reserve" },
    [WEIGHT_NOTES] = { BADGE_PLAIN, "note" },
};

/* --- reasons --- */

static void print_letter(struct html *page, const char *domain,
                         const struct verdict_disposition *failure)
{
    const struct setup_letter_sender about = {
        .domain = domain,
        .reporter = failure->reporter,
        .mx = failure->mx,
        .result = failure->result,
        .sessions = failure->sessions,
        .first_day = failure->first_day,
        .last_day = failure->last_day,
        .checked = failure->passes,
    };
    html(page,
         "<details><summary>A letter to this sender, for the contact address of its reports"
         "</summary>\n<pre class=\"letter\">%s</pre></details>\n",
         setup_letter_sender(page->arena, &about));
}

static void print_reason(struct html *page, const struct verdict_view *view,
                         const struct verdict_reason *reason)
{
    const struct verdict_disposition *failure =
        reason->result
            ? verdict_failure(view->verdict, reason->mx ? reason->mx : "", reason->result)
            : NULL;
    html(page, "<li>");
    part_badge(page, weights[reason->weight].badge, weights[reason->weight].label);
    html(page, " %s <a href=\"%s\">Evidence</a>", reason->text, reason->url);
    if (*reason->fix) {
        html(page, "<div class=\"quiet\">What to do: ");
        part_prose(page, reason->fix);
        html(page, "</div>");
    }
    if (failure && failure->reporter)
        print_letter(page, view->domain, failure);
    if (failure)
        verdict_form_print(page, view->desk, view->action, failure);
    html(page, "</li>\n");
}

/* Notes stand behind a fold when something weighs more. */
static void print_reasons(struct html *page, const struct verdict_view *view)
{
    const struct verdict *verdict = view->verdict;
    size_t heavy = 0;
    while (heavy < verdict->reason_count && verdict->reasons[heavy].weight < WEIGHT_NOTES)
        heavy++;
    size_t shown = heavy ? heavy : verdict->reason_count;
    html(page, "<ul id=\"reasons\">\n");
    for (size_t i = 0; i < shown; i++)
        print_reason(page, view, &verdict->reasons[i]);
    html(page, "</ul>\n");
    if (shown == verdict->reason_count)
        return;
    html(page, "<details id=\"notes\"><summary>Worth knowing: %zu</summary>\n<ul>\n",
         verdict->reason_count - shown);
    for (size_t i = shown; i < verdict->reason_count; i++)
        print_reason(page, view, &verdict->reasons[i]);
    html(page, "</ul></details>\n");
}

static void print_head(struct html *page, const struct verdict *verdict)
{
    html(page, "<h2>Verdict</h2>\n<p class=\"lead\">");
    part_badge(page, badge_of(verdict->word), verdict_word_label(verdict->word));
    html(page, " ");
    part_badge(page, BADGE_PLAIN,
               arena_printf(page->arena, "stage %s", verdict_stage_to_text(verdict->stage)));
    if (verdict->dane != VERDICT_UNKNOWN) {
        html(page, " ");
        part_badge(page, badge_of(verdict->dane),
                   arena_printf(page->arena, "DANE %s", verdict_word_to_text(verdict->dane)));
    }
    html(page, "</p>\n");
    if (!verdict->clock_day)
        return;
    html(page, "<p class=\"note\">Reporters have seen this policy since ");
    html_day(page, verdict->clock_day);
    html(page, ". Days up to ");
    html_day(page, verdict->last_closed_day);
    html(page, " are complete.</p>\n");
}

/* --- what enforce would have refused --- */

static void print_refused(struct html *page, const char *caption, const char *head,
                          const struct verdict_refused_list *list)
{
    if (!list->count || !list->items[0].high)
        return;
    LAYOUT_TABLE(page, caption, head, "#At least", "#At most");
    for (size_t i = 0; i < list->count && list->items[i].high; i++) {
        const struct verdict_refused *it = &list->items[i];
        html(page, "<tr><th scope=\"row\">%s</th>", it->name ? it->name : "not named");
        html_cell(page, it->low);
        html_cell(page, it->high);
        html(page, "</tr>\n");
    }
    layout_table_end(page);
}

static void print_counterfactual(struct html *page, const struct verdict *verdict)
{
    const struct verdict_counterfactual *it = &verdict->counterfactual;
    html(page, "<p id=\"counterfactual\">%s</p>\n", it->sentence);
    if (!it->refused_high)
        return;
    html(page, "<details><summary>Sessions that enforce refuses</summary>\n");
    print_refused(page, "Sessions refused, by MX host", "MX host", &it->by_mx);
    print_refused(page, "Sessions refused, by reason", "Reason", &it->by_reason);
    print_refused(page, "Sessions refused, by reporter", "Reporter", &it->by_reporter);
    html(page, "</details>\n");
}

static void print_failures(struct html *page, const struct verdict *verdict)
{
    if (!verdict->disposition_count)
        return;
    html(page, "<details id=\"triage\"><summary>Each kind of failure, and what is thought of "
               "it</summary>\n");
    LAYOUT_TABLE(page, "Failures since the policy was first seen", "MX host", "Result type",
                 "#Sessions", "#Reporters", "Last day", "Counts", "Why");
    for (size_t i = 0; i < verdict->disposition_count && i < FAILURES; i++) {
        const struct verdict_disposition *it = &verdict->dispositions[i];
        html(page, "<tr><th scope=\"row\">%s</th><td>%s</td>", it->mx ? it->mx : "not named",
             it->result);
        html_cell(page, it->sessions);
        html_cell(page, it->reporters);
        html(page, "<td>");
        html_day(page, it->last_day);
        html(page, "</td><td>%s</td><td class=\"prose\">%s</td></tr>\n", it->counts ? "yes" : "no",
             it->why);
    }
    layout_table_end(page);
    part_left_out(page, (int64_t)verdict->disposition_count, FAILURES, "smaller kinds of failures");
    html(page, "</details>\n");
}

/* --- who has the policy --- */

static void day_cell(struct html *page, int32_t day)
{
    html(page, "<td>");
    if (day)
        html_day(page, day);
    else
        html(page, "\u2013");
    html(page, "</td>");
}

static void print_adopter(struct html *page, const struct verdict_adopter *it)
{
    html(page, "<tr><th scope=\"row\">%s</th><td>%s</td>", it->reporter,
         it->current ? "yes" : "not yet");
    day_cell(page, it->since_day);
    day_cell(page, it->last_day);
    day_cell(page, it->deadline_day);
    html(page, "</tr>\n");
}

static void print_adopters(struct html *page, const struct verdict *verdict, int32_t today)
{
    bool watched = verdict->stage == STAGE_ENFORCE && verdict->clock_day
                   && today - verdict->clock_day < WATCH_DAYS;
    size_t older = 0;
    for (size_t i = 0; i < verdict->adopter_count; i++)
        older += !verdict->adopters[i].current;
    if (!verdict->adopter_count || (!watched && !older))
        return;
    html(page,
         watched ? "<section id=\"watch\"><h3>The first days of enforce</h3>\n<p>%zu of %zu "
                   "reporters have taken the new policy.</p>\n"
                 : "<details id=\"watch\"><summary>%zu of %zu reporters have the present "
                   "policy</summary>\n",
         verdict->adopter_count - older, verdict->adopter_count);
    LAYOUT_TABLE(page, "Reporters and the policy that they use", "Reporter", "Has it", "Since",
                 "Last sessions", "Must have it by");
    for (size_t i = 0; i < verdict->adopter_count && i < ADOPTERS; i++)
        print_adopter(page, &verdict->adopters[i]);
    layout_table_end(page);
    part_left_out(page, (int64_t)verdict->adopter_count, ADOPTERS, "further reporters");
    html(page, watched ? "</section>\n" : "</details>\n");
}

/* --- history --- */

static void print_changes(struct html *page, const struct rows *changes)
{
    const struct verdict_change_row *rows = changes->first;
    if (!changes->count)
        return;
    html(page, "<details id=\"changes\"><summary>How it came to this</summary>\n<ul>\n");
    for (size_t i = 0; i < changes->count; i++) {
        html(page, "<li>");
        html_time(page, rows[i].at_seconds);
        html(page, ": %s, %s", rows[i].stage, rows[i].verdict);
        if (rows[i].from_verdict)
            html(page, " (before: %s, %s)", rows[i].from_stage, rows[i].from_verdict);
        html(page, ", because: %s</li>\n", rows[i].sentence);
    }
    html(page, "</ul></details>\n");
}

void verdict_page_print(struct html *page, const struct verdict_view *view)
{
    const struct verdict *verdict = view->verdict;
    html(page, "<section id=\"verdict\">\n");
    print_head(page, verdict);
    print_reasons(page, view);
    verdict_form_acknowledged(page, view->desk, view->action, verdict);
    print_counterfactual(page, verdict);
    print_failures(page, verdict);
    print_adopters(page, verdict, view->today);
    print_changes(page, view->changes);
    html(page, "</section>\n");
}

void verdict_page_word(struct html *page, const char *stage, const char *verdict)
{
    enum verdict_word word;
    bool leaving = strcmp(stage, "removing") == 0;
    if (!verdict_word_from_text(verdict, &word) || (word == VERDICT_UNKNOWN && !leaving)) {
        html(page, "\u2013");
        return;
    }
    part_badge(page, badge_of(word),
               word == VERDICT_UNKNOWN ? "leaving MTA-STS" : verdict_word_label(word));
}
