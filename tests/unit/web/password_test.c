/* Hashes of every kind that is taken and refused, and damaged ones; new ones fit.
 * SPDX-License-Identifier: MIT */
#include "web/password.h"
#include "base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define WORD "correct horse"

/* Of WORD, made by crypt(3) elsewhere. */
static const char *const hashes[] = {
    "$y$j75$abcdefghijklmno1$M6/tFdInK9M5B8WHmqeVDHjdtSDTu1iY6UqTBWsMvN2",
    "$2b$05$UT9rX7pjOY7fECwXJP.G5.vp/uiO4mZ7SJ/Am/w7DogmKkjPthNqW",
    "$2y$05$UT9rX7pjOY7fECwXJP.G5.vp/uiO4mZ7SJ/Am/w7DogmKkjPthNqW",
    "$6$rounds=1000$abcdefgh$DbXqPck5ABZumVXwcH5eMVHsPZwvQ3jylSxpJmKkZVxcoCiC3N0rPerjHmAqL7r6PK6CIeYnO9.vxpbsevscg/",
};

static void test_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
        struct err err = { 0 };
        print_message("%s\n", hashes[i]);
        assert_true(password_usable(hashes[i], &err));
        assert_true(password_fits(WORD, hashes[i]));
        assert_false(password_fits(WORD "s", hashes[i]));
        assert_false(password_fits("", hashes[i]));
    }
}

static void test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
        char text[PASSWORD_HASH_BYTES];
        size_t size = strlen(hashes[i]);
        for (size_t cut = 0; cut < size; cut++) {
            struct err err = { 0 };
            memcpy(text, hashes[i], size + 1);
            text[cut] = '\0';
            assert_false(password_usable(text, &err));
            assert_int_equal(err.kind, ERR_SETUP);
            assert_false(password_fits(WORD, text));
        }
        memcpy(text, hashes[i], size + 1);
        text[size - 1] = text[size - 1] == '.' ? '/' : '.';
        assert_false(password_fits(WORD, text));
        memcpy(text + size, "x", 2);
        assert_false(password_usable(text, &(struct err){ 0 }));
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const old[] = {
        "",
        "*",
        "!",
        "secretpassword",
        "abJnggxhB/yWI",                             /* DES */
        "_J9..K0AyUubDrfOgO4s",                      /* extended DES */
        "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0",        /* MD5 */
        "$apr1$abcdefgh$d0zLfVXdGTqRzTbOeKdj41",     /* htpasswd's MD5 */
        "$3$$8846f7eaee8fb117ad06bdd830b7586c",      /* NT */
        "$md5$abcdefgh$GLqGLdjWUXBRJmyMvXnVq.",      /* Sun's MD5 */
        "{SHA}5baa61e4c9b93f3f0682250b6cf8331b7ee6", /* htpasswd -s */
        "$y$",
        "$6$",
        "$2b$",
    };
    for (size_t i = 0; i < ARRAY_SIZE(old); i++) {
        struct err err = { 0 };
        print_message("%s\n", old[i]);
        assert_false(password_usable(old[i], &err));
        assert_int_equal(err.kind, ERR_SETUP);
        assert_non_null(strstr(err.text, "tlsrptd user NAME"));
        if (*old[i] && strlen(old[i]) > 8)
            assert_null(strstr(err.text, old[i]));
    }
}

static void test_new(void **state)
{
    (void)state;
    char first[PASSWORD_HASH_BYTES], second[PASSWORD_HASH_BYTES], most[PASSWORD_BYTES_MAX + 2];
    struct err err = { 0 };
    assert_true(password_hash("eight by", first, &err));
    assert_true(password_hash("eight by", second, &err));
    assert_string_not_equal(first, second);
    assert_memory_equal(first, "$y$", 3);
    assert_true(password_usable(first, &err));
    assert_true(password_fits("eight by", first));
    assert_false(password_hash("seven b", first, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    memset(most, 'x', sizeof most);
    most[PASSWORD_BYTES_MAX + 1] = '\0';
    err = (struct err){ 0 };
    assert_false(password_hash(most, first, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_false(password_fits(most, second));
    most[PASSWORD_BYTES_MAX] = '\0';
    assert_true(password_hash(most, first, &err));
    assert_true(password_fits(most, first));
    most[PASSWORD_BYTES_MAX - 1] = 'y'; /* every byte counts */
    assert_false(password_fits(most, first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
