/* One answer for a delivery of several reports.
 * SPDX-License-Identifier: MIT */
#include "ingest/entry.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S OUTCOME_STORED
#define D OUTCOME_DUPLICATE
#define P OUTCOME_SPOOLED
#define J OUTCOME_REJECTED
#define F OUTCOME_REFUSED
#define R OUTCOME_RETRY

#define ENTRIES 4

/* Entry I has id "idI", organization "orgI", 10^I successful and 2 * 10^I failed sessions. */
static const struct {
    size_t count;
    enum outcome outcomes[ENTRIES];
    enum outcome want;
    size_t want_speaks; /* which of them */
    size_t want_reports;
    int64_t want_successful;
} rows[] = {
    { 1, { S }, S, 0, 1, 1 },
    { 1, { D }, D, 0, 1, 1 },
    { 1, { J }, J, 0, 0, 0 },
    { 1, { F }, F, 0, 0, 0 },
    { 1, { R }, R, 0, 0, 0 },
    { 2, { S, S }, S, 0, 2, 11 },
    { 2, { D, S }, S, 1, 2, 11 },
    { 2, { J, S }, S, 1, 1, 10 },
    { 2, { S, J }, S, 0, 1, 1 },
    { 2, { F, J }, J, 1, 0, 0 },
    { 2, { F, D }, D, 1, 1, 10 },
    { 3, { J, D, F }, D, 1, 1, 10 },
    /* one that must come again makes the whole come again; the others will be duplicates */
    { 2, { S, R }, R, 1, 1, 1 },
    { 2, { R, S }, R, 0, 1, 10 },
    { 3, { F, R, J }, R, 1, 0, 0 },
    { 4, { S, D, J, R }, R, 3, 2, 11 },
    { 4, { F, J, D, S }, S, 3, 2, 1100 },
    { 1, { P }, P, 0, 1, 1 },
    { 2, { P, D }, D, 1, 2, 11 },
    { 3, { F, J, P }, P, 2, 1, 100 },
    { 2, { P, R }, R, 1, 1, 1 },
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct delivery *delivery = delivery_new(SOURCE_LMTP, "");
        struct arena *arena = &delivery->arena;
        struct entry **end = &delivery->entries;
        int64_t unit = 1;
        for (size_t k = 0; k < rows[i].count; k++, unit *= 10) {
            struct entry *entry = arena_alloc(arena, sizeof *entry);
            entry->outcome = rows[i].outcomes[k];
            entry->id = arena_printf(arena, "id%zu", k);
            entry->report.organization = arena_printf(arena, "org%zu", k);
            entry->report.policies = arena_alloc(arena, sizeof *entry->report.policies);
            entry->report.policies[0].domain = arena_printf(arena, "domain%zu", k);
            entry->report.policy_count = 1;
            entry->report.successful_sessions = unit;
            entry->report.failed_sessions = 2 * unit;
            err_set(&entry->err, ERR_INPUT, "text%zu", k);
            *end = entry;
            end = &entry->next;
            delivery->entry_count++;
        }
        struct answer answer = entry_answer(delivery);
        char number = (char)('0' + rows[i].want_speaks);
        print_message("row %zu\n", i);
        assert_int_equal(answer.outcome, rows[i].want);
        assert_int_equal(answer.reports, rows[i].want_reports);
        assert_true(answer.successful == rows[i].want_successful);
        assert_true(answer.failed == 2 * rows[i].want_successful);
        assert_int_equal(answer.id[2], number);
        assert_int_equal(answer.organization[3], number);
        assert_int_equal(answer.domain[6], number);
        assert_int_equal(answer.err.text[4], number);
        delivery_free(&delivery);
    }
}

/* What could not be read has neither id nor organization; nothing at all is refused. */
static void test_bare(void **state)
{
    (void)state;
    struct delivery *delivery = delivery_new(SOURCE_HTTPS, "");
    struct answer answer = entry_answer(delivery);
    assert_int_equal(answer.outcome, OUTCOME_REFUSED);
    struct entry entry = { .outcome = OUTCOME_REJECTED };
    delivery->entries = &entry;
    answer = entry_answer(delivery);
    assert_int_equal(answer.outcome, OUTCOME_REJECTED);
    assert_string_equal(answer.id, "");
    assert_string_equal(answer.organization, "");
    assert_string_equal(answer.domain, "");
    delivery_free(&delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers),
                                        cmocka_unit_test(test_bare) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
