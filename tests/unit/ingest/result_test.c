/* The tables of RFC 8460 section 4.3: every registered name, its class, and what enforce does.
 * SPDX-License-Identifier: MIT */
#include "ingest/result.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* clang-format off */
static const struct {
    const char *name;
    enum result_class want_class;
    bool want_blocks;
} rows[] = {
    { "starttls-not-supported", RESULT_CLASS_BLOCKING, true },
    { "certificate-host-mismatch", RESULT_CLASS_BLOCKING, true },
    { "certificate-expired", RESULT_CLASS_BLOCKING, true },
    { "certificate-not-trusted", RESULT_CLASS_BLOCKING, true },
    { "validation-failure", RESULT_CLASS_BLOCKING, true },
    { "tlsa-invalid", RESULT_CLASS_DANE, false },
    { "dnssec-invalid", RESULT_CLASS_DANE, false },
    { "dane-required", RESULT_CLASS_DANE, false },
    { "sts-policy-fetch-error", RESULT_CLASS_RETRIEVAL, false },
    { "sts-policy-invalid", RESULT_CLASS_RETRIEVAL, false },
    { "sts-webpki-invalid", RESULT_CLASS_RETRIEVAL, false },
    { "other", RESULT_CLASS_UNKNOWN, true },
};
/* clang-format on */

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct result *result = result_at(i);
        assert_non_null(result);
        assert_string_equal(result->name, rows[i].name);
        assert_int_equal(result->class, rows[i].want_class);
        assert_int_equal(result->blocks_under_enforce, rows[i].want_blocks);
        assert_ptr_equal(result_find(rows[i].name), result);
        assert_int_equal(result_is_other(result), i == ARRAY_SIZE(rows) - 1);
    }
    assert_null(result_at(ARRAY_SIZE(rows)));
}

/* Every row is shown to people: sentences with a full stop. */
static void test_prose(void **state)
{
    (void)state;
    for (size_t i = 0; result_at(i); i++) {
        const struct result *result = result_at(i);
        assert_int_equal(result->meaning[strlen(result->meaning) - 1], '.');
        assert_int_equal(result->remedy[strlen(result->remedy) - 1], '.');
        assert_true(result_is_other(result) == !result->example);
        assert_true(*result->side && strncmp(result->section, "RFC 8460 ", 9) == 0);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(result_find("CERTIFICATE-Expired")->name, "certificate-expired");
    static const char *const unknown[] = { "", "sts-policy", "certificate-expired ",
                                           "quic-failed" };
    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
        assert_true(result_is_other(result_find(unknown[i])));
}

static void test_policy_types(void **state)
{
    (void)state;
    for (int type = POLICY_STS; type <= POLICY_OTHER; type++)
        assert_int_equal(policy_type_from_text(policy_type_to_text((enum policy_type)type)), type);
    assert_int_equal(policy_type_from_text("No-Policy-Found"), POLICY_NO_POLICY_FOUND);
    assert_int_equal(policy_type_from_text("STS"), POLICY_STS);
    assert_int_equal(policy_type_from_text(""), POLICY_OTHER);
    assert_int_equal(policy_type_from_text("mta-sts"), POLICY_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_prose),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_policy_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
