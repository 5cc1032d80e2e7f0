/* What a door knew comes back exactly; a file that was cut or changed keeps all its bytes and says why
 * it is not counted.
 * SPDX-License-Identifier: MIT */
#include "ingest/spool_head.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct delivery *make(enum source source, const char *origin, struct bytes bytes)
{
    struct delivery *delivery = delivery_new(source, origin);
    delivery->bytes =
        (struct bytes){ arena_copy(&delivery->arena, bytes.data, bytes.size), bytes.size };
    delivery->received_seconds = 1788220800;
    return delivery;
}

static struct buf print(const struct delivery *delivery)
{
    struct buf file = BUF(1 << 20);
    spool_head_print(delivery, &file);
    assert_true(file.size <= SPOOL_HEAD_BYTES);
    buf_add(&file, delivery->bytes.data, delivery->bytes.size);
    assert_false(file.failed);
    return file;
}

static struct delivery *take(const char *data, size_t size)
{
    struct delivery *delivery = make(SOURCE_MAILDIR, "/spool/new/1", (struct bytes){ data, size });
    spool_head_take(delivery);
    return delivery;
}

static struct delivery *round_trip(const struct delivery *given)
{
    struct buf file = print(given);
    struct delivery *found = take(file.data, file.size);
    buf_done(&file);
    assert_int_equal(found->fault.kind, ERR_NONE);
    assert_int_equal(found->source, given->source);
    assert_true(found->received_seconds == given->received_seconds);
    assert_int_equal(found->bytes.size, given->bytes.size);
    assert_memory_equal(found->bytes.data, given->bytes.data, given->bytes.size);
    assert_int_equal(found->bytes.data[found->bytes.size], '\0');
    assert_int_equal(found->vouched, given->vouched);
    return found;
}

static void test_round_trip(void **state)
{
    (void)state;
    static const struct {
        enum source source;
        const char *origin;
        struct bytes bytes;
        bool vouched;
        const char *ground;
    } rows[] = {
        { SOURCE_HTTPS, "192.0.2.1", { "{}", 2 }, false, NULL },
        { SOURCE_LMTP, "unix", { "", 0 }, true, "token" },
        { SOURCE_HTTPS, "2001:db8::1", { "\n\nhead: x\n\n\0\xff", 13 }, true, "" },
        { SOURCE_LMTP, "", { "tlsrptd-spool: 1\nsource: lmtp\n", 30 }, false, NULL },
        /* origins that would forge lines, were they written as they are */
        { SOURCE_HTTPS, "x\nvouched: token\nsource: command\n\n{}", { "a", 1 }, false, NULL },
        { SOURCE_HTTPS, "100%25 %0A\r\t\x1b[31m\x7f: %", { "a", 1 }, true, "a\nhead: b" },
        { SOURCE_COMMAND,
          "/pfad/\xc3\xbc"
          "ber/\xe2\x80\xae",
          { "\0", 1 },
          false,
          NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct delivery *given = make(rows[i].source, rows[i].origin, rows[i].bytes);
        given->vouched = rows[i].vouched;
        given->vouched_by = rows[i].ground;
        given->received_seconds = i ? (int64_t)i * 1000000007 : 0;
        struct delivery *found = round_trip(given);
        assert_string_equal(found->origin, rows[i].origin);
        if (rows[i].vouched)
            assert_string_equal(found->vouched_by, rows[i].ground);
        delivery_free(&given);
        delivery_free(&found);
    }
}

/* An origin of any length leaves a head within its bound and text that is whole. */
static void test_long_origin(void **state)
{
    (void)state;
    char origin[5000];
    for (size_t shift = 0; shift < 3; shift++) {
        for (size_t i = 0; i < sizeof origin; i++)
            origin[i] = i < shift ? 'x' : "\xe2\x82\xac"[(i - shift) % 3];
        origin[sizeof origin - 1 - (sizeof origin - 1 - shift) % 3] = '\0';
        struct delivery *given = make(SOURCE_HTTPS, origin, (struct bytes){ "{}", 2 });
        given->vouched = true;
        given->vouched_by = origin;
        struct delivery *found = round_trip(given);
        size_t size = strlen(found->origin);
        assert_in_range(size, 510, 512);
        assert_memory_equal(found->origin, origin, size);
        assert_true(text_is_utf8(found->origin, size));
        delivery_free(&given);
        delivery_free(&found);
    }
}

static const char REPORT[] = "{\"organization-name\": \"x\"}";

static struct buf sample(void)
{
    struct delivery *given =
        make(SOURCE_HTTPS, "192.0.2.1", (struct bytes){ REPORT, sizeof REPORT - 1 });
    given->vouched = true;
    given->vouched_by = "token";
    struct buf file = print(given);
    delivery_free(&given);
    return file;
}

/* Neither read past its end nor taken for a report; and nothing of it is lost. */
static void assert_damaged(const char *data, size_t size)
{
    struct delivery *found = take(data, size);
    assert_int_equal(found->fault.kind, ERR_INPUT);
    assert_int_equal(found->bytes.size, size);
    assert_memory_equal(found->bytes.data, data, size);
    delivery_free(&found);
}

static void test_cut(void **state)
{
    (void)state;
    struct buf file = sample();
    for (size_t size = 0; size < file.size; size++) {
        char *cut = memory_new(size + 1); /* of its own, so that a read behind it is seen */
        memcpy(cut, file.data, size);
        assert_damaged(cut, size);
        free(cut);
    }
    buf_add(&file, "x", 1);
    assert_damaged(file.data, file.size); /* and so is one that grew */
    buf_done(&file);
}

static void test_changed(void **state)
{
    (void)state;
    struct buf file = sample();
    for (size_t at = 0; at < file.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            file.data[at] = (char)(file.data[at] ^ (1 << bit));
            assert_damaged(file.data, file.size);
            file.data[at] = (char)(file.data[at] ^ (1 << bit));
        }
    buf_done(&file);
}

static void test_foreign(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "{}",
        "From: a@example.org\n\n{}",
        "tlsrptd-spool: 2\n\n",
        "tlsrptd-spool: 1\n",
        "tlsrptd-spool: 1\n\n{}",
        "tlsrptd-spool: 1\nhead: 0000000000000000\n\n",
        "tlsrptd-spool: 1\norigin: %\n",
        "tlsrptd-spool: 1\norigin: %4\n",
        "tlsrptd-spool: 1\norigin: %zz\n\n",
        "tlsrptd-spool: 1\norigin:x\n\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        assert_damaged(texts[i], strlen(texts[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_long_origin),
        cmocka_unit_test(test_cut),        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_foreign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
