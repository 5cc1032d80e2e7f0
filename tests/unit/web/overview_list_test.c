/* The list of the overview by its URL: what is asked for, and that the link to the next page asks for
 * the same list behind its last row.
 * SPDX-License-Identifier: MIT */
#include "web/overview_list.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool read_list(struct request *request, const char *name, const char *value,
                      struct overview_list *out, struct err *err)
{
    struct http_field *field = arena_alloc(&request->arena, sizeof *field);
    *field = (struct http_field){ .next = request->arguments, .name = name, .value = value };
    request->arguments = field;
    return overview_list_read(request, out, err);
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        bool want;
    } cases[] = {
        { "order", "", true },         { "order", "name", true },
        { "order", "up", false },      { "state", "silent", true },
        { "state", "bad", false },     { "mode", "enforce", true },
        { "mode", "x", false },        { "after", "", true },
        { "after", "7-20-a.b", true }, { "after", "1-20", false },
        { "after", "1-20-", false },   { "after", "8-20-a", false },
        { "after", "a", false },       { "after", "-1-20-a", false },
        { "after", "1--2-a", false },  { "after", "0-9223372036854775807-a-b", true },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct request request = { 0 };
        struct overview_list list;
        struct err err = { 0 };
        assert_int_equal(read_list(&request, cases[i].name, cases[i].value, &list, &err),
                         cases[i].want);
        if (!cases[i].want)
            assert_string_equal(err.field, cases[i].name);
        arena_free(&request.arena);
    }
}

static void test_next(void **state)
{
    (void)state;
    struct request request = { 0 };
    struct overview_list list;
    struct err err = { 0 };
    struct domain_row last = { .urgency = 2, .successful = 10, .failed = 3, .name = "a-b.example" };
    assert_true(read_list(&request, "order", "sessions", &list, &err));
    assert_int_equal(list.domains.order, DOMAIN_ORDER_SESSIONS);
    assert_null(list.domains.after);
    assert_string_equal(overview_list_next(&request.arena, &list, &last),
                        "/?order=sessions&after=2-13-a-b.example");
    assert_true(read_list(&request, "after", "2-13-a-b.example", &list, &err));
    assert_string_equal(list.domains.after->name, "a-b.example");
    assert_int_equal(list.domains.after->successful + list.domains.after->failed, 13);
    assert_int_equal(list.domains.after->urgency, 2);

    /* A beginning is looked up by name, in the case that names have. */
    assert_true(read_list(&request, "name", " Ex&A ", &list, &err));
    assert_int_equal(list.domains.order, DOMAIN_ORDER_NAME);
    assert_string_equal(list.domains.beginning, "ex&a");
    assert_string_equal(overview_list_next(&request.arena, &list, &last),
                        "/?name=ex%26a&order=sessions&after=2-3-a-b.example");
    arena_free(&request.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
