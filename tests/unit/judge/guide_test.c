/* Steps of guided changes at given moments, and what holds for all of them: no step is to be taken while one
 * before it is not done, a way back is never refused, time alone never takes a step back.
 * SPDX-License-Identifier: MIT */
#include "judge/guide_plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DAY    INT64_C(86400)
#define START  INT64_C(1790000000)
#define VALUES 8

/* One domain at one moment; days count from START. */
struct scene {
    const char *name;
    const char *goal, *goal_mx;
    struct {
        const char *mode, *mx;
        int64_t max_age, day;    /* made */
        int64_t last_served_day; /* 0: never */
        bool elsewhere;
    } versions[4]; /* newest first */
    bool external;
    int64_t old_seen_day; /* a look saw the bytes of the version before; 0: never */
    int64_t look_day;     /* 0: nobody looked */
    bool not_served, not_published, unrecorded, not_reporting;
    int64_t published_day; /* of the newest id; 0: when it was made */
    const char *live_mx;
    const char *left_mx; /* a host that was in the MX records */
    int64_t left_day;
    bool reported;
    enum verdict_word verdict;
    int64_t now_day;
    const char *want;       /* codes and states */
    int64_t want_until_day; /* of the waiting step; 0: not looked at */
    int64_t want_safe_day;
    bool want_alarm;
};

struct stage {
    struct guide_input input;
    struct hosting_row hosted;
    struct hosting_version_row versions[4];
    char ids[4][16], digests[4][16];
    struct setup_row look;
    struct setup_finding_row finding;
    struct setup_value_row values[VALUES];
    struct setup_policy_row old;
    struct setup_past past;
};

static void add_value(struct stage *stage, const char *kind, const char *value, int64_t since,
                      int64_t last)
{
    struct setup_value_row *row = stage->values;
    size_t count = stage->past.values.count++;
    row[count] = (struct setup_value_row){ .kind = kind,
                                           .value = value,
                                           .first_seconds = since,
                                           .since_seconds = since,
                                           .last_seconds = last,
                                           .ttl_seconds = 300 };
    stage->past.values.first = stage->values;
}

static void add_live(struct arena *arena, struct stage *stage, const struct scene *scene)
{
    int64_t at = START + scene->look_day * DAY;
    const struct text_list live = guide_words(arena, scene->live_mx ? scene->live_mx : "mx1.d");
    add_value(stage, "mx-set", scene->live_mx ? scene->live_mx : "mx1.d", START, at);
    for (size_t i = 0; i < live.count; i++)
        add_value(stage, "mx", live.items[i], START, at);
    if (scene->left_mx)
        add_value(stage, "mx", scene->left_mx, START, START + scene->left_day * DAY);
    if (!scene->not_reporting)
        add_value(stage, "rpt", "v=TLSRPTv1; rua=mailto:t@d", START, at);
}

static const struct guide_input *set(struct arena *arena, const struct scene *scene)
{
    struct stage *stage = arena_alloc(arena, sizeof *stage);
    size_t count = 0;
    for (; count < 4 && scene->versions[count].mode; count++) {
        snprintf(stage->ids[count], sizeof stage->ids[count], "id%zu", count);
        snprintf(stage->digests[count], sizeof stage->digests[count], "sha%zu", count);
        stage->versions[count] = (struct hosting_version_row){
            .version = (int32_t)(4 - count),
            .id = stage->ids[count],
            .sha256 = stage->digests[count],
            .mode = scene->versions[count].mode,
            .mx = scene->versions[count].mx ? scene->versions[count].mx : "mx1.d",
            .max_age_seconds = scene->versions[count].max_age,
            .made_seconds = START + scene->versions[count].day * DAY,
            .last_served_seconds = scene->versions[count].last_served_day
                                       ? START + scene->versions[count].last_served_day * DAY
                                       : 0,
            .elsewhere = scene->external || scene->versions[count].elsewhere,
            .made_by = "",
            .note = "",
        };
    }
    stage->hosted = (struct hosting_row){ .served = !scene->external,
                                          .goal = scene->goal ? scene->goal : "setup",
                                          .goal_mx = scene->goal_mx ? scene->goal_mx : "" };
    stage->look = (struct setup_row){
        .checked_seconds = START + scene->look_day * DAY,
        .steps = scene->not_reporting ? "faulty good good good good good absent"
                                      : "good warned good good good good absent",
        .id = scene->not_published || !count ? "" : stage->ids[0],
        .policy_sha256 = scene->not_served || !count ? "" : stage->digests[0],
        .mode = "",
    };
    stage->finding = (struct setup_finding_row){ .code = "dns.sts.missing" };
    stage->old = (struct setup_policy_row){ .policy_sha256 = stage->digests[1],
                                            .last_seconds = START + scene->old_seen_day * DAY };
    stage->past.policies = (struct rows){ .first = &stage->old, .count = scene->old_seen_day != 0 };
    stage->past.last_report_seconds = scene->reported ? START : 0;
    if (scene->look_day) {
        add_live(arena, stage, scene);
        if (count && !scene->not_published)
            add_value(stage, "id", stage->ids[0],
                      scene->published_day ? START + scene->published_day * DAY
                                           : stage->versions[0].made_seconds,
                      stage->look.checked_seconds);
    }
    stage->input = (struct guide_input){
        .domain = "d",
        .now_seconds = START + scene->now_day * DAY,
        .hosted = count ? &stage->hosted : NULL,
        .versions = stage->versions,
        .version_count = count,
        .look = scene->look_day ? &stage->look : NULL,
        .findings = &stage->finding,
        .finding_count = scene->unrecorded,
        .past = &stage->past,
        .verdict = scene->verdict,
    };
    return &stage->input;
}

static const char *told(struct arena *arena, const struct guide *guide)
{
    const char *text = "";
    for (size_t i = 0; i < guide->step_count; i++)
        text = arena_printf(arena, "%s%s%s=%s", text, i ? " " : "", guide->steps[i].code,
                            guide_state_to_text(guide->steps[i].state));
    return text;
}

#define TESTING(at_day)                                      \
    {                                                        \
        .mode = "testing", .max_age = 86400, .day = (at_day) \
    }
#define ENFORCE(at_day)                                      \
    {                                                        \
        .mode = "enforce", .max_age = 86400, .day = (at_day) \
    }
#define ENFORCEW(at_day)                                      \
    {                                                         \
        .mode = "enforce", .max_age = 604800, .day = (at_day) \
    }

/* clang-format off */
static const struct scene scenes[] = {
    { .name = "nothing is there", .not_reporting = true, .look_day = 1, .now_day = 1, .verdict = VERDICT_UNKNOWN,
      .want = "reporting=now reports=later policy=later served=later published=later clean=later enforce=later" },
    { .name = "the record is there, no report yet", .look_day = 1, .now_day = 1, .verdict = VERDICT_UNKNOWN,
      .want = "reporting=done reports=waiting policy=later served=later published=later clean=later enforce=later",
      .want_until_day = 7 },
    { .name = "a report came", .reported = true, .look_day = 1, .now_day = 1, .verdict = VERDICT_UNKNOWN,
      .want = "reporting=done reports=done policy=now served=later published=later clean=later enforce=later" },
    { .name = "a policy before any report", .versions = { TESTING(2) }, .look_day = 3, .now_day = 3,
      .verdict = VERDICT_UNKNOWN,
      .want = "reporting=done reports=done policy=done served=done published=done clean=now enforce=later" },
    { .name = "a policy, not looked at since", .reported = true, .versions = { TESTING(2) }, .look_day = 1, .now_day = 2,
      .verdict = VERDICT_UNKNOWN, .not_served = true, .not_published = true,
      .want = "reporting=done reports=done policy=done served=now published=later clean=later enforce=later" },
    { .name = "served, the record not yet", .reported = true, .versions = { TESTING(2) }, .look_day = 3, .now_day = 3,
      .verdict = VERDICT_UNKNOWN, .not_published = true,
      .want = "reporting=done reports=done policy=done served=done published=now clean=later enforce=later" },
    { .name = "the record before the policy", .reported = true, .versions = { TESTING(2) }, .look_day = 3, .now_day = 3,
      .verdict = VERDICT_UNKNOWN, .not_served = true, .want_alarm = true,
      .want = "reporting=done reports=done policy=done served=now published=later clean=later enforce=later" },
    { .name = "testing", .reported = true, .versions = { TESTING(2) }, .look_day = 5, .now_day = 5, .verdict = VERDICT_NOT_YET,
      .want = "reporting=done reports=done policy=done served=done published=done clean=now enforce=later" },
    { .name = "ready", .reported = true, .versions = { TESTING(2) }, .look_day = 25, .now_day = 25, .verdict = VERDICT_READY,
      .want = "reporting=done reports=done policy=done served=done published=done clean=done enforce=now" },

    { .name = "enforce for a day", .goal = "enforce", .versions = { ENFORCE(20), TESTING(2) }, .look_day = 21, .now_day = 21,
      .verdict = VERDICT_HEALTHY, .want = "enforce=done served=done published=done week=waiting weeks=later", .want_until_day = 27 },
    { .name = "enforce for a week", .goal = "enforce", .versions = { ENFORCE(20), TESTING(2) }, .look_day = 27, .now_day = 27,
      .verdict = VERDICT_HEALTHY, .want = "enforce=done served=done published=done week=now weeks=later" },
    { .name = "enforce for a week, not looked at for two days", .goal = "enforce", .versions = { ENFORCE(20), TESTING(2) },
      .look_day = 27, .now_day = 29, .verdict = VERDICT_HEALTHY,
      .want = "enforce=done served=now published=later week=later weeks=later" },
    { .name = "made a week ago, out for a day", .goal = "enforce", .versions = { ENFORCE(20), TESTING(2) }, .published_day = 26,
      .look_day = 27, .now_day = 27, .verdict = VERDICT_HEALTHY,
      .want = "enforce=done served=done published=done week=waiting weeks=later", .want_until_day = 33 },
    { .name = "failing in enforce", .goal = "enforce", .versions = { ENFORCE(20), TESTING(2) }, .look_day = 27, .now_day = 27,
      .verdict = VERDICT_FAILING, .want = "enforce=done served=done published=done week=refused weeks=later", .want_alarm = true },
    { .name = "a week's max_age", .goal = "enforce", .versions = { ENFORCEW(27), ENFORCE(20), TESTING(2) }, .look_day = 30,
      .now_day = 30, .verdict = VERDICT_HEALTHY, .want = "enforce=done served=done published=done week=done weeks=waiting",
      .want_until_day = 41 },
    { .name = "raised, not out yet", .goal = "enforce", .versions = { ENFORCEW(27), ENFORCE(20), TESTING(2) }, .look_day = 26,
      .now_day = 45, .verdict = VERDICT_HEALTHY, .not_published = true, .not_served = true,
      .want = "enforce=done served=now published=later week=done weeks=later" },

    { .name = "other hosts, added", .goal = "mx", .goal_mx = "mx9.d",
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 51, .now_day = 51,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=waiting point=later unpoint=later drained=later trim=later" },
    { .name = "other hosts, known", .goal = "mx", .goal_mx = "mx9.d",
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 58, .now_day = 58,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=done point=now unpoint=later drained=later trim=later" },
    { .name = "other hosts, made long ago and never out before", .goal = "mx", .goal_mx = "mx9.d",
      .versions = { { "enforce", "mx1.d mx9.d", 86400, 58, 0 }, { "enforce", "mx1.d mx9.d", 604800, 50, 0 },
                    { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 59, .now_day = 59, .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=waiting point=later unpoint=later drained=later trim=later" },
    { .name = "other hosts, both", .goal = "mx", .goal_mx = "mx9.d", .live_mx = "mx1.d mx9.d",
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 58, .now_day = 58,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=done point=done unpoint=now drained=later trim=later" },
    { .name = "other hosts, pointed to too early", .goal = "mx", .goal_mx = "mx9.d", .live_mx = "mx1.d mx9.d",
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 51, .now_day = 51,
      .verdict = VERDICT_HEALTHY, .want_alarm = true,
      .want = "add=done served=done published=done known=waiting point=done unpoint=later drained=later trim=later" },
    { .name = "other hosts in testing, pointed to at once", .goal = "mx", .goal_mx = "mx9.d", .live_mx = "mx1.d mx9.d",
      .versions = { { "testing", "mx1.d mx9.d", 604800, 50, 0 }, { "testing", "mx1.d", 604800, 30, 0 } }, .look_day = 51, .now_day = 51,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=done point=done unpoint=now drained=later trim=later" },
    { .name = "other hosts, the old ones gone", .goal = "mx", .goal_mx = "mx9.d", .live_mx = "mx9.d", .left_mx = "mx1.d", .left_day = 60,
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 61, .now_day = 61,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=done point=done unpoint=done drained=waiting trim=later" },
    { .name = "other hosts, drained, not looked at for two days", .goal = "mx", .goal_mx = "mx9.d", .live_mx = "mx9.d",
      .left_mx = "mx1.d", .left_day = 60,
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 66, .now_day = 68,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=now published=later known=done point=later unpoint=later drained=later trim=later" },
    { .name = "other hosts, drained", .goal = "mx", .goal_mx = "mx9.d", .live_mx = "mx9.d", .left_mx = "mx1.d", .left_day = 60,
      .versions = { { "enforce", "mx1.d mx9.d", 604800, 50, 0 }, { "enforce", "mx1.d", 604800, 30, 0 } }, .look_day = 66, .now_day = 66,
      .verdict = VERDICT_HEALTHY,
      .want = "add=done served=done published=done known=done point=done unpoint=done drained=done trim=now" },

    { .name = "back to testing", .goal = "rollback", .versions = { TESTING(50), { "enforce", NULL, 1209600, 20, 50 } }, .look_day = 51,
      .now_day = 51, .verdict = VERDICT_NOT_YET,
      .want = "testing=done served=done published=done forgotten=waiting cause=later", .want_until_day = 64 },
    { .name = "a short max_age is held a week by some", .goal = "rollback", .versions = { TESTING(50), ENFORCE(20) }, .look_day = 51,
      .now_day = 51, .verdict = VERDICT_NOT_YET,
      .want = "testing=done served=done published=done forgotten=waiting cause=later", .want_until_day = 57 },
    { .name = "back, forgotten", .goal = "rollback", .versions = { TESTING(50), ENFORCE(20) }, .look_day = 58, .now_day = 58,
      .verdict = VERDICT_NOT_YET, .want = "testing=done served=done published=done forgotten=done cause=now" },

    { .name = "leaving", .goal = "removal", .look_day = 51, .now_day = 51, .verdict = VERDICT_HEALTHY,
      .versions = { { "none", NULL, 86400, 50, 51 }, { "enforce", NULL, 86400, 40, 50 }, { "enforce", NULL, 2592000, 20, 39 } },
      .want = "none=done served=done published=done serve-on=waiting unrecord=later end=later", .want_until_day = 77, .want_safe_day = 77 },
    { .name = "leaving, elsewhere", .goal = "removal", .look_day = 51, .now_day = 51, .verdict = VERDICT_HEALTHY, .external = true,
      .versions = { { "none", NULL, 86400, 50, 0 }, { "enforce", NULL, 1209600, 40, 0 } },
      .want = "none=done served=done published=done serve-on=waiting unrecord=later end=later" },
    { .name = "leaving, here now and elsewhere before, the record is still the old one", .goal = "removal", .look_day = 51,
      .now_day = 51, .verdict = VERDICT_HEALTHY, .not_served = true, .not_published = true,
      .versions = { { "none", NULL, 86400, 50, 0 }, { "enforce", NULL, 1209600, 40, 0, true } },
      .want = "none=done served=now published=later serve-on=later unrecord=later end=later", .want_safe_day = 72 },
    { .name = "leaving, here now and elsewhere before, published later", .goal = "removal", .look_day = 60, .now_day = 60,
      .verdict = VERDICT_HEALTHY, .published_day = 55,
      .versions = { { "none", NULL, 86400, 50, 0 }, { "enforce", NULL, 1209600, 40, 0, true } },
      .want = "none=done served=done published=done serve-on=waiting unrecord=later end=later", .want_safe_day = 76 },
    { .name = "leaving, the old policy was still seen for days", .goal = "removal", .look_day = 60, .now_day = 60,
      .verdict = VERDICT_HEALTHY, .old_seen_day = 58,
      .versions = { { "none", NULL, 86400, 50, 0 }, { "enforce", NULL, 1209600, 40, 0 } },
      .want = "none=done served=done published=done serve-on=waiting unrecord=later end=later", .want_safe_day = 79 },
    { .name = "leaving, the record is taken away too early", .goal = "removal", .look_day = 60, .now_day = 60,
      .verdict = VERDICT_UNKNOWN, .unrecorded = true, .not_published = true, .want_alarm = true,
      .versions = { { "none", NULL, 86400, 50, 59 }, { "enforce", NULL, 1209600, 40, 50 } },
      .want = "none=done served=done published=now serve-on=later unrecord=done end=later", .want_safe_day = 71 },
    { .name = "leaving, over", .goal = "removal", .look_day = 78, .now_day = 78, .verdict = VERDICT_HEALTHY,
      .versions = { { "none", NULL, 86400, 50, 77 }, { "enforce", NULL, 86400, 40, 50 }, { "enforce", NULL, 2592000, 20, 39 } },
      .want = "none=done served=done published=done serve-on=done unrecord=now end=later", .want_safe_day = 77 },
    { .name = "leaving, no record any more", .goal = "removal", .look_day = 80, .now_day = 80, .verdict = VERDICT_UNKNOWN,
      .unrecorded = true, .not_published = true,
      .versions = { { "none", NULL, 86400, 50, 79 }, { "enforce", NULL, 86400, 40, 50 } },
      .want = "none=done serve-on=done unrecord=done end=now" },
};
/* clang-format on */

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(scenes); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct scene *scene = &scenes[i];
        const struct guide guide = guide_make(&arena, set(&arena, scene));
        const char *got = told(&arena, &guide);
        if (strcmp(got, scene->want) != 0)
            fail_msg("%s:\n  got    %s\n  wanted %s", scene->name, got, scene->want);
        if ((guide.alarm != NULL) != scene->want_alarm)
            fail_msg("%s: alarm %s", scene->name, guide.alarm ? guide.alarm : "none");
        if (scene->want_safe_day)
            assert_int_equal(guide.safe_to_remove_seconds, START + scene->want_safe_day * DAY);
        for (size_t k = 0; k < guide.step_count; k++)
            if (guide.steps[k].state == GUIDE_WAITING && scene->want_until_day)
                assert_int_equal(guide.steps[k].until_seconds, START + scene->want_until_day * DAY);
    }
}

/* Every scene with every goal, verdict and moment, and with each thing unseen. */
static void test_no_step_before_the_one_before_it(void **state)
{
    (void)state;
    static const char *const goals[] = { "setup", "enforce", "mx", "rollback", "removal" };
    size_t looked = 0;
    for (size_t i = 0; i < ARRAY_SIZE(scenes) * ARRAY_SIZE(goals) * 6 * 16; i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct scene scene = scenes[i % ARRAY_SIZE(scenes)];
        size_t rest = i / ARRAY_SIZE(scenes);
        scene.goal = goals[rest % ARRAY_SIZE(goals)];
        rest /= ARRAY_SIZE(goals);
        scene.verdict = (enum verdict_word)(rest % 6);
        rest /= 6;
        scene.not_served ^= rest & 1;
        scene.not_published ^= rest >> 1 & 1;
        scene.now_day += rest & 4 ? 400 : 0;
        scene.external ^= rest >> 3 & 1;
        const struct guide guide = guide_make(&arena, set(&arena, &scene));
        bool open = false;
        for (size_t k = 0; k < guide.step_count; k++) {
            enum guide_state it = guide.steps[k].state;
            if (open && it != GUIDE_DONE && it != GUIDE_LATER)
                fail_msg("%s, %s: %s", scene.name, scene.goal, told(&arena, &guide));
            if (!open && it == GUIDE_LATER)
                fail_msg("%s, %s: %s", scene.name, scene.goal, told(&arena, &guide));
            open = open || it != GUIDE_DONE;
            looked++;
        }
    }
    assert_true(looked > 10000);
}

/* While the service goes on looking, and sees the same: waiting ends; nothing else comes of time alone. */
static void test_time_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(scenes); i++) {
        size_t done = 0;
        for (int64_t day = scenes[i].now_day; day < scenes[i].now_day + 60; day++) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct scene scene = scenes[i];
            size_t now = 0;
            scene.now_day = day;
            scene.look_day += scene.look_day ? day - scenes[i].now_day : 0;
            const struct guide guide = guide_make(&arena, set(&arena, &scene));
            for (size_t k = 0; k < guide.step_count; k++)
                now += guide.steps[k].state == GUIDE_DONE;
            if (now < done)
                fail_msg("%s, day %lld: %s", scene.name, (long long)day, told(&arena, &guide));
            done = now;
        }
    }
}

/* --- wishes --- */

static struct guide_plan plan_of(struct arena *arena, const struct scene *scene, const char *mode,
                                 const char *mx, int64_t max_age)
{
    const struct guide_wish wish = { .mode = mode,
                                     .mx = guide_words(arena, mx),
                                     .max_age_seconds = max_age };
    return guide_plan_make(arena, set(arena, scene), &wish);
}

static void test_a_way_back_is_never_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
        for (int verdict = 0; verdict < 6; verdict++) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct scene scene = scenes[i];
            scene.verdict = (enum verdict_word)verdict;
            assert_null(plan_of(&arena, &scene, "testing", "mx1.d", 86400).refusal);
            assert_null(plan_of(&arena, &scene, "none", "mx1.d", 86400).refusal);
        }
}

static const struct scene *scene_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
        if (strcmp(scenes[i].name, name) == 0)
            return &scenes[i];
    fail_msg("no scene %s", name);
    return NULL;
}

static void test_wishes(void **state)
{
    (void)state;
    static const struct {
        const char *scene, *mode, *mx;
        int64_t max_age;
        enum guide_goal want;
        const char *want_refusal; /* a word of it; NULL: none */
    } rows[] = {
        { "nothing is there", "testing", "mx1.d", 86400, GUIDE_SETUP, NULL },
        { "nothing is there", "enforce", "mx1.d", 86400, GUIDE_ENFORCE, "mode testing" },
        { "testing", "enforce", "mx1.d", 86400, GUIDE_ENFORCE, "verdict" },
        { "ready", "enforce", "mx1.d", 86400, GUIDE_ENFORCE, NULL },
        { "ready", "enforce", "mx1.d", 604800, GUIDE_ENFORCE, "86400" },
        { "ready", "enforce", "mx2.d", 86400, GUIDE_ENFORCE, "mx1.d is in the MX records" },
        { "enforce for a day", "enforce", "mx1.d", 604800, GUIDE_ENFORCE, "too soon" },
        { "enforce for a week", "enforce", "mx1.d", 604800, GUIDE_ENFORCE, NULL },
        { "made a week ago, out for a day", "enforce", "mx1.d", 604800, GUIDE_ENFORCE, "too soon" },
        { "enforce for a week", "enforce", "mx1.d", 604801, GUIDE_ENFORCE, "too soon" },
        { "enforce for a week, not looked at for two days", "enforce", "mx1.d", 604800,
          GUIDE_ENFORCE, "not out yet" },
        { "failing in enforce", "enforce", "mx1.d", 604800, GUIDE_ENFORCE, "refused today" },
        { "failing in enforce", "enforce", "mx1.d mx2.d", 86400, GUIDE_MX, NULL },
        { "raised, not out yet", "enforce", "mx1.d", 1209600, GUIDE_ENFORCE, "not out yet" },
        { "enforce for a week", "testing", "mx1.d", 86400, GUIDE_ROLLBACK, NULL },
        { "back to testing", "testing", "mx1.d mx2.d", 86400, GUIDE_ROLLBACK, NULL },
        { "enforce for a week", "none", "mx1.d", 86400, GUIDE_REMOVAL, NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct guide_plan plan =
            plan_of(&arena, scene_of(rows[i].scene), rows[i].mode, rows[i].mx, rows[i].max_age);
        const char *want = rows[i].want_refusal;
        if (!plan.refusal != !want || (want && !strstr(plan.refusal, want)))
            fail_msg("%s, %s: %s", rows[i].scene, rows[i].mode,
                     plan.refusal ? plan.refusal : "not refused");
        if (plan.goal != rows[i].want)
            fail_msg("%s, %s: %s", rows[i].scene, rows[i].mode, guide_goal_to_text(plan.goal));
    }
}

/* In enforce a host stays in the policy until mail to it has arrived, whatever is wished. */
static void test_hosts_that_stay(void **state)
{
    (void)state;
    static const struct {
        const char *scene;
        size_t want;
    } rows[] = {
        { "other hosts, added", 2 },
        { "other hosts, both", 2 },
        { "other hosts, the old ones gone", 2 },
        { "other hosts, drained", 1 },
        { "other hosts, drained, not looked at for two days", 2 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct guide_plan plan =
            plan_of(&arena, scene_of(rows[i].scene), "enforce", "mx9.d", 604800);
        assert_int_equal(plan.goal, GUIDE_MX);
        assert_int_equal(plan.goal_mx.count, 1);
        if (plan.mx.count != rows[i].want)
            fail_msg("%s: %zu hosts", rows[i].scene, plan.mx.count);
        assert_true((plan.note != NULL) == (rows[i].want == 2));
    }
}

/* A policy that is made anew in the middle of a change does not end that change; hosts that are named do. */
static void test_a_change_goes_on(void **state)
{
    (void)state;
    for (int named = 0; named < 2; named++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct guide_wish wish = { .mode = "enforce",
                                         .mx = guide_words(&arena, "mx1.d mx9.d"),
                                         .names_mx = named,
                                         .max_age_seconds = 604800 };
        const struct guide_plan plan =
            guide_plan_make(&arena, set(&arena, scene_of("other hosts, both")), &wish);
        assert_int_equal(plan.goal, GUIDE_MX);
        assert_int_equal(plan.mx.count, 2);
        assert_int_equal(plan.goal_mx.count, named ? 2 : 1);
        assert_true(plan.begins == named);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_no_step_before_the_one_before_it),
        cmocka_unit_test(test_time_alone),
        cmocka_unit_test(test_a_way_back_is_never_refused),
        cmocka_unit_test(test_wishes),
        cmocka_unit_test(test_hosts_that_stay),
        cmocka_unit_test(test_a_change_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
