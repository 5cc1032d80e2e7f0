/* Mails of ours: headers that cannot be broken, quoted-printable within its limits.
 * SPDX-License-Identifier: MIT */
#include "collector/message.h"
#include "collector/mail.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_mailboxes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want_name, *want_address;
    } cases[] = {
        { "postmaster@example.org", "", "postmaster@example.org" },
        { "Post.Master+x@EXAMPLE.org", "", "Post.Master+x@example.org" },
        { "TLS reports <tls@example.org>", "TLS reports", "tls@example.org" },
        { "  Gr\u00fc\u00dfe  < a@b.example >", "Gr\u00fc\u00dfe", "a@b.example" },
        { "a@b\u00fccher.example", "", "a@xn--bcher-kva.example" },
        { "", NULL, NULL },
        { "nobody", NULL, NULL },
        { "@example.org", NULL, NULL },
        { "a@", NULL, NULL },
        { "a b@example.org", NULL, NULL },
        { "a@example.org\r\nBcc: x@example.net", NULL, NULL },
        { "a\r\nBcc: x <a@example.org>", NULL, NULL },
        { "a\n@example.org", NULL, NULL },
        { "a..b@example.org", NULL, NULL },
        { ".a@example.org", NULL, NULL },
        { "\"a\"@example.org", NULL, NULL },
        { "a@*.example.org", NULL, NULL },
        { "a@example.org, b@example.org", NULL, NULL },
        { "<a@example.org> <b@example.org>", "<a@example.org>", "b@example.org" },
        { "\xff <a@example.org>", NULL, NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct mailbox box;
        struct err err = { 0 };
        bool good = mailbox_parse(&arena, cases[i].text, &box, &err);
        if (good != (cases[i].want_address != NULL))
            fail_msg("%s", cases[i].text);
        if (good) {
            assert_string_equal(box.name, cases[i].want_name);
            assert_string_equal(box.address, cases[i].want_address);
        } else {
            assert_int_equal(err.kind, ERR_SETUP);
        }
        arena_free(&arena);
    }
}

/* The mail of MESSAGE, with what is not given filled in. */
static const char *printed(struct arena *arena, struct message message)
{
    static const struct mailbox to = { "", "ops@example.org", "example.org" };
    struct buf out = BUF(1 << 20);
    if (!message.from.address)
        message.from = (struct mailbox){ "", "tlsrptd@example.org", "example.org" };
    if (!message.to) {
        message.to = &to;
        message.to_count = 1;
    }
    message.subject = message.subject ? message.subject : "TLS";
    message.week = "2026-W47";
    message.text = message.text ? message.text : "text\n";
    message.html = message.html ? message.html : "<p>html</p>\n";
    message_print(&out, arena, &message);
    assert_false(out.failed);
    const char *mail = arena_text(arena, buf_get(&out));
    buf_done(&out);
    return mail;
}

/* No bare CR or LF, nothing but ASCII, and no line longer than MOST. */
static void check_lines(const char *mail, size_t most)
{
    size_t column = 0;
    for (const char *c = mail; *c; c++) {
        assert_true((unsigned char)*c < 0x80);
        if (*c == '\r') {
            assert_int_equal(c[1], '\n');
            c++;
            column = 0;
            continue;
        }
        assert_true(*c >= ' ' && *c < 0x7f);
        if (++column > most)
            fail_msg("a line of %zu: %.100s", column, c - column + 1);
    }
}

static void check_has(const char *mail, const char *part)
{
    if (!strstr(mail, part))
        fail_msg("no \"%s\" in:\n%s", part, mail);
}

static void test_headers(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const char *mail = printed(&arena, (struct message){ .date_seconds = 1795896080 });
    check_lines(mail, 78);
    check_has(mail, "Date: Sat, 28 Nov 2026 20:01:20 +0000\r\n");
    check_has(mail, "\r\nMessage-ID: <tlsrptd.2026-W47.");
    check_has(
        mail,
        "@example.org>\r\nFrom: tlsrptd@example.org\r\nTo: ops@example.org\r\nSubject: TLS\r\n");
    check_has(mail, "\r\nList-Id: Weekly TLS summary\r\n <tlsrptd-weekly.example.org>\r\n");
    check_has(mail, "\r\nAuto-Submitted: auto-generated\r\n");
    check_has(mail, "\r\nMIME-Version: 1.0\r\n");
    check_has(mail, "\r\nX-Tlsrptd-Summary: 2026-W47\r\n");
    assert_null(strstr(mail, "TLS-Required"));
    check_has(printed(&arena, (struct message){ .deliver_without_tls = true }),
              "\r\nTLS-Required: No\r\n");
    arena_free(&arena);
}

/* One week and one address: one Message-ID, whoever sends. */
static void test_message_id(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const struct mailbox other = { "", "dev@example.org", "example.org" };
    char ids[4][100];
    const char *mails[] = {
        printed(&arena, (struct message){ .date_seconds = 1 }),
        printed(&arena, (struct message){ .date_seconds = 2 }),
        printed(&arena, (struct message){ .subject = "other" }),
        printed(&arena, (struct message){ .to = &other, .to_count = 1 }),
    };
    for (size_t i = 0; i < ARRAY_SIZE(mails); i++)
        assert_int_equal(sscanf(strstr(mails[i], "Message-ID: ") + 12, "%99s", ids[i]), 1);
    assert_string_equal(ids[0], ids[1]);
    assert_string_not_equal(ids[0], ids[2]);
    assert_string_not_equal(ids[0], ids[3]);
    arena_free(&arena);
}

static void test_nothing_is_injected(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    static const struct mailbox from = { "Say \"\\ hello", "a@example.org", "example.org" };
    static const struct mailbox to[] = { { "Gr\u00fc\u00dfe an alle", "b@example.org",
                                           "example.org" },
                                         { "", "c@example.net", "example.net" } };
    const char *mail = printed(&arena, (struct message){
                                           .from = from,
                                           .to = to,
                                           .to_count = 2,
                                           .subject = "a\r\nBcc: x@example.net\n\nb",
                                       });
    check_lines(mail, 78);
    check_has(mail, "Subject: a  Bcc: x@example.net  b\r\n");
    check_has(mail, "From: \"Say \\\"\\\\ hello\"\r\n <a@example.org>\r\n");
    check_has(mail,
              "To: =?UTF-8?B?R3LDvMOfZSBhbiBhbGxl?=\r\n <b@example.org>,\r\n c@example.net\r\n");
    mail = printed(&arena, (struct message){ .subject = "=?x?= is encoded, and so is \u2026 all "
                                                        "that is longer than one encoded word" });
    check_lines(mail, 78);
    check_has(mail, "Subject: =?UTF-8?B?PT94Pz0g");
    check_lines(printed(&arena, (struct message){ .text = longest, .html = longest }), 78);
    arena_free(&arena);
}

static void test_quoted_printable(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "plain\n", "\r\n\r\nplain\r\n\r\n--=_" },
        { "a = b\n", "\r\n\r\na =3D b\r\n" },
        { "ends with a blank \n", "\r\nends with a blank=20\r\n" },
        { "tab\t\nx", "\r\ntab=09\r\nx\r\n" },
        { "\u00fc\n", "\r\n=C3=BC\r\n" },
        { ".\n", "\r\n=2E\r\n" },
        { "From here\n", "\r\n=46rom here\r\n" },
        { "\r\n", "\r\n=0D\r\n" },
        { "", "\r\n\r\n\r\n--=_" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        const char *mail = printed(&arena, (struct message){ .text = cases[i].text });
        check_lines(mail, 78);
        check_has(mail, cases[i].want);
        arena_free(&arena);
    }
}

static struct mail_settings settings_of(const char *url, const char *tls, const char *user)
{
    return (struct mail_settings){ .url = url,
                                   .from = "a@example.org",
                                   .tls = tls,
                                   .user = user,
                                   .password = "",
                                   .password_file = "",
                                   .ca_file = "" };
}

static void test_settings(void **state)
{
    (void)state;
    static const struct {
        const char *url, *tls, *user, *want; /* the key at fault; NULL: none */
    } cases[] = {
        { "", "auto", "", NULL },
        { "smtp://localhost", "auto", "u", NULL },
        { "smtp://mail.example.org:587", "auto", "u", NULL },
        { "smtp://mail.example.org", "tried", "", NULL },
        { "smtp://mail.example.org", "tried", "u", "smtp.tls" },
        { "smtp://localhost.example.org", "none", "u", "smtp.tls" },
        { "smtp://mail.example.org/@localhost", "none", "u", "smtp.tls" },
        { "smtp://127.0.0.1@mail.example.org", "none", "u", "smtp.tls" },
        { "smtps://mail.example.org", "tried", "u", NULL },
        { "smtp://[::1]:25", "none", "u", NULL },
        { "http://localhost", "auto", "", "smtp.url" },
        { "localhost:25", "auto", "", "smtp.url" },
        { "smtp://localhost", "maybe", "", "smtp.tls" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct mail_settings settings = settings_of(cases[i].url, cases[i].tls, cases[i].user);
        bool good = mail_check(&settings, &arena, &err);
        if (good != !cases[i].want)
            fail_msg("%s %s: %s", cases[i].url, cases[i].tls, err.text);
        if (!good)
            assert_string_equal(err.field, cases[i].want);
        arena_free(&arena);
    }
}

static void test_domains_are_put_together(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct err err = { 0 };
    static const char *const good[] = { "a.example=x@example.org", "B.example = y@example.org",
                                        "a.example=Z <z@example.org>" };
    static const char *const bad[] = { "a.example", "=x@example.org",
                                       "a.example=", "*.a.example=x@b.example",
                                       "a.example=nobody" };
    struct mail_settings settings = settings_of("", "auto", "");
    settings.domains = (struct text_list){ good, ARRAY_SIZE(good) };
    assert_true(mail_check(&settings, &arena, &err));
    assert_int_equal(settings.per_domain_count, 2);
    assert_string_equal(settings.per_domain[0].domain, "a.example");
    assert_int_equal(settings.per_domain[0].to_count, 2);
    assert_string_equal(settings.per_domain[0].to[1].address, "z@example.org");
    assert_string_equal(settings.per_domain[1].domain, "b.example");
    assert_string_equal(settings.per_domain[1].to[0].address, "y@example.org");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct err fault = { 0 };
        settings.domains = (struct text_list){ &bad[i], 1 };
        assert_false(mail_check(&settings, &arena, &fault));
        assert_string_equal(fault.field, "smtp.domains");
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mailboxes),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_message_id),
        cmocka_unit_test(test_nothing_is_injected),
        cmocka_unit_test(test_quoted_printable),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_domains_are_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
