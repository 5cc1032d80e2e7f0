/* What makes a DKIM-Signature or a key unfit before any cryptography.
 * SPDX-License-Identifier: MIT */
#include "ingest/signature.h"
#include "ingest/tags.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *name, *field;
    const char *fault; /* a part of its error; "" when it is fit */
};

#define HEAD  "v=1; a=rsa-sha256; d=b.example; s=s1; "
#define TAIL  "h=from:to; bh=AAAA; b=AAAA"
#define WHOLE HEAD TAIL

/* clang-format off */
static const struct row rows[] = {
    { .name = "the least", .field = WHOLE, .fault = "" },
    { .name = "all of it, folded",
      .field = " v=1; a=ed25519-sha256; c=relaxed/simple; d=b.example;\r\n i=@mail.b.example; "
               "q=dns/txt; s=s1.s2; t=1; x=2;\r\n\th=from : to :\r\n subject; bh=AA\r\n AA=; "
               "z=From:x; darn=c.example; b=AA AA\t\r\n AA;", .fault = "" },
    { .name = "no list", .field = "nonsense", .fault = "without a name" },
    { .name = "a tag twice", .field = WHOLE "; s=s2", .fault = "s= stands there twice" },
    { .name = "8-bit", .field = WHOLE "; n=\xc3\xbc", .fault = "visible ASCII" },
    { .name = "an empty tag", .field = "v=1;; " WHOLE, .fault = "without a name" },
    { .name = "no version", .field = "a=rsa-sha256; d=b.example; s=s1; " TAIL, .fault = "(v=)" },
    { .name = "another version", .field = "v=2; a=rsa-sha256; d=b.example; s=s1; " TAIL, .fault = "(v=)" },
    { .name = "rsa-sha1", .field = "v=1; a=rsa-sha1; d=b.example; s=s1; " TAIL, .fault = "RFC 8301" },
    { .name = "an unknown algorithm", .field = "v=1; a=x; d=b.example; s=s1; " TAIL, .fault = "(a=)" },
    { .name = "no algorithm", .field = "v=1; d=b.example; s=s1; " TAIL, .fault = "(a=)" },
    { .name = "an unknown canonicalization", .field = WHOLE "; c=relaxed/nofws", .fault = "(c=)" },
    { .name = "no domain", .field = "v=1; a=rsa-sha256; s=s1; " TAIL, .fault = "(d=)" },
    { .name = "a bad domain", .field = "v=1; a=rsa-sha256; d=a b; s=s1; " TAIL, .fault = "(d=)" },
    { .name = "a top-level domain", .field = "v=1; a=rsa-sha256; d=com; s=s1; " TAIL, .fault = "(d=)" },
    { .name = "a wildcard", .field = "v=1; a=rsa-sha256; d=*.b.example; s=s1; " TAIL, .fault = "(d=)" },
    { .name = "no selector", .field = "v=1; a=rsa-sha256; d=b.example; " TAIL, .fault = "(s=)" },
    { .name = "a bad selector", .field = "v=1; a=rsa-sha256; d=b.example; s=..; " TAIL, .fault = "(s=)" },
    { .name = "an identity below", .field = WHOLE "; i=u@mail.B.example", .fault = "" },
    { .name = "an identity elsewhere", .field = WHOLE "; i=u@c.example", .fault = "(i=)" },
    { .name = "an identity that only ends alike", .field = WHOLE "; i=u@ab.example", .fault = "(i=)" },
    { .name = "an identity above", .field = WHOLE "; i=u@example", .fault = "(i=)" },
    { .name = "an identity without domain", .field = WHOLE "; i=u", .fault = "(i=)" },
    { .name = "no list of fields", .field = HEAD "bh=AAAA; b=AAAA", .fault = "From" },
    { .name = "From is not signed", .field = HEAD "h=to; bh=AAAA; b=AAAA", .fault = "From" },
    { .name = "From in another case", .field = HEAD "h=FROM; bh=AAAA; b=AAAA", .fault = "" },
    { .name = "an empty name", .field = HEAD "h=from:; bh=AAAA; b=AAAA", .fault = "(h=)" },
    { .name = "a blank in a name", .field = HEAD "h=from:a b; bh=AAAA; b=AAAA", .fault = "(h=)" },
    { .name = "signatures are signed", .field = HEAD "h=from:dkim-signature; bh=AAAA; b=AAAA", .fault = "other signatures" },
    { .name = "no body hash", .field = HEAD "h=from; b=AAAA", .fault = "(bh=)" },
    { .name = "no signature", .field = HEAD "h=from; bh=AAAA; b=", .fault = "(b=)" },
    { .name = "damaged", .field = HEAD "h=from; bh=AAAA; b=A$AA", .fault = "(b=)" },
    { .name = "a part of the body", .field = WHOLE "; l=10", .fault = "RFC 8460" },
    { .name = "even all of it", .field = WHOLE "; l=", .fault = "RFC 8460" },
    { .name = "a key elsewhere", .field = WHOLE "; q=http/get", .fault = "(q=)" },
    { .name = "a key in DNS too", .field = WHOLE "; q=http/get:dns/txt", .fault = "" },
    { .name = "times turned round", .field = WHOLE "; t=5; x=5", .fault = "(t=, x=)" },
    { .name = "a time of words", .field = WHOLE "; x=never", .fault = "(t=, x=)" },
    { .name = "a negative time", .field = WHOLE "; t=-1", .fault = "(t=, x=)" },
};
/* clang-format on */

static void read_field(struct arena *arena, const char *body, struct signature *out)
{
    const char *whole = arena_printf(arena, "DKIM-Signature:%s", body);
    struct bytes rest = { whole, strlen(whole) };
    struct header_field field;
    assert_true(header_next(&rest, &field));
    signature_read(arena, &field, out);
}

static void test_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct signature signature;
        read_field(&arena, rows[i].field, &signature);
        bool fit = signature.err.kind == ERR_NONE;
        if (fit != !*rows[i].fault || !strstr(signature.err.text, rows[i].fault))
            fail_msg("%s: \"%s\"", rows[i].name, signature.err.text);
        if (!fit)
            assert_int_equal(signature.err.kind, ERR_INPUT);
    }
}

static void test_members(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct signature signature;
    (void)state;
    read_field(&arena, rows[1].field, &signature);
    assert_string_equal(signature.domain, "b.example");
    assert_string_equal(signature.selector, "s1.s2");
    assert_string_equal(signature.algorithm, "ed25519-sha256");
    assert_true(signature.is_below);
    assert_int_equal(signature.names.count, 3);
    assert_string_equal(signature.names.items[2], "subject");
    assert_int_equal(signature.signed_seconds, 1);
    assert_int_equal(signature.expires_seconds, 2);
    assert_string_equal(signature_key_name(&arena, &signature), "s1.s2._domainkey.b.example");
    read_field(&arena, HEAD "l=1; " TAIL, &signature);
    assert_string_equal(signature.domain, "b.example"); /* told even of one that is refused */
}

static void test_too_long(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct signature signature;
    CLEANUP(buf_done) struct buf names = BUF(20000);
    (void)state;
    for (int i = 0; i < SIGNATURE_NAMES; i++)
        buf_text(&names, ":x");
    read_field(&arena, arena_printf(&arena, HEAD "h=from%s; bh=AAAA; b=AAAA", buf_get(&names)),
               &signature);
    assert_non_null(strstr(signature.err.text, "(h=)"));
    read_field(&arena, arena_printf(&arena, WHOLE "; z=%8192s", "x"), &signature);
    assert_non_null(strstr(signature.err.text, "8192"));
}

static void test_in_time(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct signature signature;
    (void)state;
    read_field(&arena, WHOLE "; t=100000; x=200000", &signature);
    struct {
        int64_t moment;
        const char *fault;
    } moments[] = {
        { 96399, "future" }, { 96400, NULL },       { 100000, NULL },
        { 200000, NULL },    { 200001, "expired" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
        struct err err = { 0 };
        assert_int_equal(signature_in_time(&signature, moments[i].moment, &err), !moments[i].fault);
        if (moments[i].fault)
            assert_non_null(strstr(err.text, moments[i].fault));
    }
    struct err err = { 0 };
    read_field(&arena, WHOLE, &signature);
    assert_true(signature_in_time(&signature, 0, &err) && signature_in_time(&signature, 1, &err));
}

struct key_row {
    const char *name, *record;
    const char *service; /* NULL: refused */
    const char *fault;
};

/* clang-format off */
static const struct key_row key_rows[] = {
    { .name = "the least", .record = "p=AAAA", .service = "any service" },
    { .name = "for all", .record = "v=DKIM1; k=rsa; s=*; p=AA AA", .service = "any service" },
    { .name = "for us", .record = "v=DKIM1; s=tlsrpt; p=AAAA", .service = "tlsrpt" },
    { .name = "for us too", .record = "v=DKIM1; s=email : TLSRPT; p=AAAA", .service = "tlsrpt" },
    { .name = "for all too", .record = "v=DKIM1; s=email:*; p=AAAA", .service = "any service" },
    { .name = "for mail only", .record = "v=DKIM1; s=email; p=AAAA", .fault = "other services (s=email)" },
    { .name = "for nothing", .record = "v=DKIM1; s=; p=AAAA", .fault = "other services" },
    { .name = "for something like us", .record = "v=DKIM1; s=tlsrpt2; p=AAAA", .fault = "other services" },
    { .name = "revoked", .record = "v=DKIM1; p=", .fault = "revoked" },
    { .name = "no key", .record = "v=DKIM1; k=rsa", .fault = "no key (p=)" },
    { .name = "a damaged key", .record = "v=DKIM1; p=<AAAA>", .fault = "no key (p=)" },
    { .name = "another type", .record = "v=DKIM1; k=ed25519; p=AAAA", .fault = "another type" },
    { .name = "an unknown type", .record = "v=DKIM1; k=dsa; p=AAAA", .fault = "another type" },
    { .name = "for SHA-1", .record = "v=DKIM1; h=sha1; p=AAAA", .fault = "SHA-256" },
    { .name = "for both hashes", .record = "v=DKIM1; h=sha1:sha256; p=AAAA", .service = "any service" },
    { .name = "another version", .record = "v=DKIM2; p=AAAA", .fault = "(v=)" },
    { .name = "the version is not first", .record = "k=rsa; v=DKIM1; p=AAAA", .fault = "(v=)" },
    { .name = "some other record", .record = "v=spf1 -all", .fault = "(v=)" },
    { .name = "no record of this kind", .record = "hello", .fault = "cannot be read" },
    { .name = "empty", .record = "", .fault = "no key" },
    { .name = "a tag twice", .record = "v=DKIM1; p=AAAA; p=BBBB", .fault = "twice" },
    { .name = "in test", .record = "v=DKIM1; t=y; p=AAAA", .fault = "(t=y)" },
    { .name = "in test, and not below", .record = "v=DKIM1; t=s:y; p=AAAA", .fault = "(t=y)" },
    { .name = "not for names below", .record = "v=DKIM1; t=s; p=AAAA", .fault = "(t=s)" },
    { .name = "unknown flags and tags", .record = "v=DKIM1; t=z; x=1; n=hello; p=AAAA", .service = "any service" },
};
/* clang-format on */

static void test_keys(void **state)
{
    static const char *const service[] = { "tlsrpt" };
    const struct text_list services = { service, 1 };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(key_rows); i++) {
        const struct key_row *row = &key_rows[i];
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct signature signature;
        struct signature_key key;
        struct err err = { 0 };
        read_field(&arena, WHOLE "; i=@mail.b.example", &signature);
        bool fit = signature_key(&arena, &signature, row->record, &services, &key, &err);
        if (fit != (row->service != NULL) || (!fit && !strstr(err.text, row->fault)))
            fail_msg("%s: \"%s\"", row->name, err.text);
        if (!fit)
            continue;
        assert_string_equal(key.service, row->service);
        assert_string_equal(key.record, "v=DKIM1; k=rsa; p=AAAA");
    }
}

static void test_keys_otherwise(void **state)
{
    static const char *const service[] = { "tlsrpt", "email" };
    const struct text_list services = { service, 2 }, none = { service, 0 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct signature signature;
    struct signature_key key;
    struct err err = { 0 };
    (void)state;
    read_field(&arena, WHOLE, &signature);
    assert_true(signature_key(&arena, &signature, "t=s; p=AAAA", &none, &key, &err));
    assert_true(signature_key(&arena, &signature, "s=email; p=AAAA", &services, &key, &err));
    assert_string_equal(key.service, "email");
    assert_false(signature_key(&arena, &signature, "s=tlsrpt; p=AAAA", &none, &key, &err));
    err = (struct err){ 0 };
    const char *longest = arena_printf(&arena, "p=%0876d", 0),
               *longer = arena_printf(&arena, "p=%0900d", 0);
    assert_true(signature_key(&arena, &signature, longest, &none, &key, &err));
    assert_false(signature_key(&arena, &signature, longer, &none, &key, &err));
    assert_non_null(strstr(err.text, "5000 bits"));
}

static void test_lists(void **state)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const char *list = " a :b:: c";
    const char *const want[] = { "a", "b", "", "c" };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        assert_string_equal(tags_next_item(&arena, &list), want[i]);
    assert_null(tags_next_item(&arena, &list));
    assert_true(tags_list_has("x:*", "*"));
    assert_false(tags_list_has("xy", "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures), cmocka_unit_test(test_members),
        cmocka_unit_test(test_too_long),   cmocka_unit_test(test_in_time),
        cmocka_unit_test(test_keys),       cmocka_unit_test(test_keys_otherwise),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
