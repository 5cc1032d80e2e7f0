/* What holds of any verdict: a clean day never makes it worse, a failure never better, and neither the
 * order of rows nor how they are split into reports matters. On evidence made by a seeded generator.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "verdict_world.h"

#define ROUNDS 400

static struct world world, other;
static uint64_t seed;

static int below(int limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)(seed % (uint64_t)limit);
}

static const char *const reporters[] = { "Google", "Microsoft", "Mox", "tiny.example" };
static const char *const hosts[] = { "mx1.a.example", "mx2.a.example", "mx9.a.example", NULL };
static const char *const results[] = {
    "certificate-expired",
    "validation-failure",
    "starttls-not-supported",
    "sts-policy-fetch-error",
    "sts-policy-invalid",
    "certificate-host-mismatch",
    "unexplained",
    "made-up-by-the-sender",
};

static void fail_anywhere(struct world *it, int64_t policy, int days)
{
    const char *reporter = reporters[below(ARRAY_SIZE(reporters))];
    const char *result = results[below(ARRAY_SIZE(results))];
    int64_t sessions = 1 + below(5);
    struct verdict_row *row =
        world_fail(it, below(days + 3) - 3, reporter, policy,
                   strcmp(result, "unexplained") == 0 ? NULL : hosts[below(ARRAY_SIZE(hosts))],
                   result, sessions);
    row->transient = below(2) ? sessions : 0;
}

/* Up to 60 days of reporters that come and go, mostly clean. */
static void make(uint64_t number)
{
    seed = number * 0x9E3779B97F4A7C15u + 1;
    world_begin(&world);
    int days = 5 + below(55);
    int64_t policy = below(4) ? TESTING : ENFORCE;
    for (size_t i = 0; i < ARRAY_SIZE(reporters); i++) {
        int regular = 1 + below(10), sessions = 1 + below(60);
        for (int back = days - 1; back >= 0; back--)
            if (below(10) < regular)
                world_add(&world, back, reporters[i], policy, NULL, "successful",
                          1 + below(sessions));
    }
    for (int failures = below(3) ? 0 : below(4); failures > 0; failures--)
        fail_anywhere(&world, policy, days);
    for (int gate = 0; gate < GATES; gate++)
        world.live.gates[gate] = below(30) ? KNOWN_TRUE : KNOWN_NOT;
    world.live.knows_mx = below(2);
    world.hosts[1].passes = (enum verdict_known)below(2);
}

static int rank(enum verdict_word word)
{
    switch (word) {
    case VERDICT_READY:
    case VERDICT_HEALTHY:
        return 0;
    case VERDICT_READY_LIMITED:
        return 1;
    case VERDICT_UNKNOWN:
    case VERDICT_NOT_YET:
        return 2;
    case VERDICT_FAILING:
        return 3;
    }
    return -1;
}

/* The same evidence, to be changed. */
static void copy(void)
{
    arena_free(&other.arena);
    other = world;
    other.arena = (struct arena){ 0 };
    other.input.settings = &other.settings;
    other.input.live = &other.live;
    other.input.rows = other.rows;
    other.input.acks = &other.ack;
    other.input.gaps = other.gaps;
    other.live.hosts = other.hosts;
}

static void tell(const char *when, const struct verdict *verdict)
{
    print_message("%s: %s\n", when, verdict_word_to_text(verdict->word));
    for (size_t i = 0; i < verdict->reason_count; i++)
        print_message("  %s (%d): %s\n", verdict->reasons[i].code, verdict->reasons[i].weight,
                      verdict->reasons[i].text);
}

static void assert_same(const struct verdict *a, const struct verdict *b)
{
    assert_int_equal(a->word, b->word);
    assert_int_equal(a->stage, b->stage);
    assert_int_equal(a->reason_count, b->reason_count);
    for (size_t i = 0; i < a->reason_count; i++)
        assert_string_equal(a->reasons[i].text, b->reasons[i].text);
    assert_string_equal(a->counterfactual.sentence, b->counterfactual.sentence);
    assert_int_equal(a->counterfactual.by_mx.count, b->counterfactual.by_mx.count);
    for (size_t i = 0; i < a->counterfactual.by_mx.count; i++)
        assert_int_equal(a->counterfactual.by_mx.items[i].low,
                         b->counterfactual.by_mx.items[i].low);
    assert_int_equal(a->clock_day, b->clock_day);
}

static void shuffle(struct world *it)
{
    for (size_t i = it->input.row_count; i > 1; i--) {
        size_t j = (size_t)below((int)i);
        struct verdict_row row = it->rows[i - 1];
        it->rows[i - 1] = it->rows[j];
        it->rows[j] = row;
    }
}

static void test_order(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        make(i);
        copy();
        shuffle(&other);
        struct verdict a = world_judge(&world), b = world_judge(&other);
        assert_same(&a, &b);
        arena_free(&world.arena);
    }
}

/* Two reports of a day instead of one: the rows of one key have other sums, in other places. */
static void test_split(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        make(i);
        copy();
        for (size_t j = 0, count = other.input.row_count; j < count; j++) {
            struct verdict_row *row = &other.rows[j];
            int64_t part = row->sessions / 2;
            if (part == 0 || row->transient || strcmp(row->result, "successful") != 0)
                continue;
            other.rows[other.input.row_count] = *row;
            other.rows[other.input.row_count++].sessions = part;
            row->sessions -= part;
        }
        shuffle(&other);
        struct verdict a = world_judge(&world), b = world_judge(&other);
        assert_same(&a, &b);
        arena_free(&world.arena);
    }
}

static void test_failure(void **state)
{
    (void)state;
    int worse = 0;
    for (uint64_t i = 0; i < 4 * ROUNDS; i++) {
        make(i);
        struct verdict before = world_judge(&world);
        copy();
        fail_anywhere(&other, other.rows[0].policy_id, 40);
        struct verdict after = world_judge(&other);
        if (rank(after.word) < rank(before.word)) {
            tell("before", &before);
            tell("after", &after);
        }
        assert_true(rank(after.word) >= rank(before.word));
        assert_true(after.counterfactual.refused_high >= before.counterfactual.refused_high);
        worse += rank(after.word) > rank(before.word);
        arena_free(&world.arena);
    }
    assert_true(worse > ROUNDS / 20); /* the generator does find clean ones */
}

/* The next day: what was there moves back, and each reporter has a day as good as its best. */
static void test_clean_day(void **state)
{
    (void)state;
    int better = 0;
    for (uint64_t i = 0; i < 4 * ROUNDS; i++) {
        make(i);
        struct verdict before = world_judge(&world);
        copy();
        other.input.today++;
        for (size_t j = 0; j < ARRAY_SIZE(reporters); j++)
            world_add(&other, -1, reporters[j], other.rows[0].policy_id, NULL, "successful", 60);
        struct verdict after = world_judge(&other);
        if (rank(after.word) > rank(before.word)) {
            tell("before", &before);
            tell("after", &after);
        }
        assert_true(rank(after.word) <= rank(before.word));
        better += rank(after.word) < rank(before.word);
        arena_free(&world.arena);
    }
    assert_true(better > 0);
}

/* Days are UTC days, wherever the machine stands. */
static void test_time_zones(void **state)
{
    (void)state;
    static const char *const zones[] = { "UTC", "Pacific/Kiritimati", "America/Adak" };
    make(7);
    struct verdict first = world_judge(&world);
    for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
        assert_int_equal(setenv("TZ", zones[i], 1), 0);
        tzset();
        struct verdict again = world_judge(&world);
        assert_same(&first, &again);
    }
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&world.arena);
    arena_free(&other.arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_order, teardown),
        cmocka_unit_test_teardown(test_split, teardown),
        cmocka_unit_test_teardown(test_failure, teardown),
        cmocka_unit_test_teardown(test_clean_day, teardown),
        cmocka_unit_test_teardown(test_time_zones, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
