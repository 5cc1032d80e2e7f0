/* The verdict: eighteen situations with what has to come out, by the names under which they are known.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "verdict_world.h"

static struct world world;

/* Three reporters, each with SESSIONS on each of DAYS closed days. */
static void three(int64_t policy, int days, int64_t sessions)
{
    world_clean(&world, "Google", policy, days - 1, sessions);
    world_clean(&world, "Microsoft", policy, days - 1, sessions);
    world_clean(&world, "Mox", policy, days - 1, sessions);
}

static void check(enum verdict_word word, const char *code, enum verdict_weight weight)
{
    struct verdict verdict = world_judge(&world);
    const struct verdict_reason *reason = world_reason(&verdict, code);
    if (verdict.word != word || !reason || reason->weight != weight)
        for (size_t i = 0; i < verdict.reason_count; i++)
            print_message("%s (%d): %s\n", verdict.reasons[i].code, verdict.reasons[i].weight,
                          verdict.reasons[i].text);
    assert_string_equal(verdict_word_to_text(verdict.word), verdict_word_to_text(word));
    assert_non_null(reason);
    assert_int_equal(reason->weight, weight);
    assert_true(*reason->text && *reason->url);
}

static int setup(void **state)
{
    (void)state;
    world_begin(&world);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&world.arena);
    return 0;
}

static void test_tv1_ready(void **state)
{
    (void)state;
    three(TESTING, 14, 17); /* 714 */
    check(VERDICT_READY, "clean", WEIGHT_NOTES);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.stage, STAGE_TESTING);
    assert_int_equal(verdict.clean_days, 14);
    assert_int_equal(verdict.counterfactual.sessions, 714);
    assert_int_equal(verdict.counterfactual.refused_high, 0);
    assert_int_equal(verdict.counterfactual.reporter_days, 42);
    assert_string_equal(
        verdict.counterfactual.sentence,
        "In the last 14 complete days 3 reporters described 714 deliveries that checked your policy; "
        "enforce would have refused 0. With that much data the true share is very likely below 0.5 %. "
        "Not visible: senders that send no reports, and Postfix senders, which ignore testing "
        "policies.");
}

static void test_bound_is_never_zero(void **state)
{
    (void)state;
    three(TESTING, 14, 5000);
    struct verdict verdict = world_judge(&world);
    assert_non_null(strstr(verdict.counterfactual.sentence, "very likely below 0.1 %."));
}

static void test_no_day_is_complete(void **state)
{
    (void)state;
    for (int enforced = 0; enforced < 2; enforced++) {
        world.input.row_count = 0;
        world_add(&world, -2, "Google", enforced ? ENFORCE : TESTING, NULL, "successful", 41);
        struct verdict verdict = world_judge(&world);
        assert_non_null(strstr(verdict.counterfactual.sentence, "No day is complete yet"));
        for (size_t i = 0; i < verdict.reason_count; i++)
            assert_null(strstr(verdict.reasons[i].text, "last -"));
    }
}

static void test_no_reports(void **state)
{
    (void)state;
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.word, VERDICT_UNKNOWN);
    assert_string_equal(verdict.reasons[0].code, "no-reports");
    assert_non_null(strstr(verdict.reasons[0].text, "that counts as evidence"));
    assert_non_null(strstr(verdict.reasons[0].fix, "verdict.include_untrusted"));
}

static void test_tv2_limited(void **state)
{
    (void)state;
    three(TESTING, 14, 3); /* 126 */
    check(VERDICT_READY_LIMITED, "thin-evidence", WEIGHT_LIMITS);
}

static void test_tv3_day_nine(void **state)
{
    (void)state;
    three(TESTING, 9, 100);
    check(VERDICT_NOT_YET, "clean-days", WEIGHT_WAITS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(world_number(&verdict, "clean-days", "clean_days"), 9);
    assert_int_equal(world_number(&verdict, "clean-days", "days"), 14);
}

static void test_tv4_unlisted(void **state)
{
    (void)state;
    world.hosts[1].name = "mx3.a.example"; /* which the policy does not list */
    three(TESTING, 14, 240);
    world_fail(&world, 5, "Google", TESTING, "mx3.a.example", "validation-failure", 1);
    check(VERDICT_NOT_YET, "unlisted-mx", WEIGHT_BLOCKS);
    /* One of many is enough, of any sender, however long ago. */
    world.input.row_count = 0;
    three(TESTING, 50, 240);
    world_fail(&world, 40, "Google", TESTING, "mx3.a.example", "validation-failure", 1);
    check(VERDICT_NOT_YET, "unlisted-mx", WEIGHT_BLOCKS);
}

static void test_tv5_retrieval(void **state)
{
    (void)state;
    three(TESTING, 14, 100);
    for (int back = 0; back < 5; back++)
        world_fail(&world, back, "Microsoft", UNTOLD, NULL, "sts-policy-fetch-error", 8);
    check(VERDICT_NOT_YET, "retrieval", WEIGHT_BLOCKS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(world_number(&verdict, "retrieval", "sessions"), 40);
    assert_non_null(strstr(world_reason(&verdict, "retrieval")->text, "No mail is lost"));
    assert_int_equal(verdict.counterfactual.refused_high, 0);
    assert_int_equal(verdict.disposition_count, 0);
    /* Once is no matter. */
    world.input.row_count = 0;
    three(TESTING, 14, 100);
    world_fail(&world, 3, "Microsoft", UNTOLD, NULL, "sts-policy-fetch-error", 8);
    check(VERDICT_READY, "retrieval-once", WEIGHT_NOTES);
    world_fail(&world, 3, "Google", UNTOLD, NULL, "sts-webpki-invalid", 1);
    check(VERDICT_NOT_YET, "retrieval", WEIGHT_BLOCKS);
}

static void test_tv6_renewed(void **state)
{
    (void)state;
    three(TESTING, 30, 100);
    world_fail(&world, 11, "Google", TESTING, "mx1.a.example", "certificate-expired", 3);
    world.hosts[0].certificate_day = WORLD_CLOSED - 10;
    check(VERDICT_NOT_YET, "clean-days", WEIGHT_WAITS);
    check(VERDICT_NOT_YET, "resolved", WEIGHT_NOTES);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.clean_days, 11);
    /* Not renewed: it counts. */
    world.hosts[0].certificate_day = 0;
    check(VERDICT_NOT_YET, "sender-persists", WEIGHT_BLOCKS);
}

static void test_tv7_transient(void **state)
{
    (void)state;
    three(TESTING, 14, 100);
    world_fail(&world, 6, "Google", TESTING, "mx1.a.example", "validation-failure", 2)->transient =
        2;
    check(VERDICT_READY, "transient", WEIGHT_NOTES);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.counterfactual.refused_low, 2);
    assert_int_equal(verdict.clean_days, 14);
    /* Three are too many of a hundred; and the days after have to be clean. */
    world.input.row_count -= 2;
    world_fail(&world, 6, "Google", TESTING, "mx1.a.example", "validation-failure", 3)->transient =
        3;
    check(VERDICT_NOT_YET, "sender-persists", WEIGHT_BLOCKS);
    world.input.row_count -= 2;
    world_fail(&world, 6, "Google", TESTING, "mx1.a.example", "validation-failure", 2)->transient =
        2;
    world_fail(&world, 4, "Google", TESTING, "mx1.a.example", "validation-failure", 2)->transient =
        2;
    check(VERDICT_NOT_YET, "sender-persists", WEIGHT_BLOCKS);
}

static void test_tv8_tiny(void **state)
{
    (void)state;
    three(TESTING, 30, 17);
    world_fail(&world, 20, "tiny.example", TESTING, "mx1.a.example", "certificate-not-trusted", 4);
    check(VERDICT_READY, "sender-side", WEIGHT_NOTES);
    struct verdict verdict = world_judge(&world);
    assert_string_equal(verdict.dispositions[0].reporter, "tiny.example");
    assert_true(verdict.dispositions[0].passes);
    /* A large one is not tiny: his users would be cut off. */
    world.rows[world.input.row_count - 1].sessions = 400;
    check(VERDICT_NOT_YET, "needs-decision", WEIGHT_WAITS);
    verdict = world_judge(&world);
    assert_null(verdict.dispositions[0].reporter);
    /* Until somebody has looked at it; and it has not come again. */
    world.ack = (struct verdict_ack_row){ .mx = "mx1.a.example",
                                          .result = "certificate-not-trusted",
                                          .last_day = WORLD_CLOSED - 20,
                                          .note = "old trust store" };
    world.input.ack_count = 1;
    check(VERDICT_READY, "acknowledged", WEIGHT_NOTES);
    world_fail(&world, 19, "tiny.example", TESTING, "mx1.a.example", "certificate-not-trusted", 4);
    check(VERDICT_NOT_YET, "needs-decision", WEIGHT_WAITS);
}

static void test_tv9_mox(void **state)
{
    (void)state;
    world_clean(&world, "Mox", TESTING, 29, 50);
    world_clean(&world, "Google", TESTING, 29, 50);
    world_add(&world, 4, "Mox", TESTING, "mx1.a.example", "certificate-host-mismatch", 7);
    check(VERDICT_NOT_YET, "sender-persists", WEIGHT_BLOCKS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.counterfactual.refused_high, 7);
    assert_int_equal(verdict.counterfactual.sessions, 14 * 100);
}

static void test_tv10_no_policy_found(void **state)
{
    (void)state;
    for (int back = 0; back < 20; back++)
        world_add(&world, back, "Google", UNTOLD, NULL, "successful", 250)->policy_type =
            "no-policy-found";
    check(VERDICT_NOT_YET, "no-policy", WEIGHT_WAITS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.stage, STAGE_REPORTING);
    assert_int_equal(world_number(&verdict, "no-policy", "sessions"), 5000);
    assert_int_equal(verdict.counterfactual.sessions, 0);
    /* We see that a policy is published: but nobody has checked it. */
    world.live.mode = "testing";
    check(VERDICT_NOT_YET, "thin-evidence", WEIGHT_WAITS);
    verdict = world_judge(&world);
    assert_int_equal(world_number(&verdict, "thin-evidence", "sessions"), 0);
}

/* The look knows of the switch; the reports of its days are still to come. */
static void test_just_switched(void **state)
{
    (void)state;
    three(TESTING, 14, 17);
    world.live.mode = "enforce";
    check(VERDICT_UNKNOWN, "no-evidence", WEIGHT_UNKNOWN);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.stage, STAGE_ENFORCE);
    assert_non_null(strstr(world_reason(&verdict, "no-evidence")->text, "in mode enforce yet"));
    assert_string_equal(world_reason(&verdict, "no-evidence")->fix, "");
}

static void test_tv11_dane(void **state)
{
    (void)state;
    three(TESTING, 14, 17);
    world_add(&world, 2, "Posteo", UNTOLD, "mx1.a.example", "tlsa-invalid", 9)->policy_type =
        "tlsa";
    check(VERDICT_READY, "dane-failing", WEIGHT_REFUSES);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.dane, VERDICT_FAILING);
    assert_int_equal(verdict.counterfactual.refused_high, 0);
    world.rows[world.input.row_count - 1].result = "successful";
    verdict = world_judge(&world);
    assert_int_equal(verdict.dane, VERDICT_HEALTHY);
    assert_int_equal(verdict.counterfactual.sessions, 714);
}

static void test_tv12_older_policy(void **state)
{
    (void)state;
    /* Microsoft and Mox took the new policy fifteen days ago; Google keeps the old one. */
    for (int back = 40; back >= 0; back--) {
        world_add(&world, back, "Google", OLD_MX, NULL, "successful", 50);
        world_add(&world, back, "Microsoft", back > 15 ? OLD_MX : TESTING, NULL, "successful", 50);
        world_add(&world, back, "Mox", back > 15 ? OLD_MX : TESTING, NULL, "successful", 50);
    }
    check(VERDICT_NOT_YET, "old-policy", WEIGHT_WAITS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.clock_day, WORLD_CLOSED - 15);
    assert_non_null(strstr(world_reason(&verdict, "old-policy")->text, "Google"));
    char day[CLOCK_TEXT_BYTES];
    assert_non_null(strstr(world_reason(&verdict, "old-policy")->text,
                           clock_day_to_text(WORLD_CLOSED + 8, day)));
    /* What failed at a host that the old one did not list is no fault of the present one. */
    world_fail(&world, 3, "Google", OLD_MX, "mx2.a.example", "validation-failure", 3);
    check(VERDICT_NOT_YET, "older-policy", WEIGHT_NOTES);
}

static void test_tv13_silence(void **state)
{
    (void)state;
    three(TESTING, 40, 50);
    for (size_t i = 0; i < world.input.row_count; i++)
        if (world.rows[i].day > WORLD_CLOSED - 3)
            world.rows[i].sessions = 0;
    check(VERDICT_NOT_YET, "silent", WEIGHT_WAITS);
    struct verdict verdict = world_judge(&world);
    assert_non_null(strstr(world_reason(&verdict, "silent")->text, "All reports have stopped"));
    assert_int_equal(world_number(&verdict, "silent", "days"), 3);
    /* When we did not collect it is no silence. */
    for (int i = 0; i < 3; i++)
        world.gaps[i] = WORLD_CLOSED - i;
    world.input.gap_count = 3;
    verdict = world_judge(&world);
    assert_null(world_reason(&verdict, "silent"));
    assert_int_equal(verdict.word, VERDICT_READY);
}

static void test_tv14_not_checked(void **state)
{
    (void)state;
    three(TESTING, 14, 17);
    world.live.gates[GATE_MX_TLS] = KNOWN_NOT;
    check(VERDICT_READY_LIMITED, "not-checked", WEIGHT_LIMITS);
    memset(&world.live, 0, sizeof world.live);
    check(VERDICT_READY_LIMITED, "not-checked", WEIGHT_LIMITS);
    world.live.looked_seconds = INT64_C(1795694400); /* a look, but too old */
    struct verdict verdict = world_judge(&world);
    assert_non_null(strstr(world_reason(&verdict, "not-checked")->text,
                           "were not checked since 2026-11-26T12:00:00Z: the _mta-sts record, "));
    assert_int_equal(world_number(&verdict, "not-checked", "checks"), GATES);
}

/* Well now, and at fault of late: it has to hold first. In enforce it is past. */
static void test_gate_lately(void **state)
{
    (void)state;
    three(TESTING, 14, 17);
    world.live.gates[GATE_MX_TLS] = KNOWN_FALSE;
    world.live.lately[GATE_MX_TLS] = true;
    world.live.found[GATE_MX_TLS] = "until 2026-11-26T12:00:00Z";
    check(VERDICT_NOT_YET, "gate-lately", WEIGHT_WAITS);
    struct verdict verdict = world_judge(&world);
    assert_null(world_reason(&verdict, "gate-mx-tls"));
    assert_non_null(strstr(world_reason(&verdict, "gate-lately")->text,
                           "STARTTLS and certificate of every MX (until 2026-11-26T12:00:00Z)"));
    world.input.row_count = 0;
    three(ENFORCE, 40, 17);
    check(VERDICT_HEALTHY, "gate-lately", WEIGHT_NOTES);
    world.live.lately[GATE_MX_TLS] = false;
    check(VERDICT_FAILING, "gate-mx-tls", WEIGHT_REFUSES);
}

/* A host that is not in the MX records: never, or before we looked? */
static void test_host_before_first_look(void **state)
{
    (void)state;
    three(TESTING, 14, 240);
    world_fail(&world, 5, "Google", TESTING, "mx9.a.example", "validation-failure", 3);
    check(VERDICT_READY, "foreign-mx", WEIGHT_NOTES);
    world.live.mx_from_day = WORLD_CLOSED - 6;
    check(VERDICT_READY, "foreign-mx", WEIGHT_NOTES);
    world.live.mx_from_day = WORLD_CLOSED - 5;
    check(VERDICT_READY, "stale-mx", WEIGHT_NOTES);
}

static void test_tv15_invalid_at_an_mx(void **state)
{
    (void)state;
    three(TESTING, 14, 100);
    world_fail(&world, 2, "Stalwart", TESTING, "mx1.a.example", "sts-policy-invalid", 5);
    check(VERDICT_NOT_YET, "needs-decision", WEIGHT_WAITS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.counterfactual.refused_high, 5);
    /* By its address too; without either the policy was not obtained. */
    world.rows[world.input.row_count - 1].mx = NULL;
    world.rows[world.input.row_count - 1].addressed = 5;
    assert_int_equal(world_judge(&world).counterfactual.refused_high, 5);
    world.rows[world.input.row_count - 1].addressed = 0;
    assert_int_equal(world_judge(&world).counterfactual.refused_high, 0);
}

static void test_tv16_without_details(void **state)
{
    (void)state;
    three(TESTING, 14, 100);
    world_fail(&world, 2, "Google", TESTING, NULL, "unexplained", 12);
    check(VERDICT_NOT_YET, "unexplained", WEIGHT_BLOCKS);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.counterfactual.refused_low, 12);
    assert_int_equal(verdict.counterfactual.refused_high, 12);
}

static void test_tv17_enforce(void **state)
{
    (void)state;
    three(ENFORCE, 40, 100);
    check(VERDICT_HEALTHY, "enforced", WEIGHT_NOTES);
    world_fail(&world, -3, "Google", ENFORCE, "mx1.a.example", "certificate-expired",
               9); /* today */
    check(VERDICT_FAILING, "sender-persists", WEIGHT_REFUSES);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.stage, STAGE_ENFORCE);
    assert_null(world_reason(&verdict, "no-evidence"));
    assert_int_equal(world_number(&verdict, "enforced", "sessions"), 14 * 300);
    assert_non_null(strstr(verdict.counterfactual.sentence, "they refused 0. Not visible"));
    assert_null(world_reason(&verdict, "all-mx-refused"));
    world_fail(&world, -2, "Google", ENFORCE, "mx2.a.example", "certificate-expired", 9);
    check(VERDICT_FAILING, "all-mx-refused", WEIGHT_REFUSES);
    assert_string_equal(world_judge(&world).reasons[0].code, "all-mx-refused");
}

static void test_tv18_backup_probe(void **state)
{
    (void)state;
    three(TESTING, 14, 100);
    world.live.gates[GATE_MX_TLS] = KNOWN_FALSE;
    world.live.found[GATE_MX_TLS] = "mx2.a.example: its certificate has expired.";
    check(VERDICT_NOT_YET, "gate-mx-tls", WEIGHT_BLOCKS);
}

static void test_none_is_one_version(void **state)
{
    (void)state;
    world_clean(&world, "Google", NONE, 14, 50);
    world_clean(&world, "Microsoft", NONE_BARE, 14, 50);
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.stage, STAGE_REMOVING);
    assert_int_equal(verdict.adopter_count, 2);
    for (size_t i = 0; i < verdict.adopter_count; i++)
        assert_true(verdict.adopters[i].current && verdict.adopters[i].since_day);
}

/* Reports of the last days in mode none come after the end, and are no sign of a policy. */
static void test_given_up(void **state)
{
    (void)state;
    world_clean(&world, "Google", NONE, 14, 50);
    world.live.mode = NULL;
    world.live.given_up = true;
    struct verdict verdict = world_judge(&world);
    assert_int_equal(verdict.stage, STAGE_NONE);
    assert_int_equal(verdict.word, VERDICT_UNKNOWN);
    assert_string_equal(verdict.reasons[0].code, "given-up");
    world.live.mode = "testing"; /* somebody publishes one again, elsewhere */
    assert_int_equal(world_judge(&world).stage, STAGE_TESTING);
}

static void test_few_reporters_are_not_little_mail(void **state)
{
    (void)state;
    world_clean(&world, "Google", TESTING, 27, 100);
    check(VERDICT_READY_LIMITED, "thin-days", WEIGHT_LIMITS);
    struct verdict verdict = world_judge(&world);
    assert_string_equal(
        world_reason(&verdict, "thin-days")->text,
        "Few reports: it took the last 20 complete days, not 14, to have enough of them.");
}

int main(void)
{
#define VECTOR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        VECTOR(test_tv1_ready),
        VECTOR(test_bound_is_never_zero),
        VECTOR(test_no_reports),
        VECTOR(test_no_day_is_complete),
        VECTOR(test_tv2_limited),
        VECTOR(test_tv3_day_nine),
        VECTOR(test_tv4_unlisted),
        VECTOR(test_tv5_retrieval),
        VECTOR(test_tv6_renewed),
        VECTOR(test_tv7_transient),
        VECTOR(test_tv8_tiny),
        VECTOR(test_tv9_mox),
        VECTOR(test_tv10_no_policy_found),
        VECTOR(test_just_switched),
        VECTOR(test_tv11_dane),
        VECTOR(test_tv12_older_policy),
        VECTOR(test_tv13_silence),
        VECTOR(test_tv14_not_checked),
        VECTOR(test_gate_lately),
        VECTOR(test_host_before_first_look),
        VECTOR(test_tv15_invalid_at_an_mx),
        VECTOR(test_tv16_without_details),
        VECTOR(test_tv17_enforce),
        VECTOR(test_tv18_backup_probe),
        VECTOR(test_none_is_one_version),
        VECTOR(test_given_up),
        VECTOR(test_few_reporters_are_not_little_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
