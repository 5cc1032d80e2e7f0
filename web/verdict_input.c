/* See verdict_input.h. Lists of values in a fixed order keep it short: there may be 50,000 rows.
 * SPDX-License-Identifier: MIT
 * Before: verdict_json.c. Next: verdict_load.c */
#include "web/verdict_input.h"
#include "ingest/field.h"
#include "base/clock.h"
#include <stddef.h>
#include <string.h>

#define TEXT_BYTES (64 << 10)

static const struct {
    const char *name;
    size_t place;
} numbers[] = {
    { "days", offsetof(struct verdict_settings, days) },
    { "stretch_days", offsetof(struct verdict_settings, stretch_days) },
    { "active_days", offsetof(struct verdict_settings, active_days) },
    { "reporters", offsetof(struct verdict_settings, reporters) },
    { "reporter_days", offsetof(struct verdict_settings, reporter_days) },
    { "single_reporter_days", offsetof(struct verdict_settings, single_reporter_days) },
    { "session_bound_permille", offsetof(struct verdict_settings, session_bound_permille) },
    { "day_bound_permille", offsetof(struct verdict_settings, day_bound_permille) },
    { "limited_sessions", offsetof(struct verdict_settings, limited_sessions) },
    { "limited_reporter_days", offsetof(struct verdict_settings, limited_reporter_days) },
    { "failing_days", offsetof(struct verdict_settings, failing_days) },
};

/* --- writing --- */

static void put_settings(struct json *out, const struct verdict_settings *it)
{
    json_open(out, "settings", '{');
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        json_number(out, numbers[i].name,
                    *(const int64_t *)(const void *)((const char *)it + numbers[i].place));
    json_flag(out, "include_untrusted", it->include_untrusted);
    json_open(out, "own_reporters", '[');
    for (size_t i = 0; i < it->own_reporters.count; i++)
        json_text(out, NULL, it->own_reporters.items[i]);
    json_close(out, ']');
    json_close(out, '}');
}

static void put_policy(struct json *out, const struct verdict_policy_row *policy)
{
    json_open(out, NULL, '[');
    json_number(out, NULL, policy->id);
    json_text(out, NULL, policy->mode);
    json_text(out, NULL, policy->mx);
    json_number(out, NULL, policy->max_age_seconds);
    json_close(out, ']');
}

static void put_row(struct json *out, const struct verdict_row *row)
{
    json_open(out, NULL, '[');
    json_number(out, NULL, row->day);
    json_text(out, NULL, row->reporter);
    json_number(out, NULL, row->policy_id);
    json_text(out, NULL, row->policy_type);
    json_text(out, NULL, row->mx);
    json_text(out, NULL, row->result);
    json_number(out, NULL, row->sessions);
    json_number(out, NULL, row->transient);
    json_number(out, NULL, row->addressed);
    json_close(out, ']');
}

static void put_ack(struct json *out, const struct verdict_ack_row *ack)
{
    json_open(out, NULL, '[');
    json_text(out, NULL, ack->mx);
    json_text(out, NULL, ack->result);
    json_number(out, NULL, ack->last_day);
    json_text(out, NULL, ack->note);
    json_text(out, NULL, ack->who);
    json_number(out, NULL, ack->at_seconds);
    json_close(out, ']');
}

static void put_live(struct json *out, const struct verdict_live *live)
{
    json_open(out, "live", '{');
    json_open(out, "gates", '[');
    for (int gate = 0; gate < GATES; gate++) {
        json_open(out, NULL, '[');
        json_number(out, NULL, live->gates[gate]);
        json_number(out, NULL, live->lately[gate]);
        json_text(out, NULL, live->found[gate]);
        json_close(out, ']');
    }
    json_close(out, ']');
    json_text(out, "mode", live->mode);
    json_number(out, "looked_seconds", live->looked_seconds);
    json_flag(out, "knows_mx", live->knows_mx);
    json_number(out, "mx_from_day", live->mx_from_day);
    json_open(out, "hosts", '[');
    for (size_t i = 0; i < live->host_count; i++) {
        const struct verdict_host *host = &live->hosts[i];
        json_open(out, NULL, '[');
        json_text(out, NULL, host->name);
        json_number(out, NULL, host->last_day);
        json_number(out, NULL, host->passes);
        json_text(out, NULL, host->fails_with);
        json_number(out, NULL, host->certificate_day);
        json_close(out, ']');
    }
    json_close(out, ']');
    json_number(out, "reset_day", live->reset_day);
    json_close(out, '}');
}

void verdict_input_json(struct json *out, const struct verdict_input *input)
{
    char today[CLOCK_TEXT_BYTES];
    json_open(out, NULL, '{');
    json_text(out, "today", clock_day_to_text(input->today, today));
    put_settings(out, input->settings);
    put_live(out, input->live);
    json_open(out, "gaps", '[');
    for (size_t i = 0; i < input->gap_count; i++)
        json_number(out, NULL, input->gaps[i]);
    json_close(out, ']');
    json_open(out, "policies", '[');
    for (size_t i = 0; i < input->policy_count; i++)
        put_policy(out, &input->policies[i]);
    json_close(out, ']');
    json_open(out, "rows", '[');
    for (size_t i = 0; i < input->row_count; i++)
        put_row(out, &input->rows[i]);
    json_close(out, ']');
    json_open(out, "acknowledged", '[');
    for (size_t i = 0; i < input->ack_count; i++)
        put_ack(out, &input->acks[i]);
    json_close(out, ']');
    json_close(out, '}');
}

/* --- reading --- */

/* The elements of a list one after another; sticky: ERR_INPUT is set at the first that is wrong. */
struct cursor {
    const struct field *list;
    struct field element;
};

static bool failed(const struct field *field)
{
    return field->reading->err->kind != ERR_NONE;
}

static int64_t number_of(const struct field *field, int64_t min, int64_t max)
{
    int64_t number = min;
    const char *text = failed(field) || field->kind != FIELD_NUMBER ? NULL : field_text(field);
    if (!failed(field) && (!text || !text_number(text, min, max, &number)))
        (void)field_fail(field, ERR_INPUT, "not a number of its range");
    return number;
}

/* NULL is given for null alone. */
static const char *text_of(const struct field *field)
{
    const char *text = field->kind == FIELD_TEXT ? field_text(field) : NULL;
    if (!failed(field) && !text && field->kind != FIELD_NULL)
        (void)field_fail(field, ERR_INPUT, "neither a text nor null");
    return text;
}

/* Of a text that is always there. */
static const char *word_of(const struct field *field)
{
    const char *text = text_of(field);
    if (!failed(field) && !text)
        (void)field_fail(field, ERR_INPUT, "not a text");
    return text ? text : "";
}

static bool flag_of(const struct field *field)
{
    bool yes = field->value.size == 4 && memcmp(field->value.data, "true", 4) == 0;
    if (!failed(field) && (field->kind != FIELD_OTHER))
        (void)field_fail(field, ERR_INPUT, "neither true nor false");
    return yes;
}

static const struct field *next(struct cursor *cursor)
{
    if (!failed(cursor->list) && !field_next(cursor->list, &cursor->element)) {
        cursor->element = (struct field){ .reading = cursor->list->reading };
        (void)field_fail(cursor->list, ERR_INPUT, "too short");
    }
    return &cursor->element;
}

static int64_t next_number(struct cursor *cursor, int64_t min, int64_t max)
{
    return number_of(next(cursor), min, max);
}

static int32_t next_day(struct cursor *cursor)
{
    return (int32_t)next_number(cursor, INT32_MIN, INT32_MAX);
}

static void read_settings(const struct field *field, struct verdict_settings *out)
{
    struct arena *arena = field->reading->arena;
    const struct field own = field_member(field, "own_reporters");
    const struct field untrusted = field_member(field, "include_untrusted");
    const char **names = arena_array(arena, field_length(&own) + 1, sizeof *names);
    struct field name = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        const struct field number = field_member(field, numbers[i].name);
        *(int64_t *)(void *)((char *)out + numbers[i].place) =
            number_of(&number, INT64_MIN, INT64_MAX);
    }
    out->include_untrusted = flag_of(&untrusted);
    while (!failed(field) && field_next(&own, &name))
        names[out->own_reporters.count++] = word_of(&name);
    out->own_reporters.items = names;
}

static void read_policy(const struct field *field, void *thing)
{
    struct verdict_policy_row *out = thing;
    struct cursor cursor = { .list = field };
    out->id = next_number(&cursor, INT64_MIN, INT64_MAX);
    out->mode = word_of(next(&cursor));
    out->mx = word_of(next(&cursor));
    out->max_age_seconds = next_number(&cursor, -1, INT64_MAX);
}

static void read_row(const struct field *field, void *thing)
{
    struct verdict_row *out = thing;
    struct cursor cursor = { .list = field };
    out->day = next_day(&cursor);
    out->reporter = word_of(next(&cursor));
    out->policy_id = next_number(&cursor, INT64_MIN, INT64_MAX);
    out->policy_type = word_of(next(&cursor));
    out->mx = text_of(next(&cursor));
    out->result = word_of(next(&cursor));
    out->sessions = next_number(&cursor, 0, INT64_MAX);
    out->transient = next_number(&cursor, 0, INT64_MAX);
    out->addressed = next_number(&cursor, 0, INT64_MAX);
}

static void read_ack(const struct field *field, void *thing)
{
    struct verdict_ack_row *out = thing;
    struct cursor cursor = { .list = field };
    out->mx = word_of(next(&cursor));
    out->result = word_of(next(&cursor));
    out->last_day = next_day(&cursor);
    out->note = word_of(next(&cursor));
    out->who = word_of(next(&cursor));
    out->at_seconds = next_number(&cursor, INT64_MIN, INT64_MAX);
}

static void read_host(const struct field *field, void *thing)
{
    struct verdict_host *out = thing;
    struct cursor cursor = { .list = field };
    out->name = word_of(next(&cursor));
    out->last_day = next_day(&cursor);
    out->passes = (enum verdict_known)next_number(&cursor, KNOWN_NOT, KNOWN_FALSE);
    out->fails_with = text_of(next(&cursor));
    out->certificate_day = next_day(&cursor);
}

static void read_gap(const struct field *field, void *thing)
{
    *(int32_t *)thing = (int32_t)number_of(field, INT32_MIN, INT32_MAX);
}

/* The list NAME of OBJECT as an array of things SIZE large, each read by READ. */
static void *read_list(const struct field *object, const char *name, size_t size,
                       void (*read)(const struct field *field, void *thing), size_t *count)
{
    const struct field list = field_member(object, name);
    struct field element = { 0 };
    if (!failed(object) && list.kind != FIELD_LIST)
        (void)field_fail(&list, ERR_INPUT, "not a list");
    char *all = arena_array(object->reading->arena, field_length(&list) + 1, size);
    for (*count = 0; !failed(object) && field_next(&list, &element); ++*count)
        read(&element, all + *count * size);
    return all;
}

struct gate {
    enum verdict_known known;
    bool lately;
    const char *found;
};

static void read_gate(const struct field *field, void *thing)
{
    struct gate *out = thing;
    struct cursor cursor = { .list = field };
    out->known = (enum verdict_known)next_number(&cursor, KNOWN_NOT, KNOWN_FALSE);
    out->lately = next_number(&cursor, 0, 1);
    out->found = text_of(next(&cursor));
}

static void read_live(const struct field *field, struct verdict_live *out)
{
    const struct field mode = field_member(field, "mode");
    const struct field knows = field_member(field, "knows_mx");
    const struct field reset = field_member(field, "reset_day");
    const struct field looked = field_member(field, "looked_seconds");
    const struct field from = field_member(field, "mx_from_day");
    size_t count;
    const struct gate *gates = read_list(field, "gates", sizeof *gates, read_gate, &count);
    if (!failed(field) && count != GATES)
        (void)field_fail(field, ERR_INPUT, "other gates than there are");
    for (size_t gate = 0; gate < GATES && !failed(field); gate++) {
        out->gates[gate] = gates[gate].known;
        out->lately[gate] = gates[gate].lately;
        out->found[gate] = gates[gate].found;
    }
    out->mode = text_of(&mode);
    out->knows_mx = flag_of(&knows);
    out->hosts = read_list(field, "hosts", sizeof *out->hosts, read_host, &out->host_count);
    out->looked_seconds = number_of(&looked, 0, INT64_MAX);
    out->mx_from_day = (int32_t)number_of(&from, INT32_MIN, INT32_MAX);
    out->reset_day = (int32_t)number_of(&reset, INT32_MIN, INT32_MAX);
}

static void read_all(const struct field *root, struct verdict_input *out)
{
    struct arena *arena = root->reading->arena;
    struct verdict_settings *settings = arena_alloc(arena, sizeof *settings);
    struct verdict_live *live = arena_alloc(arena, sizeof *live);
    const struct field today = field_member(root, "today");
    const struct field terms = field_member(root, "settings");
    const struct field looked = field_member(root, "live");
    int64_t seconds = 0;
    unsigned oddities;
    if (!clock_from_text(word_of(&today), &seconds, &oddities) && !failed(root))
        (void)field_fail(&today, ERR_INPUT, "not a day");
    read_settings(&terms, settings);
    read_live(&looked, live);
    out->today = clock_day(seconds);
    out->settings = settings;
    out->live = live;
    out->gaps = read_list(root, "gaps", sizeof *out->gaps, read_gap, &out->gap_count);
    out->policies =
        read_list(root, "policies", sizeof *out->policies, read_policy, &out->policy_count);
    out->rows = read_list(root, "rows", sizeof *out->rows, read_row, &out->row_count);
    out->acks = read_list(root, "acknowledged", sizeof *out->acks, read_ack, &out->ack_count);
}

bool verdict_input_read(struct arena *arena, const char *domain, struct bytes json,
                        struct verdict_input *out, struct err *err)
{
    CLEANUP(arena_free) struct arena scratch = { 0 };
    const struct limits limits = LIMITS_OF_KEPT(TEXT_BYTES);
    struct deviations deviations = { 0 };
    struct verdict_input input = { .domain = domain };
    struct reading reading = { .arena = arena,
                               .scratch = &scratch,
                               .limits = &limits,
                               .deviations = &deviations,
                               .err = err };
    struct field root;
    if (!field_open(&reading, json, &root))
        return false;
    read_all(&root, &input);
    if (err->kind != ERR_NONE)
        return false;
    *out = input;
    return true;
}
