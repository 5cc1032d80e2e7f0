/* /weeks/YYYY-Www: what failed in a week beside the week before, over all domains or in one (?domain=);
 * /weeks leads to the newest week that is over.
 * SPDX-License-Identifier: MIT
 * Before: summary.h, summary_words.h. Next: page_reporters.c */
#include "base/clock.h"
#include "base/text.h"
#include "ingest/result.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/part.h"
#include "web/period.h"
#include "web/summary_setup.h"
#include "web/summary_verdict.h"
#include "web/summary_words.h"
#include "web/verdict_page.h"
#include <string.h>

struct week_page {
    const struct summary *summary;
    int32_t today;
};

/* "?domain=": *NAME is NULL without it, or when the field was left empty. */
static bool read_name(struct visit *visit, const char **name, struct err *err)
{
    const char *given = http_argument(visit->request, "domain");
    *name = NULL;
    if (!given || !*given)
        return true;
    *name = text_host(visit->arena, text_trim(visit->arena, given, strlen(given)), NULL);
    return *name
           || err_field(err, ERR_INPUT, "domain", "give the name of a domain, such as example.org");
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct week_page *page = arena_alloc(visit->arena, sizeof *page);
    struct summary_wish wish = { .today = clock_day(visit->now_seconds) };
    page->today = wish.today;
    if (!period_week_from_text(visit->argument, &wish.monday) || wish.monday > wish.today)
        return true;
    if (!read_name(visit, &wish.domain, err)
        || !summary_read(visit->reader, visit->arena, &wish, &page->summary, err))
        return false;
    if (!page->summary)
        return true;
    visit->title =
        wish.domain ? arena_printf(visit->arena, "%s in week %s", wish.domain, page->summary->week)
                    : arena_printf(visit->arena, "Week %s", page->summary->week);
    *data = page;
    return true;
}

/* --- head --- */

static void print_weeks(struct html *page, const struct week_page *week)
{
    const struct summary *summary = week->summary;
    html(page, "<div class=\"period\"><nav aria-label=\"Weeks\"><ul>\n");
    html(page, "<li><a href=\"%s\" rel=\"prev\">\u2190 week %s</a></li>\n",
         link_week(page->arena, summary->week_before, summary->domain), summary->week_before);
    html(page, "<li><a href=\"%s\" aria-current=\"page\">week %s</a></li>\n",
         link_week(page->arena, summary->week, summary->domain), summary->week);
    if (summary->monday + 7 <= week->today)
        html(page, "<li><a href=\"%s\" rel=\"next\">week %s \u2192</a></li>\n",
             link_week(page->arena, summary->week_after, summary->domain), summary->week_after);
    html(page, "</ul></nav></div>\n");
    html(page,
         "<form class=\"filter\" action=\"%s\" method=\"get\"><label>Domain <input name=\"domain\" "
         "value=\"%s\" maxlength=\"253\" autocomplete=\"off\" spellcheck=\"false\"></label> "
         "<button>Show</button></form>\n",
         link_week(page->arena, summary->week, NULL), summary->domain);
}

static void print_state(struct html *page, const struct summary *summary)
{
    static const struct {
        enum badge badge;
        const char *word;
    } states[] = {
        [SUMMARY_EMPTY] = { BADGE_PLAIN, "no reports" },
        [SUMMARY_CALM] = { BADGE_GOOD, "all is well" },
        [SUMMARY_STEADY] = { BADGE_WARN, "nothing new" },
        [SUMMARY_LOOK] = { BADGE_BAD, "needs a look" },
    };
    html(page, "<p class=\"lead\">");
    part_badge(page, states[summary->state].badge, states[summary->state].word);
    html(page, " %s</p>\n", summary_headline(page->arena, summary));
    html(page, "<p>%s, Monday to Sunday, UTC.%s", summary_days(page->arena, summary),
         !summary->over      ? " This week is not over yet."
         : !summary->settled ? " Reports of its last days may still be on their way."
                             : "");
    if (summary->domain)
        html(page, " <a href=\"%s\">The same over all domains</a>",
             link_week(page->arena, summary->week, NULL));
    html(page, "</p>\n");
}

static void print_sum(struct html *page, const char *label, int64_t now, int64_t before)
{
    html(page, "<tr><th scope=\"row\">%s</th>", label);
    html_cell(page, now);
    html_cell(page, before);
    html(page, "</tr>\n");
}

static void print_text_sum(struct html *page, const char *label, const char *now,
                           const char *before)
{
    html(page, "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
         label, now, before);
}

static void print_sums(struct html *page, const struct summary *summary)
{
    const struct week_totals_row *t = &summary->totals;
    const struct week_domains_row *d = &summary->domains;
    struct arena *arena = page->arena;
    int64_t now = t->successful + t->failed, before = t->successful_before + t->failed_before;
    html(page, "<section id=\"sums\"><h2>Sums</h2>\n");
    LAYOUT_TABLE(page, "The week beside the week before", "Sessions and reporters",
                 arena_printf(arena, "#%s", summary->week),
                 arena_printf(arena, "#%s", summary->week_before));
    print_sum(page, "Sessions", now, before);
    print_sum(page, "Failed", t->failed, t->failed_before);
    print_text_sum(page, "Share failed", summary_share(arena, t->failed, now),
                   summary_share(arena, t->failed_before, before));
    print_sum(page, "Not verified", t->untrusted, t->untrusted_before);
    print_sum(page, "Reporters", t->reporters, t->reporters_before);
    if (!summary->domain)
        print_text_sum(page, "Domains with failures", summary_domains(arena, d->domains, d->looked),
                       summary_domains(arena, d->domains_before, d->looked_before));
    layout_table_end(page);
    html(page, "</section>\n");
}

/* --- failures --- */

static void print_kind(struct html *page, enum week_kind kind)
{
    static const struct {
        enum badge badge;
        const char *word;
    } kinds[] = {
        [WEEK_NEW] = { BADGE_BAD, "new" },
        [WEEK_WORSE] = { BADGE_BAD, "worse" },
        [WEEK_GOING_ON] = { BADGE_WARN, "going on" },
        [WEEK_BETTER] = { BADGE_PLAIN, "better" },
        [WEEK_GONE] = { BADGE_GOOD, "gone" },
    };
    part_badge(page, kinds[kind].badge, kinds[kind].word);
}

static void print_tellers(struct html *page, const struct week_line_row *rows, size_t count)
{
    html(page, "<td>");
    for (size_t i = 0; i < count; i++) {
        html(page, rows[i].told ? "%s<bdi>%s</bdi> " : "%s<bdi>%s</bdi>", i ? ", " : "",
             rows[i].organization);
        if (rows[i].told)
            html_number(page, rows[i].told);
        if (rows[i].told_before) {
            html(page, " (before ");
            html_number(page, rows[i].told_before);
            html(page, ")");
        }
    }
    if (rows->reporters > (int64_t)count)
        html(page, ", and %lld more", (long long)rows->reporters - (long long)count);
    if (rows->kind == WEEK_GONE && !rows->heard)
        html(page, "; none of these sent a report this week");
    html(page, "</td>");
}

static void print_domains(struct html *page, const struct summary *summary,
                          const struct week_line_row *row)
{
    const char *query = arena_printf(page->arena, "week=%s",
                                     row->kind == WEEK_GONE ? summary->week_before : summary->week);
    int64_t shown = 0;
    html(page, "<td>");
    for (const char *at = row->names; *at; shown++) {
        size_t size = strcspn(at, " ");
        const char *name = arena_copy(page->arena, at, size);
        html(page, "%s<a href=\"%s\">%s</a>", shown ? ", " : "",
             link_domain(page->arena, name, query), name);
        at += size + (at[size] == ' ');
    }
    if (row->domains > shown) {
        html(page, ", and ");
        html_number(page, row->domains - shown);
        html(page, row->looked >= WEEK_LINE_LOOKED_AT ? " more at least" : " more");
    } else if (row->looked >= WEEK_LINE_LOOKED_AT) {
        html(page, ", and perhaps more");
    }
    html(page, "</td>");
}

static void print_line(struct html *page, const struct summary *summary,
                       const struct week_line_row *rows, size_t count)
{
    html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>",
         summary_evidence(page->arena, summary, rows), rows->mx ? rows->mx : "no host named");
    print_kind(page, (enum week_kind)rows->kind);
    html(page, "</td><td><code>%s</code></td>", rows->result);
    html_cell(page, rows->failed);
    html_cell(page, rows->before);
    html_cell(page, rows->untrusted);
    print_tellers(page, rows, count);
    if (!summary->domain)
        print_domains(page, summary, rows);
    html(page, "</tr>\n");
}

static void print_table(struct html *page, const struct summary *summary)
{
    static const char *const heads[] = { "Host",         "Change",        "Cause",   "#Failed",
                                         "#Week before", "#Not verified", "Told by", "Domains" };
    layout_table(page, "Failures by MX and cause, most sessions first within each change", heads,
                 ARRAY_SIZE(heads) - (summary->domain ? 1 : 0));
    for (int which = WEEK_NEW; which <= WEEK_GONE; which++) {
        const struct summary_kind *kind = &summary->kinds[which];
        for (size_t i = 0, n = 0; i < kind->count; i += n) {
            n = summary_rows_of_line(kind, i);
            print_line(page, summary, &kind->rows[i], n);
        }
    }
    layout_table_end(page);
    for (int which = WEEK_NEW; which <= WEEK_GONE; which++) {
        const struct summary_kind *kind = &summary->kinds[which];
        part_left_out(page, kind->lines, (size_t)kind->shown,
                      arena_printf(page->arena, "smaller ones under \u201c%s\u201d",
                                   summary_title((enum week_kind)which)));
    }
}

static void print_cause(struct html *page, const char *name)
{
    const struct result *result = result_find(name);
    html(page, "<li class=\"card\"><h3><code>%s</code></h3>\n", name);
    if (strcmp(name, "unexplained") == 0)
        html(page, "<p>The report gave no details. Look whether other senders saw failures on the "
                   "same days.</p></li>\n");
    else
        html(page,
             "<p>%s</p>\n<dl class=\"fields\"><div><dt>Whose side</dt><dd>%s</dd></div>\n"
             "<div><dt>What to do</dt><dd>%s</dd></div></dl></li>\n",
             result->meaning, result->side, result->remedy);
}

static void print_causes(struct html *page, const struct summary *summary)
{
    if (!summary->kinds[WEEK_NEW].count && !summary->kinds[WEEK_WORSE].count)
        return;
    html(page, "<h3>What to do about what is new or worse</h3>\n<ol class=\"reasons\">\n");
    for (int which = WEEK_NEW; which <= WEEK_WORSE; which++) {
        const struct summary_kind *kind = &summary->kinds[which];
        for (size_t i = 0; i < kind->count; i++)
            if (summary_is_first(summary, &kind->rows[i]))
                print_cause(page, kind->rows[i].result);
    }
    html(page, "</ol>\n");
}

static void print_failures(struct html *page, const struct summary *summary)
{
    bool any = false;
    for (int which = WEEK_NEW; which <= WEEK_GONE; which++)
        any = any || summary->kinds[which].lines;
    html(page, "<section id=\"failures\"><h2>Failures</h2>\n");
    if (any) {
        print_table(page, summary);
        print_causes(page, summary);
    } else {
        html(page, "<p>No session failed in these two weeks%s.</p>\n",
             summary->totals.reporters ? "" : ", as far as reports tell");
    }
    html(page, "</section>\n");
}

static void print_silence(struct html *page, const struct summary *summary)
{
    const struct week_silent_row *rows = summary->silent;
    if (!summary->silent_all)
        return;
    html(page, "<section id=\"silent\"><h2>Reporters that fell silent</h2>\n");
    LAYOUT_TABLE(page, "Reports in the week before, none in this one", "Organization",
                 "#Sessions the week before", "#Days the week before", "Last day");
    for (size_t i = 0; i < summary->silent_count; i++) {
        html(page, "<tr><th scope=\"row\">%s</th>",
             *rows[i].organization ? rows[i].organization : "\u2013");
        html_cell(page, rows[i].sessions);
        html_cell(page, rows[i].days);
        html(page, "<td>");
        html_day(page, rows[i].last_day);
        html(page, "</td></tr>\n");
    }
    layout_table_end(page);
    part_left_out(page, summary->silent_all, summary->silent_count,
                  "organizations with fewer sessions");
    html(page, "</section>\n");
}

static void print_verdicts(struct html *page, const struct summary *summary)
{
    const struct summary_verdicts *found = &summary->verdicts;
    if (!found->count)
        return;
    html(page, "<section id=\"verdicts\"><h2>%s</h2>\n", summary_verdict_title(summary));
    LAYOUT_TABLE(page, "Verdicts at the week\u2019s end, those that got worse first", "Domain",
                 "Verdict", "Since", "At its beginning", "Because");
    for (size_t i = 0; i < found->count; i++) {
        const struct week_verdict_row *row = &found->rows[i];
        html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>",
             link_domain(page->arena, row->domain, NULL), row->domain);
        verdict_page_word(page, row->stage, row->verdict);
        html(page, "</td><td>");
        html_day(page, clock_day(row->at_seconds));
        html(page, "</td><td>%s</td><td>%s</td></tr>\n", summary_verdict_before(page->arena, row),
             row->sentence);
    }
    layout_table_end(page);
    if (summary_verdict_more(summary)) {
        html(page, "<p class=\"note\">");
        html_number(page, summary_verdict_more(summary));
        html(page,
             " further domains are not listed here; the page of each tells its changes.</p>\n");
    }
    html(page, "</section>\n");
}

static void print_setups(struct html *page, const struct summary *summary,
                         enum live_week_kind which)
{
    size_t count;
    const struct live_week_row *rows = summary_setup_rows(summary, which, &count);
    if (!count)
        return;
    html(page, "<section id=\"setup-%s\"><h2>%s</h2>\n", summary_setup_word(which),
         summary_setup_title(which));
    LAYOUT_TABLE(page,
                 which == LIVE_WEEK_ENDS ? "By the day on which they end, the first first"
                                         : "Errors first",
                 which == LIVE_WEEK_ENDS ? "MX" : "Domain", "What");
    for (size_t i = 0; i < count; i++)
        html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>%s</td></tr>\n",
             summary_setup_path(page->arena, summary, &rows[i]), summary_setup_name(&rows[i]),
             summary_setup_what(page->arena, &rows[i]));
    layout_table_end(page);
    part_left_out(page, rows->of_kind, count, "further ones");
    html(page, "</section>\n");
}

static void print(struct html *page, const void *data)
{
    const struct week_page *week = data;
    const struct summary *summary = week->summary;
    if (summary->domain) {
        part_crumbs(page, link_domain(page->arena, summary->domain, NULL), summary->domain,
                    arena_printf(page->arena, "Week %s", summary->week));
        html(page, "<h1>%s in week %s</h1>\n", summary->domain, summary->week);
    } else {
        html(page, "<h1>Week %s</h1>\n", summary->week);
    }
    print_state(page, summary);
    print_weeks(page, week);
    print_verdicts(page, summary);
    for (int which = LIVE_WEEK_NEW; which <= LIVE_WEEK_ENDS; which++)
        print_setups(page, summary, (enum live_week_kind)which);
    print_failures(page, summary);
    print_silence(page, summary);
    print_sums(page, summary);
    html(page, "<p class=\"note\">%s</p>\n", SUMMARY_NOTE);
}

const struct page page_week = {
    .path = "/weeks/*",
    .title = "Week",
    .section = "/weeks",
    .load = load,
    .print = print,
};

static bool lead_on(struct visit *visit, struct response *out, struct err *err)
{
    int32_t monday = summary_newest(clock_day(visit->now_seconds));
    const char *name;
    if (!read_name(visit, &name, err))
        return false;
    *out = (struct response){
        .status = 302,
        .headers = { { .name = "Location",
                       .value = link_week(visit->arena, period_week_to_text(visit->arena, monday),
                                          name) },
                     { .name = "Cache-Control", .value = "no-store" } },
    };
    return true;
}

const struct page page_weeks = {
    .path = "/weeks",
    .title = "Weeks",
    .section = "/weeks",
    .serve = lead_on,
};
