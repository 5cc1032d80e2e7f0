/* Whole reports: what is an error and where, what is merely noted, sums, mirrored blocks, and the two
 * digests that tell reports apart. Texts stand here with ' for ".
 * SPDX-License-Identifier: MIT */
#include "ingest/report.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct limits defaults = LIMITS_DEFAULT;
#define NOW INT64_C(1795392000) /* 2026-11-23T00:00:00Z */

#define POLICY                                                                                     \
    "'policy':{'policy-type':'sts','policy-domain':'a.example','policy-string':['version: STSv1'," \
    "'mode: enforce','mx: mx.a.example','max_age: 86400'],'mx-host':['mx.a.example']}"
#define SUMMARY(good, bad) \
    "'summary':{'total-successful-session-count':" good ",'total-failure-session-count':" bad "}"
#define DETAIL(count)                                                    \
    "{'result-type':'certificate-expired','sending-mta-ip':'192.0.2.1'," \
    "'receiving-mx-hostname':'mx.a.example','receiving-ip':'192.0.2.2'," \
    "'failed-session-count':" count "}"
#define DETAILS           "'failure-details':[" DETAIL("2") "," DETAIL("1") "]"
#define BLOCK             "{" POLICY "," SUMMARY("5", "3") "," DETAILS "}"
#define POLICIES(all)     "'policies':[" all "]"
#define RANGE(start, end) "'date-range':{'start-datetime':" start ",'end-datetime':" end "}"
#define START             "'2026-11-20T00:00:00Z'"
#define END               "'2026-11-20T23:59:59Z'"
#define TLSA(domain)                                               \
    "'policy':{'policy-type':'tlsa','policy-domain':'" domain "'," \
    "'policy-string':['3 1 1 ab'],'mx-host':['mx.a.example']}"
#define STS(domain)                                               \
    "'policy':{'policy-type':'sts','policy-domain':'" domain "'," \
    "'policy-string':['mode: none'],'mx-host':['mx.a.example']}"

/* Members of the report; NULL: a good one; "": left out. */
struct text {
    const char *organization, *contact, *id, *range, *policies, *more;
};

static const char *member(const char *given, const char *good)
{
    return given ? given : good;
}

static char *json_of(struct arena *arena, const struct text *text)
{
    const char *members[] = {
        member(text->organization, "'organization-name':'Org'"),
        member(text->contact, "'contact-info':'tls@sender.example'"),
        member(text->id, "'report-id':'one'"),
        member(text->range, RANGE(START, END)),
        member(text->policies, POLICIES(BLOCK)),
        member(text->more, ""),
    };
    char *json = arena_text(arena, "{");
    for (size_t i = 0; i < ARRAY_SIZE(members); i++)
        if (*members[i])
            json = arena_printf(arena, "%s%s%s", json, json[1] ? "," : "", members[i]);
    json = arena_printf(arena, "%s}", json);
    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    return json;
}

static bool parse(struct arena *arena, const char *json, const struct limits *limits,
                  const struct mail *mail, struct report *out, struct err *err)
{
    struct payload payload = { .json = { json, strlen(json) }, .mail = mail };
    *err = (struct err){ 0 };
    return report_parse(arena, &payload, limits, NOW, out, err);
}

static bool parse_text(struct arena *arena, const struct text *text, struct report *out,
                       struct err *err)
{
    return parse(arena, json_of(arena, text), &defaults, NULL, out, err);
}

static const char *noted(struct arena *arena, const struct report *report)
{
    const char *text = "";
    for (const struct deviation *d = report->deviations.first; d; d = d->next)
        text = arena_printf(arena, "%s%s%s@%s", text, *text ? " " : "", deviation_to_text(d->code),
                            d->path);
    return text;
}

/* clang-format off */
static const struct {
    const char *name;
    struct text text;
    const char *want_field, *want_text;
} errors[] = {
    { "no range", { .range = "" }, "date-range.start-datetime", "missing" },
    { "range is null", { .range = "'date-range':null" }, "date-range.start-datetime", "missing" },
    { "range is a list", { .range = "'date-range':[]" }, "date-range.start-datetime", "missing" },
    { "no start", { .range = "'date-range':{'end-datetime':" END "}" }, "date-range.start-datetime", "missing" },
    { "start is null", { .range = RANGE("null", END) }, "date-range.start-datetime", "missing" },
    { "start is true", { .range = RANGE("true", END) }, "date-range.start-datetime", "missing" },
    { "start is no date", { .range = RANGE("'yesterday'", END) }, "date-range.start-datetime", "not a date and time (RFC 3339)" },
    { "start is empty", { .range = RANGE("''", END) }, "date-range.start-datetime", "not a date and time (RFC 3339)" },
    { "start is a number", { .range = RANGE("1795392000", END) }, "date-range.start-datetime", "not a date and time (RFC 3339)" },
    { "31 February", { .range = RANGE("'2026-02-31T00:00:00Z'", END) }, "date-range.start-datetime", "not a date" },
    { "before the year 1, by its zone", { .range = RANGE("'0001-01-01T00:00:00+14:00'", "null") }, "date-range.start-datetime", "not a date" },
    { "behind the year 9999, by its zone", { .range = RANGE("'9999-12-31T23:59:59-14:00'", "null") }, "date-range.start-datetime", "not a date" },
    { "end is no date", { .range = RANGE(START, "'x'") }, "date-range.end-datetime", "not a date" },
    { "end is a list", { .range = RANGE(START, "[]") }, "date-range.end-datetime", "missing" },
    { "33 days", { .range = RANGE(START, "'2026-12-22T00:00:01Z'") }, "date-range", "longer than 32 days" },
    { "33 days backward", { .range = RANGE(START, "'2026-10-18T00:00:00Z'") }, "date-range", "ends before it begins" },
    { "no policies", { .policies = "" }, "policies", "missing, or not a list" },
    { "policies is null", { .policies = "'policies':null" }, "policies", "missing, or not a list" },
    { "policies is an object", { .policies = "'policies':" BLOCK }, "policies", "missing, or not a list" },
    { "policies is a string", { .policies = "'policies':'x'" }, "policies", "missing, or not a list" },
    { "policies is empty", { .policies = POLICIES("") }, "policies", "empty: there is nothing to count" },
    { "a policy that is null", { .policies = POLICIES("null") }, "policies[0].policy", "missing, or not an object" },
    { "a policy that is a number", { .policies = POLICIES("7,8") }, "policies[0].policy", "missing, or not an object" },
    { "no policy in it", { .policies = POLICIES("{" SUMMARY("1", "0") "}") }, "policies[0].policy", "missing, or not an object" },
    { "policy is a list", { .policies = POLICIES("{'policy':[]," SUMMARY("1", "0") "}") }, "policies[0].policy", "missing, or not an object" },
    { "no domain", { .policies = POLICIES("{'policy':{'policy-type':'sts'}," SUMMARY("1", "0") "}") }, "policies[0].policy.policy-domain", "missing, and no TLS-Report-Domain header names it" },
    { "empty domain", { .policies = POLICIES("{'policy':{'policy-domain':''}," SUMMARY("1", "0") "}") }, "policies[0].policy.policy-domain", "missing" },
    { "domain is no name", { .policies = POLICIES("{'policy':{'policy-domain':'a b'}," SUMMARY("1", "0") "}") }, "policies[0].policy.policy-domain", "not a domain name" },
    { "domain is an address", { .policies = POLICIES("{'policy':{'policy-domain':'192.0.2.1'}," SUMMARY("1", "0") "}") }, "policies[0].policy.policy-domain", "not a domain name" },
    { "no summary", { .policies = POLICIES("{" POLICY "}") }, "policies[0].summary", "neither of its session counts is there" },
    { "summary is empty", { .policies = POLICIES("{" POLICY ",'summary':{}}") }, "policies[0].summary", "neither" },
    { "summary is a number", { .policies = POLICIES("{" POLICY ",'summary':7}") }, "policies[0].summary", "neither" },
    { "negative successes", { .policies = POLICIES("{" POLICY "," SUMMARY("-1", "0") "}") }, "policies[0].summary.total-successful-session-count", "negative" },
    { "negative failures", { .policies = POLICIES("{" POLICY "," SUMMARY("1", "-1") "}") }, "policies[0].summary.total-failure-session-count", "negative" },
    { "a count is a fraction", { .policies = POLICIES("{" POLICY "," SUMMARY("1.5", "0") "}") }, "policies[0].summary.total-successful-session-count", "not a whole number" },
    { "a count beyond", { .policies = POLICIES("{" POLICY "," SUMMARY("9007199254740993", "0") "}") }, "policies[0].summary.total-successful-session-count", "above 2^53" },
    { "a count is a list", { .policies = POLICIES("{" POLICY "," SUMMARY("[]", "0") "}") }, "policies[0].summary.total-successful-session-count", "not a number" },
    { "a detail's count", { .policies = POLICIES("{" POLICY "," SUMMARY("1", "1") ",'failure-details':[" DETAIL("1") "," DETAIL("-2") "]}") }, "policies[0].failure-details[1].failed-session-count", "negative" },
    { "a single detail's count", { .policies = POLICIES("{" POLICY "," SUMMARY("1", "1") ",'failure-details':" DETAIL("'x'") "}") }, "policies[0].failure-details.failed-session-count", "not a whole number" },
    { "details' sum", { .policies = POLICIES("{" POLICY "," SUMMARY("1", "1") ",'failure-details':[" DETAIL("9007199254740992") "," DETAIL("1") "]}") }, "policies[0].failure-details[1]", "the details' sum is above 2^53" },
    { "policies' sum", { .policies = POLICIES("{" POLICY "," SUMMARY("9007199254740992", "0") "},{" POLICY "," SUMMARY("1", "0") "}") }, "", "the policies' sum is above 2^53" },
    { "policies' sum of failures", { .policies = POLICIES("{" POLICY "," SUMMARY("0", "9007199254740992") "},{" POLICY "," SUMMARY("0", "1") "}") }, "", "the policies' sum is above 2^53" },
    { "the first of several bad policies", { .policies = POLICIES("{" POLICY "," SUMMARY("-7", "0") "},{" POLICY "}") }, "policies[0].summary.total-successful-session-count", "negative" },
};

static const struct {
    const char *name;
    struct text text;
    const char *want; /* code@path, in order */
} deviations[] = {
    { "none", { 0 }, "" },
    { "unknown members", { .more = "'x':[1,{'policies':2}]" }, "" },
    { "no organization", { .organization = "" }, "organization-name-missing@organization-name" },
    { "empty organization", { .organization = "'organization-name':''" }, "organization-name-missing@organization-name" },
    { "organization is a number", { .organization = "'organization-name':7" }, "type-odd@organization-name" },
    { "organization is a list", { .organization = "'organization-name':['x']" }, "type-odd@organization-name organization-name-missing@organization-name" },
    { "organization in Latin 1", { .organization = "'organization-name':'M\xfcller'" }, "latin1@organization-name" },
    { "no contact", { .contact = "" }, "contact-info-missing@contact-info" },
    { "empty contact", { .contact = "'contact-info':''" }, "contact-info-missing@contact-info" },
    { "no id", { .id = "" }, "report-id-missing@report-id" },
    { "empty id", { .id = "'report-id':''" }, "report-id-missing@report-id" },
    { "id is a number", { .id = "'report-id':123" }, "type-odd@report-id report-id-odd@report-id" },
    { "id in brackets", { .id = "'report-id':'<a@b>'" }, "report-id-odd@report-id" },
    { "id of Microsoft", { .id = "'report-id':'133468+a.example'" }, "report-id-odd@report-id" },
    { "id ends with +", { .id = "'report-id':'133468+'" }, "report-id-odd@report-id" },
    { "id with + inside", { .id = "'report-id':'a+b'" }, "" },
    { "date without zone", { .range = RANGE("'2026-11-20T00:00:00'", END) }, "date-without-zone@date-range.start-datetime" },
    { "date only", { .range = RANGE("'2026-11-20'", END) }, "date-only@date-range.start-datetime" },
    { "fraction", { .range = RANGE(START, "'2026-11-20T23:59:59.999Z'") }, "date-fraction@date-range.end-datetime" },
    { "offset", { .range = RANGE("'2026-11-20T01:00:00+01:00'", END) }, "date-offset@date-range.start-datetime" },
    { "blanks around a date", { .range = RANGE("' 2026-11-20T00:00:00Z '", END) }, "" },
    { "ends at the next midnight", { .range = RANGE(START, "'2026-11-21T00:00:00Z'") }, "end-next-midnight@date-range.end-datetime" },
    { "no end", { .range = "'date-range':{'start-datetime':" START "}" }, "end-datetime-missing@date-range.end-datetime" },
    { "end is null", { .range = RANGE(START, "null") }, "end-datetime-missing@date-range.end-datetime" },
    { "25 hours", { .range = RANGE(START, "'2026-11-21T01:00:00Z'") }, "" },
    { "longer", { .range = RANGE(START, "'2026-11-21T01:00:01Z'") }, "range-long@date-range" },
    { "32 days", { .range = RANGE(START, "'2026-12-22T00:00:00Z'") }, "range-long@date-range" },
    { "backward", { .range = RANGE(START, "'2026-11-19T00:00:00Z'") }, "range-long@date-range" },
    { "nothing long", { .range = RANGE(START, START) }, "" },
    { "future", { .range = RANGE("'2026-11-25T00:00:01Z'", "'2026-11-25T23:59:59Z'") }, "future-date@date-range.start-datetime" },
    { "nearly future", { .range = RANGE("'2026-11-25T00:00:00Z'", "'2026-11-25T23:59:59Z'") }, "" },
    { "before the RFC", { .range = RANGE("'2017-12-31T00:00:00Z'", "'2017-12-31T23:59:59Z'") }, "ancient-date@date-range.start-datetime" },
    { "the RFC's year", { .range = RANGE("'2018-01-01T00:00:00Z'", "'2018-01-01T23:59:59Z'") }, "" },
    { "repeated name", { .more = "'report-id':'two'" }, "duplicate-names@" },
    { "a bad policy beside a good one", { .policies = POLICIES("7," BLOCK) }, "policy-skipped@policies[0]" },
    { "several domains", { .policies = POLICIES(BLOCK ",{" STS("b.example") "," SUMMARY("1", "0") "}") }, "several-domains@" },
    { "mirrored", { .policies = POLICIES("{" TLSA("a.example") "," SUMMARY("1", "0") "},{" STS("a.example") "," SUMMARY("1", "0") "}") }, "mirrored-policies@" },
};
/* clang-format on */

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        struct arena arena = { 0 };
        struct report report = { .day = 77 };
        struct err err;
        print_message("%s\n", errors[i].name);
        assert_false(parse_text(&arena, &errors[i].text, &report, &err));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.field, errors[i].want_field);
        if (!strstr(err.text, errors[i].want_text))
            fail_msg("'%s' lacks '%s'", err.text, errors[i].want_text);
        assert_int_equal(report.day, 77); /* untouched */
        arena_free(&arena);
    }
}

static void test_deviations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(deviations); i++) {
        struct arena arena = { 0 };
        struct report report;
        struct err err;
        print_message("%s\n", deviations[i].name);
        if (!parse_text(&arena, &deviations[i].text, &report, &err))
            fail_msg("%s: %s", err.field, err.text);
        assert_string_equal(noted(&arena, &report), deviations[i].want);
        arena_free(&arena);
    }
}

/* The root is an object and all of it is JSON. */
static void test_not_a_report(void **state)
{
    (void)state;
    static const char *const texts[] = { "[]", "null", "\"{}\"", "7", "", "{", "{}{}", "{'a':1}" };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct arena arena = { 0 };
        struct report report;
        struct err err;
        assert_false(parse(&arena, texts[i], &defaults, NULL, &report, &err));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.field, "");
        arena_free(&arena);
    }
}

/* Cut anywhere, it is no report: never one with less in it. */
static void test_cut(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const char *json = json_of(&arena, &(struct text){ 0 });
    size_t whole = strlen(json);
    for (size_t size = 0; size <= whole; size++) {
        struct arena each = { 0 };
        struct report report;
        struct err err;
        char *cut = arena_copy(&each, json, size);
        assert_int_equal(parse(&each, cut, &defaults, NULL, &report, &err), size == whole);
        arena_free(&each);
    }
    arena_free(&arena);
}

static void test_values(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct report report;
    struct err err;
    assert_true(parse_text(&arena, &(struct text){ 0 }, &report, &err));
    assert_string_equal(report.organization, "Org");
    assert_string_equal(report.contact, "tls@sender.example");
    assert_string_equal(report.submitter, "sender.example");
    assert_string_equal(report.report_id, "one");
    assert_int_equal(report.day, clock_day_of(2026, 11, 20));
    assert_int_equal(report.begin_seconds, INT64_C(1795132800));
    assert_int_equal(report.end_seconds, INT64_C(1795219199));
    assert_int_equal(report.policy_count, 1);
    assert_int_equal(report.successful_sessions, 5);
    assert_int_equal(report.failed_sessions, 3);
    arena_free(&arena);
}

/* The day is that of the begin, in UTC, whatever the zone in which it is written. */
static void test_day(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        int want_day; /* of November 2026 */
    } days[] = {
        { "'2026-11-20T00:00:00Z'", 20 },
        { "'2026-11-20T23:59:59Z'", 20 },
        { "'2026-11-20T00:30:00+01:00'", 19 },
        { "'2026-11-20T23:30:00-01:00'", 21 },
        { "'2026-11-20'", 20 },
        { "'2026-11-20T12:00:00'", 20 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
        struct arena arena = { 0 };
        struct report report;
        struct err err;
        char range[200];
        snprintf(range, sizeof range, RANGE("%s", "null"), days[i].start);
        assert_true(parse_text(&arena, &(struct text){ .range = range }, &report, &err));
        assert_int_equal(report.day, clock_day_of(2026, 11, days[i].want_day));
        arena_free(&arena);
    }
}

/* What the mail says stands in for what the report does not, and only then. */
static void test_mail(void **state)
{
    (void)state;
    static const struct mail mail = { .report_domain = "From.Mail.Example.",
                                      .submitter = "Submitter.Example" };
    static const struct {
        struct text text;
        const char *want_domain, *want_submitter, *want_noted;
    } rows[] = {
        { { 0 }, "a.example", "sender.example", "" },
        { { .policies =
                POLICIES("{'policy':{'policy-type':'no-policy-found'}," SUMMARY("1", "0") "}") },
          "from.mail.example",
          "sender.example",
          "policy-domain-missing@policies[0].policy.policy-domain" },
        { { .contact = "" },
          "a.example",
          "submitter.example",
          "contact-info-missing@contact-info" },
        { { .contact = "'contact-info':'nobody'" }, "a.example", "submitter.example", "" },
        { { .contact = "'contact-info':'x@not a host'" }, "a.example", "submitter.example", "" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct arena arena = { 0 };
        struct report report;
        struct err err;
        assert_true(parse(&arena, json_of(&arena, &rows[i].text), &defaults, &mail, &report, &err));
        assert_string_equal(report.policies[0].domain, rows[i].want_domain);
        assert_string_equal(report.submitter, rows[i].want_submitter);
        assert_string_equal(noted(&arena, &report), rows[i].want_noted);
        arena_free(&arena);
    }
}

/* The list begins with what the payload noted and stays whole. */
static void test_payloads_deviations(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct payload payload = { 0 };
    deviation_note(&arena, &payload.deviations, DEVIATION_BOM, "", NULL);
    deviation_note(&arena, &payload.deviations, DEVIATION_GZIP_TWICE, "", NULL);
    const char *json = json_of(&arena, &(struct text){ .contact = "" });
    payload.json = (struct bytes){ json, strlen(json) };
    struct report report;
    struct err err = { 0 };
    assert_true(report_parse(&arena, &payload, &defaults, NOW, &report, &err));
    assert_string_equal(noted(&arena, &report),
                        "bom@ gzip-twice@ contact-info-missing@contact-info");
    deviation_note(&arena, &report.deviations, DEVIATION_TYPE_ODD, "x", NULL);
    assert_int_equal(report.deviations.count, 4);
    arena_free(&arena);
}

/* clang-format off */
static const struct {
    const char *name, *policies;
    int64_t want_good, want_bad;
    const char *want_mirrored; /* one of '-' and 'm' for each block */
} sums[] = {
    { "one", "{" STS("a.example") "," SUMMARY("5", "3") "}", 5, 3, "-" },
    { "two types", "{" STS("a.example") "," SUMMARY("5", "3") "},{" TLSA("a.example") "," SUMMARY("5", "4") "}", 10, 7, "--" },
    { "mirrored", "{" STS("a.example") "," SUMMARY("5", "3") "},{" TLSA("a.example") "," SUMMARY("5", "3") "}", 5, 3, "-m" },
    { "mirrored, no failures", "{" TLSA("a.example") "," SUMMARY("5", "0") "},{" STS("a.example") "," SUMMARY("5", "0") "}", 5, 0, "-m" },
    { "nothing has no mirror", "{" TLSA("a.example") "," SUMMARY("0", "0") "},{" STS("a.example") "," SUMMARY("0", "0") "}", 0, 0, "--" },
    { "same type", "{" STS("a.example") "," SUMMARY("5", "3") "},{" STS("a.example") "," SUMMARY("5", "3") "}", 10, 6, "--" },
    { "other domain", "{" STS("a.example") "," SUMMARY("5", "3") "},{" TLSA("b.example") "," SUMMARY("5", "3") "}", 10, 6, "--" },
    { "no policy is no mirror", "{" STS("a.example") "," SUMMARY("5", "3") "},{'policy':{'policy-type':'no-policy-found','policy-domain':'a.example'}," SUMMARY("5", "3") "}", 10, 6, "--" },
    { "each mirrors one", "{" TLSA("a.example") "," SUMMARY("5", "3") "},{" STS("a.example") "," SUMMARY("5", "3") "},{" STS("a.example") "," SUMMARY("5", "3") "}", 10, 6, "-m-" },
    { "two pairs", "{" TLSA("a.example") "," SUMMARY("5", "3") "},{" TLSA("a.example") "," SUMMARY("5", "3") "},{" STS("a.example") "," SUMMARY("5", "3") "},{" STS("a.example") "," SUMMARY("5", "3") "}", 10, 6, "--mm" },
    { "a mirror is no original", "{" TLSA("a.example") "," SUMMARY("5", "3") "},{" STS("a.example") "," SUMMARY("5", "3") "},{" TLSA("a.example") "," SUMMARY("5", "3") "}", 10, 6, "-m-" },
    { "two at the limit that mirror", "{" TLSA("a.example") "," SUMMARY("9007199254740992", "0") "},{" STS("a.example") "," SUMMARY("9007199254740992", "0") "}", INT64_C(1) << 53, 0, "-m" },
};
/* clang-format on */

static void test_sums(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
        struct arena arena = { 0 };
        struct report report;
        struct err err;
        print_message("%s\n", sums[i].name);
        const char *policies = arena_printf(&arena, "'policies':[%s]", sums[i].policies);
        assert_true(parse_text(&arena, &(struct text){ .policies = policies }, &report, &err));
        assert_int_equal(report.policy_count, strlen(sums[i].want_mirrored));
        for (size_t k = 0; k < report.policy_count; k++)
            assert_int_equal(report.policies[k].mirrored, sums[i].want_mirrored[k] == 'm');
        assert_true(report.successful_sessions == sums[i].want_good);
        assert_true(report.failed_sessions == sums[i].want_bad);
        arena_free(&arena);
    }
}

enum { SAME_REPORT, OTHER_CONTENT, OTHER_IDENTITY };

/* clang-format off */
/* Against the report of which nothing is given. */
static const struct {
    const char *name;
    struct text text;
    int want;
} digests[] = {
    { "itself", { 0 }, SAME_REPORT },
    { "unknown members", { .more = "'x':1" }, SAME_REPORT },
    { "a repeated name", { .more = "'report-id':'two'" }, SAME_REPORT },
    { "the begin in another zone", { .range = RANGE("'2026-11-20T01:00:00+01:00'", END) }, SAME_REPORT },
    { "a fraction", { .range = RANGE("'2026-11-20T00:00:00.25Z'", END) }, SAME_REPORT },
    { "escapes", { .organization = "'organization-n\\u0061me':'\\u004frg'" }, SAME_REPORT },
    { "white space", { .policies = "'policies' : [\n" BLOCK " ] " }, SAME_REPORT },
    { "a count as text", { .policies = POLICIES("{" POLICY "," SUMMARY("'5'", "3.0") "," DETAILS "}") }, SAME_REPORT },
    { "other order of members", { .policies = POLICIES("{" DETAILS "," SUMMARY("5", "3") "," POLICY "}") }, SAME_REPORT },
    { "contact", { .contact = "'contact-info':'tls@other.example'" }, OTHER_CONTENT },
    { "no contact", { .contact = "" }, OTHER_CONTENT },
    { "end", { .range = RANGE(START, "'2026-11-20T23:59:58Z'") }, OTHER_CONTENT },
    { "successes", { .policies = POLICIES("{" POLICY "," SUMMARY("6", "3") "," DETAILS "}") }, OTHER_CONTENT },
    { "failures", { .policies = POLICIES("{" POLICY "," SUMMARY("5", "4") "," DETAILS "}") }, OTHER_CONTENT },
    { "a detail's count", { .policies = POLICIES("{" POLICY "," SUMMARY("5", "3") ",'failure-details':[" DETAIL("2") "," DETAIL("2") "]}") }, OTHER_CONTENT },
    { "no details", { .policies = POLICIES("{" POLICY "," SUMMARY("5", "3") "}") }, OTHER_CONTENT },
    { "one detail less", { .policies = POLICIES("{" POLICY "," SUMMARY("5", "3") ",'failure-details':[" DETAIL("2") "]}") }, OTHER_CONTENT },
    { "policy text", { .policies = POLICIES("{" STS("a.example") "," SUMMARY("5", "3") "," DETAILS "}") }, OTHER_CONTENT },
    { "policy type", { .policies = POLICIES("{" TLSA("a.example") "," SUMMARY("5", "3") "," DETAILS "}") }, OTHER_CONTENT },
    { "a policy more", { .policies = POLICIES(BLOCK "," BLOCK) }, OTHER_CONTENT },
    { "organization", { .organization = "'organization-name':'org'" }, OTHER_IDENTITY },
    { "report-id", { .id = "'report-id':'ONE'" }, OTHER_IDENTITY },
    { "no report-id", { .id = "" }, OTHER_IDENTITY },
    { "begin", { .range = RANGE("'2026-11-20T00:00:01Z'", END) }, OTHER_IDENTITY },
    { "domain", { .policies = POLICIES("{" STS("b.example") "," SUMMARY("5", "3") "," DETAILS "}") }, OTHER_IDENTITY },
    { "first domain", { .policies = POLICIES("{" STS("b.example") "," SUMMARY("0", "0") "}," BLOCK) }, OTHER_IDENTITY },
    { "shifted between fields", { .organization = "'organization-name':'Or'", .id = "'report-id':'gone'" }, OTHER_IDENTITY },
};
/* clang-format on */

static void test_digests(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct report good, other;
    struct err err;
    assert_true(parse_text(&arena, &(struct text){ 0 }, &good, &err));
    assert_memory_not_equal(good.identity, good.content, HASH_BYTES);
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        print_message("%s\n", digests[i].name);
        assert_true(parse_text(&arena, &digests[i].text, &other, &err));
        int want = digests[i].want;
        bool identity = memcmp(good.identity, other.identity, HASH_BYTES) == 0;
        bool content = memcmp(good.content, other.content, HASH_BYTES) == 0;
        assert_int_equal(identity, want != OTHER_IDENTITY);
        if (want != OTHER_IDENTITY)
            assert_int_equal(content, want == SAME_REPORT);
    }
    arena_free(&arena);
}

/* Every optional text of a detail is content, and its absence differs from its emptiness. */
static void test_details_digests(void **state)
{
    (void)state;
    static const char *const names[] = { "result-type",        "sending-mta-ip",
                                         "receiving-ip",       "receiving-mx-hostname",
                                         "receiving-mx-helo",  "additional-information",
                                         "failure-reason-code" };
    struct arena arena = { 0 };
    struct report reports[1 + ARRAY_SIZE(names)];
    struct err err;
    for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
        const char *detail = i ? arena_printf(&arena, ",'%s':'x.example'", names[i - 1]) : "";
        const char *policies =
            arena_printf(&arena,
                         POLICIES("{" POLICY "," SUMMARY(
                             "5", "3") ",'failure-details':[{'failed-session-count':3%s}]}"),
                         detail);
        assert_true(parse_text(&arena, &(struct text){ .policies = policies }, &reports[i], &err));
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(reports[i].content, reports[k].content, HASH_BYTES);
    }
    arena_free(&arena);
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *policies;
        int64_t policies_max, details_max;
        const char *want_field, *want_text; /* NULL: fine */
    } rows[] = {
        { BLOCK "," BLOCK, 2, 4, NULL, NULL },
        { BLOCK "," BLOCK, 1, 4, "policies", "limits.policies" },
        { BLOCK "," BLOCK, 2, 3, "policies[1].failure-details", "limits.details" },
        { BLOCK "," BLOCK, 2, 1, "policies[0].failure-details", "limits.details" },
        { "{" POLICY "," SUMMARY("1", "1") ",'failure-details':" DETAIL("1") "}", 2, 0,
          "policies[0].failure-details", "limits.details" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct arena arena = { 0 };
        struct limits limits = LIMITS_DEFAULT;
        limits.policies = rows[i].policies_max;
        limits.details = rows[i].details_max;
        struct report report;
        struct err err;
        const char *policies = arena_printf(&arena, "'policies':[%s]", rows[i].policies);
        const char *json = json_of(&arena, &(struct text){ .policies = policies });
        bool good = parse(&arena, json, &limits, NULL, &report, &err);
        assert_int_equal(good, rows[i].want_field == NULL);
        if (!good) {
            assert_int_equal(err.kind, ERR_LIMIT);
            assert_string_equal(err.field, rows[i].want_field);
            assert_non_null(strstr(err.text, rows[i].want_text));
        }
        arena_free(&arena);
    }
}

/* Details that grow when read: bytes that are no UTF-8, and lists of nothing. */
static void test_memory(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct limits limits = LIMITS_DEFAULT;
    struct report report;
    struct err err;
    char *bad = arena_alloc(&arena, 1001);
    memset(bad, 0xff, 1000);
    struct buf details = BUF(1 << 20);
    for (int i = 0; i < 500; i++)
        buf_printf(&details, "%s{'failed-session-count':1,'additional-information':'%s'}",
                   i ? "," : "", bad);
    const char *json =
        json_of(&arena,
                &(struct text){ .policies = arena_printf(&arena,
                                                         POLICIES("{" POLICY "," SUMMARY(
                                                             "5", "3") ",'failure-details':[%s]}"),
                                                         buf_get(&details)) });
    buf_done(&details);
    struct arena fresh = { 0 };
    assert_true(parse(&fresh, json, &limits, NULL, &report, &err));
    assert_int_equal(report.policies[0].detail_count, 500);
    size_t needed = fresh.bytes;
    arena_free(&fresh);
    limits.delivery_bytes = (int64_t)needed / 2;
    assert_false(parse(&fresh, json, &limits, NULL, &report, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "limits.delivery_bytes"));
    arena_free(&fresh);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_deviations),
        cmocka_unit_test(test_not_a_report),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_mail),
        cmocka_unit_test(test_payloads_deviations),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_details_digests),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
