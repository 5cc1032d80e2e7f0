/* Whose reports are taken, what is left out of mixed ones, and the ground of trust.
 * SPDX-License-Identifier: MIT */
#include "ingest/admit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DOMAINS 3

struct row {
    const char *name;
    const char *rules[DOMAINS], *table[DOMAINS], *mx[DOMAINS]; /* all NULL: not set */
    const char *domains[DOMAINS]; /* of the policies; behind "tlsa " those of DANE */
    const char *want;             /* domains kept, each with a blank behind it; NULL: refused */
    size_t want_noted;
};

/* clang-format off */
static const struct row rows[] = {
    { .name = "no rules: all", .domains = { "a.example", "b.example" },
      .want = "a.example b.example " },
    { .name = "exact", .rules = { "a.example" }, .domains = { "a.example" },
      .want = "a.example " },
    { .name = "exact is not below", .rules = { "a.example" }, .domains = { "x.a.example" } },
    { .name = "suffix, one label", .rules = { "*.a.example" }, .domains = { "x.a.example" },
      .want = "x.a.example " },
    { .name = "suffix, any depth", .rules = { "*.a.example" }, .domains = { "x.y.z.a.example" },
      .want = "x.y.z.a.example " },
    { .name = "suffix, not itself", .rules = { "*.a.example" }, .domains = { "a.example" } },
    { .name = "suffix, at a label's edge", .rules = { "*.a.example" },
      .domains = { "xa.example" } },
    { .name = "second rule", .rules = { "z.example", "*.a.example" }, .domains = { "x.a.example" },
      .want = "x.a.example " },
    { .name = "strangers are left out", .rules = { "b.example" },
      .domains = { "a.example", "b.example", "c.example" }, .want = "b.example ", .want_noted = 2 },
    { .name = "in the table", .rules = { "a.example" }, .table = { "b.example" },
      .domains = { "a.example", "b.example" }, .want = "a.example b.example " },
    { .name = "table alone", .table = { "*.b.example" }, .domains = { "x.b.example", "a.example" },
      .want = "x.b.example ", .want_noted = 1 },
    { .name = "empty table: nobody", .table = { "" }, .domains = { "a.example" } },
    { .name = "our MX, under DANE", .rules = { "a.example" }, .mx = { "mx.b.example" },
      .domains = { "tlsa mx.b.example" }, .want = "mx.b.example " },
    { .name = "our MX by suffix, under DANE", .rules = { "a.example" }, .mx = { "*.b.example" },
      .domains = { "tlsa mx.b.example", "a.example" }, .want = "mx.b.example a.example " },
    { .name = "our MX, not under DANE", .rules = { "a.example" }, .mx = { "mx.b.example" },
      .domains = { "mx.b.example" } },
    { .name = "somebody's MX, under DANE", .rules = { "a.example" }, .mx = { "mx.b.example" },
      .domains = { "tlsa mx.c.example" } },
    { .name = "MX hosts alone shut nobody out", .mx = { "mx.b.example" },
      .domains = { "a.example", "tlsa mx.c.example" }, .want = "a.example mx.c.example " },
};
/* clang-format on */

static size_t count_of(const char *const *texts)
{
    size_t count = 0;
    while (count < DOMAINS && texts[count])
        count++;
    return count;
}

/* Policy I has 10^I successful and 2 * 10^I failed sessions. */
static struct report report_of(struct arena *arena, const char *const *domains)
{
    struct report report = { .policy_count = count_of(domains) };
    report.policies = arena_array(arena, report.policy_count, sizeof *report.policies);
    int64_t unit = 1;
    for (size_t i = 0; i < report.policy_count; i++, unit *= 10) {
        bool dane = strncmp(domains[i], "tlsa ", 5) == 0;
        report.policies[i] = (struct report_policy){ .type = dane ? POLICY_TLSA : POLICY_STS,
                                                     .domain = domains[i] + (dane ? 5 : 0),
                                                     .successful_sessions = unit,
                                                     .failed_sessions = 2 * unit };
    }
    return report;
}

static void assert_kept(const struct report *report, const struct row *row)
{
    struct buf kept = BUF(1000);
    int64_t successful = 0;
    for (size_t i = 0; i < report->policy_count; i++) {
        buf_printf(&kept, "%s ", report->policies[i].domain);
        successful += report->policies[i].successful_sessions;
    }
    assert_string_equal(buf_get(&kept), row->want);
    assert_int_equal(report->successful_sessions, successful);
    assert_int_equal(report->failed_sessions, 2 * successful);
    assert_int_equal(report->deviations.count, row->want_noted);
    for (const struct deviation *at = report->deviations.first; at; at = at->next) {
        assert_int_equal(at->code, DEVIATION_POLICY_SKIPPED);
        assert_string_equal(at->note, "not our domain");
        size_t index = (size_t)(at->path[strlen("policies[")] - '0');
        assert_null(strstr(row->want, row->domains[index]));
    }
    buf_done(&kept);
}

/* NULL without items; "" is no item, but makes an empty set. */
static struct domains *set_of(const char *const *items)
{
    struct domains *set = items[0] ? domains_new() : NULL;
    struct err err = { 0 };
    for (size_t i = 0; i < count_of(items); i++)
        assert_true(!*items[i] || domains_add(set, items[i], &err));
    return set;
}

static void test_domains(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        struct delivery *delivery = delivery_new(SOURCE_LMTP, "");
        struct report report = report_of(&delivery->arena, row->domains);
        struct rules rules = { set_of(row->rules), set_of(row->table), set_of(row->mx) };
        struct admission admission = { .ground = "untouched" };
        struct err err = { 0 };
        print_message("%s\n", row->name);
        bool taken = admit(&delivery->arena, &rules, delivery, &report, &admission, &err);
        assert_int_equal(taken, row->want != NULL);
        if (taken) {
            assert_kept(&report, row);
        } else {
            assert_int_equal(err.kind, ERR_REFUSED);
            bool dane = strncmp(row->domains[0], "tlsa ", 5) == 0;
            assert_non_null(strstr(err.text, row->domains[0] + (dane ? 5 : 0)));
            assert_non_null(strstr(err.text, "domains.names"));
            assert_int_equal(strstr(err.text, ".mx") != NULL, dane);
            assert_string_equal(admission.ground, "untouched");
        }
        shared_release(rules.names);
        shared_release(rules.table);
        shared_release(rules.mx);
        delivery_free(&delivery);
    }
}

/* The same sessions under two policy types are counted once. */
static void test_mirrored(void **state)
{
    (void)state;
    struct delivery *delivery = delivery_new(SOURCE_LMTP, "");
    struct report report =
        report_of(&delivery->arena, (const char *const[DOMAINS]){ "a.example", "a.example" });
    report.policies[1].mirrored = true;
    struct admission admission;
    struct err err = { 0 };
    assert_true(admit(&delivery->arena, &(struct rules){ 0 }, delivery, &report, &admission, &err));
    assert_int_equal(report.policy_count, 2);
    assert_int_equal(report.successful_sessions, 1);
    assert_int_equal(report.failed_sessions, 2);
    delivery_free(&delivery);
}

static void test_trust(void **state)
{
    (void)state;
    static const struct {
        enum source source;
        bool vouched;
        const char *want; /* in the ground */
    } sources[] = {
        { SOURCE_HTTPS, true, "token" },
        { SOURCE_COMMAND, true, "token" },
        { SOURCE_HTTPS, false, "without a token" },
        { SOURCE_LMTP, false, "not verified" },
        { SOURCE_MAILDIR, false, "not verified" },
        { SOURCE_COMMAND, false, "not vouched" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        struct delivery *delivery = delivery_new(sources[i].source, "");
        delivery->vouched = sources[i].vouched;
        delivery->vouched_by = "token";
        struct report report =
            report_of(&delivery->arena, (const char *const[DOMAINS]){ "a.example" });
        struct admission out;
        struct err err = { 0 };
        assert_true(admit(&delivery->arena, &(struct rules){ 0 }, delivery, &report, &out, &err));
        assert_int_equal(out.trusted, sources[i].vouched);
        assert_non_null(strstr(out.ground, sources[i].want));
        delivery_free(&delivery);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_mirrored),
        cmocka_unit_test(test_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
