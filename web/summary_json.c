/* See summary_json.h.
 * SPDX-License-Identifier: MIT */
#include "web/summary_json.h"
#include "base/clock.h"
#include "web/link.h"
#include "web/summary_setup.h"
#include <string.h>

static void day(struct json *out, const char *name, int32_t number)
{
    char text[CLOCK_TEXT_BYTES];
    json_text(out, name, clock_day_to_text(number, text));
}

static void domain_count(struct json *out, int64_t domains, int64_t looked, int64_t most)
{
    json_number(out, "domain_count", domains);
    json_flag(out, "domain_count_is_a_minimum", looked >= most);
}

static void totals(struct json *out, const struct summary *summary)
{
    const struct week_totals_row *t = &summary->totals;
    const struct week_domains_row *d = &summary->domains;
    json_open(out, "totals", '{');
    json_open(out, "week", '{');
    json_number(out, "successful_sessions", t->successful);
    json_number(out, "failed_sessions", t->failed);
    json_number(out, "untrusted_sessions", t->untrusted);
    json_number(out, "reporters", t->reporters);
    if (!summary->domain)
        domain_count(out, d->domains, d->looked, WEEK_ROWS_LOOKED_AT);
    json_close(out, '}');
    json_open(out, "week_before", '{');
    json_number(out, "successful_sessions", t->successful_before);
    json_number(out, "failed_sessions", t->failed_before);
    json_number(out, "untrusted_sessions", t->untrusted_before);
    json_number(out, "reporters", t->reporters_before);
    if (!summary->domain)
        domain_count(out, d->domains_before, d->looked_before, WEEK_ROWS_LOOKED_AT);
    json_close(out, '}');
    json_close(out, '}');
}

static void names(struct json *out, struct arena *arena, const char *words)
{
    json_open(out, "domains", '[');
    while (*words) {
        size_t size = strcspn(words, " ");
        json_text(out, NULL, arena_copy(arena, words, size));
        words += size + (words[size] == ' ');
    }
    json_close(out, ']');
}

static void tellers(struct json *out, const struct week_line_row *rows, size_t count)
{
    json_open(out, "reporters", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(out, NULL, '{');
        json_text(out, "organization", rows[i].organization);
        json_number(out, "failed_sessions", rows[i].told);
        json_number(out, "failed_sessions_before", rows[i].told_before);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_number(out, "reporter_count", rows->reporters);
}

static void line(struct json *out, struct arena *arena, const struct summary *summary,
                 const struct week_line_row *rows, size_t count, const char *base)
{
    json_open(out, NULL, '{');
    json_text(out, "mx", rows->mx);
    json_text(out, "result_type", rows->result);
    json_number(out, "failed_sessions", rows->failed);
    json_number(out, "failed_sessions_before", rows->before);
    json_number(out, "untrusted_sessions", rows->untrusted);
    tellers(out, rows, count);
    if (!summary->domain) {
        names(out, arena, rows->names);
        domain_count(out, rows->domains, rows->looked, WEEK_LINE_LOOKED_AT);
    }
    json_flag(out, "its_reporters_are_silent", rows->kind == WEEK_GONE && !rows->heard);
    json_text(out, "url",
              arena_printf(arena, "%s%s", base, summary_evidence(arena, summary, rows)));
    json_close(out, '}');
}

static void kind(struct json *out, struct arena *arena, const struct summary *summary,
                 enum week_kind which, const char *base)
{
    static const char *const words[] = {
        [WEEK_NEW] = "new",       [WEEK_WORSE] = "worse", [WEEK_GOING_ON] = "going_on",
        [WEEK_BETTER] = "better", [WEEK_GONE] = "gone",
    };
    const struct summary_kind *k = &summary->kinds[which];
    json_open(out, words[which], '{');
    json_number(out, "count", k->lines);
    json_open(out, "items", '[');
    for (size_t i = 0, n = 0; i < k->count; i += n) {
        n = summary_rows_of_line(k, i);
        line(out, arena, summary, &k->rows[i], n, base);
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void silence(struct json *out, const struct summary *summary)
{
    json_open(out, "silent", '{');
    json_number(out, "count", summary->silent_all);
    json_open(out, "items", '[');
    for (size_t i = 0; i < summary->silent_count; i++) {
        json_open(out, NULL, '{');
        json_text(out, "organization", summary->silent[i].organization);
        json_number(out, "days", summary->silent[i].days);
        json_number(out, "sessions", summary->silent[i].sessions);
        day(out, "last_day", summary->silent[i].last_day);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void verdicts(struct json *out, struct arena *arena, const struct summary *summary,
                     const char *base)
{
    static const char *const turns[] = {
        [WEEK_TURN_WORSE] = "worse",
        [WEEK_TURN_READY] = "ready",
        [WEEK_TURN_OTHER] = "other",
        [WEEK_TURN_NONE] = "none",
    };
    const struct summary_verdicts *found = &summary->verdicts;
    json_open(out, "verdicts", '{');
    json_number(out, "changed", found->all);
    json_number(out, "worse", found->worse);
    json_number(out, "ready", found->ready);
    json_open(out, "items", '[');
    for (size_t i = 0; i < found->count; i++) {
        const struct week_verdict_row *row = &found->rows[i];
        json_open(out, NULL, '{');
        json_text(out, "domain", row->domain);
        json_text(out, "change", turns[row->turn]);
        json_text(out, "from_verdict", *row->from_verdict ? row->from_verdict : NULL);
        json_text(out, "stage", row->stage);
        json_text(out, "verdict", row->verdict);
        json_text(out, "because", row->sentence);
        json_time(out, "at", row->at_seconds);
        json_number(out, "changes", row->changes);
        json_text(out, "url",
                  arena_printf(arena, "%s%s", base, link_domain(arena, row->domain, NULL)));
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void setups(struct json *out, struct arena *arena, const struct summary *summary,
                   enum live_week_kind which, const char *base)
{
    size_t count;
    const struct live_week_row *rows = summary_setup_rows(summary, which, &count);
    json_open(out, summary_setup_word(which), '{');
    json_number(out, "count", summary->setup.all[which]);
    json_open(out, "items", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(out, NULL, '{');
        if (which == LIVE_WEEK_ENDS) {
            json_text(out, "mx", rows[i].subject);
            json_time(out, "ends_at", rows[i].at_seconds);
            json_number(out, "domain_count", rows[i].domains);
        } else {
            json_text(out, "domain", rows[i].domain);
            json_text(out, "code", rows[i].code);
            json_text(out, "severity", rows[i].severity);
            json_text(out, "subject", rows[i].subject);
            json_text(out, "title", rows[i].title);
            json_time(out, "at", rows[i].at_seconds);
        }
        json_text(out, "url",
                  arena_printf(arena, "%s%s", base, summary_setup_path(arena, summary, &rows[i])));
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

void summary_json(struct json *out, struct arena *arena, const struct summary *summary,
                  const char *base)
{
    static const char *const states[] = {
        [SUMMARY_EMPTY] = "empty",
        [SUMMARY_CALM] = "calm",
        [SUMMARY_STEADY] = "steady",
        [SUMMARY_LOOK] = "look",
    };
    json_open(out, NULL, '{');
    json_text(out, "week", summary->week);
    json_text(out, "week_before", summary->week_before);
    day(out, "from", summary->monday);
    day(out, "to", summary->monday + 6);
    json_text(out, "domain", summary->domain);
    json_flag(out, "over", summary->over);
    json_flag(out, "settled", summary->settled);
    json_text(out, "state", states[summary->state]);
    json_text(out, "headline", summary_headline(arena, summary));
    totals(out, summary);
    json_open(out, "failures", '{');
    for (int which = WEEK_NEW; which <= WEEK_GONE; which++)
        kind(out, arena, summary, (enum week_kind)which, base);
    json_close(out, '}');
    silence(out, summary);
    verdicts(out, arena, summary, base);
    json_open(out, "setup", '{');
    for (int which = LIVE_WEEK_NEW; which <= LIVE_WEEK_ENDS; which++)
        setups(out, arena, summary, (enum live_week_kind)which, base);
    json_close(out, '}');
    json_text(out, "url",
              arena_printf(arena, "%s%s", base, link_week(arena, summary->week, summary->domain)));
    json_close(out, '}');
}
