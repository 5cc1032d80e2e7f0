/* The summary of a week: kinds and states from rows, and what the printers make of them.
 * SPDX-License-Identifier: MIT */
#include "web/summary.h"
#include "web/summary_html.h"
#include "web/summary_json.h"
#include "web/summary_text.h"
#include "web/summary_verdict.h"
#include "web/summary_words.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void check_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static struct week_line_row row_of(int32_t kind, int64_t place, const char *organization)
{
    return (struct week_line_row){
        .kind = kind,
        .of_kind = 2,
        .place = place,
        .mx = "mx.example.org",
        .result = "certificate-expired",
        .failed = kind == WEEK_GONE ? 0 : 1200,
        .before = kind == WEEK_NEW ? 0 : 800,
        .heard = true,
        .domains = 5,
        .looked = 9,
        .names = "a.example b.example c.example",
        .reporters = 4,
        .organization = organization,
        .told = 1000,
        .told_before = 0,
    };
}

static void test_rows_are_put_together(void **state)
{
    (void)state;
    struct week_line_row rows[] = {
        row_of(WEEK_NEW, 1, "one"),  row_of(WEEK_NEW, 1, "two"),    row_of(WEEK_NEW, 2, "one"),
        row_of(WEEK_GONE, 1, "one"), row_of(WEEK_GONE, 1, "three"),
    };
    struct week_silent_row silent[] = { { "quiet", 5, 100, 20000, 7 } };
    struct summary summary = { 0 };
    summary_put_together(&summary, &(struct rows){ rows, ARRAY_SIZE(rows) },
                         &(struct rows){ silent, 1 }, &(struct rows){ 0 });
    assert_int_equal(summary.kinds[WEEK_NEW].count, 3);
    assert_int_equal(summary.kinds[WEEK_NEW].lines, 2);
    assert_int_equal(summary.kinds[WEEK_NEW].shown, 2);
    assert_ptr_equal(summary.kinds[WEEK_GONE].rows, &rows[3]);
    assert_int_equal(summary.kinds[WEEK_WORSE].count, 0);
    assert_int_equal(summary_rows_of_line(&summary.kinds[WEEK_NEW], 0), 2);
    assert_int_equal(summary_rows_of_line(&summary.kinds[WEEK_NEW], 2), 1);
    assert_int_equal(summary_rows_of_line(&summary.kinds[WEEK_GONE], 0), 2);
    assert_int_equal(summary.silent_all, 7);
    assert_int_equal(summary.state, SUMMARY_LOOK);
}

static void test_states(void **state)
{
    (void)state;
    static const struct {
        int32_t kind; /* of one line; 0: none */
        int64_t failed, reporters, silent, worse, ready;
        enum summary_state want;
        const char *want_headline, *want_subject;
    } cases[] = {
        { 0, 0, 3, 0, 0, 0, SUMMARY_CALM, "All is well, there is nothing to do: no session failed.",
          "TLS of all domains in week 2026-W47: nothing to do" },
        { WEEK_GONE, 0, 3, 0, 0, 0, SUMMARY_CALM,
          "All is well, there is nothing to do: 1 failure gone.",
          "TLS of all domains in week 2026-W47: nothing to do" },
        { WEEK_NEW, 9, 3, 0, 0, 0, SUMMARY_LOOK, "This needs a look: 1 new failure.",
          "TLS of all domains in week 2026-W47: 1 new failure" },
        { WEEK_WORSE, 9, 3, 2, 0, 0, SUMMARY_LOOK,
          "This needs a look: 1 failure worse, 2 reporters silent.",
          "TLS of all domains in week 2026-W47: 1 failure worse, 2 reporters silent" },
        { WEEK_GOING_ON, 9, 3, 0, 0, 0, SUMMARY_STEADY,
          "Nothing new and nothing worse: 1 failure going on.",
          "TLS of all domains in week 2026-W47: 1 failure going on" },
        { WEEK_BETTER, 9, 3, 0, 0, 0, SUMMARY_STEADY,
          "Nothing new and nothing worse: 1 failure better.",
          "TLS of all domains in week 2026-W47: 1 failure better" },
        { 0, 0, 3, 1, 0, 0, SUMMARY_LOOK, "This needs a look: 1 reporter silent.",
          "TLS of all domains in week 2026-W47: 1 reporter silent" },
        { 0, 0, 0, 0, 0, 0, SUMMARY_EMPTY, "No report tells of this week.",
          "TLS of all domains in week 2026-W47: no reports" },
        { 0, 0, 3, 0, 2, 0, SUMMARY_LOOK, "This needs a look: 2 verdicts worse.",
          "TLS of all domains in week 2026-W47: 2 verdicts worse" },
        { WEEK_GONE, 0, 3, 1, 1, 1, SUMMARY_LOOK,
          "This needs a look: 1 failure gone, 1 reporter silent, 1 verdict worse, 1 domain ready to "
          "enforce.",
          "TLS of all domains in week 2026-W47: 1 failure gone, 1 reporter silent, 1 verdict worse, 1 "
          "domain ready to enforce" },
        { 0, 0, 3, 0, 0, 3, SUMMARY_LOOK, "This needs a look: 3 domains ready to enforce.",
          "TLS of all domains in week 2026-W47: 3 domains ready to enforce" },
        { 0, 0, 3, 0, 0, 0, SUMMARY_CALM, "All is well, there is nothing to do: no session failed.",
          "TLS of all domains in week 2026-W47: nothing to do" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct week_line_row row = row_of(cases[i].kind, 1, "one");
        struct week_silent_row silent = { .organization = "quiet", .reporters = cases[i].silent };
        struct summary summary = { .week = "2026-W47",
                                   .totals = { .failed = cases[i].failed,
                                               .reporters = cases[i].reporters } };
        struct week_verdict_row verdict = { .domain = "a.example",
                                            .turn = WEEK_TURN_OTHER,
                                            .domains = 5,
                                            .worse = cases[i].worse,
                                            .ready = cases[i].ready };
        row.of_kind = 1;
        summary_put_together(&summary, &(struct rows){ &row, cases[i].kind ? 1 : 0 },
                             &(struct rows){ &silent, cases[i].silent ? 1 : 0 },
                             &(struct rows){ &verdict, 1 });
        assert_int_equal(summary.state, cases[i].want);
        assert_string_equal(summary_headline(&arena, &summary), cases[i].want_headline);
        assert_string_equal(summary_subject(&arena, &summary), cases[i].want_subject);
        arena_free(&arena);
    }
}

static void test_newest_week(void **state)
{
    (void)state;
    int32_t monday = clock_day_of(2026, 11, 23); /* of 2026-W48 */
    for (int32_t day = 0; day < 7; day++)
        assert_int_equal(summary_newest(monday + day), monday - 7);
    assert_int_equal(summary_newest(monday + 7), monday);
    assert_int_equal(summary_newest(clock_day_of(2027, 1, 4)),
                     clock_day_of(2026, 12, 28)); /* W53 */
}

static void test_numbers(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    static const struct {
        int64_t number;
        const char *want;
    } numbers[] = {
        { 0, "0" },          { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" },
        { -1234, "-1,234" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        assert_string_equal(summary_number(&arena, numbers[i].number), numbers[i].want);
    static const struct {
        int64_t part, whole;
        const char *want;
    } shares[] = {
        { 0, 0, "-" },
        { 0, 9, "0 %" },
        { 9, 9, "100 %" },
        { 1, 3, "33.3 %" },
        { 1, 100, "1.00 %" },
        { 1, 100000, "<0.01 %" },
        { 99999, 100000, ">99.9 %" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(shares); i++)
        assert_string_equal(summary_share(&arena, shares[i].part, shares[i].whole), shares[i].want);
    assert_string_equal(summary_domains(&arena, 12000, WEEK_ROWS_LOOKED_AT), "at least 12,000");
    assert_string_equal(summary_domains(&arena, 3, 9), "3");
    assert_string_equal(summary_value(&arena, "a\x1b[0m\r\nb\u202e"),
                        "a\ufffd[0m\ufffd b\u27e8U+202E\u27e9");
    assert_string_equal(summary_value(&arena, "\xff"
                                              "a"),
                        "\ufffd"
                        "a");
    arena_free(&arena);
}

static void test_words_of_a_line(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct week_line_row rows[] = { row_of(WEEK_WORSE, 1, "Google"), row_of(WEEK_WORSE, 1, "<b>") };
    rows[1].told_before = 30;
    rows[0].untrusted = 12;
    assert_string_equal(summary_tellers(&arena, rows, 2),
                        "Google 1,000, <b> 1,000 (before 30), and 2 more");
    assert_string_equal(summary_counts(&arena, rows),
                        "1,200 sessions failed, 800 the week before; 12 of these not verified");
    assert_string_equal(summary_names(&arena, rows), "a.example, b.example, c.example, and 2 more");
    rows[0].untrusted = 1200;
    rows[0].before = 0;
    assert_string_equal(summary_counts(&arena, rows),
                        "1,200 sessions failed, none the week before; not verified");
    rows[0].failed = 1;
    rows[0].untrusted = 0;
    assert_string_equal(summary_counts(&arena, rows), "1 session failed, none the week before");
    rows[0].looked = WEEK_LINE_LOOKED_AT;
    assert_string_equal(summary_names(&arena, rows),
                        "a.example, b.example, c.example, and 2 more at least");
    rows[0].domains = 3;
    assert_string_equal(summary_names(&arena, rows),
                        "a.example, b.example, c.example, and perhaps more");
    arena_free(&arena);
}

static void test_evidence(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct summary all = { .week = "2026-W47", .week_before = "2026-W46" };
    struct summary one = { .week = "2026-W47", .week_before = "2026-W46", .domain = "a.example" };
    struct week_line_row row = row_of(WEEK_NEW, 1, "one"), gone = row_of(WEEK_GONE, 1, "one");
    assert_string_equal(summary_evidence(&arena, &all, &row), "/mx/mx.example.org?week=2026-W47");
    assert_string_equal(summary_evidence(&arena, &all, &gone), "/mx/mx.example.org?week=2026-W46");
    assert_string_equal(summary_evidence(&arena, &one, &gone), "/domains/a.example?week=2026-W46");
    row.mx = NULL;
    assert_string_equal(summary_evidence(&arena, &all, &row), "/domains/a.example?week=2026-W47");
    arena_free(&arena);
}

static struct week_verdict_row verdict_of(const char *domain, enum week_turn turn,
                                          const char *before, const char *verdict)
{
    return (struct week_verdict_row){
        .domain = domain,
        .turn = (int32_t)turn,
        .from_verdict = before,
        .stage = "testing",
        .verdict = verdict,
        .sentence = "A host <b> fails\x1b.",
        .at_seconds = clock_day_of(2026, 11, 18) * DAY_SECONDS + 7200,
        .changes = 1,
        .domains = 5,
        .worse = 2,
        .ready = 1,
    };
}

static void test_words_of_a_verdict(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct week_verdict_row row = verdict_of("a.example", WEEK_TURN_WORSE, "", "failing");
    struct summary summary = { .verdicts = { .rows = &row, .count = 1, .all = 1 } };
    assert_string_equal(summary_verdict_turn(&arena, &row),
                        "\u201cfailing\u201d (testing) since 2026-11-18, before none");
    row.from_verdict = "failing";
    row.changes = 2;
    assert_string_equal(summary_verdict_before(&arena, &row),
                        "\u201cfailing\u201d, 2 changes since");
    assert_int_equal(summary_verdict_more(&summary), 0);
    row.turn = WEEK_TURN_NONE;
    row.changes = summary.verdicts.all = 0;
    assert_string_equal(summary_verdict_turn(&arena, &row),
                        "\u201cfailing\u201d (testing) since 2026-11-18");
    assert_int_equal(summary_verdict_more(&summary), 0);
    arena_free(&arena);
}

static void test_printers(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct week_line_row rows[] = { row_of(WEEK_NEW, 1, "<script>alert(1)</script>"),
                                    row_of(WEEK_GONE, 1, "one") };
    struct week_silent_row silent = { "quiet \"one\"", 5, 1234, 20400, 3 };
    struct summary summary = { .week = "2026-W47",
                               .week_before = "2026-W46",
                               .week_after = "2026-W48",
                               .monday = clock_day_of(2026, 11, 16),
                               .over = true };
    struct week_verdict_row verdicts[] = {
        verdict_of("a.example", WEEK_TURN_WORSE, "ready-limited", "not-yet"),
        verdict_of("b.example", WEEK_TURN_READY, "not-yet", "ready"),
    };
    struct live_week_row setups[] = {
        { LIVE_WEEK_NEW, 3, "a.example", "error", "mx.name", "mx2.a.example", "It <names> another",
          clock_day_of(2026, 11, 18) * DAY_SECONDS, 1 },
        { LIVE_WEEK_GONE, 1, "b.example", "warning", "dns.sts.ttl-high", "", "The TTL is long",
          clock_day_of(2026, 11, 19) * DAY_SECONDS, 1 },
        { LIVE_WEEK_ENDS, 1, NULL, "", "", "mx.c.example", "",
          clock_day_of(2026, 12, 11) * DAY_SECONDS, 2 },
    };
    rows[1].heard = false;
    summary_put_setup(&summary, &(struct rows){ setups, ARRAY_SIZE(setups) });
    summary_put_together(&summary, &(struct rows){ rows, 2 }, &(struct rows){ &silent, 1 },
                         &(struct rows){ verdicts, ARRAY_SIZE(verdicts) });
    struct buf text = BUF(1 << 20);
    summary_text(&text, &arena, &summary, "https://pages.example");
    check_has(buf_get(&text),
              "TLS reports of week 2026-W47 (2026-11-16 to 2026-11-22), all domains\n====");
    check_has(buf_get(&text), "Reports of its last days may still be on their way.");
    check_has(buf_get(&text), "\nNew failures (2)\n----");
    check_has(buf_get(&text),
              "\n  https://pages.example/mx/mx.example.org?week=2026-W47\n* and 1 more\n");
    check_has(buf_get(&text), "Beware: none of those that told of it sent a report this week.");
    check_has(buf_get(&text), "* quiet \"one\": 1,234 sessions on 5 days of the week before");
    check_has(buf_get(&text), "\nVerdicts that changed (5)\n----");
    check_has(
        buf_get(&text),
        "\n* a.example: \u201cnot yet\u201d (testing) since 2026-11-18, before \u201cready, "
        "limited\u201d\n"
        "  Because: A host <b> fails\ufffd.\n  https://pages.example/domains/a.example\n* b.example: ");
    check_has(buf_get(&text), "\n* and 3 more\n");
    check_has(buf_get(&text),
              "\nNew in set-ups (3)\n------------------\n"
              "* a.example: error since 2026-11-18: It <names> another (mx2.a.example)\n"
              "  https://pages.example/setup/a.example\n* and 2 more\n");
    check_has(buf_get(&text), "\nGone from set-ups (1)\n---------------------\n"
                              "* b.example: warning until 2026-11-19: The TTL is long\n");
    check_has(buf_get(&text),
              "\n* mx.c.example: its certificate runs out on 2026-12-11; 2 domains\n"
              "  https://pages.example/setup\n");
    check_has(buf_get(&text), "3 new faults of set-ups, 1 certificate\nrunning out.");
    struct html *page = html_new(&arena);
    summary_html(page, &summary, "https://pages.example");
    check_has(buf_get(&page->text), "error since 2026-11-18: It &lt;names&gt; another");
    check_has(buf_get(&page->text), "href=\"https://pages.example/setup/b.example\"");
    check_has(buf_get(&page->text), "And 2 more.");
    check_has(buf_get(&page->text),
              "<p style=\"margin:4px 0;font-size:14px\">Because: A host &lt;b&gt;");
    check_has(buf_get(&page->text), "href=\"https://pages.example/domains/a.example\"");
    check_has(buf_get(&page->text), "And 3 more.");
    check_has(buf_get(&page->text), "&lt;script&gt;");
    assert_null(strstr(buf_get(&page->text), "<script"));
    check_has(buf_get(&page->text),
              "href=\"https://pages.example/mx/mx.example.org?week=2026-W47\"");
    struct json *json = json_new(&arena);
    summary_json(json, &arena, &summary, "");
    check_has(buf_get(&json->text), "\"state\":\"look\"");
    check_has(
        buf_get(&json->text),
        "\"verdicts\":{\"changed\":5,\"worse\":2,\"ready\":1,\"items\":[{\"domain\":\"a.example\","
        "\"change\":\"worse\",\"from_verdict\":\"ready-limited\",\"stage\":\"testing\","
        "\"verdict\":\"not-yet\"");
    check_has(
        buf_get(&json->text),
        "\"setup\":{\"new\":{\"count\":3,\"items\":[{\"domain\":\"a.example\",\"code\":\"mx.name\","
        "\"severity\":\"error\",\"subject\":\"mx2.a.example\"");
    check_has(buf_get(&json->text),
              "{\"mx\":\"mx.c.example\",\"ends_at\":\"2026-12-11T00:00:00Z\",\"domain_count\":2,"
              "\"url\":\"/setup\"}");
    check_has(buf_get(&json->text), "\"organization\":\"quiet \\\"one\\\"\"");
    buf_done(&text);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_put_together), cmocka_unit_test(test_states),
        cmocka_unit_test(test_newest_week),           cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_words_of_a_line),       cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_words_of_a_verdict),    cmocka_unit_test(test_printers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
