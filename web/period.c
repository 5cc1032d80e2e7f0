/* See period.h.
 * SPDX-License-Identifier: MIT */
#include "web/period.h"
#include "base/clock.h"
#include "base/url.h"
#include <stdio.h>
#include <string.h>

#define DAYS_DEFAULT 30
#define DAYS_BY_DAY  100 /* longer periods are shown by week */
#define WEEK_TEXT    16
#define DAY_OF_1970  0
#define YEAR_LAST    9999

static const int usual[] = { 7, 14, 30, 90 };

static bool given(const char *word)
{
    return word && *word;
}

static bool parse_days(struct arena *arena, const char *text, int32_t today, struct period *out,
                       struct err *err)
{
    int64_t days;
    if (!text_number(text, 1, PERIOD_DAYS_MAX, &days))
        return err_field(err, ERR_INPUT, "days",
                         "give a whole number from 1 to %d, such as days=30", PERIOD_DAYS_MAX);
    *out = (struct period){
        .from_day = today - (int32_t)days,
        .to_day = today,
        .query = arena_printf(arena, "days=%d", (int)days),
        .label =
            arena_printf(arena, days == 1 ? "yesterday and today" : "the last %d days and today",
                         (int)days),
    };
    return true;
}

bool period_week_from_text(const char *text, int32_t *monday)
{
    int64_t year, week;
    char parts[WEEK_TEXT];
    int last_year, last_week;
    if (strlen(text) != 8 || text[4] != '-' || text[5] != 'W')
        return false;
    snprintf(parts, sizeof parts, "%s", text);
    parts[4] = '\0';
    if (!text_number(parts, 1970, YEAR_LAST, &year) || !text_number(parts + 6, 0, 99, &week))
        return false;
    *monday = clock_week_day((int)year, (int)week);
    clock_week_of(*monday, &last_year, &last_week);
    return last_year == year && last_week == week; /* not every year has a week 53 */
}

const char *period_week_to_text(struct arena *arena, int32_t day)
{
    int year, week;
    clock_week_of(day, &year, &week);
    return arena_printf(arena, "%04d-W%02d", year, week);
}

static bool parse_week(struct arena *arena, const char *text, struct period *out, struct err *err)
{
    int32_t monday;
    if (!period_week_from_text(text, &monday))
        return err_field(err, ERR_INPUT, "week",
                         "give a week of ISO 8601 that exists, such as week=2026-W47");
    *out = (struct period){
        .from_day = monday,
        .to_day = monday + 6,
        .query = arena_printf(arena, "week=%s", text),
        .label = arena_printf(arena, "week %s", text),
    };
    return true;
}

/* "2026-11-23" and nothing else. */
static bool read_day(const char *text, int32_t *day)
{
    int64_t seconds;
    unsigned oddities;
    if (strlen(text) != 10 || !clock_from_text(text, &seconds, &oddities) || seconds < DAY_OF_1970)
        return false;
    *day = clock_day(seconds);
    return true;
}

static bool parse_dates(struct arena *arena, const struct period_words *words, int32_t today,
                        struct period *out, struct err *err)
{
    int32_t from, to = today;
    char a[CLOCK_TEXT_BYTES], b[CLOCK_TEXT_BYTES];
    if (given(words->to) && !read_day(words->to, &to))
        return err_field(err, ERR_INPUT, "to", "give a date from 1970 on such as to=2026-10-31");
    from = to - DAYS_DEFAULT;
    if (given(words->from) && !read_day(words->from, &from))
        return err_field(err, ERR_INPUT, "from",
                         "give a date from 1970 on such as from=2026-10-01");
    if (from > to)
        return err_field(err, ERR_INPUT, "from", "the first day lies behind the last");
    if (to - from > PERIOD_DAYS_MAX)
        return err_field(err, ERR_INPUT, "from", "at most %d days can be shown at once",
                         PERIOD_DAYS_MAX);
    clock_day_to_text(from, a);
    clock_day_to_text(to, b);
    *out = (struct period){
        .from_day = from,
        .to_day = to,
        .query = arena_printf(arena, "from=%s&to=%s", a, b),
        .label = arena_printf(arena, from == to ? "%s" : "%s to %s", a, b),
    };
    return true;
}

bool period_parse(struct arena *arena, const struct period_words *words, int32_t today,
                  struct period *out, struct err *err)
{
    bool dates = given(words->from) || given(words->to), done;
    if (given(words->days) + given(words->week) + dates > 1)
        return err_field(err, ERR_INPUT, given(words->week) ? "week" : "days",
                         "give either days, or week, or from and to");
    if (given(words->week))
        done = parse_week(arena, words->week, out, err);
    else if (dates)
        done = parse_dates(arena, words, today, out, err);
    else
        done = parse_days(arena, given(words->days) ? words->days : "30", today, out, err);
    if (done)
        out->today = today;
    return done;
}

bool period_read(struct request *request, int64_t now_seconds, struct period *out, struct err *err)
{
    const struct period_words words = {
        .days = http_argument(request, "days"),
        .week = http_argument(request, "week"),
        .from = http_argument(request, "from"),
        .to = http_argument(request, "to"),
    };
    return period_parse(&request->arena, &words, clock_day(now_seconds), out, err);
}

int32_t period_step(const struct period *period)
{
    return period->to_day - period->from_day < DAYS_BY_DAY ? 1 : 7;
}

/* --- the picker --- */

static void print_link(struct html *page, const struct period *period, const char *url,
                       const char *query, const char *label)
{
    html(page,
         strcmp(period->query, query) == 0
             ? "<li><a href=\"%s\" aria-current=\"true\">%s</a></li>\n"
             : "<li><a href=\"%s\">%s</a></li>\n",
         url_query(page->arena, url, query), label);
}

static void print_week_link(struct html *page, const struct period *period, const char *url,
                            int32_t day)
{
    const char *week = period_week_to_text(page->arena, day);
    print_link(page, period, url, arena_printf(page->arena, "week=%s", week),
               arena_printf(page->arena, "week %s", week));
}

static void print_forms(struct html *page, const struct period *period, const char *url)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES], today[CLOCK_TEXT_BYTES];
    clock_day_to_text(period->from_day, from);
    clock_day_to_text(period->to_day, to);
    clock_day_to_text(period->today, today);
    html(page,
         "<details><summary>Other days</summary>\n"
         "<form class=\"filter\" action=\"%s\" method=\"get\">"
         "<label>From <input type=\"date\" name=\"from\" value=\"%s\" max=\"%s\"></label> ",
         url, from, today);
    html(page,
         "<label>to <input type=\"date\" name=\"to\" value=\"%s\"></label> "
         "<button>Show these days</button></form>\n",
         to);
    html(page,
         "<form class=\"filter\" action=\"%s\" method=\"get\"><label>ISO week <input name=\"week\" "
         "value=\"%s\" pattern=\"[0-9]{4}-W[0-9]{2}\" size=\"9\" title=\"Year and week, such as "
         "2026-W47\" autocomplete=\"off\"></label> <button>Show this week</button></form>"
         "</details>\n",
         url, period_week_to_text(page->arena, period->to_day));
}

void period_print(struct html *page, const struct period *period, const char *url)
{
    bool is_week = text_begins(period->query, "week=");
    html(page, "<div class=\"period\"><nav aria-label=\"Period\"><ul>\n");
    for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
        print_link(page, period, url, arena_printf(page->arena, "days=%d", usual[i]),
                   arena_printf(page->arena, "%d days", usual[i]));
    print_week_link(page, period, url, is_week ? period->from_day - 7 : period->today - 7);
    print_week_link(page, period, url, is_week ? period->from_day : period->today);
    if (is_week && period->to_day < period->today)
        print_week_link(page, period, url, period->from_day + 7);
    html(page, "</ul></nav>\n");
    print_forms(page, period, url);
    html(page, "</div>\n");
}
