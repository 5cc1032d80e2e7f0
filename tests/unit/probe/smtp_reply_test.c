/* Replies of SMTP servers: whole, byte by byte, cut at every offset, and what is none.
 * SPDX-License-Identifier: MIT */
#include "probe/smtp_reply.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct sample {
    const char *received;
    int code; /* 0: wrong */
    size_t lines;
    const char *first; /* or why it is wrong */
};

static const struct sample samples[] = {
    { "220 mx.example.org ESMTP\r\n", 220, 1, "mx.example.org ESMTP" },
    { "220\r\n", 220, 1, "" },
    { "220 \r\n", 220, 1, "" },
    { "220 bare\n", 220, 1, "bare" },
    { "220-one\r\n220-two\r\n220 three\r\n", 220, 3, "one" },
    { "250-\r\n250\r\n", 250, 2, "" },
    { "554 5.7.1 no\xff\xfe\r\n", 554, 1, "5.7.1 no\xef\xbf\xbd\xef\xbf\xbd" },
    { "220-one\r\n250 two\r\n", 0, 0, "different codes" },
    { "hello\r\n", 0, 0, "no reply" },
    { "\r\n", 0, 0, "no reply" },
    { "22\r\n", 0, 0, "no reply" },
    { "120 x\r\n", 0, 0, "no reply" },
    { "620 x\r\n", 0, 0, "no reply" },
    { "220x\r\n", 0, 0, "no reply" },
    { "2 0 x\r\n", 0, 0, "no reply" },
    { "\x16\x03\x03\n", 0, 0, "no reply" },
};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        CLEANUP(arena_free) struct arena arena = { 0 };
        const struct sample *want = &samples[i];
        size_t size = strlen(want->received), used = 0;
        struct smtp_reply reply = { 0 };
        const char *why = NULL;
        for (size_t cut = 0; want->code && cut < size; cut++)
            assert_int_equal(smtp_reply_parse(&arena, (struct bytes){ want->received, cut }, &reply,
                                              &used, &why),
                             SMTP_MORE);
        struct bytes all = { arena_printf(&arena, "%s250 next\r\n", want->received), size + 10 };
        enum smtp_read got = smtp_reply_parse(&arena, all, &reply, &used, &why);
        if (!want->code) {
            assert_int_equal(got, SMTP_WRONG);
            assert_non_null(strstr(why, want->first));
            continue;
        }
        assert_int_equal(got, SMTP_WHOLE);
        assert_int_equal(used, size);
        assert_int_equal(reply.code, want->code);
        assert_int_equal(reply.lines.count, want->lines);
        assert_string_equal(reply.lines.items[0], want->first);
    }
}

static enum smtp_read parse(struct arena *arena, const struct buf *buf, const char **why)
{
    struct smtp_reply reply;
    size_t used;
    return smtp_reply_parse(arena, (struct bytes){ buf_get(buf), buf->size }, &reply, &used, why);
}

static void test_bounds(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(buf_done) struct buf line = BUF(1 << 20), lines = BUF(1 << 20);
    const char *why = "";
    while (line.size < SMTP_LINE_BYTES)
        buf_text(&line, "220-");
    assert_int_equal(parse(&arena, &line, &why), SMTP_MORE);
    buf_text(&line, "x");
    assert_int_equal(parse(&arena, &line, &why), SMTP_WRONG);
    assert_non_null(strstr(why, "too long"));
    for (int i = 0; i < SMTP_REPLY_LINES; i++)
        buf_text(&lines, "220-x\r\n");
    assert_int_equal(parse(&arena, &lines, &why), SMTP_MORE);
    buf_text(&lines, "220 x\r\n");
    assert_int_equal(parse(&arena, &lines, &why), SMTP_WRONG);
    assert_non_null(strstr(why, "too many lines"));
    buf_done(&lines);
    while (lines.size <= SMTP_REPLY_BYTES)
        buf_printf(&lines, "220-%.1000s\r\n", buf_get(&line));
    assert_int_equal(parse(&arena, &lines, &why), SMTP_WRONG);
    assert_non_null(strstr(why, "too long"));
}

/* What comes byte by byte costs no memory until it is whole. */
static void test_memory(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(buf_done) struct buf lines = BUF(1 << 20);
    const char *why = "";
    for (int i = 0; i < SMTP_REPLY_LINES - 1; i++) {
        buf_text(&lines, "220-many words\r\n");
        assert_int_equal(parse(&arena, &lines, &why), SMTP_MORE);
    }
    assert_int_equal(arena.bytes, 0);
    buf_text(&lines, "220 end\r\n");
    assert_int_equal(parse(&arena, &lines, &why), SMTP_WHOLE);
}

static void test_offers(void **state)
{
    static const struct {
        const char *line;
        bool want;
    } cases[] = {
        { "STARTTLS", true },   { "starttls", true },       { "STARTTLS REQUIRED", true },
        { "STARTTLS=x", true }, { "STARTTLSX", false },     { "XSTARTTLS", false },
        { " STARTTLS", false }, { "AUTH STARTTLS", false }, { "XXXXXXXA", false },
        { "", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *lines[] = { "STARTTLS is my name", cases[i].line };
        struct smtp_reply reply = { 250, { lines, 2 } };
        assert_int_equal(smtp_reply_offers(&reply, "STARTTLS"), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
