/* What is JSON and what is not, where it says the fault is, and repeated names.
 * SPDX-License-Identifier: MIT */
#include "ingest/json_check.h"
#include "base/macros.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DEPTH  8
#define VALUES 1000

struct row {
    const char *text;
    const char *want; /* in the error; NULL: it is JSON */
};

/* clang-format off */
static const struct row rows[] = {
    { "{}", NULL },
    { " \t\r\n{ } \n", NULL },
    { "[]", NULL },
    { "\"\"", NULL },
    { "true", NULL }, { "false", NULL }, { "null", NULL },
    { "0", NULL }, { "-0", NULL }, { "10", NULL }, { "-1.50e+10", NULL }, { "1E5", NULL }, { "0.0", NULL },
    { "{\"a\":[1,2,{\"b\":null}],\"c\":\"d\"}", NULL },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD800\"", NULL },
    { "\"\x7f\xc3\xa9\xff\"", NULL }, /* bad UTF-8 in a value is repaired later */
    { "[[[[[[[[1]]]]]]]]", NULL },

    { "", "it ends too early at byte 0" },
    { "  ", "it ends too early at byte 2" },
    { "{", "it ends too early" },
    { "[1", "it ends too early" },
    { "[1,", "it ends too early" },
    { "{\"a\"", "it ends too early" },
    { "{\"a\":", "it ends too early" },
    { "{\"a\":1", "it ends too early" },
    { "{\"a\":1,", "it ends too early" },
    { "\"", "" }, { "\"a", "" }, { "\"\\", "" }, { "\"\\u", "bad \\u escape" }, { "\"\\u12", "bad \\u escape" },
    { "{'a':1}", "a name in double quotes is missing at byte 1" },
    { "{a:1}", "a name in double quotes is missing at byte 1" },
    { "{1:1}", "a name in double quotes is missing" },
    { "{\"a\":'b'}", "unexpected character at byte 5" },
    { "{\"a\" 1}", "':' is missing at byte 5" },
    { "{\"a\":1 \"b\":2}", "',' is missing at byte 7" },
    { "[1 2]", "',' is missing" },
    { "[1,]", "unexpected character" },
    { "[,1]", "unexpected character" },
    { "{\"a\":1,}", "a name in double quotes is missing at byte 7" },
    { "{,}", "a name in double quotes is missing" },
    { "{\"a\":}", "unexpected character" },
    { "[}", "unexpected character" },
    { "{]", "a name in double quotes is missing" },
    { "[1}", "',' is missing" },
    { "{\"a\":1]", "',' is missing" },
    { "]", "unexpected character at byte 0" },
    { "{} {}", "text behind the end of the JSON at byte 3" },
    { "1 2", "text behind" },
    { "{}x", "text behind" },
    { "01", "text behind" },
    { "-", "bad number" }, { "-a", "bad number" }, { "1.", "bad number" }, { "1.e5", "bad number" },
    { "1e", "bad number" }, { "1e+", "bad number" }, { "+1", "unexpected character" },
    { ".5", "unexpected character" }, { "0x10", "text behind" },
    { "NaN", "unexpected character" }, { "Infinity", "unexpected character" }, { "-Infinity", "bad number" },
    { "True", "unexpected character" }, { "nul", "unexpected character" }, { "nulll", "text behind" },
    { "// x\n{}", "unexpected character" },
    { "/* x */{}", "unexpected character" },
    { "\"a\nb\"", "control character in a string at byte 2" },
    { "\"\\x41\"", "bad escape" }, { "\"\\'\"", "bad escape" }, { "\"\\u12g4\"", "bad \\u escape" },
    { "{\"\xff\":1}", "a name that is not UTF-8" },
    { "\xef\xbb\xbf{}", "unexpected character at byte 0" },
    { "[[[[[[[[[1]]]]]]]]]", "deeper than 8 levels (limits.json_depth)" },
    { "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":[]}}}}}}}}", "deeper than 8" },
};
/* clang-format on */

/* A copy that ends where the text does, so that reading beyond is seen. */
static char *exactly(const char *text, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    return copy;
}

static bool check(char *text, size_t size, bool *repeated, struct err *err)
{
    *err = (struct err){ 0 };
    const struct json_bounds bounds = { DEPTH, VALUES };
    return json_check(text, size, &bounds, repeated, err);
}

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        size_t size = strlen(row->text);
        char *text = exactly(row->text, size);
        bool repeated = false;
        struct err err;
        print_message("%s\n", row->text);
        assert_int_equal(check(text, size, &repeated, &err), row->want == NULL);
        assert_false(repeated);
        assert_memory_equal(text, row->text, size);
        if (row->want) {
            assert_int_equal(err.kind, strstr(row->want, "deeper") ? ERR_LIMIT : ERR_INPUT);
            if (!strstr(err.text, row->want))
                fail_msg("'%s' lacks '%s'", err.text, row->want);
        }
        free(text);
    }
}

static const char whole[] =
    "{\"organization-name\":\"O\\u00fc\\\"x\",\"policies\":[{\"policy\":{\"mx-host\":[\"a\",\"b\"]},"
    "\"summary\":{\"total-successful-session-count\":12,\"x\":-1.5e3}},null,true,false,[[],{}]]}";

/* A cut report is never taken for a whole one. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof whole; size++) {
        char *text = exactly(whole, size);
        bool repeated = false;
        struct err err;
        assert_int_equal(check(text, size, &repeated, &err), size == sizeof whole - 1);
        free(text);
    }
}

/* No byte put in place of another brings it to read or write where it must not. */
static void test_every_byte(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof whole - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            char *text = exactly(whole, sizeof whole - 1);
            text[at] = (char)byte;
            bool repeated = false, nul = byte == 0;
            struct err err;
            bool good = check(text, sizeof whole - 1, &repeated, &err);
            assert_false(good && nul);
            assert_true(good || err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
            free(text);
        }
}

/* clang-format off */
static const struct {
    const char *text;
    bool want;
} repeated_names[] = {
    { "{\"policies\":1,\"policies\":2}", true },
    { "{\"policies\":1,\"policies\":2,\"policies\":3}", true },
    { "{\"policies\":1,\"policy\":2,\"Policies\":3}", false },
    { "{\"policy\":{\"policy\":1}}", false },
    { "[{\"policy\":1},{\"policy\":1}]", false },
    { "{\"policy\":{\"policy-type\":1},\"policy\":2}", true },
    { "{\"policy\":[{\"policy-type\":1,\"policy-type\":2}]}", true },
    { "{\"x\":1,\"x\":2}", false },
    { "{\"policies\":1,\"polic\\u0069es\":2}", true },
    { "{\"\\u0070olicies\":1,\"\\u0070\\u006Flicies\":2}", true },
    { "{\"polic\\u0069es\":1,\"policies\":2}", true },
    { "{\"policies\":1,\"polic\\u0169es\":2,\"polic\\nies\":3,\"policies\\u0000\":4}", false },
};
/* clang-format on */

static void test_repeated_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(repeated_names); i++) {
        const char *given = repeated_names[i].text;
        size_t size = strlen(given);
        char *text = exactly(given, size);
        bool repeated = false;
        struct err err;
        print_message("%s\n", given);
        assert_true(check(text, size, &repeated, &err));
        assert_int_equal(repeated, repeated_names[i].want);
        free(text);
    }
}

/* Exactly as many values as are allowed, and one more; names are none. */
static void test_values(void **state)
{
    (void)state;
    char text[] = "{\"a\":[1,\"x\",null,{}],\"b\":[]}"; /* seven */
    for (int64_t most = 6; most <= 7; most++) {
        bool repeated = false;
        struct err err = { 0 };
        const struct json_bounds bounds = { DEPTH, most };
        assert_int_equal(json_check(text, strlen(text), &bounds, &repeated, &err), most == 7);
        if (most == 6) {
            assert_int_equal(err.kind, ERR_LIMIT);
            assert_non_null(strstr(err.text, "limits.json_values"));
        }
    }
}

/* However deep it is asked to go, it has an end of its own. */
static void test_bottomless(void **state)
{
    (void)state;
    char text[1000];
    bool repeated = false;
    struct err err = { 0 };
    memset(text, '[', sizeof text);
    assert_false(
        json_check(text, sizeof text, &(struct json_bounds){ 100000, 100000 }, &repeated, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),      cmocka_unit_test(test_cut),
        cmocka_unit_test(test_every_byte), cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_bottomless), cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
