/* The policy's text in two judgements, and its max_age for the mode.
 * SPDX-License-Identifier: MIT */
#include "setup_world.h"

static struct world world;

struct text_case {
    const char *name;
    const char *text; /* NULL: none came */
    const char *code;
    enum setup_severity severity;
    const char *evidence; /* part of it; NULL: whatever it is */
    bool valid;           /* who follows the RFC has a policy */
};

#define V "version: STSv1\r\n"
#define T "mode: testing\r\n"
#define H "mx: mx1.a.example\r\nmx: mx2.a.example\r\n"
#define A "max_age: 86400\r\n"
#define E SEVERITY_ERROR
#define W SEVERITY_WARNING
#define I SEVERITY_INFO

/* clang-format off */
static const struct text_case cases[] = {
    { "R50 no version", T H A, "pol.version", E, NULL, false },
    { "R50 version not first", T V H A, "pol.version-not-first", W, "strictest senders refuse", true },
    { "R51 X14 mode Enforce", V "mode: Enforce\r\n" H A, "pol.mode", E, "Line 2", false },
    { "R51 no mode", V H A, "pol.mode", E, NULL, false },
    { "R52 X13 no max_age", V T H, "pol.maxage-missing", E, NULL, false },
    { "R52 X13 31557601", V T H "max_age: 31557601\r\n", "pol.maxage-range", E, "31557600", false },
    { "R52 X13 99999999999", V T H "max_age: 99999999999\r\n", "pol.maxage-range", E, NULL, false },
    { "R52 X13 1e5", V T H "max_age: 1e5\r\n", "pol.maxage-range", E, NULL, false },
    { "R52 X13 86400.0", V T H "max_age: 86400.0\r\n", "pol.maxage-range", E, NULL, false },
    { "R53 no mx", V T A, "pol.mx-missing", E, NULL, false },
    { "R53 two hosts in a line", V T "mx: mx1.a.example, mx2.a.example\r\n" A, "pol.mx-syntax", E, NULL, false },
    { "R53 X9 trailing dot", V T "mx: mx1.a.example.\r\nmx: mx2.a.example\r\n" A, "pol.mx-syntax", E, NULL, false },
    { "R53 X7 U-label", V T H "mx: m\xc3\xbcller.example\r\n" A, "pol.mx-syntax", E, NULL, false },
    { "R53 X15 only an asterisk", V T "mx: *\r\n" A, "pol.mx-syntax", E, NULL, false },
    { "R53 X15 asterisk in the middle", V T "mx: mx*.a.example\r\n" A, "pol.mx-syntax", E, NULL, false },
    { "R53 address", V T H "mx: 192.0.2.1\r\n" A, "pol.mx-ip", E, "192.0.2.1", false },
    { "R53 X9 address literal", V T H "mx: [192.0.2.1]\r\n" A, "pol.mx-ip", E, NULL, false },
    { "R53 nmx", V T "nmx: mx1.a.example\r\n" H A, "pol.unknown-key", W, "nmx", true },
    { "R54 X6 bare CR", "version: STSv1\rmode: testing\rmx: mx1.a.example\rmax_age: 86400\r", "pol.cr", E, NULL, false },
    { "R54 X6 mixed ends", "version: STSv1\n" T H A, "pol.mixed-ends", I, NULL, true },
    { "R55 X6 blank line", V T H A "\r\n", "pol.blank-line", E, NULL, false },
    { "R55 X6 comment", V "# ours\r\n" T H A, "pol.comment", W, NULL, true },
    { "R55 X6 byte order mark", "\xef\xbb\xbf" V T H A, "pol.bom", E, NULL, false },
    { "R55 X6 space before a colon", V "mode : testing\r\n" H A, "pol.space", W, "strictest senders", true },
    { "R55 duplicate mode", V T "mode: enforce\r\n" H A, "pol.dup", W, "Line 3", true },
    { "R55 not ASCII", V T H A "x-note: gr\xc3\xbc\xc3\x9f\x65\r\n", "pol.nonascii", W, NULL, true },
    { "R55 X6 no final newline", V T H "max_age: 86400", "pol.no-final-newline", W, NULL, true },
    { "R55 colon in the value of an unknown key", V T H A "x-note: a:b\r\n", "pol.strict", W, NULL, true },
    { "R56 unknown key", V T H A "x-owner: us\r\n", "pol.extension", I, "x-owner", true },
    { "R56 typing error", V T H A "maxage: 1\r\n", "pol.unknown-key", W, NULL, true },
    { "X6 no key and value", V T H "hello\r\n" A, "pol.syntax", E, NULL, false },
    { "R58 X13 max_age 0", V T H "max_age: 0\r\n", "pol.maxage-short", W, NULL, true },
    { "R58 an hour in testing", V T H "max_age: 3600\r\n", "pol.maxage-short", W, "1 hour", true },
    { "R58 X22 a year in testing", V T H "max_age: 31557600\r\n", "pol.maxage-long-testing", W, "365 days", true },
    { "R59 a day in enforce", V "mode: enforce\r\n" H A, "pol.maxage-short-enforce", I, NULL, true },
    { "R60 broad wildcard", V T "mx: *.a.example\r\n" A, "pol.mx-wild-broad", I, NULL, true },
    { "R57 R96 mode none", V "mode: none\r\n" H A, "pol.mode-none", I, NULL, true },
    { "R53 mode none without mx", V "mode: none\r\n" A, "pol.strict", W, NULL, true },
    { "R12 no text", NULL, "pol.not-looked", SEVERITY_UNKNOWN, NULL, false },
};
/* clang-format on */

static struct setup_result judge(const char *text)
{
    world_begin(&world);
    if (text)
        world_policy(&world, text);
    else
        world.facts.fetches.count = 0;
    world.facts.clients.count = 0;
    return world_judge(&world);
}

static bool holds(const struct text_case *one)
{
    const struct setup_result result = judge(one->text);
    bool blocks = one->severity == E || strcmp(one->code, "pol.maxage-long-testing") == 0;
    bool good = world_fits(&result, one->code, one->severity, NULL, one->evidence)
                && (result.mode != NULL) == one->valid
                && (result.gates[GATE_POLICY_TEXT] == KNOWN_TRUE) == one->valid
                && world_find(&result, one->code)->blocks == blocks;
    if (!good) {
        world_print(&result, one->name, one->severity, one->code);
        printf("%s: gate %d, mode %s\n", one->name, result.gates[GATE_POLICY_TEXT],
               result.mode ? result.mode : "none");
    }
    return good;
}

static void test_cases(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        good &= holds(&cases[i]);
    assert_true(good);
    assert_true(world_covers(SETUP_POLICY, ""));
    arena_free(&world.arena);
}

/* G9: how long senders may keep what testing serves decides how quick a way back is. */
static void test_rollback_gate(void **state)
{
    (void)state;
    struct setup_result result = judge(V T H "max_age: 604800\r\n");
    assert_int_equal(result.gates[GATE_ROLLBACK], KNOWN_TRUE);
    result = judge(V T H "max_age: 604801\r\n");
    assert_int_equal(result.gates[GATE_ROLLBACK], KNOWN_FALSE);
    arena_free(&world.arena);
}

/* A text that nobody gets, for its certificate is bad, is read all the same; and is not what is published. */
static void test_read_all_the_same(void **state)
{
    (void)state;
    world_begin(&world);
    world_policy(&world, V "mode: Enforce\r\n" H A);
    world.fetches[0].tls.certificate.flaws = world.fetches[1].tls.certificate.flaws = FLAW_NAME;
    const struct setup_result result = world_judge(&world);
    assert_non_null(world_find(&result, "pol.mode"));
    assert_null(result.mode);
    assert_null(result.policy_sha256);
    arena_free(&world.arena);
}

/* No text came at all: whether it would be good is not known. */
static void test_none(void **state)
{
    (void)state;
    assert_int_equal(judge(NULL).gates[GATE_POLICY_TEXT], KNOWN_NOT);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_rollback_gate),
        cmocka_unit_test(test_read_all_the_same),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
