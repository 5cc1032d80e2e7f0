/* Whom we believe: tokens of settings and file, clients, and that no error shows a token.
 * SPDX-License-Identifier: MIT */
#include "collector/https_trust.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/https_trust_test.XXXXXX";

static void write_file(const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

#define ONE "0123456789abcdef"
#define TWO "Letters-digits.and_~"

static void test_ground(void **state)
{
    (void)state;
    static const char *const tokens[] = { ONE };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct network net;
    struct err err = { 0 };
    struct https_trust_settings settings = { .tokens = { tokens, 1 }, .tokens_file = path };
    assert_true(network_parse("192.0.2.0/24", &net, &err));
    settings.client_nets = (struct network_list){ &net, 1 };
    write_file("# a comment\n\n  " TWO "   # of a sender\nAnother-token-0001\n");
    if (!https_trust_load(&arena, &settings, &err))
        fail_msg("%s: %s", err.field, err.text);
    struct https_trust *trust = https_trust_new(&settings);
    arena_free(&arena); /* it keeps nothing of them */
    static const struct {
        const char *token, *client, *want; /* NULL: not believed */
        bool strange;
    } rows[] = {
        { "", "203.0.113.1", NULL, false },
        { "", "192.0.2.9", "listed client", false },
        { "", "::ffff:192.0.2.9", "listed client", false },
        { ONE, "203.0.113.1", "token", false },
        { TWO, "203.0.113.1", "token", false },
        { "Another-token-0001", "192.0.2.9", "token", false },
        { "0123456789abcde", "203.0.113.1", NULL, true },
        { ONE "0", "203.0.113.1", NULL, true },
        { "0123456789ABCDEF", "203.0.113.1", NULL, true },
        { "wrong", "192.0.2.9", "listed client", true },
        { "#", "203.0.113.1", NULL, true },
        { "", "unix", NULL, false },
        { "", "", NULL, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        bool strange = !rows[i].strange;
        const char *ground = https_trust_ground(trust, rows[i].token, rows[i].client, &strange);
        if (strange != rows[i].strange || !ground != !rows[i].want
            || (ground && strcmp(ground, rows[i].want) != 0))
            fail_msg("%s from %s: %s, %d", rows[i].token, rows[i].client, ground ? ground : "-",
                     strange);
    }
    shared_release(trust);
}

static void test_nothing_set(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct https_trust_settings settings = { .tokens_file = "" };
    struct err err = { 0 };
    bool strange;
    assert_true(https_trust_load(&arena, &settings, &err));
    struct https_trust *trust = https_trust_new(&settings);
    assert_null(https_trust_ground(trust, "", "192.0.2.1", &strange));
    assert_null(https_trust_ground(trust, ONE, "192.0.2.1", &strange));
    assert_true(strange);
    shared_release(trust);
}

/* Every token of these has "hunter" in it, and no error has. */
static void test_faults_show_no_token(void **state)
{
    (void)state;
    static const struct {
        const char *item, *file; /* NULL: not that */
        const char *want_field, *want;
    } rows[] = {
        { "hunter2", NULL, "collector.tokens", "item 2 is no token: it needs 16 to 200 letters" },
        { "", NULL, "collector.tokens", "item 2 is no token" },
        { "hunter2/hunter2/hunter2", NULL, "collector.tokens", "item 2 is no token" },
        { "hunter2 hunter2 hunter2", NULL, "collector.tokens", "item 2 is no token" },
        { "hunter2%41hunter2hunter2", NULL, "collector.tokens", "item 2 is no token" },
        { "hunter2h\xc3\xbcnter2hunter2", NULL, "collector.tokens", "item 2 is no token" },
        { NULL, "\n" ONE "\nhunter2\n", "collector.tokens_file", ":3 is no token" },
        { NULL, ONE " hunter2\n", "collector.tokens_file", ":1 is no token" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *items[] = { ONE, rows[i].item };
        struct https_trust_settings settings = { .tokens = { items, rows[i].item ? 2 : 1 } };
        struct err err = { 0 };
        if (rows[i].file) {
            settings.tokens_file = path;
            write_file(rows[i].file);
        }
        assert_false(https_trust_load(&arena, &settings, &err));
        assert_int_equal(err.kind, ERR_SETUP);
        assert_string_equal(err.field, rows[i].want_field);
        if (!strstr(err.text, rows[i].want) || strstr(err.text, "hunter"))
            fail_msg("%s", err.text);
    }
    struct https_trust_settings settings = { .tokens_file = "/nonexistent" };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct err err = { 0 };
    assert_false(https_trust_load(&arena, &settings, &err));
    assert_string_equal(err.text, "cannot read /nonexistent: No such file or directory");
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ground),
        cmocka_unit_test(test_nothing_set),
        cmocka_unit_test(test_faults_show_no_token),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
