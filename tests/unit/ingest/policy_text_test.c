/* The policy as we publish it: its strictest form, what is refused, and the id made of it.
 * SPDX-License-Identifier: MIT */
#include "ingest/policy_text.h"
#include "ingest/policy_mx.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define HOSTS 5

struct row {
    const char *name;
    const char *mode;
    int64_t max_age;
    const char *mx[HOSTS];
    const char *want; /* NULL: refused */
    const char *want_field, *want_text;
};

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

/* clang-format off */
static const struct row rows[] = {
    { .name = "as it is", .mode = "testing", .max_age = 86400, .mx = { "mx.example.org" },
      .want = "version: STSv1\r\nmode: testing\r\nmx: mx.example.org\r\nmax_age: 86400\r\n" },
    { .name = "sorted, in lower case, without dots, each once", .mode = "enforce", .max_age = 31557600,
      .mx = { "mx2.example.org", "MX1.Example.ORG.", "mx1.example.org", "*.example.net" },
      .want = "version: STSv1\r\nmode: enforce\r\nmx: *.example.net\r\nmx: mx1.example.org\r\n"
              "mx: mx2.example.org\r\nmax_age: 31557600\r\n" },
    { .name = "none keeps its hosts", .mode = "none", .max_age = 0, .mx = { "mx.example.org" },
      .want = "version: STSv1\r\nmode: none\r\nmx: mx.example.org\r\nmax_age: 0\r\n" },
    { .name = "none needs no host", .mode = "none", .max_age = 86400,
      .want = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n" },
    { .name = "A-labels", .mode = "testing", .max_age = 1, .mx = { "xn--bcher-kva.example" },
      .want = "version: STSv1\r\nmode: testing\r\nmx: xn--bcher-kva.example\r\nmax_age: 1\r\n" },
    { .name = "no host", .mode = "testing", .max_age = 1, .want_field = "mx", .want_text = "at least one host" },
    { .name = "mode in capitals", .mode = "Enforce", .max_age = 1, .mx = { "mx.example.org" },
      .want_field = "mode", .want_text = "\"Enforce\" is none of" },
    { .name = "no mode", .mode = "", .max_age = 1, .mx = { "mx.example.org" }, .want_field = "mode" },
    { .name = "too long", .mode = "testing", .max_age = 31557601, .mx = { "mx.example.org" },
      .want_field = "max_age", .want_text = "31557601 is not in 0 to 31557600" },
    { .name = "negative", .mode = "testing", .max_age = -1, .mx = { "mx.example.org" }, .want_field = "max_age" },
    { .name = "an address", .mode = "testing", .max_age = 1, .mx = { "mx.example.org", "192.0.2.1" },
      .want_field = "mx", .want_text = "\"192.0.2.1\" is an IP address" },
    { .name = "a U-label", .mode = "testing", .max_age = 1, .mx = { "b\xc3\xbc" "cher.example" },
      .want_field = "mx", .want_text = "write xn--bcher-kva.example" },
    { .name = "a line of its own inside", .mode = "testing", .max_age = 1, .mx = { "a.example\r\nmode: none" },
      .want_field = "mx" },
};

static const struct {
    const char *name, *value;
    enum policy_mx_flaw want;
} hosts[] = {
    { "a name", "mx.example.org", POLICY_MX_GOOD },
    { "capitals", "MX.Example.ORG", POLICY_MX_GOOD },
    { "a wildcard", "*.example.org", POLICY_MX_GOOD },
    { "digits in front", "1.example.org", POLICY_MX_GOOD },
    { "63 bytes", L63 ".example", POLICY_MX_GOOD },
    { "nothing", "", POLICY_MX_EMPTY },
    { "IPv4", "192.0.2.1", POLICY_MX_ADDRESS },
    { "IPv6", "2001:db8::1", POLICY_MX_ADDRESS },
    { "a literal", "[192.0.2.1]", POLICY_MX_ADDRESS },
    { "a literal of IPv6", "[IPv6:2001:db8::1]", POLICY_MX_ADDRESS },
    { "an address and a port", "192.0.2.1:25", POLICY_MX_ADDRESS },
    { "a number last", "mx.example.25", POLICY_MX_ADDRESS },
    { "a list", "a.example,b.example", POLICY_MX_LIST },
    { "a list with spaces", "a.example b.example", POLICY_MX_LIST },
    { "a preference", "10 a.example", POLICY_MX_LIST },
    { "a port", "mx.example.org:25", POLICY_MX_PORT },
    { "a scheme", "smtp://mx.example.org", POLICY_MX_CHARACTER },
    { "a U-label", "b\xc3\xbc" "cher.example", POLICY_MX_UNICODE },
    { "Latin 1", "b\xfc" "cher.example", POLICY_MX_UNICODE },
    { "a dot last", "mx.example.org.", POLICY_MX_DOT },
    { "a wildcard and a dot last", "*.example.org.", POLICY_MX_DOT },
    { "only a dot", ".", POLICY_MX_LABEL },
    { "two dots last", "mx.example.org..", POLICY_MX_LABEL },
    { "an asterisk", "*", POLICY_MX_WILDCARD_ALONE },
    { "an asterisk and a dot", "*.", POLICY_MX_LABEL },
    { "a wildcard inside", "mx.*.example.org", POLICY_MX_WILDCARD_PLACE },
    { "a part of a label", "mx*.example.org", POLICY_MX_WILDCARD_PLACE },
    { "a part of a label, first", "*mx.example.org", POLICY_MX_WILDCARD_PLACE },
    { "two wildcards", "*.*.example.org", POLICY_MX_WILDCARD_PLACE },
    { "a leading dot", ".example.org", POLICY_MX_LABEL },
    { "an empty label", "mx..example.org", POLICY_MX_LABEL },
    { "a hyphen first", "-mx.example.org", POLICY_MX_LABEL },
    { "a hyphen last", "mx-.example.org", POLICY_MX_LABEL },
    { "a hyphen at the end", "mx.example-", POLICY_MX_LABEL },
    { "64 bytes", L63 "l.example", POLICY_MX_LABEL },
    { "an underscore", "mx_1.example.org", POLICY_MX_CHARACTER },
    { "a mailbox", "post@example.org", POLICY_MX_CHARACTER },
    { "254 bytes", L63 "." L63 "." L63 "." L63, POLICY_MX_LONG },
    { "one label", "mx", POLICY_MX_SINGLE },
    { "a wildcard of a top domain", "*.org", POLICY_MX_SINGLE },
};

static const struct {
    const char *name, *id;
    enum policy_fit want;
} ids[] = {
    { "its own", "20261128232500h56a100b2cf83", POLICY_FIT_GOOD },
    { "another time", "19700101000000h56a100b2cf83", POLICY_FIT_GOOD },
    { "other bytes", "20261128232500h56a100b2cf80", POLICY_FIT_DIFFERS },
    { "a time only", "20261128232500", POLICY_FIT_OTHER },
    { "a hash only", "56a100b2cf83", POLICY_FIT_OTHER },
    { "capitals", "20261128232500h56A100B2CF83", POLICY_FIT_OTHER },
    { "too short", "20261128232500h56a100b2cf8", POLICY_FIT_OTHER },
    { "too long", "20261128232500h56a100b2cf830", POLICY_FIT_OTHER },
    { "a digit more", "202611282325001h56a100b2cf83", POLICY_FIT_OTHER },
    { "nothing", "", POLICY_FIT_OTHER },
};
/* clang-format on */

#define PLAIN "version: STSv1\r\nmode: testing\r\nmx: mx.example.org\r\nmax_age: 86400\r\n"

static void test_make(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        struct policy_terms terms = { .mode = row->mode, .max_age_seconds = row->max_age };
        terms.mx.items = row->mx;
        while (terms.mx.count < HOSTS && row->mx[terms.mx.count])
            terms.mx.count++;
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct err err = { 0 };
        const char *text = NULL;
        print_message("%s\n", row->name);
        bool good = policy_text_make(&arena, &terms, &text, &err);
        assert_int_equal(good, row->want != NULL);
        if (good) {
            assert_string_equal(text, row->want);
            continue;
        }
        assert_null(text);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.field, row->want_field);
        assert_non_null(strstr(err.text, row->want_text ? row->want_text : ""));
    }
}

static void test_too_many_hosts(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const size_t count = 3500;
    const char **names = arena_array(&arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = arena_printf(&arena, "mx%zu.example.org", i);
    struct policy_terms terms = { .mode = "testing", .mx = { names, count } };
    const char *text = NULL;
    struct err err = { 0 };
    assert_false(policy_text_make(&arena, &terms, &text, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    terms.mx.count = 2500;
    err = (struct err){ 0 };
    assert_true(policy_text_make(&arena, &terms, &text, &err));
}

static void test_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
        print_message("%s\n", hosts[i].name);
        struct bytes value = { hosts[i].value, strlen(hosts[i].value) };
        assert_int_equal(policy_mx_check(value), hosts[i].want);
        assert_non_null(policy_mx_flaw_to_text(hosts[i].want));
    }
    assert_int_equal(policy_mx_check((struct bytes){ "mx\0.example", 11 }), POLICY_MX_CHARACTER);
}

static void test_id(void **state)
{
    (void)state;
    struct bytes policy = { PLAIN, strlen(PLAIN) };
    char id[POLICY_ID_BYTES];
    int64_t time = (int64_t)clock_day_of(2026, 11, 28) * DAY_SECONDS + 23 * 3600 + 25 * 60;
    assert_string_equal(policy_text_id(time, policy, id), ids[0].id);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        print_message("%s\n", ids[i].name);
        assert_int_equal(policy_text_fit(ids[i].id, policy), ids[i].want);
    }
    /* One byte less is another policy. */
    policy.size--;
    assert_int_equal(policy_text_fit(id, policy), POLICY_FIT_DIFFERS);
    assert_memory_equal(policy_text_id(time + 34 * 60 + 59, policy, id), "20261128235959h", 15);
    assert_int_equal(policy_text_fit(id, policy), POLICY_FIT_GOOD);
}

static void test_record(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    assert_string_equal(policy_text_record(&arena, "20261128232500h56a100b2cf83"),
                        "v=STSv1; id=20261128232500h56a100b2cf83;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make),   cmocka_unit_test(test_too_many_hosts),
        cmocka_unit_test(test_hosts),  cmocka_unit_test(test_id),
        cmocka_unit_test(test_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
