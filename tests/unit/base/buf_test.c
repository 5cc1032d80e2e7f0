/* Growing bytes: what was added is there, the maximum holds, and overflow is sticky.
 * SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_adding(void **state)
{
    (void)state;
    struct buf buf = BUF(100);
    assert_string_equal(buf_get(&buf), "");
    buf_text(&buf, "");
    assert_string_equal(buf_get(&buf), "");
    buf_text(&buf, "one");
    buf_add(&buf, "\0two", 4);
    buf_printf(&buf, "%s%d", "three", 4);
    assert_int_equal(buf.size, 13);
    assert_memory_equal(buf.data, "one\0twothree4", 14); /* and a NUL behind it */
    assert_false(buf.failed);
    buf_done(&buf);
    assert_string_equal(buf_get(&buf), "");
    assert_int_equal(buf.max, 100);
    buf_text(&buf, "again");
    assert_string_equal(buf_get(&buf), "again");
    buf_done(&buf);
}

/* To the last byte of each maximum, and no further; one byte at a time and at once. */
static void test_maximum(void **state)
{
    (void)state;
    static const char text[201] =
        "0123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123";
    for (size_t max = 0; max <= 128; max++) {
        struct buf slow = BUF(max), fast = BUF(max), printed = BUF(max);
        for (size_t i = 0; i < max; i++)
            buf_add(&slow, text + i, 1);
        buf_add(&fast, text, max);
        buf_printf(&printed, "%.*s", (int)max, text);
        const struct buf *all[] = { &slow, &fast, &printed };
        for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
            assert_false(all[i]->failed);
            assert_int_equal(all[i]->size, max);
            assert_memory_equal(buf_get(all[i]), text, max);
            assert_int_equal(buf_get(all[i])[max], '\0');
        }
        buf_add(&slow, "x", 1);
        buf_text(&fast, "xy");
        buf_printf(&printed, "%d", 123);
        for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
            assert_true(all[i]->failed);
            assert_int_equal(all[i]->size, max);
        }
        buf_done(&slow);
        buf_done(&fast);
        buf_done(&printed);
    }
}

static void test_overflow_is_sticky(void **state)
{
    (void)state;
    struct buf buf = BUF(4);
    buf_text(&buf, "ab");
    buf_text(&buf, "cde");
    buf_text(&buf, "f"); /* would fit */
    buf_printf(&buf, "g");
    assert_null(buf_room(&buf, 0));
    assert_true(buf.failed);
    assert_string_equal(buf_get(&buf), "ab");
    buf_done(&buf);
    assert_false(buf.failed);
    buf_text(&buf, "abcd");
    assert_string_equal(buf_get(&buf), "abcd");
    buf_done(&buf);
}

static void test_largest_maximum(void **state)
{
    (void)state;
    struct buf buf = BUF(SIZE_MAX);
    for (int i = 0; i < 1000; i++)
        buf_text(&buf, "0123456789");
    assert_int_equal(buf.size, 10000);
    assert_true(buf.capacity < 40000);
    buf_done(&buf);
}

static void test_room(void **state)
{
    (void)state;
    struct buf buf = BUF(1000);
    char *room = buf_room(&buf, 5);
    memcpy(room, "12345", 5);
    assert_int_equal(buf.size, 0); /* until it is claimed */
    buf.size += 5;
    buf_text(&buf, "6");
    assert_string_equal(buf_get(&buf), "123456");
    assert_null(buf_room(&buf, 995));
    buf_done(&buf);
}

static void test_drop(void **state)
{
    (void)state;
    struct buf buf = BUF(10);
    buf_drop(&buf, 0);
    buf_text(&buf, "0123456789");
    buf_drop(&buf, 0);
    buf_drop(&buf, 4);
    assert_string_equal(buf_get(&buf), "456789");
    buf_text(&buf, "abcd");
    assert_string_equal(buf_get(&buf), "456789abcd");
    buf_drop(&buf, 10);
    assert_string_equal(buf_get(&buf), "");
    assert_false(buf.failed);
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adding),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_overflow_is_sticky),
        cmocka_unit_test(test_largest_maximum),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
