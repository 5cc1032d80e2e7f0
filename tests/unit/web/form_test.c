/* Forms as they are sent: fields, what is refused; where a request comes from; tokens.
 * SPDX-License-Identifier: MIT */
#include "web/form.h"
#include "web/form_page.h"
#include "web/form_token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOW INT64_C(1795000000)
#define DAY 86400

static bool parse(struct arena *arena, const char *body, size_t size, struct form *out)
{
    struct err err = { 0 };
    char *copy = arena_copy(arena, body, size); /* so that a read beyond its end is seen */
    bool good = form_parse(arena, (struct bytes){ copy, size }, out, &err);
    assert_int_equal(good ? ERR_NONE : ERR_INPUT, err.kind);
    return good;
}

static void test_fields(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct form form;
    static const char body[] = "note=one+%26%20two%0D%0Athree%2b%c3%a9&mx=&until=2026-11-28";
    assert_true(parse(&arena, body, sizeof body - 1, &form));
    assert_int_equal(form.count, 3);
    assert_string_equal(form_value(&form, "note"), "one & two\nthree+\u00e9");
    assert_string_equal(form_value(&form, "mx"), "");
    assert_string_equal(form_value(&form, "until"), "2026-11-28");
    assert_null(form_value(&form, "not"));
    assert_null(form_value(NULL, "note"));
    assert_true(parse(&arena, "", 0, &form));
    assert_int_equal(form.count, 0);
    arena_free(&arena);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *body;
    } cases[] = {
        { "no value", "note" },
        { "no name", "=x" },
        { "an empty field", "a=b&&c=d" },
        { "twice", "a=1&b=2&a=1" },
        { "twice, encoded", "a=1&%61=1" },
        { "NUL", "a=x%00y" },
        { "a control character", "a=x%1by" },
        { "a single carriage return", "a=x%0dy" },
        { "no UTF-8", "a=%ff" },
        { "half an escape", "a=%4" },
        { "half an escape, at the end", "a=%" },
        { "no escape", "a=%zz" },
        { "an upper-case name", "Note=x" },
        { "a name with a blank", "a+b=x" },
        { "multipart", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct form form;
        print_message("%s\n", cases[i].name);
        assert_false(parse(&arena, cases[i].body, strlen(cases[i].body), &form));
    }
    arena_free(&arena);
}

static void test_bounds(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct form form;
    struct buf body = BUF(100000);
    for (int i = 0; i < FORM_FIELDS; i++)
        buf_printf(&body, "%sf%d=x", i ? "&" : "", i);
    assert_true(parse(&arena, buf_get(&body), body.size, &form));
    assert_int_equal(form.count, FORM_FIELDS);
    buf_text(&body, "&more=x");
    assert_false(parse(&arena, buf_get(&body), body.size, &form));
    buf_done(&body);
    char name[FORM_NAME_BYTES + 2];
    memset(name, 'a', sizeof name);
    name[FORM_NAME_BYTES] = '=';
    assert_true(parse(&arena, name, FORM_NAME_BYTES + 1, &form));
    name[FORM_NAME_BYTES] = 'a';
    name[FORM_NAME_BYTES + 1] = '=';
    assert_false(parse(&arena, name, sizeof name, &form));
    arena_free(&arena);
}

static void test_need(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct form form;
    const char *out = NULL;
    assert_true(parse(&arena, "a=+x+y%0d%0a&b=+&c=12345", 24, &form));
    struct err err = { 0 };
    assert_true(form_need(&arena, &form, "a", 3, &out, &err));
    assert_string_equal(out, "x y");
    static const char *const wrong[] = { "b", "c", "d" };
    for (size_t i = 0; i < 3; i++) {
        err = (struct err){ 0 };
        assert_false(form_need(&arena, &form, wrong[i], 4, &out, &err));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.field, wrong[i]);
        assert_string_equal(out, "x y");
    }
    arena_free(&arena);
}

/* A request with up to two header fields. */
static struct request request_with(struct http_field *fields, const char *name, const char *value,
                                   const char *other, const char *other_value)
{
    fields[0] = (struct http_field){ NULL, name, value };
    fields[1] = (struct http_field){ other ? &fields[2] : NULL, "Host", "pages.example:8460" };
    fields[2] = (struct http_field){ NULL, other, other_value };
    fields[0].next = &fields[1];
    return (struct request){ .method = "POST", .headers = name ? &fields[0] : &fields[1] };
}

static void test_origin(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *other, *other_value;
        enum form_origin want;
    } cases[] = {
        { NULL, NULL, NULL, NULL, FORM_ORIGIN_UNTOLD },
        { "Sec-Fetch-Site", "same-origin", NULL, NULL, FORM_ORIGIN_OURS },
        { "Sec-Fetch-Site", "same-site", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Sec-Fetch-Site", "cross-site", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Sec-Fetch-Site", "none", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Sec-Fetch-Site", "cross-site", "Origin", "https://pages.example:8460",
          FORM_ORIGIN_OTHER },
        { "Sec-Fetch-Site", "same-origin", "Origin", "null", FORM_ORIGIN_OURS },
        { "Origin", "https://pages.example:8460", NULL, NULL, FORM_ORIGIN_OURS },
        { "Origin", "http://PAGES.example:8460", NULL, NULL, FORM_ORIGIN_OURS },
        { "Origin", "https://pages.example", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Origin", "https://pages.example:84600", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Origin", "https://evil.example", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Origin", "https://pages.example:8460.evil.example", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Origin", "null", NULL, NULL, FORM_ORIGIN_OTHER },
        { "Origin", "", NULL, NULL, FORM_ORIGIN_OTHER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_field fields[3];
        struct request request = request_with(fields, cases[i].name, cases[i].value, cases[i].other,
                                              cases[i].other_value);
        print_message("%zu\n", i);
        assert_int_equal(form_origin(&request), cases[i].want);
    }
}

static void test_type(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool want;
    } cases[] = {
        { "application/x-www-form-urlencoded", true },
        { "Application/X-WWW-form-urlencoded; charset=UTF-8", true },
        { "application/x-www-form-urlencoded;charset=utf-8", true },
        { "application/x-www-form-urlencoded; charset=latin1", false },
        { "application/x-www-form-urlencodedx", false },
        { "multipart/form-data; boundary=x", false },
        { "text/plain", false },
        { "application/json", false },
        { "", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_field fields[3];
        struct request request = request_with(fields, "Content-Type", cases[i].type, NULL, NULL);
        print_message("%s\n", cases[i].type);
        assert_int_equal(form_is_sent_in(&request), cases[i].want);
    }
    assert_false(form_is_sent_in(&(struct request){ 0 }));
}

static void test_token(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    char secret[FORM_SECRET_BYTES], other[FORM_SECRET_BYTES];
    form_secret(secret);
    form_secret(other);
    assert_int_equal(strlen(secret), FORM_SECRET_BYTES - 1);
    assert_string_not_equal(secret, other);
    const char *token = form_token(&arena, secret, "anna", NOW);
    assert_true(form_token_fits(secret, "anna", NOW, token));
    assert_true(form_token_fits(secret, "anna", NOW + DAY, token));
    assert_false(form_token_fits(secret, "anna", NOW + 2 * DAY, token));
    assert_false(form_token_fits(secret, "anna", NOW - DAY, token));
    assert_false(form_token_fits(other, "anna", NOW, token));
    assert_false(form_token_fits(secret, "ann", NOW, token));
    assert_false(form_token_fits(secret, "", NOW, token));
    assert_false(form_token_fits(secret, NULL, NOW, token));
    assert_true(form_token_fits(secret, NULL, NOW, form_token(&arena, secret, NULL, NOW)));
    assert_false(form_token_fits(secret, "", NOW, form_token(&arena, secret, NULL, NOW)));
    assert_false(form_token_fits(secret, "anna", NOW, NULL));
    assert_false(form_token_fits(secret, "anna", NOW, ""));
    for (size_t i = 0; i < strlen(token); i++) {
        char *changed = arena_text(&arena, token);
        changed[i] = changed[i] == '0' ? '1' : '0';
        assert_false(form_token_fits(secret, "anna", NOW, changed));
    }
    assert_false(form_token_fits(secret, "anna", NOW, arena_copy(&arena, token, 63)));
    assert_false(form_token_fits(secret, "anna", NOW, arena_printf(&arena, "%s0", token)));
    arena_free(&arena);
}

/* Only the form that was sent shows what was typed. */
static void test_again(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct form form;
    static const char body[] = "kind=acknowledge&mx=mx1&note=%3Cb%3E%22&token=old";
    assert_true(parse(&arena, body, sizeof body - 1, &form));
    const struct form_desk desk = { "fresh", &form, "must not be empty", "note" };
    assert_ptr_equal(form_again(&desk, "acknowledge", "mx", "mx1"), &form);
    assert_ptr_equal(form_again(&desk, "acknowledge", NULL, NULL), &form);
    assert_null(form_again(&desk, "acknowledge", "mx", "mx2"));
    assert_null(form_again(&desk, "withdraw", "mx", "mx1"));
    assert_null(form_again(&desk, "acknowledge", "none", "mx1"));
    assert_null(form_again(NULL, "acknowledge", "mx", "mx1"));
    struct html *page = html_new(&arena);
    form_print_again(page, &form, "/x?a=1&b", "fresh");
    const char *text = buf_get(&page->text);
    assert_non_null(strstr(text, "action=\"/x?a=1&amp;b\""));
    assert_non_null(strstr(text, "value=\"&lt;b&gt;&quot;\""));
    assert_non_null(strstr(text, "name=\"token\" value=\"fresh\""));
    assert_null(strstr(text, "old"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_need),
        cmocka_unit_test(test_origin), cmocka_unit_test(test_type),
        cmocka_unit_test(test_token),  cmocka_unit_test(test_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
