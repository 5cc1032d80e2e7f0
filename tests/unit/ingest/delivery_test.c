/* The table of outcomes is a promise to five protocols; errors choose its rows.
 * SPDX-License-Identifier: MIT */
#include "ingest/delivery.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <cmocka.h>

static void test_outcomes(void **state)
{
    (void)state;
    static const struct outcome_row want[] = {
        [OUTCOME_STORED] = { "stored", 201, "250 2.0.0", 'S', EX_OK },
        [OUTCOME_DUPLICATE] = { "duplicate", 200, "250 2.0.0", 'S', EX_OK },
        [OUTCOME_SPOOLED] = { "spooled", 202, "250 2.0.0", 'S', EX_OK },
        [OUTCOME_REJECTED] = { "rejected", 400, "250 2.0.0", 'F', EX_OK },
        [OUTCOME_REFUSED] = { "refused", 403, "550 5.7.1", 'T', EX_NOPERM },
        [OUTCOME_RETRY] = { "retry", 503, "451 4.3.0", 0, EX_TEMPFAIL },
        [OUTCOME_THROTTLED] = { "throttled", 429, "451 4.7.1", 0, EX_TEMPFAIL },
        [OUTCOME_IGNORED] = { "ignored", 200, "250 2.0.0", 'S', EX_OK },
    };
    for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
        const struct outcome_row *row = outcome_row((enum outcome)i);
        assert_string_equal(row->word, want[i].word);
        assert_int_equal(row->http_status, want[i].http_status);
        assert_string_equal(row->lmtp_reply, want[i].lmtp_reply);
        assert_int_equal(row->maildir_flag, want[i].maildir_flag);
        assert_int_equal(row->exit_code, want[i].exit_code);
    }
}

/* Only what the sender did wrong is rejected: what we cannot do now must come again. */
static void test_errors(void **state)
{
    (void)state;
    static const enum outcome want[] = {
        [ERR_NONE] = OUTCOME_STORED,    [ERR_INPUT] = OUTCOME_REJECTED,
        [ERR_LIMIT] = OUTCOME_REJECTED, [ERR_REFUSED] = OUTCOME_REFUSED,
        [ERR_AGAIN] = OUTCOME_RETRY,    [ERR_SETUP] = OUTCOME_RETRY,
        [ERR_BUG] = OUTCOME_RETRY,
    };
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        assert_int_equal(outcome_of(&(struct err){ .kind = (enum err_kind)i }), want[i]);
}

static void test_sources(void **state)
{
    (void)state;
    assert_string_equal(source_to_text(SOURCE_HTTPS), "https");
    assert_string_equal(source_to_text(SOURCE_LMTP), "lmtp");
    assert_string_equal(source_to_text(SOURCE_MAILDIR), "maildir");
    assert_string_equal(source_to_text(SOURCE_COMMAND), "command");
    for (int i = SOURCE_HTTPS; i <= SOURCE_COMMAND; i++) {
        enum source found = i == SOURCE_HTTPS ? SOURCE_LMTP : SOURCE_HTTPS;
        assert_true(source_from_text(source_to_text((enum source)i), &found));
        assert_int_equal(found, i);
        assert_false(source_from_text("Https ", &found));
        assert_int_equal(found, i);
    }
}

static int freed;

static void count_freed(void *thing)
{
    (void)thing;
    freed++;
}

static void answered(struct delivery *delivery, const struct answer *answer)
{
    *(enum outcome *)delivery->door = answer->outcome;
}

/* Made empty, told to its door, freed with all that hangs on it. */
static void test_life(void **state)
{
    (void)state;
    int64_t before = clock_now();
    struct delivery *delivery = delivery_new(SOURCE_MAILDIR, "/some/\xffpath");
    enum outcome told = OUTCOME_RETRY;
    assert_true(delivery->received_seconds >= before);
    assert_string_equal(delivery->origin, "/some/\xef\xbf\xbdpath"); /* goes to the database */
    assert_int_equal(delivery->bytes.size, 0);
    assert_string_equal(delivery->bytes.data, "");
    assert_false(delivery->vouched);
    delivery->answered = answered;
    delivery->door = &told;
    delivery_answer(delivery, &(struct answer){ .outcome = OUTCOME_DUPLICATE });
    assert_int_equal(told, OUTCOME_DUPLICATE);
    arena_on_free(&delivery->arena, count_freed, NULL);
    delivery_free(&delivery);
    assert_null(delivery);
    assert_int_equal(freed, 1);
    delivery_free(&delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
