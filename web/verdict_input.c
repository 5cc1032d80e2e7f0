/* See verdict_input.h. Lists of values in a fixed order keep it short: there may be 50,000 rows. What is written
 * and what is read comes from the same tables of members.
 * SPDX-License-Identifier: MIT
 * Before: verdict_json.c. Next: verdict_load.c */
#include "web/verdict_input.h"
#include "ingest/field.h"
#include "base/clock.h"
#include <stddef.h>
#include <string.h>

#define TEXT_BYTES (64 << 10)

/* --- what there is --- */

enum kind { INT64, INT32, KNOWN, FLAG, TEXT };

struct member {
    const char *name; /* in an object; in a list its place tells */
    size_t place;
    enum kind kind;
    int64_t least;    /* of an INT64 */
    bool may_be_null; /* a TEXT */
};

/* clang-format off */
#define KIND_OF(type, member) _Generic(((struct type *)0)->member, \
    int64_t: INT64, int32_t: INT32, enum verdict_known: KNOWN, bool: FLAG, const char *: TEXT)
#define MEMBER(type, member) \
    { #member, offsetof(struct type, member), KIND_OF(type, member), INT64_MIN, false }
#define AT_LEAST(type, member, least) \
    { #member, offsetof(struct type, member), KIND_OF(type, member), least, false }
#define OR_NULL(type, member) \
    { #member, offsetof(struct type, member), KIND_OF(type, member), 0, true }

static const struct member settings_members[] = {
    MEMBER(verdict_settings, days),
    MEMBER(verdict_settings, stretch_days),
    MEMBER(verdict_settings, active_days),
    MEMBER(verdict_settings, reporters),
    MEMBER(verdict_settings, reporter_days),
    MEMBER(verdict_settings, single_reporter_days),
    MEMBER(verdict_settings, session_bound_permille),
    MEMBER(verdict_settings, day_bound_permille),
    MEMBER(verdict_settings, limited_sessions),
    MEMBER(verdict_settings, limited_reporter_days),
    MEMBER(verdict_settings, failing_days),
    MEMBER(verdict_settings, include_untrusted),
};
static const struct member live_members[] = {
    OR_NULL(verdict_live, mode),
    AT_LEAST(verdict_live, looked_seconds, 0),
    MEMBER(verdict_live, given_up),
    MEMBER(verdict_live, knows_mx),
    MEMBER(verdict_live, mx_from_day),
    MEMBER(verdict_live, reset_day),
};
static const struct member policy_members[] = {
    MEMBER(verdict_policy_row, id),
    MEMBER(verdict_policy_row, mode),
    MEMBER(verdict_policy_row, mx),
    AT_LEAST(verdict_policy_row, max_age_seconds, -1),
};
static const struct member row_members[] = {
    MEMBER(verdict_row, day),
    MEMBER(verdict_row, reporter),
    MEMBER(verdict_row, policy_id),
    MEMBER(verdict_row, policy_type),
    OR_NULL(verdict_row, mx),
    MEMBER(verdict_row, result),
    AT_LEAST(verdict_row, sessions, 0),
    AT_LEAST(verdict_row, transient, 0),
    AT_LEAST(verdict_row, addressed, 0),
};
static const struct member ack_members[] = {
    MEMBER(verdict_ack_row, mx),
    MEMBER(verdict_ack_row, result),
    MEMBER(verdict_ack_row, last_day),
    MEMBER(verdict_ack_row, note),
    MEMBER(verdict_ack_row, who),
    MEMBER(verdict_ack_row, at_seconds),
};
static const struct member host_members[] = {
    MEMBER(verdict_host, name),
    MEMBER(verdict_host, last_day),
    MEMBER(verdict_host, passes),
    OR_NULL(verdict_host, fails_with),
    MEMBER(verdict_host, certificate_day),
};
struct gate {
    enum verdict_known known;
    bool lately;
    const char *found;
};
static const struct member gate_members[] = {
    MEMBER(gate, known),
    MEMBER(gate, lately),
    OR_NULL(gate, found),
};
static const struct member text_alone[] = { { .kind = TEXT } };
static const struct member day_alone[] = { { .kind = INT32 } };

/* A list of things. Each is a list of its members, or, where it has but one, that itself. */
struct shape {
    const char *name;
    size_t size; /* of a thing */
    const struct member *members;
    size_t count;
};
#define SHAPE(name, type, members) { name, sizeof(type), members, ARRAY_SIZE(members) }
static const struct shape
    reporters = SHAPE("own_reporters", const char *, text_alone),
    gates = SHAPE("gates", struct gate, gate_members),
    hosts = SHAPE("hosts", struct verdict_host, host_members),
    gaps = SHAPE("gaps", int32_t, day_alone),
    policies = SHAPE("policies", struct verdict_policy_row, policy_members),
    rows = SHAPE("rows", struct verdict_row, row_members),
    acks = SHAPE("acknowledged", struct verdict_ack_row, ack_members);
/* clang-format on */

/* --- writing --- */

static void put_value(struct json *out, const char *name, const struct member *member,
                      const void *thing)
{
    const void *place = (const char *)thing + member->place;
    switch (member->kind) {
    case INT64:
        json_number(out, name, *(const int64_t *)place);
        break;
    case INT32:
        json_number(out, name, *(const int32_t *)place);
        break;
    case KNOWN:
        json_number(out, name, *(const enum verdict_known *)place);
        break;
    case FLAG:
        json_flag(out, name, *(const bool *)place);
        break;
    case TEXT:
        json_text(out, name, *(const char *const *)place);
        break;
    }
}

static void put_members(struct json *out, const struct member *members, size_t count,
                        const void *thing)
{
    for (size_t i = 0; i < count; i++)
        put_value(out, members[i].name, &members[i], thing);
}

static void put_list(struct json *out, const struct shape *shape, const void *things, size_t count)
{
    const char *thing = things;
    json_open(out, shape->name, '[');
    for (size_t i = 0; i < count; i++, thing += shape->size) {
        if (shape->count > 1)
            json_open(out, NULL, '[');
        for (size_t k = 0; k < shape->count; k++)
            put_value(out, NULL, &shape->members[k], thing);
        if (shape->count > 1)
            json_close(out, ']');
    }
    json_close(out, ']');
}

static void put_live(struct json *out, const struct verdict_live *live)
{
    struct gate all[GATES];
    for (size_t i = 0; i < GATES; i++)
        all[i] = (struct gate){ live->gates[i], live->lately[i], live->found[i] };
    json_open(out, "live", '{');
    put_list(out, &gates, all, GATES);
    put_members(out, live_members, ARRAY_SIZE(live_members), live);
    put_list(out, &hosts, live->hosts, live->host_count);
    json_close(out, '}');
}

void verdict_input_json(struct json *out, const struct verdict_input *input)
{
    const struct verdict_settings *settings = input->settings;
    char today[CLOCK_TEXT_BYTES];
    json_open(out, NULL, '{');
    json_text(out, "today", clock_day_to_text(input->today, today));
    json_open(out, "settings", '{');
    put_members(out, settings_members, ARRAY_SIZE(settings_members), settings);
    put_list(out, &reporters, settings->own_reporters.items, settings->own_reporters.count);
    json_close(out, '}');
    put_live(out, input->live);
    put_list(out, &gaps, input->gaps, input->gap_count);
    put_list(out, &policies, input->policies, input->policy_count);
    put_list(out, &rows, input->rows, input->row_count);
    put_list(out, &acks, input->acks, input->ack_count);
    json_close(out, '}');
}

/* --- reading: the first thing that is wrong is the error, and what follows it does not count --- */

static bool failed(const struct field *field)
{
    return field->reading->err->kind != ERR_NONE;
}

static int64_t number_of(const struct field *field, int64_t min, int64_t max)
{
    int64_t number = min;
    const char *text = field->kind == FIELD_NUMBER ? field_text(field) : NULL;
    if (!text || !text_number(text, min, max, &number))
        field_fail(field, ERR_INPUT, "not a number of its range");
    return number;
}

static bool flag_of(const struct field *field)
{
    if (field->kind != FIELD_OTHER)
        field_fail(field, ERR_INPUT, "neither true nor false");
    return field->value.size == 4; /* "true" */
}

/* Texts that are always there are never NULL. */
static const char *text_of(const struct field *field, bool may_be_null)
{
    const char *text = field->kind == FIELD_TEXT ? field_text(field) : NULL;
    if (!text && !(may_be_null && field->kind == FIELD_NULL))
        field_fail(field, ERR_INPUT, may_be_null ? "neither a text nor null" : "not a text");
    return text || may_be_null ? text : "";
}

static void read_value(const struct field *field, const struct member *member, void *thing)
{
    void *place = (char *)thing + member->place;
    switch (member->kind) {
    case INT64:
        *(int64_t *)place = number_of(field, member->least, INT64_MAX);
        break;
    case INT32:
        *(int32_t *)place = (int32_t)number_of(field, INT32_MIN, INT32_MAX);
        break;
    case KNOWN:
        *(enum verdict_known *)place = (enum verdict_known)number_of(field, KNOWN_NOT, KNOWN_FALSE);
        break;
    case FLAG:
        *(bool *)place = flag_of(field);
        break;
    case TEXT:
        *(const char **)place = text_of(field, member->may_be_null);
        break;
    }
}

static void read_members(const struct field *object, const struct member *members, size_t count,
                         void *thing)
{
    for (size_t i = 0; i < count; i++) {
        const struct field field = field_member(object, members[i].name);
        read_value(&field, &members[i], thing);
    }
}

static void read_thing(const struct field *field, const struct shape *shape, void *thing)
{
    struct field element = { 0 };
    if (shape->count == 1) {
        read_value(field, shape->members, thing);
        return;
    }
    for (size_t i = 0; i < shape->count; i++) {
        if (!field_next(field, &element)) {
            field_fail(field, ERR_INPUT, "too short");
            return;
        }
        read_value(&element, &shape->members[i], thing);
    }
    if (field_next(field, &element))
        field_fail(field, ERR_INPUT, "too long");
}

/* The list of SHAPE in OBJECT, as an array. */
static void *read_list(const struct field *object, const struct shape *shape, size_t *count)
{
    const struct field list = field_member(object, shape->name);
    struct field element = { 0 };
    if (list.kind != FIELD_LIST)
        field_fail(&list, ERR_INPUT, "not a list");
    char *all = arena_array(object->reading->arena, field_length(&list) + 1, shape->size);
    for (*count = 0; !failed(object) && field_next(&list, &element); ++*count)
        read_thing(&element, shape, all + *count * shape->size);
    return all;
}

static void read_live(const struct field *field, struct verdict_live *out)
{
    size_t count;
    const struct gate *all = read_list(field, &gates, &count);
    read_members(field, live_members, ARRAY_SIZE(live_members), out);
    out->hosts = read_list(field, &hosts, &out->host_count);
    if (count != GATES) {
        field_fail(field, ERR_INPUT, "other gates than there are");
        return;
    }
    for (size_t i = 0; i < GATES; i++) {
        out->gates[i] = all[i].known;
        out->lately[i] = all[i].lately;
        out->found[i] = all[i].found;
    }
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
    if (!clock_from_text(text_of(&today, false), &seconds, &oddities))
        field_fail(&today, ERR_INPUT, "not a day");
    read_members(&terms, settings_members, ARRAY_SIZE(settings_members), settings);
    settings->own_reporters.items = read_list(&terms, &reporters, &settings->own_reporters.count);
    read_live(&looked, live);
    out->today = clock_day(seconds);
    out->settings = settings;
    out->live = live;
    out->gaps = read_list(root, &gaps, &out->gap_count);
    out->policies = read_list(root, &policies, &out->policy_count);
    out->rows = read_list(root, &rows, &out->row_count);
    out->acks = read_list(root, &acks, &out->ack_count);
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
