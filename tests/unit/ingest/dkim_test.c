/* DKIM signatures over mails that others have signed: the example of RFC 8463, and each
 * canonicalization by dkimpy; then what is altered, and what is not.
 * SPDX-License-Identifier: MIT */
#include "ingest/dkim.h"
#include "signed_mails.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *const services[] = { "tlsrpt" };
static const struct text_list tlsrpt = { services, 1 };

/* RFC 8463, appendix A.3 */
static const char example[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                              " d=football.example.com; i=@football.example.com;\r\n"
                              " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                              " subject : date : message-id : from : subject : date;\r\n"
                              " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                              " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                              " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                              "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                              " d=football.example.com; i=@football.example.com;\r\n"
                              " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                              " date : message-id : from : subject : date;\r\n"
                              " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                              " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
                              " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
                              " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
                              "From: Joe SixPack <joe@football.example.com>\r\n"
                              "To: Suzie Q <suzie@shopping.example.net>\r\n"
                              "Subject: Is dinner ready?\r\n"
                              "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                              "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                              "\r\n"
                              "Hi.\r\n"
                              "\r\n"
                              "We lost the game.  Are you hungry yet?\r\n"
                              "\r\n"
                              "Joe.\r\n";
static const char *const example_keys[] = {
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3id"
    "Y6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lx"
    "j+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
};

/* The reason why the signature number AT of MAIL does not hold with KEY; "" when it does. */
static const char *check(struct arena *arena, struct bytes mail, int at, const char *record)
{
    struct bytes rest = header_of(mail);
    struct header_field field;
    struct signature signature;
    struct signature_key key;
    struct err err = { 0 };
    int64_t bits = 0;
    do {
        assert_true(header_next(&rest, &field));
    } while (!header_is(&field, "DKIM-Signature") || at-- > 0);
    signature_read(arena, &field, &signature);
    if (signature.err.kind != ERR_NONE)
        return arena_text(arena, signature.err.text);
    if (signature_key(arena, &signature, record, &tlsrpt, &key, &err)
        && dkim_check(mail, &signature, &key, 1024, &bits, &err))
        return "";
    assert_int_equal(err.kind, ERR_INPUT);
    return arena_text(arena, err.text);
}

static void test_example_of_rfc_8463(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_string_equal(check(&arena, (struct bytes){ example, sizeof example - 1 }, i,
                                  example_keys[i]),
                            "");
}

/* How a mail may be changed on its way. */
struct change {
    const char *name;
    const char *from, *to; /* replaced once; FROM NULL: nothing */
    const char *header; /* whether it holds with the header simple, relaxed: 's', 'r', both, "" */
    const char *body;   /* ditto */
};

static const struct change changes[] = {
    { .name = "nothing", .header = "sr", .body = "sr" },
    { .name = "a line on top",
      .from = "Received:",
      .to = "Received: c\r\nReceived:",
      .header = "sr",
      .body = "sr" },
    { .name = "blanks in a field",
      .from = "Reports  <",
      .to = "Reports\t<",
      .header = "r",
      .body = "sr" },
    { .name = "a name's case", .from = "To: rua", .to = "TO: rua", .header = "r", .body = "sr" },
    { .name = "a fold",
      .from = "Subject: Report\r\n\t",
      .to = "Subject: Report ",
      .header = "r",
      .body = "sr" },
    { .name = "a word", .from = "To: rua", .to = "To: root", .header = "", .body = "sr" },
    { .name = "another From above, since one is signed twice",
      .from = "From:",
      .to = "From: evil@example.com\r\nFrom:",
      .header = "",
      .body = "sr" },
    { .name = "the second of two fields",
      .from = "two\r\n",
      .to = "2\r\n",
      .header = "",
      .body = "sr" },
    { .name = "the first of two fields, of which one is signed",
      .from = "one\r\n",
      .to = "1\r\n",
      .header = "sr",
      .body = "sr" },
    { .name = "a signed field is gone",
      .from = "TLS-Report-Submitter: sender.example\r\n",
      .to = "",
      .header = "",
      .body = "sr" },
    { .name = "blanks in the body",
      .from = "First  line \t",
      .to = "First line",
      .header = "sr",
      .body = "r" },
    { .name = "lines at the end",
      .from = ".\r\n\r\n\r\n",
      .to = ".\r\n",
      .header = "sr",
      .body = "sr" },
    { .name = "a word of the body", .from = "First", .to = "Last", .header = "sr", .body = "" },
    { .name = "more body", .from = ".\r\n", .to = ".\r\nmore\r\n", .header = "sr", .body = "" },
};

static struct bytes altered(struct arena *arena, const char *mail, const struct change *change)
{
    const char *at = change->from ? strstr(mail, change->from) : mail;
    assert_non_null(at);
    const char *text =
        arena_printf(arena, "%.*s%s%s", (int)(at - mail), mail, change->from ? change->to : "",
                     at + (change->from ? strlen(change->from) : 0));
    return (struct bytes){ text, strlen(text) };
}

static struct bytes with_bare_lines(struct arena *arena, struct bytes mail)
{
    char *text = arena_alloc(arena, mail.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < mail.size; i++)
        if (mail.data[i] != '\r')
            text[size++] = mail.data[i];
    return (struct bytes){ text, size };
}

static void test_canonicalizations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(signed_mails); i++)
        for (size_t k = 0; k < ARRAY_SIZE(changes); k++) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            const struct signed_mail *row = &signed_mails[i];
            const char *how = strchr(row->name, ' ') + 1;
            bool header = strchr(changes[k].header, how[0]) != NULL;
            bool body = strchr(changes[k].body, strchr(how, '/')[1]) != NULL;
            const char *mail =
                arena_printf(&arena, "%s%s\r\n%s", row->signature, signed_header, signed_body);
            struct bytes bytes = altered(&arena, mail, &changes[k]);
            const char *why = check(&arena, bytes, 0, row->key);
            bool good = header && body ? !*why
                        : header       ? strstr(why, "the body is not") != NULL
                                       : strstr(why, "(b=)") != NULL;
            if (!good)
                fail_msg("%s, %s: \"%s\"", row->name, changes[k].name, why);
            /* A file's lines end in LF; nothing else of it differs. */
            bytes = with_bare_lines(&arena, bytes);
            assert_string_equal(check(&arena, bytes, 0, row->key), why);
        }
}

static void test_keys(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(signed_mails); i++) {
        const struct signed_mail *row = &signed_mails[i];
        const char *mail =
            arena_printf(&arena, "%s%s\r\n%s", row->signature, signed_header, signed_body);
        struct bytes bytes = { mail, strlen(mail) };
        char *other = arena_text(&arena, row->key);
        other[strlen(other) - 20] ^= 1;
        assert_string_not_equal(check(&arena, bytes, 0, other), "");
        assert_string_not_equal(check(&arena, bytes, 0, "v=DKIM1; p=AAAA"), "");
        assert_string_not_equal(check(&arena, bytes, 0, "v=DKIM1; k=ed25519; p=AAAA"), "");
        assert_non_null(strstr(check(&arena, bytes, 0, row->key == rsa_key ? ed25519_key : rsa_key),
                               "another type"));
    }
}

static void test_too_few_bits(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct bytes mail = { example, sizeof example - 1 }, rest = header_of(mail);
    struct header_field field;
    struct signature signature;
    struct signature_key key;
    struct err err = { 0 };
    int64_t bits = 0;
    (void)state;
    assert_true(header_next(&rest, &field) && header_next(&rest, &field));
    signature_read(&arena, &field, &signature);
    assert_true(signature_key(&arena, &signature, example_keys[1], &tlsrpt, &key, &err));
    assert_true(dkim_check(mail, &signature, &key, 1024, &bits, &err));
    assert_int_equal(bits, 1024);
    assert_false(dkim_check(mail, &signature, &key, 1025, &bits, &err));
    assert_non_null(strstr(err.text, "trust.rsa_bits"));
}

/* The library writes beyond its memory when h= covers all fields and lists more: it
 * must not come to that. */
static void test_more_names_than_fields(void **state)
{
    static const struct {
        const char *names, *fault;
    } rows[] = {
        { "from:to:from:to:from:to", "(b=)" },
        { "from:from:from", "(b=)" },
        { "from:dkim-signature:to:cc", "other signatures" },
        { "from:Dkim-Signature :to", "other signatures" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const char *mail = arena_printf(&arena,
                                        "From: a@b.example\r\nDKIM-Signature: v=1; a=rsa-sha256; "
                                        "d=b.example; s=s; h=%s; bh=AAAA; b=AAAA\r\n\r\n",
                                        rows[i].names);
        const char *why = check(&arena, (struct bytes){ mail, strlen(mail) }, 0, rsa_key);
        assert_non_null(strstr(why, rows[i].fault));
    }
}

static void test_odd_mails(void **state)
{
    static const char signature[] = "DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=s; "
                                    "h=from:x; bh=AAAA; b=AAAA\r\n";
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(buf_done) struct buf many = BUF(1 << 20);
    (void)state;
    buf_printf(&many, "From: a@b.example\r\n%s", signature);
    for (int i = 0; i < 1000; i++)
        buf_text(&many, "Y: z\r\n");
    buf_text(&many, "\r\n");
    assert_non_null(strstr(check(&arena, (struct bytes){ buf_get(&many), many.size }, 0, rsa_key),
                           "1000 header"));

    const char *none = arena_printf(&arena, "X: y\r\n%s\r\n", signature);
    assert_non_null(
        strstr(check(&arena, (struct bytes){ none, strlen(none) }, 0, rsa_key), "From"));

    char nul[300];
    int size = snprintf(nul, sizeof nul, "From: a@b.example\r\nX: @\r\n%s\r\n", signature);
    *strchr(strstr(nul, "X: "), '@') = '\0';
    assert_non_null(strstr(check(&arena, (struct bytes){ nul, (size_t)size }, 0, rsa_key), "NUL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_of_rfc_8463),
        cmocka_unit_test(test_canonicalizations),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_too_few_bits),
        cmocka_unit_test(test_more_names_than_fields),
        cmocka_unit_test(test_odd_mails),
    };
    return dkim_is_built_in() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
