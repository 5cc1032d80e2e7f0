/* Places in a JSON text: kinds, paths, texts and counts, each with what it notes or refuses.
 * SPDX-License-Identifier: MIT */
#include "ingest/field.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One text being read. */
struct fixture {
    struct arena arena, scratch;
    struct deviations deviations;
    struct err err;
    struct limits limits;
    struct reading reading;
    struct field root;
};

static bool open_text(struct fixture *f, const char *text)
{
    *f = (struct fixture){ .limits = LIMITS_DEFAULT };
    f->reading =
        (struct reading){ &f->arena, &f->scratch, &f->limits, &f->deviations, &f->err, NULL };
    return field_open(&f->reading, (struct bytes){ text, strlen(text) }, &f->root);
}

static struct field element_of(const struct field *list, size_t index)
{
    struct field element = { 0 };
    while (field_next(list, &element) && element.index < index)
        ;
    return element;
}

static void close_text(struct fixture *f)
{
    arena_free(&f->scratch);
    arena_free(&f->arena);
}

/* The deviations so far, "code@path" each. */
static const char *noted(struct fixture *f)
{
    const char *text = "";
    for (const struct deviation *d = f->deviations.first; d; d = d->next)
        text = arena_printf(&f->arena, "%s%s%s@%s", text, *text ? " " : "",
                            deviation_to_text(d->code), d->path);
    return text;
}

/* clang-format off */
static const struct {
    const char *text; /* the value of "x" */
    enum field_kind want;
} kinds[] = {
    { "null", FIELD_NULL }, { "\"\"", FIELD_TEXT }, { "7", FIELD_NUMBER }, { "7.5", FIELD_NUMBER },
    { "[]", FIELD_LIST }, { "{}", FIELD_OBJECT }, { "true", FIELD_OTHER },
};
/* clang-format on */

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct fixture f;
        char text[64];
        snprintf(text, sizeof text, "{\"x\":%s}", kinds[i].text);
        assert_true(open_text(&f, text));
        assert_int_equal(f.root.kind, FIELD_OBJECT);
        assert_int_equal(field_member(&f.root, "x").kind, kinds[i].want);
        assert_int_equal(field_member(&f.root, "y").kind, FIELD_ABSENT);
        close_text(&f);
    }
}

static void test_refused_texts(void **state)
{
    (void)state;
    struct fixture f;
    assert_false(open_text(&f, "{\"a\":1"));
    assert_int_equal(f.err.kind, ERR_INPUT);
    close_text(&f);
    assert_false(
        open_text(&f, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
    assert_int_equal(f.err.kind, ERR_LIMIT);
    close_text(&f);
}

/* Reading from what is not there gives what is not there; messages name the whole way. */
static void test_paths(void **state)
{
    (void)state;
    struct fixture f;
    assert_true(open_text(&f, "{\"a\":[0,{\"b\":{\"c\":[[1]]}}]}"));
    struct field a = field_member(&f.root, "a");
    assert_int_equal(field_length(&a), 2);
    struct field one = element_of(&a, 1), b = field_member(&one, "b");
    struct field c = field_member(&b, "c"), list = element_of(&c, 0);
    struct field last = element_of(&list, 0), none = field_member(&last, "none");
    struct field lost = field_member(&none, "lost");
    assert_int_equal(lost.kind, FIELD_ABSENT);
    assert_int_equal(field_length(&lost), 0);
    assert_null(field_text(&lost));
    assert_string_equal(noted(&f), "");
    assert_false(field_fail(&lost, ERR_INPUT, "why"));
    assert_string_equal(f.err.field, "a[1].b.c[0][0].none.lost");
    assert_string_equal(f.err.text, "why");
    field_note(&last, DEVIATION_TYPE_ODD, NULL);
    field_note(&f.root, DEVIATION_BOM, NULL);
    assert_string_equal(noted(&f), "type-odd@a[1].b.c[0][0] bom@");
    close_text(&f);
}

/* A path has room for any that RFC 8460 makes; a longer one is cut, not overrun. */
static void test_long_path(void **state)
{
    (void)state;
    struct fixture f;
    static const char *const name = "a-name-of-some-forty-bytes-of-which-many-";
    assert_true(open_text(&f, "{}"));
    struct field fields[8] = { f.root };
    for (size_t i = 1; i < ARRAY_SIZE(fields); i++)
        fields[i] = field_member(&fields[i - 1], name);
    assert_false(field_fail(&fields[7], ERR_INPUT, "x"));
    assert_true(strlen(f.err.field) < sizeof f.err.field);
    assert_int_equal(strncmp(f.err.field, name, strlen(name)), 0);
    close_text(&f);
}

/* clang-format off */
static const struct {
    const char *value;
    int64_t want; /* -1: refused */
    const char *want_text; /* of the error, or what is noted */
} counts[] = {
    { "0", 0, "" }, { "7", 7, "" }, { "-0", 0, "" },
    { "9007199254740992", INT64_C(1) << 53, "" },
    { "7.0", 7, "type-odd@x" }, { "1e3", 1000, "type-odd@x" }, { "0e0", 0, "type-odd@x" },
    { "9007199254740992.0", INT64_C(1) << 53, "type-odd@x" },
    { "\"7\"", 7, "count-string@x" }, { "\" 7\\n\"", 7, "count-string@x" },
    { "\"9007199254740992\"", INT64_C(1) << 53, "count-string@x" }, { "\"-0\"", 0, "count-string@x" },
    { "-1", -1, "negative" }, { "-0.5", -1, "negative" }, { "-1e300", -1, "negative" },
    { "-99999999999999999999", -1, "negative" }, { "\"-1\"", -1, "negative" },
    { "0.5", -1, "not a whole number" }, { "7.25", -1, "not a whole number" }, { "1e-400", 0, "type-odd@x" },
    { "9007199254740993", -1, "above 2^53" }, { "9223372036854775807", -1, "above 2^53" },
    { "9223372036854775808", -1, "above 2^53" }, { "18446744073709551616", -1, "above 2^53" },
    { "1e16", -1, "above 2^53" }, { "1e400", -1, "above 2^53" }, { "9007199254740994.0", -1, "above 2^53" },
    { "\"9007199254740993\"", -1, "above 2^53" },
    { "\"\"", -1, "not a whole number from 0 to 2^53" }, { "\"x\"", -1, "not a whole number" },
    { "\"7 8\"", -1, "not a whole number" }, { "\"7.0\"", -1, "not a whole number" },
    { "\"0x7\"", -1, "not a whole number" }, { "\"+7\"", -1, "not a whole number" },
    { "\"7\\u0000\"", -1, "not a whole number" }, { "\"99999999999999999999\"", -1, "not a whole number" },
    { "true", -1, "not a number" }, { "null", -1, "not a number" }, { "[7]", -1, "not a number" },
    { "{}", -1, "not a number" },
};
/* clang-format on */

static void test_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        struct fixture f;
        char text[100];
        int64_t number = 77;
        snprintf(text, sizeof text, "{\"x\":%s}", counts[i].value);
        print_message("%s\n", text);
        assert_true(open_text(&f, text));
        struct field field = field_member(&f.root, "x");
        bool good = field_count(&field, &number);
        assert_int_equal(good, counts[i].want >= 0);
        assert_true(number == (good ? counts[i].want : 77));
        assert_string_equal(f.err.field, good ? "" : "x");
        if (good)
            assert_string_equal(noted(&f), counts[i].want_text);
        else
            assert_int_equal(strncmp(f.err.text, counts[i].want_text, strlen(counts[i].want_text)),
                             0);
        close_text(&f);
    }
}

/* clang-format off */
static const struct {
    const char *value;
    const char *want; /* NULL: none */
    const char *want_noted;
} texts[] = {
    { "\"abc\"", "abc", "" },
    { "\"\"", "", "" },
    { "\"\\u00e9\\ud83d\\ude00\"", "\xc3\xa9\xf0\x9f\x98\x80", "" },
    { "\"a\\u0000b\"", "a\xef\xbf\xbd" "b", "latin1@x" },
    { "\"a\\ud800b\"", "a\xef\xbf\xbd" "b", "" }, /* half a pair: not the bytes' fault */
    { "\"a\\udc00b\"", "a\xef\xbf\xbd" "b", "" },
    { "\"a\\ud800\"", "a\xef\xbf\xbd", "" },
    { "\"a\xff\xe9z\"", "a\xef\xbf\xbd\xef\xbf\xbdz", "latin1@x" },
    { "7", "7", "type-odd@x" },
    { "-7.50", "-7.50", "type-odd@x" },
    { "true", NULL, "type-odd@x" }, { "[\"a\"]", NULL, "type-odd@x" }, { "{}", NULL, "type-odd@x" },
    { "null", NULL, "" },
    { "\"12345678901234567890\"", "1234567890123456", "text-cut@x" },
    { "\"1234567890123456\"", "1234567890123456", "" },
    { "\"123456789012345\xc3\xa9\"", "123456789012345", "text-cut@x" }, /* not inside a character */
    { "1.2345678901234567890", "1.23456789012345", "type-odd@x text-cut@x" },
    /* what is put in place of bad bytes must not make a text longer than the limit either */
    { "\"1234567890123\xff\xff\xff\"", "1234567890123\xef\xbf\xbd", "text-cut@x latin1@x" },
    { "\"12345678901234\xff\"", "12345678901234", "text-cut@x latin1@x" },
};
/* clang-format on */

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct fixture f;
        char json[100];
        snprintf(json, sizeof json, "{\"x\":%s}", texts[i].value);
        print_message("%s\n", json);
        assert_true(open_text(&f, json));
        f.limits.text_bytes = 16;
        struct field field = field_member(&f.root, "x");
        const char *text = field_text(&field);
        assert_int_equal(text != NULL, texts[i].want != NULL);
        if (text)
            assert_string_equal(text, texts[i].want);
        assert_string_equal(noted(&f), texts[i].want_noted);
        close_text(&f);
    }
}

/* Texts that are parsed further may be longer than those that are kept. */
static void test_long_text(void **state)
{
    (void)state;
    size_t size = (size_t)2 << 20;
    char *json = calloc(1, size + 16);
    assert_non_null(json);
    memset(json, 'a', size);
    memcpy(json, "[\"", 2);
    memcpy(json + size, "\"]", 2);
    struct fixture f;
    assert_true(open_text(&f, json));
    struct field element = element_of(&f.root, 0);
    assert_int_equal(strlen(field_text(&element)), f.limits.text_bytes);
    assert_int_equal(strlen(field_long_text(&element)), 1 << 20);
    assert_string_equal(noted(&f), "text-cut@[0] text-cut@[0]");
    close_text(&f);
    free(json);
}

/* The first of two names counts, also in lists of objects, and it is said. */
static void test_repeated(void **state)
{
    (void)state;
    struct fixture f;
    assert_true(
        open_text(&f, "{\"report-id\":\"a\",\"report-id\":\"b\",\"report\\u002did\":\"c\"}"));
    struct field field = field_member(&f.root, "report-id");
    assert_string_equal(field_text(&field), "a");
    assert_string_equal(noted(&f), "duplicate-names@");
    close_text(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),     cmocka_unit_test(test_refused_texts),
        cmocka_unit_test(test_paths),     cmocka_unit_test(test_long_path),
        cmocka_unit_test(test_counts),    cmocka_unit_test(test_texts),
        cmocka_unit_test(test_long_text), cmocka_unit_test(test_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
