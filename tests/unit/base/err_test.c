/* Errors: the first stays, context goes before, and what is cut is still UTF-8.
 * SPDX-License-Identifier: MIT */
#include "base/err.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_first_error_stays(void **state)
{
    (void)state;
    char text[ERR_TEXT_BYTES];
    struct err err = { 0 };
    assert_false(err_field(&err, ERR_INPUT, "a.b", "%s: %d", "negative", -1));
    assert_false(err_set(&err, ERR_BUG, "another"));
    assert_false(err_field(&err, ERR_LIMIT, "c", "another"));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.field, "a.b");
    assert_string_equal(err.text, "negative: -1");
    assert_string_equal(err_to_text(&err, text, sizeof text), "a.b: negative: -1");
    assert_string_equal(err_to_text(&err, text, 8), "a.b: ne");
}

static void test_without_field(void **state)
{
    (void)state;
    char text[ERR_TEXT_BYTES];
    struct err err = { 0 };
    assert_string_equal(err_to_text(&err, text, sizeof text), "");
    assert_false(err_set(&err, ERR_AGAIN, "later"));
    assert_string_equal(err_to_text(&err, text, sizeof text), "later");
}

static void test_prefix(void **state)
{
    (void)state;
    struct err err = { 0 };
    err_prefix(&err, "nothing: ");
    assert_int_equal(err.kind, ERR_NONE);
    assert_string_equal(err.text, "");
    err_set(&err, ERR_SETUP, "no such file");
    err_prefix(&err, "cannot read %s: ", "x");
    err_prefix(&err, "100%%: ");
    assert_string_equal(err.text, "100%: cannot read x: no such file");
    assert_int_equal(err.kind, ERR_SETUP);
}

/* Texts of every length around the ends of the arrays, of characters of one to four bytes. */
static void test_what_is_cut_is_utf8(void **state)
{
    (void)state;
    static const char *const characters[] = { "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
    for (size_t c = 0; c < ARRAY_SIZE(characters); c++)
        for (size_t lead = 0; lead < 4; lead++) {
            struct err err = { 0 };
            struct buf buf = BUF(2000);
            buf_add(&buf, "abc", lead);
            while (buf.size < 500)
                buf_text(&buf, characters[c]);
            err_field(&err, ERR_INPUT, buf_get(&buf), "%s", buf_get(&buf));
            size_t size = strlen(characters[c]);
            assert_int_equal(strlen(err.field), lead + (127 - lead) / size * size);
            assert_int_equal(strlen(err.text), lead + (255 - lead) / size * size);
            assert_true(text_is_utf8(err.field, strlen(err.field)));
            assert_true(text_is_utf8(err.text, strlen(err.text)));

            err_prefix(&err, "p%s: ", "q");
            assert_memory_equal(err.text, "pq: ", 4);
            assert_true(text_is_utf8(err.text, strlen(err.text)));
            assert_in_range(strlen(err.text), 252, 255);

            char text[ERR_TEXT_BYTES];
            for (size_t room = 1; room < sizeof text; room++) {
                err_to_text(&err, text, room);
                assert_true(strlen(text) < room);
                assert_true(text_is_utf8(text, strlen(text)));
            }
            err_prefix(&err, "%s", buf_get(&buf));
            assert_true(text_is_utf8(err.text, strlen(err.text)));
            buf_done(&buf);
        }
}

/* What is no UTF-8 to begin with is nobody's fault here; it must not be cut down to nothing. */
static void test_other_bytes_stay(void **state)
{
    (void)state;
    struct err err = { 0 };
    err_set(&err, ERR_INPUT, "%s", "ab\xff\x80\x80");
    assert_string_equal(err.text, "ab\xff\x80\x80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_error_stays),
        cmocka_unit_test(test_without_field),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_what_is_cut_is_utf8),
        cmocka_unit_test(test_other_bytes_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
