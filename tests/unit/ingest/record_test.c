/* TXT records of MTA-STS and TLS-RPT: the one that counts, or the exact reason why none does.
 * SPDX-License-Identifier: MIT */
#include "ingest/record.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RECORDS 4
#define FAULTS  4
#define NONE    RECORD_FLAWS
#define ID32    "abcdefghijklmnopqrstuvwxyz012345"

/* What is wrong, where: record and byte. */
struct want {
    enum record_flaw flaw;
    size_t record, at;
};

struct row {
    const char *name;
    const char *records[RECORDS];
    bool valid, strict;
    const char *id;
    struct want faults[FAULTS + 1]; /* ended by NONE; in order */
};

#define GOOD .valid = true, .strict = true
#define END        \
    {              \
        NONE, 0, 0 \
    }

/* clang-format off */
static const struct row sts_rows[] = {
    { .name = "as in RFC 8461", .records = { "v=STSv1; id=20160831085700Z;" }, GOOD, .id = "20160831085700Z", .faults = { END } },
    { .name = "without space and last semicolon", .records = { "v=STSv1;id=1" }, GOOD, .id = "1", .faults = { END } },
    { .name = "spaces where they may be", .records = { "v=STSv1; \tid=1 ; " }, GOOD, .id = "1", .faults = { END } },
    { .name = "32 characters", .records = { "v=STSv1; id=" ID32 ";" }, GOOD, .id = ID32, .faults = { END } },
    { .name = "an extension", .records = { "v=STSv1; id=1; x-y.z_1=a:b%c;" }, GOOD, .id = "1",
      .faults = { { RECORD_EXTENSION, 0, 15 }, END } },
    { .name = "an extension before the id", .records = { "v=STSv1; a=b; id=1;" }, GOOD, .id = "1",
      .faults = { { RECORD_EXTENSION, 0, 9 }, END } },
    { .name = "nothing", .records = { NULL }, .faults = { { RECORD_ABSENT, 0, 0 }, END } },
    { .name = "something else", .records = { "hello" }, .faults = { { RECORD_ABSENT, 0, 0 }, { RECORD_UNRELATED, 0, 0 }, END } },
    { .name = "SPF only", .records = { "v=spf1 mx -all" }, .faults = { { RECORD_ABSENT, 0, 0 }, { RECORD_SPF, 0, 0 }, END } },
    { .name = "of TLS-RPT", .records = { "v=TLSRPTv1; rua=mailto:a@example.org" },
      .faults = { { RECORD_ABSENT, 0, 0 }, { RECORD_OTHER_KIND, 0, 0 }, END } },
    { .name = "two", .records = { "v=STSv1; id=1;", "v=STSv1; id=2;" }, .faults = { { RECORD_SEVERAL, 1, 0 }, END } },
    { .name = "the same twice", .records = { "v=STSv1; id=1;", "v=STSv1; id=1;" }, .faults = { { RECORD_SEVERAL, 1, 0 }, END } },
    { .name = "a good one and another version", .records = { "v=STSv2; id=1;", "v=STSv1; id=2;" }, .valid = true, .id = "2",
      .faults = { { RECORD_VERSION, 0, 0 }, END } },
    { .name = "a good one and SPF", .records = { "v=STSv1; id=2;", "v=spf1 -all" }, .valid = true, .id = "2",
      .faults = { { RECORD_SPF, 1, 0 }, END } },
    { .name = "a good one and other text", .records = { "google-site-verification=x", "v=STSv1; id=2;" }, .valid = true, .id = "2",
      .faults = { { RECORD_UNRELATED, 0, 0 }, END } },
    { .name = "a good one and one with a space", .records = { "v=STSv1 ; id=1;", "v=STSv1; id=2;" }, .valid = true, .id = "2",
      .faults = { { RECORD_SPACE_BEFORE, 0, 7 }, END } },
    { .name = "a space before the semicolon", .records = { "v=STSv1 ; id=1;" }, .valid = true, .id = "1",
      .faults = { { RECORD_SPACE_BEFORE, 0, 7 }, END } },
    { .name = "two with a space", .records = { "v=STSv1 ; id=1;", "v=STSv1 ; id=2;" }, .faults = { { RECORD_SEVERAL, 1, 0 }, END } },
    { .name = "a space at the beginning", .records = { " v=STSv1; id=1;" }, .faults = { { RECORD_LEADING, 0, 0 }, END } },
    { .name = "a space at the end", .records = { "v=STSv1; id=1 " }, .valid = true, .id = "1", .faults = { { RECORD_SPACE_AFTER, 0, 13 }, END } },
    { .name = "spaces in the version", .records = { "v = STSv1; id=1;" }, .faults = { { RECORD_SPACE_INSIDE, 0, 0 }, END } },
    { .name = "spaces in the id", .records = { "v=STSv1; id = 1;" }, .faults = { { RECORD_SPACE_INSIDE, 0, 9 }, END } },
    { .name = "capital V", .records = { "V=STSv1; id=1;" }, .faults = { { RECORD_CASE, 0, 0 }, END } },
    { .name = "small letters", .records = { "v=stsv1; id=1;" }, .faults = { { RECORD_CASE, 0, 0 }, END } },
    { .name = "capital ID", .records = { "v=STSv1; ID=1;" }, .faults = { { RECORD_ID_MISSING, 0, 0 }, { RECORD_EXTENSION, 0, 9 }, END } },
    { .name = "version 2", .records = { "v=STSv2; id=1;" }, .faults = { { RECORD_VERSION, 0, 0 }, END } },
    { .name = "version 1.0", .records = { "v=STSv1.0; id=1;" }, .faults = { { RECORD_VERSION, 0, 0 }, END } },
    { .name = "a comma instead", .records = { "v=STSv1, id=1" }, .faults = { { RECORD_VERSION, 0, 0 }, END } },
    { .name = "a space instead", .records = { "v=STSv1 id=1" }, .faults = { { RECORD_VERSION, 0, 0 }, END } },
    { .name = "the version only", .records = { "v=STSv1" }, .faults = { { RECORD_VERSION_ONLY, 0, 0 }, END } },
    { .name = "the version and a semicolon", .records = { "v=STSv1;" }, .faults = { { RECORD_ID_MISSING, 0, 0 }, END } },
    { .name = "quotes around it", .records = { "\"v=STSv1; id=1;\"" }, .faults = { { RECORD_QUOTES, 0, 0 }, END } },
    { .name = "quotes around the id", .records = { "v=STSv1; id=\"1\";" },
      .faults = { { RECORD_QUOTES, 0, 12 }, { RECORD_ID_LETTERS, 0, 12 }, END } },
    { .name = "a backslash", .records = { "v=STSv1\\; id=1\\;" }, .faults = { { RECORD_QUOTES, 0, 7 }, END } },
    { .name = "typographic quotes", .records = { "\xe2\x80\x9cv=STSv1; id=1;\xe2\x80\x9d" }, .faults = { { RECORD_SMART_QUOTES, 0, 0 }, END } },
    { .name = "a typographic space", .records = { "v=STSv1;\xc2\xa0id=1;" },
      .faults = { { RECORD_ID_MISSING, 0, 0 }, { RECORD_NOT_ASCII, 0, 8 }, { RECORD_FIELD, 0, 8 }, END } },
    { .name = "no id", .records = { "v=STSv1; a=b" }, .faults = { { RECORD_ID_MISSING, 0, 0 }, { RECORD_EXTENSION, 0, 9 }, END } },
    { .name = "an empty id", .records = { "v=STSv1; id=;" }, .faults = { { RECORD_ID_EMPTY, 0, 12 }, END } },
    { .name = "33 characters", .records = { "v=STSv1; id=" ID32 "6;" }, .faults = { { RECORD_ID_LONG, 0, 12 }, END } },
    { .name = "a hyphen", .records = { "v=STSv1; id=2026-11-28;" }, .faults = { { RECORD_ID_LETTERS, 0, 12 }, END } },
    { .name = "a dot", .records = { "v=STSv1; id=1.0;" }, .faults = { { RECORD_ID_LETTERS, 0, 12 }, END } },
    { .name = "a colon", .records = { "v=STSv1; id=12:00;" }, .faults = { { RECORD_ID_LETTERS, 0, 12 }, END } },
    { .name = "a space inside", .records = { "v=STSv1; id=1 2;" }, .faults = { { RECORD_ID_LETTERS, 0, 12 }, END } },
    { .name = "two ids", .records = { "v=STSv1; id=1; id=2;" }, .faults = { { RECORD_ID_TWICE, 0, 18 }, END } },
    { .name = "an empty field", .records = { "v=STSv1;; id=1;" }, .faults = { { RECORD_FIELD, 0, 8 }, END } },
    { .name = "two semicolons at the end", .records = { "v=STSv1; id=1;;" }, .faults = { { RECORD_FIELD, 0, 14 }, END } },
    { .name = "a word", .records = { "v=STSv1; id=1; testing" }, .faults = { { RECORD_FIELD, 0, 15 }, END } },
    { .name = "a name that is too long", .records = { "v=STSv1; id=1; " ID32 "6=1" }, .faults = { { RECORD_FIELD, 0, 15 }, END } },
};

static const struct row rpt_rows[] = {
    { .name = "mail", .records = { "v=TLSRPTv1; rua=mailto:reports@example.com" }, GOOD, .faults = { END } },
    { .name = "https", .records = { "v=TLSRPTv1;rua=https://reporting.example.com/v1/tlsrpt;" }, GOOD, .faults = { END } },
    { .name = "two", .records = { "v=TLSRPTv1; rua=mailto:a@example.com , https://example.com/v1" }, GOOD,
      .faults = { { RECORD_RUA_MANY, 0, 0 }, END } },
    { .name = "nothing", .records = { NULL }, .faults = { { RECORD_ABSENT, 0, 0 }, END } },
    { .name = "two records", .records = { "v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com" },
      .faults = { { RECORD_SEVERAL, 1, 0 }, END } },
    { .name = "no rua", .records = { "v=TLSRPTv1; ruf=mailto:a@example.com" },
      .faults = { { RECORD_RUA_MISSING, 0, 0 }, { RECORD_EXTENSION, 0, 12 }, END } },
    { .name = "an empty rua", .records = { "v=TLSRPTv1; rua=" }, .faults = { { RECORD_RUA_EMPTY, 0, 16 }, END } },
    { .name = "a comma too many", .records = { "v=TLSRPTv1; rua=mailto:a@example.com," }, .faults = { { RECORD_RUA_EMPTY, 0, 37 }, END } },
    { .name = "rua twice", .records = { "v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com" },
      .faults = { { RECORD_RUA_TWICE, 0, 42 }, { RECORD_RUA_MANY, 0, 0 }, END } },
    { .name = "an address without its scheme", .records = { "v=TLSRPTv1; rua=a@example.com" }, .faults = { { RECORD_URI_SCHEME, 0, 16 }, END } },
    { .name = "http", .records = { "v=TLSRPTv1; rua=http://example.com/" }, .faults = { { RECORD_URI_SCHEME, 0, 16 }, END } },
    { .name = "http beside mail", .records = { "v=TLSRPTv1; rua=http://example.com/,mailto:a@example.com" }, .valid = true,
      .faults = { { RECORD_RUA_MANY, 0, 0 }, { RECORD_URI_SCHEME, 0, 16 }, END } },
    { .name = "no mailbox", .records = { "v=TLSRPTv1; rua=mailto:example.com" }, .faults = { { RECORD_URI_MAIL, 0, 16 }, END } },
    { .name = "no host", .records = { "v=TLSRPTv1; rua=https:///v1" }, .faults = { { RECORD_URI_HTTPS, 0, 16 }, END } },
    { .name = "one slash", .records = { "v=TLSRPTv1; rua=https:/example.com/v1" }, .faults = { { RECORD_URI_HTTPS, 0, 16 }, END } },
    { .name = "an exclamation mark (a size, as in DMARC)", .records = { "v=TLSRPTv1; rua=mailto:a@example.com!10m" },
      .faults = { { RECORD_URI_MAIL, 0, 16 }, END } },
    { .name = "an exclamation mark in the mailbox", .records = { "v=TLSRPTv1; rua=mailto:a!b@example.com" },
      .faults = { { RECORD_URI_ENCODING, 0, 24 }, END } },
    { .name = "the same beside a good one", .records = { "v=TLSRPTv1; rua=mailto:a!b@example.com,mailto:c@example.com" }, .valid = true,
      .faults = { { RECORD_RUA_MANY, 0, 0 }, { RECORD_URI_ENCODING, 0, 24 }, END } },
    { .name = "an encoded comma", .records = { "v=TLSRPTv1; rua=mailto:a%2Cb@example.com" }, GOOD, .faults = { END } },
    { .name = "the version and a semicolon", .records = { "v=TLSRPTv1;" }, .faults = { { RECORD_RUA_MISSING, 0, 0 }, END } },
    { .name = "encoded", .records = { "v=TLSRPTv1; rua=mailto:a%21b@example.com" }, GOOD, .faults = { END } },
    { .name = "a comma in a mailbox", .records = { "v=TLSRPTv1; rua=mailto:a,b@example.com" },
      .faults = { { RECORD_URI_MAIL, 0, 16 }, { RECORD_URI_SCHEME, 0, 25 }, { RECORD_RUA_MANY, 0, 0 }, END } },
    { .name = "a percent sign alone", .records = { "v=TLSRPTv1; rua=mailto:a%zz@example.com" },
      .faults = { { RECORD_URI_ENCODING, 0, 24 }, END } },
    { .name = "the same twice", .records = { "v=TLSRPTv1; rua=mailto:a@example.com,MAILTO:a@Example.Com" }, .valid = true,
      .faults = { { RECORD_RUA_MANY, 0, 0 }, { RECORD_URI_TWICE, 0, 37 }, END } },
    { .name = "capitals", .records = { "v=TLSRPTV1; rua=mailto:a@example.com" }, .faults = { { RECORD_CASE, 0, 0 }, END } },
    { .name = "of MTA-STS", .records = { "v=STSv1; id=1" }, .faults = { { RECORD_ABSENT, 0, 0 }, { RECORD_OTHER_KIND, 0, 0 }, END } },
    { .name = "spaces in the rua", .records = { "v=TLSRPTv1; rua= mailto:a@example.com" }, .faults = { { RECORD_SPACE_INSIDE, 0, 12 }, END } },
};
/* clang-format on */

static void check(const struct row *row, enum record_kind kind)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct text_list records = { row->records, 0 };
    while (records.count < RECORDS && row->records[records.count])
        records.count++;
    print_message("%s\n", row->name);
    struct record_reading reading = record_read(&arena, kind, &records);
    size_t want = 0;
    while (row->faults[want].flaw != NONE)
        want++;
    for (size_t i = 0; i < reading.fault_count; i++)
        print_message("    %zu:%zu %s (%s)%s\n", reading.faults[i].record, reading.faults[i].at,
                      reading.faults[i].text, reading.faults[i].what,
                      reading.faults[i].fatal ? "" : ", not fatal");
    assert_int_equal(reading.fault_count, want);
    for (size_t i = 0; i < want; i++) {
        assert_int_equal(reading.faults[i].flaw, row->faults[i].flaw);
        assert_int_equal(reading.faults[i].record, row->faults[i].record);
        assert_int_equal(reading.faults[i].at, row->faults[i].at);
    }
    assert_int_equal(reading.valid, row->valid);
    assert_int_equal(reading.strict, row->strict);
    assert_int_equal(!reading.id, !row->id);
    if (row->id)
        assert_string_equal(reading.id, row->id);
}

static void test_sts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(sts_rows); i++)
        check(&sts_rows[i], RECORD_STS);
}

static void test_rpt(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rpt_rows); i++)
        check(&rpt_rows[i], RECORD_RPT);
}

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *name, *rua, *own;
        int want;
    } pairs[] = {
        { "first", "mailto:a@example.org,https://example.org/", "mailto:a@example.org", 0 },
        { "second", "mailto:b@example.org,mailto:a@example.org", "mailto:a@example.org", 1 },
        { "not there", "mailto:b@example.org", "mailto:a@example.org", -1 },
        { "other letters", "MAILTO:A@EXAMPLE.org", "mailto:a@example.org", 0 },
        { "encoded", "mailto:%61%2Btls@example.org", "mailto:a+tls@example.org", 0 },
        { "with parameters", "mailto:a@example.org?subject=x", "mailto:a@example.org", 0 },
        { "a final dot, a U-label", "mailto:a@xn--bcher-kva.example.",
          "mailto:a@b\xc3\xbc"
          "cher.example",
          0 },
        { "a port that goes without saying", "https://Example.org:443/v1", "https://example.org/v1",
          0 },
        { "another port", "https://example.org:8443/v1", "https://example.org/v1", -1 },
        { "no path", "https://example.org", "https://example.org/", 0 },
        { "a path in other letters", "https://example.org/V1", "https://example.org/v1", -1 },
        { "an address", "https://192.0.2.1/v1", "https://192.0.2.1/v1", 0 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *text = arena_printf(&arena, "v=TLSRPTv1; rua=%s", pairs[i].rua);
        struct text_list records = { &text, 1 }, own = { &pairs[i].own, 1 };
        struct record_reading reading = record_read(&arena, RECORD_RPT, &records);
        print_message("%s\n", pairs[i].name);
        assert_int_equal(record_find(&arena, &reading, &own), pairs[i].want);
    }
}

static void test_uris(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *text =
        "v=TLSRPTv1; rua=mailto:tls@Mail.example.org, https://192.0.2.1:8443/x, ftp://a.example/";
    struct text_list records = { &text, 1 };
    struct record_reading reading = record_read(&arena, RECORD_RPT, &records);
    assert_int_equal(reading.uri_count, 3);
    assert_int_equal(reading.uris[0].scheme, RECORD_MAILTO);
    assert_string_equal(reading.uris[0].domain, "mail.example.org");
    assert_string_equal(reading.uris[0].text, "mailto:tls@Mail.example.org");
    assert_int_equal(reading.uris[1].scheme, RECORD_HTTPS);
    assert_string_equal(reading.uris[1].domain, "192.0.2.1");
    assert_int_equal(reading.uris[2].scheme, RECORD_OTHER);
    assert_false(reading.uris[2].usable);
}

/* Every fault is named, and a text of nothing but faults costs no more than its bound. */
static void test_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    for (enum record_flaw flaw = 0; flaw < RECORD_FLAWS; flaw++)
        assert_non_null(record_flaw_code(flaw));
    char *text = arena_alloc(&arena, 8001);
    memset(text, ';', 8000);
    memcpy(text, "v=STSv1", 7);
    const char *many[64];
    for (size_t i = 0; i < ARRAY_SIZE(many); i++)
        many[i] = i ? "x" : text;
    struct text_list records = { many, ARRAY_SIZE(many) };
    struct record_reading reading = record_read(&arena, RECORD_STS, &records);
    assert_int_equal(reading.fault_count, RECORD_FAULTS_MAX);
    assert_false(reading.valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sts),  cmocka_unit_test(test_rpt),     cmocka_unit_test(test_find),
        cmocka_unit_test(test_uris), cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
