/* Users from settings and files, names that are taken, and the file that is written.
 * SPDX-License-Identifier: MIT */
#include "web/users.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define HASH "$2b$05$abcdefghijklmnopqrstuuQDMb4kJzsEj9wR1xq0cxgAIBiWpzdZy"

static char file[] = "/tmp/users_test.XXXXXX";

static void write_file(const char *text)
{
    FILE *out = fopen(file, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static const char *read_file(void)
{
    static char text[4096];
    FILE *in = fopen(file, "re");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    return text;
}

static void test_read(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct users users;
    const char *const listed[] = { "anna:" HASH, "b@example.org:" HASH };
    write_file("# comment\n\n  carl:" HASH "  \r\ndora:" HASH);
    assert_true(users_read(&arena, &(struct text_list){ listed, 2 }, file, &users, &err));
    assert_int_equal(users.count, 4);
    static const char *const names[] = { "anna", "b@example.org", "carl", "dora" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        assert_ptr_equal(users_find(&users, names[i]), &users.items[i]);
        assert_string_equal(users.items[i].hash, HASH);
    }
    assert_null(users_find(&users, "ann"));
    assert_null(users_find(&users, ""));
    assert_true(users_read(&arena, &(struct text_list){ 0 }, "", &users, &err));
    assert_int_equal(users.count, 0);
    arena_free(&arena);
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "anna", ":1: must be name:hash" },
        { "anna:" HASH "\nsecretpassword", ":2: must be name:hash" },
        { "anna:secretpassword", ":1: not a hash" },
        { "anna:" HASH "\n\nanna:" HASH, ":3: the user anna is there already" },
        { "a b:" HASH, ":1: a user's name has" },
        { ":" HASH, ":1: a user's name has" },
        { "anna:" HASH ":x", ":1: the hash is damaged" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct users users;
        write_file(cases[i].text);
        assert_false(users_read(&arena, &(struct text_list){ 0 }, file, &users, &err));
        assert_int_equal(err.kind, ERR_SETUP);
        if (!strstr(err.text, cases[i].want))
            fail_msg("'%s' lacks '%s'", err.text, cases[i].want);
        assert_null(strstr(err.text, "secret"));
        arena_free(&arena);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const good[] = { "a", "anna", "anna.b+c@example.org", "_-%&=()" },
                             *const bad[] = { "",    "a b",     "a:b", "#a",       "a\"",
                                              "a\\", "${HOME}", "a\n", "\xc3\xbc", "a\177" };
    char longest[66];
    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        assert_true(users_name_fits(good[i], &(struct err){ 0 }));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_false(users_name_fits(bad[i], &(struct err){ 0 }));
    memset(longest, 'x', sizeof longest);
    longest[65] = '\0';
    assert_false(users_name_fits(longest, &(struct err){ 0 }));
    longest[64] = '\0';
    assert_true(users_name_fits(longest, &(struct err){ 0 }));
}

static void test_write(void **state)
{
    (void)state;
    struct err err = { 0 };
    struct stat found;
    unlink(file);
    assert_true(users_write(file, &(struct user){ "anna", "1" }, &err));
    assert_int_equal(stat(file, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0640);
    assert_true(users_write(file, &(struct user){ "ann", "2" }, &err));
    assert_string_equal(read_file(), "anna:1\nann:2\n");
    write_file("# head\n\nanna:1\nann:2\nanna:3\nlast:4");
    assert_int_equal(chmod(file, 0600), 0);
    assert_true(users_write(file, &(struct user){ "anna", "9" }, &err));
    assert_string_equal(read_file(), "# head\n\nanna:9\nann:2\nlast:4\n");
    assert_int_equal(stat(file, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_false(users_write("/nonexistent/users", &(struct user){ "anna", "9" }, &err));
    assert_int_equal(err.kind, ERR_SETUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_write),
    };
    int fd = mkstemp(file);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file);
    return failed;
}
