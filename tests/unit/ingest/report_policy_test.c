/* One policy block: types, texts and hosts in all the shapes that senders use, details, result types.
 * Texts stand here with ' for ".
 * SPDX-License-Identifier: MIT */
#include "ingest/report_policy.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One block being read. */
struct fixture {
    struct arena arena, scratch;
    struct deviations deviations;
    struct err err;
    struct limits limits;
    struct reading reading;
    struct field root;
    size_t details;
    struct report_policy block;
};

static bool parse(struct fixture *f, const char *text)
{
    *f = (struct fixture){ .limits = LIMITS_DEFAULT, .block = { .domain = "untouched" } };
    f->reading =
        (struct reading){ &f->arena, &f->scratch, &f->limits, &f->deviations, &f->err, NULL };
    char *json = arena_text(&f->arena, text);
    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    assert_true(field_open(&f->reading, (struct bytes){ json, strlen(json) }, &f->root));
    return report_policy_parse(&f->root, NULL, &f->details, &f->block);
}

static void done(struct fixture *f)
{
    arena_free(&f->scratch);
    arena_free(&f->arena);
}

static const char *noted(struct fixture *f)
{
    const char *text = "";
    for (const struct deviation *d = f->deviations.first; d; d = d->next)
        text = arena_printf(&f->arena, "%s%s%s@%s", text, *text ? " " : "",
                            deviation_to_text(d->code), d->path);
    return text;
}

static const char *joined(struct fixture *f, const char *const *items, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(&f->arena, "%s%s%s", text, i ? "|" : "", items[i]);
    return text;
}

#define NO_FAILURES  "'summary':{'total-successful-session-count':1,'total-failure-session-count':0}"
#define WITH(policy) "{'policy':{'policy-domain':'a.example'," policy "}," NO_FAILURES "}"
#define TEXT         "'policy-string':['version: STSv1','mode: testing','mx: *.a.example','max_age: 9']"

/* clang-format off */
static const struct {
    const char *name, *json;
    enum policy_type want_type;
    const char *want_lines, *want_hosts, *want_only, *want_noted;
} policies[] = {
    { "as the RFC has it", WITH("'policy-type':'sts'," TEXT ",'mx-host':['mx1.a.example','mx2.a.example']"), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "mx1.a.example|mx2.a.example", NULL, "" },
    { "one host", WITH("'policy-type':'sts'," TEXT ",'mx-host':['mx1.a.example']"), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "mx1.a.example", "mx1.a.example", "" },
    { "tlsa", WITH("'policy-type':'tlsa','policy-string':['3 1 1 ab','3 1 1 cd'],'mx-host':['mx1.a.example']"), POLICY_TLSA,
      "3 1 1 ab|3 1 1 cd", "mx1.a.example", "mx1.a.example", "" },
    { "tlsa without hosts", WITH("'policy-type':'tlsa','policy-string':['3 1 1 ab']"), POLICY_TLSA, "3 1 1 ab", "", NULL, "" },
    { "no policy", WITH("'policy-type':'no-policy-found'"), POLICY_NO_POLICY_FOUND, "", "", NULL, "" },
    { "type in capitals", WITH("'policy-type':'NO-POLICY-FOUND'"), POLICY_NO_POLICY_FOUND, "", "", NULL, "policy-type-unknown@policy.policy-type" },
    { "unknown type", WITH("'policy-type':'new'"), POLICY_OTHER, "", "", NULL, "policy-type-unknown@policy.policy-type" },
    { "no type", WITH("'x':1"), POLICY_OTHER, "", "", NULL, "policy-type-unknown@policy.policy-type" },
    { "type is a list", WITH("'policy-type':['sts']"), POLICY_OTHER, "", "", NULL, "type-odd@policy.policy-type policy-type-unknown@policy.policy-type" },
    { "hosts from the text", WITH("'policy-type':'sts'," TEXT), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "*.a.example", NULL, "mx-host-absent@policy.mx-host" },
    { "hosts empty", WITH("'policy-type':'sts'," TEXT ",'mx-host':[]"), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "*.a.example", NULL, "mx-host-absent@policy.mx-host" },
    { "host is a string", WITH("'policy-type':'sts'," TEXT ",'mx-host':'mx1.a.example'"), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "mx1.a.example", "mx1.a.example", "mx-host-string@policy.mx-host" },
    { "host by another name", WITH("'policy-type':'sts'," TEXT ",'mx-host-pattern':['mx1.a.example']"), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "mx1.a.example", "mx1.a.example", "mx-host-name@policy.mx-host-pattern" },
    { "odd hosts", WITH("'policy-type':'sts'," TEXT ",'mx-host':['MX1.a.example.','a b','',null]"), POLICY_STS,
      "version: STSv1|mode: testing|mx: *.a.example|max_age: 9", "mx1.a.example", "mx1.a.example", "host-odd@policy.mx-host[0] host-odd@policy.mx-host[1]" },
    { "text as one string", WITH("'policy-type':'sts','policy-string':'version: STSv1\\r\\nmode: none\\n','mx-host':['m.example']"), POLICY_STS,
      "version: STSv1|mode: none", "m.example", "m.example", "policy-string-string@policy.policy-string" },
    { "text in one element", WITH("'policy-type':'sts','policy-string':['version: STSv1\\nmode: none'],'mx-host':['m.example']"), POLICY_STS,
      "version: STSv1|mode: none", "m.example", "m.example", "" },
    { "text as a list in a string", WITH("'policy-type':'tlsa','policy-string':['[\\u00223 1 1 ab\\u0022,\\u00223 1 1 cd\\u0022]'],'mx-host':['m.example']"), POLICY_TLSA,
      "3 1 1 ab|3 1 1 cd", "m.example", "m.example", "policy-string-nested@policy.policy-string[0]" },
    { "the same without a list around it", WITH("'policy-type':'tlsa','policy-string':'[\\u00223 1 1 ab\\u0022]','mx-host':['m.example']"), POLICY_TLSA,
      "3 1 1 ab", "m.example", "m.example", "policy-string-nested@policy.policy-string" },
    { "no list after all", WITH("'policy-type':'tlsa','policy-string':['[3 1 1'],'mx-host':['m.example']"), POLICY_TLSA,
      "[3 1 1", "m.example", "m.example", "" },
    { "no text", WITH("'policy-type':'sts','mx-host':['m.example']"), POLICY_STS, "", "m.example", "m.example", "policy-string-absent@policy.policy-string" },
    { "text is null", WITH("'policy-type':'tlsa','policy-string':null,'mx-host':['m.example']"), POLICY_TLSA, "", "m.example", "m.example", "policy-string-absent@policy.policy-string" },
};
/* clang-format on */

static void test_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        struct fixture f;
        print_message("%s\n", policies[i].name);
        assert_true(parse(&f, policies[i].json));
        const struct report_policy *block = &f.block;
        assert_string_equal(block->domain, "a.example");
        assert_int_equal(block->type, policies[i].want_type);
        assert_string_equal(joined(&f, block->lines, block->line_count), policies[i].want_lines);
        assert_string_equal(joined(&f, block->mx_hosts, block->mx_host_count),
                            policies[i].want_hosts);
        assert_string_equal(block->only_host ? block->only_host : "none",
                            policies[i].want_only ? policies[i].want_only : "none");
        assert_string_equal(noted(&f), policies[i].want_noted);
        assert_non_null(block->text.canonical);
        done(&f);
    }
}

static void test_text_of_a_policy(void **state)
{
    (void)state;
    struct fixture f;
    assert_true(parse(&f, WITH("'policy-type':'sts'," TEXT)));
    assert_string_equal(f.block.text.mode, "testing");
    assert_int_equal(f.block.text.max_age_seconds, 9);
    done(&f);
    assert_true(parse(&f, WITH("'policy-type':'no-policy-found'," TEXT)));
    assert_string_equal(f.block.text.mode, ""); /* only an sts policy has one */
    assert_string_equal(f.block.text.canonical, "");
    assert_int_equal(f.block.text.max_age_seconds, -1);
    done(&f);
}

#define BLOCK(summary, details)                                                                   \
    "{'policy':{'policy-type':'no-policy-found','policy-domain':'a.example'},'summary':{" summary \
    "}" details "}"
#define GOOD(count)  "'total-successful-session-count':" count
#define BAD(count)   "'total-failure-session-count':" count
#define DETAILS(all) ",'failure-details':" all
#define FULL(count)                                                                                 \
    "{'result-type':'certificate-expired','sending-mta-ip':'192.0.2.1','receiving-ip':'192.0.2.2'," \
    "'receiving-mx-hostname':'mx.a.example','failed-session-count':" count "}"

/* clang-format off */
static const struct {
    const char *name, *json;
    int64_t want_good, want_bad, want_detailed;
    size_t want_details;
    const char *want_noted;
} counts[] = {
    { "all there", BLOCK(GOOD("5") "," BAD("3"), DETAILS("[" FULL("1") "," FULL("2") "]")), 5, 3, 3, 2, "" },
    { "no failures", BLOCK(GOOD("5") "," BAD("0"), ""), 5, 0, 0, 0, "" },
    { "no success count", BLOCK(BAD("3"), DETAILS("[" FULL("3") "]")), 0, 3, 3, 1, "count-missing@summary.total-successful-session-count" },
    { "no failure count", BLOCK(GOOD("5"), ""), 5, 0, 0, 0, "count-missing@summary.total-failure-session-count" },
    { "failure count null", BLOCK(GOOD("5") "," BAD("null"), ""), 5, 0, 0, 0, "count-missing@summary.total-failure-session-count" },
    { "as text", BLOCK(GOOD("'5'") "," BAD("'0'"), ""), 5, 0, 0, 0, "count-string@summary.total-successful-session-count count-string@summary.total-failure-session-count" },
    { "no details", BLOCK(GOOD("5") "," BAD("3"), ""), 5, 3, 0, 0, "details-differ-from-total@" },
    { "details null", BLOCK(GOOD("5") "," BAD("0"), DETAILS("null")), 5, 0, 0, 0, "details-null@failure-details" },
    { "details empty", BLOCK(GOOD("5") "," BAD("0"), DETAILS("[]")), 5, 0, 0, 0, "" },
    { "details are a string", BLOCK(GOOD("5") "," BAD("0"), DETAILS("'x'")), 5, 0, 0, 0, "" },
    { "one detail without a list", BLOCK(GOOD("5") "," BAD("3"), DETAILS(FULL("3"))), 5, 3, 3, 1, "details-object@failure-details" },
    { "fewer", BLOCK(GOOD("5") "," BAD("3"), DETAILS("[" FULL("2") "]")), 5, 3, 2, 1, "details-differ-from-total@" },
    { "more", BLOCK(GOOD("5") "," BAD("3"), DETAILS("[" FULL("2") "," FULL("2") "]")), 5, 3, 4, 2, "details-differ-from-total@" },
    { "a detail of none", BLOCK(GOOD("5") "," BAD("3"), DETAILS("[" FULL("0") "," FULL("3") "]")), 5, 3, 3, 2, "" },
    { "a detail that is none", BLOCK(GOOD("5") "," BAD("3"), DETAILS("[7," FULL("3") ",null]")), 5, 3, 3, 1, "detail-skipped@failure-details[0] detail-skipped@failure-details[2]" },
    { "a detail without count", BLOCK(GOOD("5") "," BAD("1"), DETAILS("[{'result-type':'tlsa-invalid','sending-mta-ip':'192.0.2.1','receiving-ip':'192.0.2.2','receiving-mx-hostname':'m.example'}]")), 5, 1, 1, 1, "failed-session-count-missing@failure-details[0].failed-session-count" },
};
/* clang-format on */

static void test_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        struct fixture f;
        print_message("%s\n", counts[i].name);
        assert_true(parse(&f, counts[i].json));
        assert_true(f.block.successful_sessions == counts[i].want_good);
        assert_true(f.block.failed_sessions == counts[i].want_bad);
        assert_true(f.block.detailed_sessions == counts[i].want_detailed);
        assert_int_equal(f.block.detail_count, counts[i].want_details);
        assert_string_equal(noted(&f), counts[i].want_noted);
        done(&f);
    }
}

static void test_bad_block(void **state)
{
    (void)state;
    struct fixture f;
    assert_false(parse(&f, BLOCK(GOOD("-5"), "")));
    assert_int_equal(f.err.kind, ERR_INPUT);
    assert_string_equal(f.err.field, "summary.total-successful-session-count");
    assert_string_equal(f.block.domain, "untouched");
    done(&f);
}

/* clang-format off */
static const struct {
    const char *given; /* members of a detail beside the count */
    const char *want;  /* result type, sending address, host, receiving address; "-": NULL */
    const char *want_noted;
} details[] = {
    { "'result-type':'certificate-expired','sending-mta-ip':'192.0.2.1','receiving-mx-hostname':'m.example','receiving-ip':'2001:db8::1'",
      "certificate-expired 192.0.2.1 m.example 2001:db8::1", "" },
    { "'result-type':'Certificate-Expired','sending-mta-ip':'2001:DB8::1','receiving-mx-hostname':'M.Example','receiving-ip':'::ffff:192.0.2.1'",
      "certificate-expired 2001:db8::1 m.example 192.0.2.1", "result-type-unknown@result-type host-odd@receiving-mx-hostname ip-odd@receiving-ip" },
    { "'result-type':'Brand New\\u0007!','sending-mta-ip':'[192.0.2.1]:25','receiving-mx-hostname':'m.example.','receiving-ip':'none'",
      "brand-new-! 192.0.2.1 m.example none", "result-type-unknown@result-type host-odd@receiving-mx-hostname ip-odd@sending-mta-ip ip-odd@receiving-ip" },
    { "'x':1", "other - - -",
      "result-type-unknown@result-type mx-hostname-missing@receiving-mx-hostname sending-mta-ip-missing@sending-mta-ip receiving-ip-missing@receiving-ip" },
    { "'result-type':'','sending-mta-ip':'','receiving-mx-hostname':'','receiving-ip':''", "other - - -",
      "result-type-unknown@result-type mx-hostname-missing@receiving-mx-hostname sending-mta-ip-missing@sending-mta-ip receiving-ip-missing@receiving-ip" },
    { "'result-type':null,'sending-mta-ip':null,'receiving-mx-hostname':null,'receiving-ip':null", "other - - -",
      "result-type-unknown@result-type mx-hostname-missing@receiving-mx-hostname sending-mta-ip-missing@sending-mta-ip receiving-ip-missing@receiving-ip" },
    { "'result-type':'other','sending-mta-ip':'192.0.2.1','receiving-mx-hostname':'192.0.2.9','receiving-ip':'192.0.2.2'", "other 192.0.2.1 - 192.0.2.2",
      "host-odd@receiving-mx-hostname mx-hostname-missing@receiving-mx-hostname" },
};

/* Words with which the tally counts must not come from a report. */
static const struct {
    const char *given, *want;
} result_types[] = {
    { "tlsa-invalid", "tlsa-invalid" },
    { "TLSA-INVALID", "tlsa-invalid" },
    { "successful", "other" }, { "Successful", "other" }, { " successful ", "other" },
    { "total-failure", "other" }, { "total failure", "other" }, { "TOTAL\\tFAILURE", "other" },
    { "unexplained", "other" }, { "UnExplained\\n", "other" },
    { "succesful", "succesful" }, { "successful!", "successful!" },
    { "   ", "other" }, { "\\u0001", "-" }, { "\\u00e4", "--" },
    { "a'b<c>", "a-b<c>" },
    { "0123456789012345678901234567890123456789012345678901234567890123456789", "0123456789012345678901234567890123456789012345678901234567890123" },
};
/* clang-format on */

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

static void test_details(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(details); i++) {
        struct fixture f;
        struct arena arena = { 0 };
        print_message("%s\n", details[i].given);
        assert_true(parse(&f, arena_printf(&arena,
                                           BLOCK(GOOD("1") "," BAD("7"),
                                                 DETAILS("[{'failed-session-count':7,%s}]")),
                                           details[i].given)));
        const struct failure_detail *d = &f.block.details[0];
        const char *found =
            arena_printf(&arena, "%s %s %s %s", d->result_type, or_none(d->sending_mta_ip),
                         or_none(d->receiving_mx_hostname), or_none(d->receiving_ip));
        assert_string_equal(found, details[i].want);
        const char *want = details[i].want_noted, *have = noted(&f);
        for (const char *part = "failure-details[0]."; strstr(have, part);) {
            const char *at = strstr(have, part);
            have = arena_printf(&arena, "%.*s%s", (int)(at - have), have, at + strlen(part));
        }
        assert_string_equal(have, want);
        arena_free(&arena);
        done(&f);
    }
}

static void test_result_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(result_types); i++) {
        struct fixture f;
        struct arena arena = { 0 };
        print_message("%s\n", result_types[i].given);
        const char *given = result_types[i].given, *quote = strchr(given, '\'');
        if (quote)
            given = arena_printf(&arena, "%.*s\\u0027%s", (int)(quote - given), given, quote + 1);
        assert_true(
            parse(&f,
                  arena_printf(&arena, BLOCK(BAD("1"), DETAILS("[{'result-type':'%s'}]")), given)));
        const char *want = quote ? "a'b<c>" : result_types[i].want;
        assert_string_equal(f.block.details[0].result_type, want);
        assert_string_equal(f.block.details[0].result->name,
                            strcmp(want, "tlsa-invalid") == 0 ? "tlsa-invalid" : "other");
        arena_free(&arena);
        done(&f);
    }
}

/* Lists that are absurdly long are cut, and cost no more than their text. */
static void test_long_lists(void **state)
{
    (void)state;
    struct fixture f;
    struct buf text = BUF(1 << 20);
    buf_text(&text,
             "{'policy':{'policy-domain':'a.example','policy-type':'tlsa','policy-string':['x'");
    for (int i = 0; i < 3000; i++)
        buf_text(&text, ",'3 1 1 ab'");
    buf_text(&text, "],'mx-host':['m.example'");
    for (int i = 0; i < 3000; i++)
        buf_text(&text, ",'m.example'");
    buf_text(&text, "]}," NO_FAILURES "}");
    assert_true(parse(&f, buf_get(&text)));
    assert_int_equal(f.block.line_count, 1000);
    assert_int_equal(f.block.mx_host_count, 1000);
    done(&f);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies),   cmocka_unit_test(test_text_of_a_policy),
        cmocka_unit_test(test_counts),     cmocka_unit_test(test_bad_block),
        cmocka_unit_test(test_details),    cmocka_unit_test(test_result_types),
        cmocka_unit_test(test_long_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
