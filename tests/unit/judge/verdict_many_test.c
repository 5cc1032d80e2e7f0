/* What a stranger's reports may do to a verdict: tens of thousands of failures are judged in a time and a
 * memory that grow no faster than they, long names never leave half a character, and no name is more than
 * its text.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "verdict_world.h"
#include "judge/verdict_text.h"

#define MANY 40000
#define MANY_BYTES \
    (INT64_C(150) << 20) /* of the arena, for MANY rows; one for each pair would be a GiB */

static struct world world;

/* Each of another MX, all timed out; of as many reporters as are named. Before them a success of each. */
static void make_many(int reporters)
{
    struct verdict_row *rows = arena_array(&world.arena, (size_t)(MANY + reporters), sizeof *rows);
    for (int i = 0; i < MANY + reporters; i++) {
        bool success = i < reporters;
        rows[i] = (struct verdict_row){
            .domain_id = 1,
            .day = WORLD_CLOSED - (success ? 60 : 10 + i % 20),
            .reporter = arena_printf(&world.arena, "Reporter %d", i % reporters),
            .policy_id = UNTOLD,
            .policy_type = "sts",
            .mx = success ? NULL : arena_printf(&world.arena, "mx%d.a.example", i),
            .result = success ? "successful" : "validation-failure",
            .sessions = 1,
            .transient = !success,
        };
    }
    world.input.rows = rows;
    world.input.row_count = (size_t)(MANY + reporters);
    world.live = (struct verdict_live){ 0 };
}

static void test_many(void **state)
{
    (void)state;
    static const int reporters[] = { 1, MANY / 2 };
    for (size_t i = 0; i < ARRAY_SIZE(reporters); i++) {
        world_begin(&world);
        make_many(reporters[i]);
        struct verdict verdict = world_judge(&world);
        assert_int_equal(verdict.disposition_count, MANY);
        assert_true((int64_t)world.arena.bytes < MANY_BYTES);
        arena_free(&world.arena);
    }
}

/* A result type of 1024 bytes, as long as texts of a report may be: the sentence is cut between characters. */
static void test_long_names(void **state)
{
    (void)state;
    for (int shift = 0; shift < 3; shift++) {
        char name[1025];
        world_begin(&world);
        memset(name, 'x', sizeof name);
        for (int i = shift; i + 3 < (int)sizeof name; i += 3)
            memcpy(name + i, "\u20ac", 3);
        name[1024] = '\0';
        world_clean(&world, "Google", TESTING, 13, 100);
        world_fail(&world, 5, "Google", TESTING, "mx1.a.example", name, 3);
        struct verdict verdict = world_judge(&world);
        for (size_t i = 0; i < verdict.reason_count; i++)
            assert_true(text_is_utf8(verdict.reasons[i].text, strlen(verdict.reasons[i].text)));
        arena_free(&world.arena);
    }
}

/* What turns the direction of writing or speaks to a terminal is seen by its number; one line for a monitor. */
static void test_unseen(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf text = BUF(10000), plugin = BUF(10000);
    world_begin(&world);
    world_clean(&world, "Google", TESTING, 13, 100);
    world_fail(&world, 5, "Google", TESTING, "mx1.a.example",
               "a\u202eb\xc2\x9b"
               "c\r\n|d",
               3);
    struct verdict verdict = world_judge(&world);
    verdict_text(&text, "a.example", &verdict);
    verdict_plugin(&plugin, "a.example", &verdict);
    assert_non_null(strstr(buf_get(&text), "a\u27e8U+202E\u27e9b\u27e8U+009B\u27e9c\ufffd |d at"));
    assert_non_null(
        strstr(buf_get(&plugin), "a\u27e8U+202E\u27e9b\u27e8U+009B\u27e9c\ufffd /d at"));
    assert_ptr_equal(strchr(buf_get(&plugin), '\n'), buf_get(&plugin) + plugin.size - 1);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
