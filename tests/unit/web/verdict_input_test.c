/* What a verdict was made of, written and read again: nothing is lost, and what is damaged is told.
 * SPDX-License-Identifier: MIT */
#include "web/verdict_input.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct verdict_row rows[] = {
    { 7, 20780, "Google \"Inc.\" \u20ac", INT64_MIN, "sts", NULL, "successful", 4242, 0, 0 },
    { 7, 20781, "", INT64_MAX, "tlsa", "mx1.a.example", "x\ny", INT64_C(1) << 53, 3, 2 },
};
static const struct verdict_policy_row policies[] = {
    { 7, INT64_MIN, "testing", "mx1.a.example *.b.example", 604800 },
    { 7, INT64_MAX, "", "", -1 },
};
static const struct verdict_ack_row acks[] = {
    { 7, "", "unexplained", 20000, "two\nlines \"quoted\"", "anna", INT64_C(1795000000) },
};
static const struct verdict_host hosts[] = {
    { "mx1.a.example", INT32_MAX, KNOWN_TRUE, NULL, 0 },
    { "old.a.example", 20700, KNOWN_FALSE, "certificate-expired", 20600 },
};
static const int32_t gaps[] = { 20750, 20751 };
static const char *const own[] = { "Ourselves", "Others \\ too" };

struct made {
    struct arena arena;
    struct verdict_settings settings;
    struct verdict_live live;
    struct verdict_input input;
    const char *json;
};

static void make(struct made *made)
{
    *made = (struct made){ .settings = VERDICT_SETTINGS_DEFAULT };
    made->settings.include_untrusted = true;
    made->settings.failing_days = 3;
    made->settings.own_reporters = (struct text_list){ own, 2 };
    made->live = (struct verdict_live){ .looked_seconds = INT64_C(1795700000),
                                        .mode = "testing",
                                        .given_up = true,
                                        .knows_mx = true,
                                        .mx_from_day = 20740,
                                        .hosts = hosts,
                                        .host_count = 2,
                                        .reset_day = 20760 };
    made->live.gates[GATE_MODE] = KNOWN_FALSE;
    made->live.lately[GATE_MODE] = true;
    made->live.gates[GATE_MX_TLS] = KNOWN_FALSE;
    made->live.found[GATE_MX_TLS] = "mx1 shows \"no\" certificate";
    made->live.gates[GATE_RECORD] = KNOWN_TRUE;
    made->input = (struct verdict_input){ .domain = "a.example",
                                          .today = 20785,
                                          .settings = &made->settings,
                                          .rows = rows,
                                          .row_count = 2,
                                          .policies = policies,
                                          .policy_count = 2,
                                          .live = &made->live,
                                          .acks = acks,
                                          .ack_count = 1,
                                          .gaps = gaps,
                                          .gap_count = 2 };
    struct json *json = json_new(&made->arena);
    verdict_input_json(json, &made->input);
    made->json = buf_get(&json->text);
}

static bool read_text(struct arena *arena, const char *json, struct verdict_input *out)
{
    struct err err = { 0 };
    bool good =
        verdict_input_read(arena, "a.example", (struct bytes){ json, strlen(json) }, out, &err);
    assert_int_equal(good ? ERR_NONE : ERR_INPUT, err.kind);
    return good;
}

static void test_round(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    struct verdict_input input;
    assert_true(read_text(&made.arena, made.json, &input));
    struct json *again = json_new(&made.arena);
    verdict_input_json(again, &input);
    assert_string_equal(buf_get(&again->text), made.json);
    assert_string_equal(input.domain, "a.example");
    assert_int_equal(input.today, 20785);
    assert_true(input.settings->include_untrusted);
    assert_int_equal(input.settings->failing_days, 3);
    assert_string_equal(input.settings->own_reporters.items[1], "Others \\ too");
    assert_string_equal(input.rows[0].reporter, "Google \"Inc.\" \u20ac");
    assert_null(input.rows[0].mx);
    assert_true(input.rows[0].policy_id == INT64_MIN && input.policies[1].id == INT64_MAX);
    assert_int_equal(input.live->gates[GATE_MX_TLS], KNOWN_FALSE);
    assert_null(input.live->found[GATE_RECORD]);
    assert_true(input.live->lately[GATE_MODE] && !input.live->lately[GATE_MX_TLS]);
    assert_int_equal(input.live->looked_seconds, INT64_C(1795700000));
    assert_int_equal(input.live->mx_from_day, 20740);
    assert_int_equal(input.live->hosts[0].last_day, INT32_MAX);
    assert_string_equal(input.acks[0].note, "two\nlines \"quoted\"");
    assert_int_equal(input.gaps[1], 20751);
    arena_free(&made.arena);
}

/* Cut anywhere, and with any one value exchanged for one of another kind. */
static void test_damaged(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    struct verdict_input input;
    size_t size = strlen(made.json);
    for (size_t cut = 0; cut < size; cut++) {
        struct arena arena = { 0 };
        assert_false(read_text(&arena, arena_copy(&arena, made.json, cut), &input));
        arena_free(&arena);
    }
    size_t values = 0;
    for (size_t at = 0; at < size; at++) {
        if (!strchr("[,:", made.json[at]) || !strchr("-0123456789", made.json[at + 1]))
            continue;
        struct arena arena = { 0 };
        size_t end = at + 1 + strspn(made.json + at + 1, "-0123456789");
        if (strchr(",]}", made.json[end])) { /* else it stands in a text */
            const char *changed =
                arena_printf(&arena, "%s{}%s", arena_copy(&arena, made.json, at + 1),
                             made.json + end);
            assert_false(read_text(&arena, changed, &input));
            values++;
        }
        arena_free(&arena);
    }
    assert_true(values > 40);
    static const char *const others[] = { "null", "[]",    "{}",
                                          "3",    "\"x\"", "{\"today\":\"2026-11-28\"}" };
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        assert_false(read_text(&made.arena, others[i], &input));
    arena_free(&made.arena);
}

/* One value more at the end of any list: of the lists of one kind of value only the days take another day. */
static void test_too_long(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    size_t lists = 0, taken = 0;
    for (const char *end = made.json; (end = strchr(end, ']')); end++) {
        struct arena arena = { 0 };
        struct verdict_input input;
        taken +=
            read_text(&arena,
                      arena_printf(&arena, "%s,20752%s",
                                   arena_copy(&arena, made.json, (size_t)(end - made.json)), end),
                      &input);
        lists++;
        arena_free(&arena);
    }
    assert_true(lists > 20);
    assert_int_equal(taken, 1);
    arena_free(&made.arena);
}

/* The same verdict comes of it. */
static void test_verdict(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    struct verdict_input input;
    assert_true(read_text(&made.arena, made.json, &input));
    const struct verdict first = verdict_judge(&made.arena, &made.input);
    const struct verdict again = verdict_judge(&made.arena, &input);
    assert_int_equal(first.word, again.word);
    assert_int_equal(first.reason_count, again.reason_count);
    for (size_t i = 0; i < first.reason_count; i++)
        assert_string_equal(first.reasons[i].text, again.reasons[i].text);
    arena_free(&made.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
