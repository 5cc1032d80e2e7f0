/* See verdict_json.h.
 * SPDX-License-Identifier: MIT
 * Before: verdict.c, json.c. Next: api_verdict.c */
#include "web/verdict_json.h"
#include "base/clock.h"
#include <stdio.h>

static const char *const weights[] = {
    [WEIGHT_REFUSES] = "refuses", [WEIGHT_BLOCKS] = "blocks", [WEIGHT_WAITS] = "waits",
    [WEIGHT_UNKNOWN] = "unknown", [WEIGHT_LIMITS] = "limits", [WEIGHT_NOTES] = "notes",
};

static void put_day(struct json *out, const char *name, int32_t day)
{
    char text[CLOCK_TEXT_BYTES];
    json_text(out, name, day ? clock_day_to_text(day, text) : NULL);
}

static void put_reason(struct json *out, const struct verdict_reason *reason)
{
    json_open(out, NULL, '{');
    json_text(out, "code", reason->code);
    json_text(out, "weight", weights[reason->weight]);
    json_text(out, "text", reason->text);
    json_open(out, "numbers", '{');
    for (size_t i = 0; i < VERDICT_NUMBERS && reason->numbers[i].name; i++)
        json_number(out, reason->numbers[i].name, reason->numbers[i].value);
    json_close(out, '}');
    json_text(out, "url", reason->url);
    json_text(out, "fix", *reason->fix ? reason->fix : NULL);
    json_close(out, '}');
}

/* LABEL names what the items are called by. */
static void put_refused(struct json *out, const char *name, const char *label,
                        const struct verdict_refused_list *list)
{
    json_open(out, name, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_open(out, NULL, '{');
        json_text(out, label, list->items[i].name);
        json_number(out, "refused_low", list->items[i].low);
        json_number(out, "refused_high", list->items[i].high);
        if (list->items[i].sessions)
            json_number(out, "sessions", list->items[i].sessions);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_counterfactual(struct json *out, const struct verdict_counterfactual *it)
{
    char bound[32];
    snprintf(bound, sizeof bound, "%.6f", it->upper_bound);
    json_open(out, "counterfactual", '{');
    put_day(out, "from", it->from_day);
    put_day(out, "to", it->to_day);
    json_number(out, "refused_low", it->refused_low);
    json_number(out, "refused_high", it->refused_high);
    json_number(out, "sessions", it->sessions);
    json_number(out, "reporters", it->reporters);
    json_number(out, "reporter_days", it->reporter_days);
    json_raw(out, "upper_bound", bound);
    json_text(out, "text", it->sentence);
    put_refused(out, "by_day", "day", &it->by_day);
    put_refused(out, "by_mx", "mx", &it->by_mx);
    put_refused(out, "by_reporter", "reporter", &it->by_reporter);
    put_refused(out, "by_reason", "result_type", &it->by_reason);
    json_close(out, '}');
}

static void put_failures(struct json *out, const struct verdict *verdict)
{
    json_open(out, "failures", '[');
    for (size_t i = 0; i < verdict->disposition_count && i < VERDICT_JSON_LISTED; i++) {
        const struct verdict_disposition *it = &verdict->dispositions[i];
        json_open(out, NULL, '{');
        json_text(out, "mx", it->mx);
        json_text(out, "result_type", it->result);
        json_text(out, "disposition", it->word);
        json_flag(out, "counts", it->counts);
        json_number(out, "sessions", it->sessions);
        json_number(out, "reporters", it->reporters);
        put_day(out, "first_day", it->first_day);
        put_day(out, "last_day", it->last_day);
        json_text(out, "why", it->why);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_number(out, "failure_count", (int64_t)verdict->disposition_count);
}

static void put_adopters(struct json *out, const struct verdict *verdict)
{
    json_open(out, "reporters", '[');
    for (size_t i = 0; i < verdict->adopter_count && i < VERDICT_JSON_LISTED; i++) {
        const struct verdict_adopter *it = &verdict->adopters[i];
        json_open(out, NULL, '{');
        json_text(out, "reporter", it->reporter);
        json_flag(out, "current", it->current);
        put_day(out, "since_day", it->since_day);
        put_day(out, "last_day", it->last_day);
        put_day(out, "deadline_day", it->deadline_day);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_number(out, "reporter_count", (int64_t)verdict->adopter_count);
}

void verdict_json(struct json *out, const char *domain, const struct verdict *verdict,
                  int64_t evaluated_seconds)
{
    json_open(out, NULL, '{');
    json_text(out, "domain", domain);
    json_text(out, "stage", verdict_stage_to_text(verdict->stage));
    json_text(out, "verdict", verdict_word_to_text(verdict->word));
    json_text(out, "dane", verdict_word_to_text(verdict->dane));
    json_open(out, "reasons", '[');
    for (size_t i = 0; i < verdict->reason_count; i++)
        put_reason(out, &verdict->reasons[i]);
    json_close(out, ']');
    put_counterfactual(out, &verdict->counterfactual);
    put_failures(out, verdict);
    put_adopters(out, verdict);
    json_number(out, "clean_days", verdict->clean_days);
    put_day(out, "clock_day", verdict->clock_day);
    put_day(out, "last_closed_day", verdict->last_closed_day);
    json_time(out, "evaluated_at", evaluated_seconds);
    json_close(out, '}');
}
