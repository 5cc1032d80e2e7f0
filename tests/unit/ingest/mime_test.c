/* Mails as senders write them, and mails that are made to cost much.
 * SPDX-License-Identifier: MIT */
#include "ingest/mime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static const struct limits limits = LIMITS_DEFAULT;

#define FROM  "From: =?utf-8?q?J=C3=BCrgen?= <tls@example.net>\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
#define JSON  "{\"organization-name\": \"Example\"}"

struct row {
    const char *name, *mail;
    const char *want[3];                    /* contents of the parts found */
    const char *want_type, *want_file_name; /* of the first */
    const char *want_domain;
};

/* clang-format off */
static const struct row rows[] = {
    { .name = "as in RFC 8460 section 5.3",
      .mail = FROM "TLS-Report-Domain: example.org\r\nTLS-Report-Submitter: example.net\r\n"
              "Content-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"b\"\r\n\r\n"
              "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
              "--b\r\nContent-Type: application/tlsrpt+json\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "Content-Disposition: attachment; filename=\"a!b!1!2.json\"\r\n\r\ne30=\r\n--b--\r\n",
      .want = { "{}" }, .want_type = "application/tlsrpt+json", .want_file_name = "a!b!1!2.json",
      .want_domain = "example.org" },
    { .name = "bare LF, behind an mbox line",
      .mail = "From tls@example.net Mon Nov 23 00:00:00 2026\nSubject: x\n"
              "Content-Type: application/tlsrpt+json\n\n" JSON,
      .want = { JSON }, .want_type = "application/tlsrpt+json" },
    { .name = "text/plain, inline, quoted-printable",
      .mail = "MIME-Version: 1.0\r\n" MIXED
              "--b\r\nContent-Type: text/plain; name=\"r.json\"\r\nContent-Disposition: inline\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
              "{=22organization-name=22: =\r\n=22Example=22}\r\n--b--\r\n",
      .want = { "{\"organization-name\": \"Example\"}" }, .want_type = "text/plain",
      .want_file_name = "r.json" },
    { .name = "no content type at all",
      .mail = FROM "\r\n  " JSON, .want = { "  " JSON }, .want_type = "text/plain" },
    { .name = "file name of RFC 2231 in pieces, folded",
      .mail = FROM MIXED "--b\r\nContent-Type: Application/Octet-Stream\r\n"
              "Content-Disposition: attachment;\r\n filename*0*=utf-8''a%21b;\r\n"
              "\tfilename*1=\"!1!2.json\"\r\n\r\n" JSON "\r\n--b--\r\n",
      .want = { JSON }, .want_type = "application/octet-stream", .want_file_name = "a!b!1!2.json" },
    { .name = "two reports",
      .mail = FROM MIXED "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n{1\r\n"
              "--b\r\nContent-Type: application/json\r\n\r\n{2\r\n--b--\r\n",
      .want = { "{1", "{2" }, .want_type = "application/tlsrpt+json" },
    { .name = "nested multiparts",
      .mail = FROM MIXED "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
              "--c\r\n\r\ntext\r\n--c\r\nContent-Type: multipart/related; boundary=d\r\n\r\n"
              "--d\r\nContent-Type: application/x-gzip\r\n\r\n\x1f\x8bgz\r\n"
              "--d--\r\n--c--\r\n--b--\r\n",
      .want = { "\x1f\x8bgz" }, .want_type = "application/x-gzip" },
    { .name = "forwarded: headers of the report's own mail",
      .mail = FROM "Subject: Fwd\r\n" MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\n"
              "TLS-Report-Domain: inner.example\r\nContent-Type: application/tlsrpt+gzip\r\n\r\n"
              "\x1f\x8bgz\r\n--b--\r\n",
      .want = { "\x1f\x8bgz" }, .want_type = "application/tlsrpt+gzip",
      .want_domain = "inner.example" },
    { .name = "the outer mail's header goes before",
      .mail = "TLS-Report-Domain: outer.example\r\nContent-Type: message/rfc822\r\n\r\n"
              "TLS-Report-Domain: inner.example\r\n\r\n" JSON,
      .want = { JSON }, .want_type = "text/plain", .want_domain = "outer.example" },
    { .name = "a labelled part that is none is brought to be rejected",
      .mail = "Content-Type: application/tlsrpt+gzip\r\n\r\nhello",
      .want = { "hello" }, .want_type = "application/tlsrpt+gzip" },
    { .name = "a zip under a fitting name with white space in it",
      .mail = FROM MIXED "--b\r\nContent-Type: text/plain; name=\"report.zi p\"\r\n\r\n"
              "PK\3\4x\r\n--b--\r\n",
      .want = { "PK\3\4x" }, .want_type = "text/plain", .want_file_name = "report.zi p" },
    { .name = "an office document is no report",
      .mail = FROM MIXED "--b\r\nContent-Type: application/vnd.ms-excel; name=\"a.xlsx\"\r\n\r\n"
              "PK\3\4x\r\n--b--\r\n" },
    { .name = "JSON by label only is no report",
      .mail = FROM "Content-Type: application/json\r\n\r\n[1]" },
    { .name = "nothing but text", .mail = FROM "\r\nHello\r\n" },
    { .name = "headers only", .mail = FROM },
    { .name = "a multipart without end or parts", .mail = FROM MIXED },
};
/* clang-format on */

static void assert_same(const char *got, const char *want)
{
    if (want)
        assert_string_equal(got ? got : "(none)", want);
    else
        assert_null(got);
}

static void test_mails(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        struct arena arena = { 0 };
        struct mail mail;
        struct mime_part *part = NULL;
        struct err err = { 0 };
        struct bytes message = { .data = row->mail, .size = strlen(row->mail) };
        print_message("%s\n", row->name);
        assert_true(mime_open(&arena, message, &limits, &mail, &part, &err));
        assert_same(mail.report_domain, row->want_domain);
        if (part) {
            assert_same(part->media_type, row->want_type);
            assert_same(part->file_name, row->want_file_name);
        }
        for (size_t k = 0; k < ARRAY_SIZE(row->want) && row->want[k]; k++, part = part->next) {
            assert_non_null(part);
            assert_int_equal(part->content.size, strlen(row->want[k]));
            assert_memory_equal(part->content.data, row->want[k], part->content.size);
        }
        assert_null(part);
        arena_free(&arena);
    }
}

static void test_headers(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct mail mail;
    struct mime_part *parts;
    struct err err = { 0 };
    char *text = arena_alloc(&arena, 4000);
    strncat(text,
            FROM
            "Message-ID: <1@example.net>\r\nTLS-Report-Submitter:\r\n example.net\r\nSubject: ",
            400);
    for (int i = 0; i < 700; i++)
        memcpy(text + strlen(text), "\xc3\xa4", 2);
    memcpy(text + strlen(text), "\r\n\r\n", 4);
    struct bytes message = { .data = text, .size = strlen(text) };
    assert_true(mime_open(&arena, message, &limits, &mail, &parts, &err));
    assert_non_null(strstr(mail.from, "J\xc3\xbcrgen"));
    assert_non_null(strstr(mail.from, "<tls@example.net>"));
    assert_non_null(strstr(mail.message_id, "1@example.net"));
    assert_string_equal(mail.submitter, "example.net");
    assert_null(mail.report_domain);
    assert_in_range(strlen(mail.subject), 998, 1000); /* bounded, at a whole character */
    assert_int_equal(strlen(mail.subject) % 2, 0);
    assert_false(mail.from_is_cut);

    text = arena_printf(&arena, "From: \"%01100d\" <tls@example.net>\r\n\r\n", 0);
    message = (struct bytes){ .data = text, .size = strlen(text) };
    assert_true(mime_open(&arena, message, &limits, &mail, &parts, &err));
    assert_true(mail.from_is_cut);
    arena_free(&arena);
}

static void test_no_mail(void **state)
{
    (void)state;
    static const char *const inputs[] = {
        "",        "hello",      "\r\nSubject: x\r\n\r\n",
        ": x\r\n", "<html>a: b", "no header here\r\nSubject: x\r\n"
    };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct arena arena = { 0 };
        struct mail mail;
        struct mime_part *parts;
        struct err err = { 0 };
        struct bytes message = { .data = inputs[i], .size = strlen(inputs[i]) };
        assert_false(mime_open(&arena, message, &limits, &mail, &parts, &err));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.text, "neither JSON, gzip nor a mail");
        arena_free(&arena);
    }
}

/* HEAD, then UNIT again and again, up to SIZE bytes, then TAIL. */
struct hostile {
    const char *name, *head, *unit, *tail;
    size_t size;
    const char *want; /* in the error */
};

/* clang-format off */
static const struct hostile hostiles[] = {
    { "a million empty parts", FROM MIXED, "--b\n\n", "", 5000000, "limits.mime_parts" },
    { "some more parts than are looked at", FROM MIXED, "--b\r\n\r\n{\r\n", "--b--\r\n", 1200,
      "limits.mime_parts" },
    { "a million headers", FROM, "a:\n", "\n", 3000000, "limits.mime_headers" },
    { "headers in a mail in a mail", "Content-Type: message/rfc822\n\n", "b: c\n", "\n", 1000000,
      "limits.mime_headers" },
    { "headers of a part", FROM MIXED "--b\n", "{:\n", "\n", 1000000, "limits.mime_headers" },
    { "mails inside each other", FROM, "Content-Type: message/rfc822\n\n", "x", 3000,
      "limits.mime_depth" },
    { "groups inside each other in an address", "Cc: ", "a:", "\n\nx", 20000, "colons" },
    { "the same, folded", "to : ", "a:\n ", "\n\nx", 20000, "colons" },
    { "a long header", "Subject: ", "x", "\n\nx", 100000, "limits.header_bytes" },
    { "a header of many folded lines", "X-Long: y\n", " y\n", "\n\nx", 1000000,
      "limits.header_bytes" },
    { "parameters without end", "Content-Type: text/plain", "; a=b", "\n\nx", 1000000,
      "limits.header_bytes" },
    { "more bytes than are allowed", FROM "\n", "0123456789\n", "", 11 << 20,
      "limits.message_bytes" },
};
/* clang-format on */

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(hostiles); i++) {
        const struct hostile *row = &hostiles[i];
        struct arena arena = { 0 };
        struct buf text = BUF(16 << 20);
        buf_text(&text, row->head);
        while (text.size < row->size)
            buf_text(&text, row->unit);
        buf_text(&text, row->tail);
        struct mail mail;
        struct mime_part *parts = NULL;
        struct err err = { 0 };
        struct bytes message = { .data = text.data, .size = text.size };
        clock_t begin = clock();
        print_message("%s\n", row->name);
        assert_false(mime_open(&arena, message, &limits, &mail, &parts, &err));
        assert_true(clock() - begin < CLOCKS_PER_SEC);
        assert_int_equal(err.kind, ERR_LIMIT);
        assert_non_null(strstr(err.text, row->want));
        buf_done(&text);
        arena_free(&arena);
    }
}

/* Each limit of structure, exactly reached and exceeded by one. */
static void test_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *name, *head, *unit, *tail;
        int units;
        struct limits limits;
        const char *want;
    } bounds[] = {
        { "header lines",
          FROM,
          "a: b\n",
          "\n{}",
          4,
          { .mime_parts = 9, .mime_depth = 9, .mime_headers = 5, .header_bytes = 999 },
          "limits.mime_headers" },
        { "bytes of a header",
          "Subject: ",
          "x",
          "\n\n{}",
          11,
          { .mime_parts = 9, .mime_depth = 9, .mime_headers = 99, .header_bytes = 20 },
          "limits.header_bytes" },
        { "parts",
          FROM MIXED,
          "--b\n\n{}\n",
          "--b--\n",
          3,
          { .mime_parts = 3, .mime_depth = 9, .mime_headers = 99, .header_bytes = 999 },
          "limits.mime_parts" },
        { "depth",
          FROM,
          "Content-Type: message/rfc822\n\n",
          "a: b\n\n{}",
          3,
          { .mime_parts = 9, .mime_depth = 3, .mime_headers = 99, .header_bytes = 999 },
          "limits.mime_depth" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(bounds); i++)
        for (int more = 0; more < 2; more++) {
            struct arena arena = { 0 };
            struct buf text = BUF(1 << 20);
            struct limits own = bounds[i].limits;
            own.message_bytes = 1 << 20;
            buf_text(&text, bounds[i].head);
            for (int k = 0; k < bounds[i].units + more; k++)
                buf_text(&text, bounds[i].unit);
            buf_text(&text, bounds[i].tail);
            struct mail mail;
            struct mime_part *parts = NULL;
            struct err err = { 0 };
            struct bytes message = { .data = text.data, .size = text.size };
            print_message("%s + %d\n", bounds[i].name, more);
            assert_int_equal(mime_open(&arena, message, &own, &mail, &parts, &err), !more);
            if (more)
                assert_non_null(strstr(err.text, bounds[i].want));
            else
                assert_non_null(parts);
            buf_done(&text);
            arena_free(&arena);
        }
}

/* What is large but harmless is read: a body full of colons and of lines that begin with blanks. */
static void test_large_body(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct buf text = BUF(4 << 20);
    buf_text(&text, FROM "Content-Type: application/json\n\n{\"a\": 1,\n");
    while (text.size < 2 << 20)
        buf_text(&text, "  \"b\": \"to: a:b:c:d\",\nto: \"a:b:c\"\n");
    struct mail mail;
    struct mime_part *parts = NULL;
    struct err err = { 0 };
    struct bytes message = { .data = text.data, .size = text.size };
    assert_true(mime_open(&arena, message, &limits, &mail, &parts, &err));
    assert_non_null(parts);
    assert_true(parts->content.size > 2000000);
    buf_done(&text);
    arena_free(&arena);
}

/* Cut anywhere, a mail is read or refused, and nothing outside it is touched. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (size_t size = 0; size < strlen(rows[i].mail); size++) {
            struct arena arena = { 0 };
            struct mail mail;
            struct mime_part *parts;
            struct err err = { 0 };
            struct bytes cut = { .data = memcpy(memory_new(size), rows[i].mail, size),
                                 .size = size };
            bool read = mime_open(&arena, cut, &limits, &mail, &parts, &err);
            assert_int_equal(err.kind, read ? ERR_NONE : ERR_INPUT);
            free((char *)(uintptr_t)cut.data);
            arena_free(&arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mails),   cmocka_unit_test(test_headers),
        cmocka_unit_test(test_no_mail), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_bounds),  cmocka_unit_test(test_large_body),
        cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
