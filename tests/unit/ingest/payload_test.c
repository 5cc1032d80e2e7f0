/* From what a door received to JSON: by content, with every wrapping that senders use, and a clear
 * reason for all that is no report.
 * SPDX-License-Identifier: MIT */
#include "ingest/payload.h"
#include "ingest/gunzip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct limits limits = LIMITS_DEFAULT;

#define BOM  "\xef\xbb\xbf"
#define MAIL "From: tls@example.net\nSubject: x\nContent-Type: "

struct row {
    const char *name;
    struct bytes bytes;
    int gzips;          /* compressed so many times before it is brought */
    const char *behind; /* put behind that */
    const char *want;   /* JSON; NULL: an error */
    const char *want_error;
    const char *want_deviations; /* each with a blank behind it */
    bool want_gzip, want_mail;
};

#define TEXT(text)                               \
    {                                            \
        .data = (text), .size = sizeof(text) - 1 \
    }

/* clang-format off */
static const struct row rows[] = {
    { .name = "plain", .bytes = TEXT("{}"), .want = "{}" },
    { .name = "white space before", .bytes = TEXT(" \r\n\t{}\n"), .want = " \r\n\t{}\n" },
    { .name = "bom", .bytes = TEXT(BOM "{}"), .want = "{}", .want_deviations = "bom " },
    { .name = "gzip", .bytes = TEXT("{}"), .gzips = 1, .want = "{}", .want_gzip = true },
    { .name = "gzip and bom", .bytes = TEXT(BOM " {}"), .gzips = 1, .want = " {}",
      .want_gzip = true, .want_deviations = "bom " },
    { .name = "gzip with a newline behind", .bytes = TEXT("{}"), .gzips = 1, .behind = "\n",
      .want = "{}", .want_deviations = "gzip-trailing-bytes " },
    { .name = "gzip twice", .bytes = TEXT("{}"), .gzips = 2, .want = "{}",
      .want_deviations = "gzip-twice " },
    { .name = "gzip three times", .bytes = TEXT("{}"), .gzips = 3,
      .want_error = "gzip, and inside it: compressed more than twice",
      .want_deviations = "gzip-twice " },
    { .name = "empty", .bytes = TEXT(""), .want_error = "empty" },
    { .name = "blanks", .bytes = TEXT(BOM " \n"), .want_error = "empty" },
    { .name = "gzip of nothing", .bytes = TEXT(""), .gzips = 1,
      .want_error = "gzip, and inside it: empty" },
    { .name = "gzip cut", .bytes = TEXT("\x1f\x8b\x08\0\0\0"), .want_error = "gzip: cut short" },
    { .name = "array", .bytes = TEXT("[{}]"), .want_error = "JSON, but not an object" },
    { .name = "string", .bytes = TEXT("\"x: y\""), .want_error = "JSON, but not an object" },
    { .name = "number", .bytes = TEXT(" -1.5e3\n"), .want_error = "JSON, but not an object" },
    { .name = "null", .bytes = TEXT("null"), .want_error = "JSON, but not an object" },
    { .name = "zip", .bytes = TEXT("PK\3\4...."), .want_error = "a zip archive; reports are gzip" },
    { .name = "xml", .bytes = TEXT("<?xml version=\"1.0\"?>"),
      .want_error = "XML: a DMARC report?" },
    { .name = "xml in gzip", .bytes = TEXT(BOM "<feedback>"), .gzips = 1,
      .want_error = "gzip, and inside it: XML" },
    { .name = "zip in gzip", .bytes = TEXT("PK\3\4...."), .gzips = 1,
      .want_error = "gzip, and inside it: a zip archive" },
    { .name = "text in gzip", .bytes = TEXT("From: x\n\n{}"), .gzips = 1,
      .want_error = "gzip, and inside it: neither JSON nor gzip" },
    { .name = "UTF-16 with mark", .bytes = TEXT("\xff\xfe{\0}\0"), .want_error = "UTF-16" },
    { .name = "UTF-16 without", .bytes = TEXT("\0{\0}"), .want_error = "UTF-16" },
    { .name = "UTF-16, little end first", .bytes = TEXT("{\0}\0"), .want_error = "UTF-16" },
    { .name = "nothing known", .bytes = TEXT("hello"),
      .want_error = "neither JSON, gzip nor a mail" },
    { .name = "truth", .bytes = TEXT("truth"), .want_error = "neither JSON, gzip nor a mail" },
    { .name = "mail", .bytes = TEXT(MAIL "application/tlsrpt+json\n\n{}"), .want = "{}",
      .want_mail = true },
    { .name = "mail under another label", .bytes = TEXT(MAIL "application/json\n\n{}"),
      .want = "{}",
      .want_mail = true, .want_deviations = "media-type(application/json) " },
    { .name = "mail with the label of a report only",
      .bytes = TEXT(MAIL "application/tlsrpt+gzip\n\nhello"), .want_mail = true,
      .want_error = "part application/tlsrpt+gzip: neither JSON nor gzip" },
    { .name = "mail with an empty report", .bytes = TEXT(MAIL "application/tlsrpt+json\n\n"),
      .want_mail = true, .want_error = "part application/tlsrpt+json: empty" },
    { .name = "mail with a zip", .bytes = TEXT(MAIL "application/zip\n\nPK\3\4"), .want_mail = true,
      .want_error = "part application/zip: a zip archive",
      .want_deviations = "media-type(application/zip) " },
    { .name = "mail without a report", .bytes = TEXT(MAIL "text/plain\n\nhello"), .want_mail = true,
      .want_error = "a mail without a report: no part is application/tlsrpt+gzip" },
};
/* clang-format on */

static struct delivery *deliver(const struct row *row)
{
    struct delivery *delivery = delivery_new(SOURCE_COMMAND, "");
    struct bytes bytes = row->bytes;
    for (int i = 0; i < row->gzips; i++)
        bytes = gunzip_reverse(&delivery->arena, bytes);
    size_t behind = row->behind ? strlen(row->behind) : 0;
    char *whole = arena_alloc(&delivery->arena, bytes.size + behind + 1);
    memcpy(whole, bytes.data, bytes.size);
    if (behind)
        memcpy(whole + bytes.size, row->behind, behind);
    delivery->bytes = (struct bytes){ .data = whole, .size = bytes.size + behind };
    return delivery;
}

static void assert_deviations(const struct payload *payload, const char *want)
{
    struct buf text = BUF(1000);
    for (const struct deviation *at = payload->deviations.first; at; at = at->next)
        buf_printf(&text, *at->path ? "%s(%s) " : "%s%s ", deviation_to_text(at->code), at->path);
    assert_string_equal(buf_get(&text), want ? want : "");
    buf_done(&text);
}

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        struct delivery *delivery = deliver(row);
        struct payload *payload = payload_open(delivery, &limits);
        print_message("%s: %s\n", row->name, payload->err.text);
        assert_null(payload->next);
        assert_int_equal(payload->err.kind, row->want ? ERR_NONE : ERR_INPUT);
        assert_int_equal(payload->json.size, row->want ? strlen(row->want) : 0);
        if (row->want)
            assert_memory_equal(payload->json.data, row->want, payload->json.size);
        else
            assert_int_equal(strncmp(payload->err.text, row->want_error, strlen(row->want_error)),
                             0);
        assert_int_equal(payload->gzip.size != 0, row->want_gzip);
        if (row->want_gzip)
            assert_memory_equal(payload->gzip.data, delivery->bytes.data, delivery->bytes.size);
        assert_int_equal(payload->mail != NULL, row->want_mail);
        assert_deviations(payload, row->want_deviations);
        delivery_free(&delivery);
    }
}

/* Each part of a mail is a payload of its own, and a bad one does not lose the others. */
static void test_several(void **state)
{
    (void)state;
    static const struct row mail = {
        .bytes =
            TEXT("TLS-Report-Domain: example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
                 "--b\nContent-Type: application/tlsrpt+gzip\n\nbad\n"
                 "--b\nContent-Type: application/tlsrpt+json\n\n{1}\n"
                 "--b\nContent-Type: application/octet-stream\n\n{2}\n--b--\n"),
    };
    struct delivery *delivery = deliver(&mail);
    struct payload *first = payload_open(delivery, &limits), *second = first->next;
    assert_int_equal(first->err.kind, ERR_INPUT);
    assert_non_null(second);
    assert_memory_equal(second->json.data, "{1}", 3);
    assert_deviations(second, NULL);
    assert_non_null(second->next);
    assert_memory_equal(second->next->json.data, "{2}", 3);
    assert_deviations(second->next, "media-type(application/octet-stream) ");
    assert_null(second->next->next);
    assert_ptr_equal(first->mail, second->mail);
    assert_string_equal(second->mail->report_domain, "example.org");
    delivery_free(&delivery);
}

static void test_limits(void **state)
{
    (void)state;
    struct limits small = limits;
    small.message_bytes = 100;
    small.inflated_bytes = 1000;
    static const struct {
        size_t size;
        int gzips;
        const char *want; /* in the error */
    } sizes[] = {
        { 100, 0, NULL },
        { 101, 0, "limits.message_bytes" },
        { 1000, 1, NULL },
        { 1001, 1, "limits.inflated_bytes" },
        { 1001, 2, "limits.inflated_bytes" },
    };
    char text[2000];
    memset(text, ' ', sizeof text);
    text[0] = '{';
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct row row = { .bytes = { .data = text, .size = sizes[i].size },
                           .gzips = sizes[i].gzips };
        struct delivery *delivery = deliver(&row);
        struct payload *payload = payload_open(delivery, &small);
        assert_int_equal(payload->err.kind, sizes[i].want ? ERR_LIMIT : ERR_NONE);
        if (sizes[i].want)
            assert_non_null(strstr(payload->err.text, sizes[i].want));
        assert_int_equal(payload->json.size, sizes[i].want ? 0 : sizes[i].size);
        delivery_free(&delivery);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
