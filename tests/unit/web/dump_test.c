/* Bytes to look at: nothing acts, nothing hides, nothing is lost.
 * SPDX-License-Identifier: MIT */
#include "web/dump.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define BYTES(text)            \
    {                          \
        text, sizeof(text) - 1 \
    }

static void test_text(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct bytes bytes;
        const char *want;
    } cases[] = {
        { "plain", BYTES("a <b> & c\n"), "a &lt;b&gt; &amp; c\n" },
        { "line ends", BYTES("a\r\nb\nc\rd"), "a\nb\nc\u240dd" },
        { "controls", BYTES("\0\x1b[31m\x7f"), "\u2400\u241b[31m\u2421" },
        { "direction", BYTES("a\u202eb"), "a\u27e8U+202E\u27e9b" },
        { "no shape", BYTES("\u200b\ufeff\xc2\x85"),
          "\u27e8U+200B\u27e9\u27e8U+FEFF\u27e9\u27e8U+0085\u27e9" },
        { "tags", BYTES("\U000e0041"), "\u27e8U+E0041\u27e9" },
        { "letters", BYTES("gr\u00fc\u00df \u6f22 \U0001f600"),
          "gr\u00fc\u00df \u6f22 \U0001f600" },
        { "no UTF-8", BYTES("\xff\xc3(\xe2\x82"), "\\xff\\xc3(\\xe2\\x82" },
        { "nothing", BYTES(""), "" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct html *page = html_new(&arena);
        dump_text(page, cases[i].bytes);
        if (strcmp(buf_get(&page->text), cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].name, buf_get(&page->text));
        arena_free(&arena);
    }
}

static void test_hex(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct html *page = html_new(&arena);
    dump_hex(page, (struct bytes)BYTES("\x1f\x8b<0123456789abcdefg"));
    assert_string_equal(
        buf_get(&page->text),
        "000000  1f 8b 3c 30 31 32 33 34  35 36 37 38 39 61 62 63  ..&lt;0123456789abc\n"
        "000010  64 65 66 67                                       defg\n");
    arena_free(&arena);
}

static void test_binary(void **state)
{
    (void)state;
    assert_true(dump_is_binary((struct bytes)BYTES("\x1f\x8b\x08\0")));
    assert_true(dump_is_binary((struct bytes)BYTES("\xff\xfe\xfd")));
    assert_false(dump_is_binary((struct bytes)BYTES("{\"a\": \"\u00fc\"}\r\n")));
    assert_false(dump_is_binary((struct bytes)BYTES("")));
}

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        struct bytes bytes;
        size_t want;
    } cases[] = {
        { BYTES("A: b\r\n c\r\nD: e\r\n\r\nbody"), 16 },
        { BYTES("A: b\nno header\n\nbody"), 0 },
        { BYTES(" A: b\n\nbody"), 0 },
        { BYTES("{\"a\": 1}"), 0 },
        { BYTES(": b\n\n"), 0 },
        { BYTES("A: b"), 4 }, /* cut */
        { BYTES(""), 0 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(dump_headers(cases[i].bytes).size, cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
