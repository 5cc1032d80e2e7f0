/* Fields of a mail's header, as they stand.
 * SPDX-License-Identifier: MIT */
#include "ingest/header.h"
#include "base/macros.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *name, *mail;
    const char *want; /* "[name|body]" of each field, then the body */
};

static const struct row rows[] = {
    { .name = "nothing", .mail = "", .want = "" },
    { .name = "CRLF", .mail = "A: b\r\nC:d\r\n\r\nbody\r\n", .want = "[A| b][C|d]body\r\n" },
    { .name = "LF", .mail = "A: b\nC:d\n\nbody\n", .want = "[A| b][C|d]body\n" },
    { .name = "folded",
      .mail = "A: b\r\n c\r\n\td\r\nE: f\r\n\r\n",
      .want = "[A| b\r\n c\r\n\td][E| f]" },
    { .name = "no body, no line end", .mail = "A: b", .want = "[A| b]" },
    { .name = "no header", .mail = "\r\nA: b\r\n", .want = "A: b\r\n" },
    { .name = "mbox line", .mail = "From a@b Mon\nA: b\n\nc", .want = "[A| b]c" },
    { .name = "blanks before the colon", .mail = "A \t: b\n\n", .want = "[A| b]" },
    { .name = "no field", .mail = "A: b\nnonsense\n: c\n D: e\nF: g\n\n", .want = "[A| b][F| g]" },
    { .name = "begins folded", .mail = " x: y\nA: b\n\n", .want = "[A| b]" },
    { .name = "only a carriage return", .mail = "\r", .want = "" },
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(buf_done) struct buf got = BUF(1000);
        struct bytes rest = header_of((struct bytes){ rows[i].mail, strlen(rows[i].mail) });
        struct header_field field;
        while (header_next(&rest, &field)) {
            buf_printf(&got, "[%.*s|%.*s]", (int)field.name.size, field.name.data,
                       (int)field.body.size, field.body.data);
            assert_true(field.whole.data == field.name.data);
            assert_true(field.whole.data + field.whole.size == field.body.data + field.body.size);
        }
        buf_add(&got, rest.data, rest.size);
        if (strcmp(buf_get(&got), rows[i].want) != 0)
            print_error("%s\n", rows[i].name);
        assert_string_equal(buf_get(&got), rows[i].want);
    }
}

static void test_names_without_case(void **state)
{
    (void)state;
    struct bytes rest = header_of((struct bytes){ "dKiM-sIgNaTuRe: x\n\n", 19 });
    struct header_field field;
    assert_true(header_next(&rest, &field));
    assert_true(header_is(&field, "DKIM-Signature"));
    assert_false(header_is(&field, "DKIM-Signatur"));
    assert_false(header_is(&field, "DKIM-Signatures"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_names_without_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
