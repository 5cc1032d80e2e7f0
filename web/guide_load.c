/* See guide_load.h.
 * SPDX-License-Identifier: MIT */
#include "web/guide_load.h"

#define VERSIONS 1000
#define FINDINGS 500

static bool load_hosting(struct reader *reader, struct arena *arena, struct guide_input *input,
                         struct err *err)
{
    struct rows hosted, versions = { 0 };
    if (!read_hosting(reader, arena, input->domain, &hosted, err))
        return false;
    if (!hosted.count)
        return true;
    input->hosted = hosted.first;
    if (!read_hosting_versions(reader, arena, input->hosted->domain_id, VERSIONS, &versions, err))
        return false;
    input->versions = versions.first;
    input->version_count = versions.count;
    return true;
}

static bool load_look(struct reader *reader, struct arena *arena, struct guide_input *input,
                      struct err *err)
{
    struct rows findings;
    struct setup_past *past = arena_alloc(arena, sizeof *past);
    if (!read_setup(reader, arena, input->domain, &input->look, err)
        || !read_setup_past(reader, arena, input->domain, past, err))
        return false;
    input->past = past;
    if (!input->look)
        return true;
    if (!read_setup_findings(reader, arena, input->look->domain_id, FINDINGS, &findings, err))
        return false;
    input->findings = findings.first;
    input->finding_count = findings.count;
    return true;
}

bool guide_load(struct reader *reader, struct arena *arena, const char *domain, int64_t now_seconds,
                struct guide_input *out, struct err *err)
{
    struct guide_input input = {
        .domain = domain,
        .now_seconds = now_seconds,
        .verdict = VERDICT_UNKNOWN,
    };
    if (!load_hosting(reader, arena, &input, err) || !load_look(reader, arena, &input, err))
        return false;
    *out = input;
    return true;
}

static void policy_json(struct json *json, const struct guide_input *input,
                        const struct hosting_version_row *current)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct text_list mx = guide_words(&arena, current->mx);
    json_open(json, "policy", '{');
    json_number(json, "version", current->version);
    json_text(json, "text", arena_copy(&arena, current->body.data, current->body.size));
    json_text(json, "sha256", current->sha256);
    json_text(json, "id", current->id);
    json_text(json, "mode", current->mode);
    json_open(json, "mx", '[');
    for (size_t i = 0; i < mx.count; i++)
        json_text(json, NULL, mx.items[i]);
    json_close(json, ']');
    json_number(json, "max_age", current->max_age_seconds);
    json_time(json, "made_at", current->made_seconds);
    json_text(json, "made_by", current->made_by);
    json_text(json, "note", current->note);
    json_flag(json, "served_here", input->hosted->served);
    json_close(json, '}');
}

void guide_json(struct json *json, const struct guide_input *input,
                const struct guide_records *records, const struct guide *guide)
{
    const struct hosting_version_row *current = guide_current(input);
    if (current)
        policy_json(json, input, current);
    else
        json_raw(json, "policy", "null");
    json_open(json, "records", '[');
    for (size_t i = 0; i < records->count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", records->items[i].name);
        json_text(json, "type", records->items[i].type);
        json_text(json, "value", records->items[i].value);
        json_text(json, "note", records->items[i].note);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "change", '{');
    json_text(json, "goal", guide_goal_to_text(guide->goal));
    json_flag(json, "ended", input->hosted && input->hosted->ended);
    json_time(json, "begun_at", input->hosted ? input->hosted->begun_seconds : 0);
    json_text(json, "alarm", guide->alarm);
    json_open(json, "steps", '[');
    for (size_t i = 0; i < guide->step_count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "code", guide->steps[i].code);
        json_text(json, "title", guide->steps[i].title);
        json_text(json, "state", guide_state_to_text(guide->steps[i].state));
        json_text(json, "text", guide->steps[i].text);
        json_time(json, "until", guide->steps[i].until_seconds);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_time(json, "safe_to_remove_at", guide->safe_to_remove_seconds);
    json_number(json, "rollback_best_seconds", guide->rollback_best_seconds);
    json_time(json, "rollback_worst_at", guide->rollback_worst_at_seconds);
    json_close(json, '}');
}
