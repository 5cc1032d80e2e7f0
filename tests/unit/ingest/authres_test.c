/* Authentication-Results: the grammar of RFC 8601 with the fields that servers really write, and
 * which of several fields is believed.
 * SPDX-License-Identifier: MIT */
#include "ingest/authres.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *name, *field;
    const char *want;  /* "id: method=result domain selector reason; …"; NULL: see below */
    const char *fault; /* a part of the error's text */
};

/* clang-format off */
static const struct row rows[] = {
    { .name = "RFC 8601, B.2: nothing done", .field = " example.org 1; none", .want = "example.org:" },
    { .name = "RFC 8601, B.3",
      .field = " example.com;\r\n    spf=pass smtp.mailfrom=example.net",
      .want = "example.com: spf=pass - - -;" },
    { .name = "RFC 8601, B.5: several, with comments",
      .field = " example.com;\r\n      sender-id=fail header.from=example.com;\r\n"
               "          dkim=pass (good signature) header.d=example.com",
      .want = "example.com: sender-id=fail - - -; dkim=pass example.com - -;" },
    { .name = "RFC 8601, B.6: reasons",
      .field = " example.com;\r\n          dkim=pass reason=\"good signature\"\r\n"
               "            header.i=@mail-router.example.net;\r\n"
               "          dkim=fail reason=\"bad signature\" header.i=@newyork.example.com",
      .want = "example.com: dkim=pass mail-router.example.net - good signature; "
              "dkim=fail newyork.example.com - bad signature;" },
    { .name = "RFC 8601, B.7: comments everywhere",
      .field = " foo.example.net (foobar) 1 (baz);\r\n"
               "    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
               "      policy (A dot can go here) . (like that) expired\r\n"
               "      (this surprised me) = (as I wasn't expecting it) 1362471462",
      .want = "foo.example.net: dkim=fail - - -;" },
    { .name = "opendkim",
      .field = " mx.example.org;\n\tdkim=pass (2048-bit key; unprotected) header.d=google.com "
               "header.i=@google.com header.a=rsa-sha256 header.s=20251104 header.b=lHRQJiv9",
      .want = "mx.example.org: dkim=pass google.com 20251104 -;" },
    { .name = "mox",
      .field = " komijn.test.xmox.nl; iprev=pass\r\n\tpolicy.iprev=2607:f8b0:4864:20::746; dkim=pass "
               "header.d=google.com\r\n\theader.s=20210112 header.a=rsa-sha256 "
               "header.i=@google.com; spf=pass\r\n\tsmtp.mailfrom=x.google.com",
      .want = "komijn.test.xmox.nl: iprev=pass - - -; dkim=pass google.com 20210112 -; "
              "spf=pass - - -;" },
    { .name = "Fastmail: a semicolon at the end",
      .field = " mail.example.com; dmarc=pass policy.published-domain-policy=reject "
               "(p=reject,d=none) header.from=google.com;",
      .want = "mail.example.com: dmarc=pass - - -;" },
    { .name = "Fastmail: names with underscores",
      .field = " mail.example.com; arc=fail (as.1.x=fail (bad RSA signature)) smtp.remote_ip=::1",
      .want = "mail.example.com: arc=fail - - -;" },
    { .name = "header.d wins over header.i, wherever it stands",
      .field = "a; dkim=pass header.i=u@b.example header.d=C.Example. header.s=S1",
      .want = "a: dkim=pass c.example S1 -;" },
    { .name = "the first of two wins",
      .field = "a; dkim=pass header.d=b.example header.d=c.example",
      .want = "a: dkim=pass b.example - -;" },
    { .name = "properties of other types say nothing of the signature",
      .field = "a; dkim=pass smtp.d=b.example policy.i=@c.example",
      .want = "a: dkim=pass - - -;" },
    { .name = "upper case", .field = "MX.Example; DKIM=PASS HEADER.D=Example.ORG",
      .want = "MX.Example: dkim=pass example.org - -;" },
    { .name = "a quoted id", .field = "\"mx example\"; dkim=none", .want = "mx example: dkim=none - - -;" },
    { .name = "a quoted local part",
      .field = "a; dkim=pass header.i=\"x;dkim=pass header.d=evil.example\"@b.example",
      .want = "a: dkim=pass b.example - -;" },
    { .name = "a quote in quotes, a parenthesis in a comment",
      .field = "a; spf=pass smtp.mailfrom=\"a\\\"; dkim=pass\" (\\) dkim=pass header.d=evil.example)",
      .want = "a: spf=pass - - -;" },
    { .name = "signs in a value",
      .field = "a; spf=pass smtp.mailfrom=bounce+x=b.example@c.example; dkim=none",
      .want = "a: spf=pass - - -; dkim=none - - -;" },
    { .name = "no name of a domain", .field = "a; dkim=pass header.d=..", .want = "a: dkim=pass - - -;" },
    { .name = "nothing but the id", .field = " mx.example.org", .want = "mx.example.org:" },
    { .name = "a method that begins with none",
      .field = "a; none-such=pass", .want = "a: none-such=pass - - -;" },

    { .name = "empty", .field = " \r\n ", .fault = "missing" },
    { .name = "Microsoft: no id", .field = " spf=pass smtp.mailfrom=b; dkim=pass header.d=c.example",
      .fault = "no authserv-id" },
    { .name = "another version", .field = "a 2; dkim=pass header.d=b.example", .fault = "version" },
    { .name = "a comment without end", .field = "a; dkim=pass (header.d=b.example", .fault = "comment" },
    { .name = "a comment that ends in a backslash", .field = "a; dkim=pass (\\", .fault = "comment" },
    { .name = "quotes without end", .field = "a; dkim=pass reason=\"x", .fault = "quoted string" },
    { .name = "no result", .field = "a; dkim", .fault = "without a result" },
    { .name = "a comma", .field = "a; dkim=pass, header.d=b.example", .fault = "missing" },
    { .name = "a property without dot", .field = "a; dkim=pass header d=b.example", .fault = "dot" },
    { .name = "a property without value", .field = "a; dkim=pass header.d=", .fault = "missing" },
    { .name = "none and more", .field = "a; none; dkim=pass header.d=b.example", .fault = "none" },
    { .name = "control characters", .field = "a; dkim=pass header.d=b.example\x01", .fault = "control" },
};
/* clang-format on */

static const char *shown(struct buf *out, const struct authres *read)
{
    buf_printf(out, "%s:", read->authserv_id);
    for (const struct authres_result *r = read->results; r; r = r->next)
        buf_printf(out, " %s=%s %s %s %s;", r->method, r->result, r->domain ? r->domain : "-",
                   r->selector ? r->selector : "-", r->reason ? r->reason : "-");
    return buf_get(out);
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        CLEANUP(arena_free) struct arena arena = { 0 };
        CLEANUP(buf_done) struct buf got = BUF(4000);
        struct authres read = { 0 };
        struct err err = { 0 };
        struct bytes body = { row->field, strlen(row->field) };
        bool good = authres_parse(&arena, body, &read, &err);
        if (good != (row->want != NULL))
            print_error("%s: %s\n", row->name, good ? shown(&got, &read) : err.text);
        assert_int_equal(good, row->want != NULL);
        if (good && strcmp(shown(&got, &read), row->want) != 0)
            print_error("%s\n", row->name);
        if (good)
            assert_string_equal(buf_get(&got), row->want);
        else if (!strstr(err.text, row->fault))
            fail_msg("%s: %s", row->name, err.text);
    }
}

/* However a field is cut, it is read or refused, and nothing beyond it is touched. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (size_t size = 0; size < strlen(rows[i].field); size++) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct authres read;
            struct err err = { 0 };
            char *cut = memory_new(size ? size : 1); /* no byte behind it */
            memcpy(cut, rows[i].field, size);
            if (!authres_parse(&arena, (struct bytes){ cut, size }, &read, &err))
                assert_int_equal(err.kind, ERR_INPUT);
            arena_on_free(&arena, free, cut);
        }
}

struct choice {
    const char *name, *mail;
    const char *want; /* as above; NULL: none found */
    bool fault;
};

static const struct choice choices[] = {
    { .name = "none", .mail = "From: a\r\n\r\nAuthentication-Results: mx; dkim=pass\r\n" },
    { .name = "of somebody else", .mail = "Authentication-Results: other; dkim=pass\r\n\r\n" },
    { .name = "ours",
      .mail = "Received: x\r\nauthentication-results: MX;\r\n dkim=pass header.d=a.example\r\n\r\n",
      .want = "MX: dkim=pass a.example - -;" },
    { .name = "the topmost, a forged one below",
      .mail = "Authentication-Results: mx; dkim=none\r\nFrom: a\r\n"
              "Authentication-Results: mx; dkim=pass header.d=a.example\r\n\r\n",
      .want = "mx: dkim=none - - -;" },
    { .name = "even where the topmost does not speak of DKIM",
      .mail = "Authentication-Results: mx; spf=pass\r\n"
              "Authentication-Results: mx; dkim=pass header.d=a.example\r\n\r\n",
      .want = "mx: spf=pass - - -;" },
    { .name = "below one of somebody else",
      .mail = "Authentication-Results: other; dkim=fail\r\n"
              "Authentication-Results: second; dkim=pass header.d=a.example\r\n\r\n",
      .want = "second: dkim=pass a.example - -;" },
    { .name = "a damaged one does not open the way to those below",
      .mail = "Authentication-Results: mx; dkim=pass (\r\n"
              "Authentication-Results: mx; dkim=pass header.d=a.example\r\n\r\n",
      .fault = true },
    { .name = "another header, almost so called",
      .mail = "X-Authentication-Results: mx; dkim=pass header.d=a.example\r\n"
              "ARC-Authentication-Results: i=1; mx; dkim=pass header.d=a.example\r\n\r\n" },
    { .name = "an id that only begins like ours",
      .mail = "Authentication-Results: mx.evil; dkim=pass header.d=a.example\r\n\r\n" },
};

static void test_which_field(void **state)
{
    static const char *const ids[] = { "mx", "second" };
    const struct text_list list = { ids, ARRAY_SIZE(ids) };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        const struct choice *row = &choices[i];
        CLEANUP(arena_free) struct arena arena = { 0 };
        CLEANUP(buf_done) struct buf got = BUF(4000);
        struct authres read = { 0 };
        struct err err = { 0 };
        bool found;
        struct bytes mail = { row->mail, strlen(row->mail) };
        bool good = authres_find(&arena, mail, &list, &read, &found, &err);
        if (good == row->fault || (good && found != (row->want != NULL)))
            fail_msg("%s: %s", row->name, err.text);
        if (good && found)
            assert_string_equal(shown(&got, &read), row->want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_which_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
