/* Inflating: whole, cut at every offset, damaged, in several members, with things behind it, and
 * bombs.
 * SPDX-License-Identifier: MIT */
#include "ingest/gunzip.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct limits limits = LIMITS_DEFAULT;

/* Text that does not compress to nothing, so that cuts fall into every part of the stream. */
static struct bytes sample(struct arena *arena, size_t size)
{
    char *text = arena_alloc(arena, size + 1);
    uint32_t seed = 1;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        text[i] = (char)('a' + (seed >> 24) % 26);
    }
    return (struct bytes){ .data = text, .size = size };
}

static struct bytes join(struct arena *arena, struct bytes a, struct bytes b)
{
    char *both = arena_alloc(arena, a.size + b.size + 1);
    memcpy(both, a.data, a.size);
    memcpy(both + a.size, b.data, b.size);
    return (struct bytes){ .data = both, .size = a.size + b.size };
}

static void assert_text(struct bytes got, struct bytes want)
{
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    assert_int_equal(got.data[got.size], '\0');
}

static void test_round_trip(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 2, 60, 2047, 2048, 2049, 65536, 1 << 20, 3 << 20 };
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct bytes text = sample(&arena, sizes[i]), out;
        bool trailing = true;
        struct bytes gzip = gunzip_reverse(&arena, text);
        assert_true(gunzip_fits(gzip));
        assert_true(gunzip(&arena, gzip, &limits, &out, &trailing, &err));
        assert_false(trailing);
        assert_text(out, text);
        arena_free(&arena);
    }
}

static void test_cut(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct bytes gzip = gunzip_reverse(&arena, sample(&arena, 3000));
    for (size_t size = 0; size < gzip.size; size++) {
        /* Exactly SIZE bytes of memory, so that reading on is seen. */
        struct bytes cut = { .data = arena_copy(&arena, gzip.data, size), .size = size };
        struct err err = { 0 };
        struct bytes out = { .data = "untouched" };
        bool trailing = false;
        assert_false(gunzip(&arena, cut, &limits, &out, &trailing, &err));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(out.data, "untouched");
        assert_non_null(strstr(err.text, "cut short"));
    }
    arena_free(&arena);
}

/* Whatever byte is changed, the text is either the same or not taken. */
static void test_damaged(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct bytes text = sample(&arena, 500), gzip = gunzip_reverse(&arena, text);
    char *bytes = arena_copy(&arena, gzip.data, gzip.size);
    size_t refused = 0;
    for (size_t i = 0; i < gzip.size; i++) {
        bytes[i] ^= 0x10;
        struct err err = { 0 };
        struct bytes out;
        bool trailing;
        struct bytes bad = { .data = bytes, .size = gzip.size };
        if (gunzip(&arena, bad, &limits, &out, &trailing, &err))
            assert_text(out, text);
        else
            refused++;
        bytes[i] ^= 0x10;
    }
    assert_true(refused > gzip.size - 10);
    arena_free(&arena);
}

static void test_members(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct bytes a = sample(&arena, 5000), b = sample(&arena, 70);
    struct bytes first = gunzip_reverse(&arena, a);
    struct bytes both = join(&arena, first, gunzip_reverse(&arena, b)), out;
    struct err err = { 0 };
    bool trailing = true;
    assert_true(gunzip(&arena, both, &limits, &out, &trailing, &err));
    assert_false(trailing);
    assert_text(out, join(&arena, a, b));

    for (size_t size = first.size + 1; size < both.size; size++) {
        struct bytes cut = { .data = both.data, .size = size };
        err = (struct err){ 0 };
        assert_false(gunzip(&arena, cut, &limits, &out, &trailing, &err));
        assert_int_equal(err.kind, ERR_INPUT);
    }
    arena_free(&arena);
}

static void test_trailing(void **state)
{
    (void)state;
    static const struct {
        struct bytes behind;
        bool want;
    } rows[] = {
        { { .data = "\n", .size = 1 }, true },        { { .data = "garbage", .size = 7 }, true },
        { { .data = "\0\0\0\0", .size = 4 }, false }, { { .data = "\0\0\0x", .size = 4 }, true },
        { { .data = "", .size = 0 }, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct bytes text = sample(&arena, 900), out;
        bool trailing = !rows[i].want;
        struct bytes gzip = join(&arena, gunzip_reverse(&arena, text), rows[i].behind);
        assert_true(gunzip(&arena, gzip, &limits, &out, &trailing, &err));
        assert_int_equal(trailing, rows[i].want);
        assert_text(out, text);
        arena_free(&arena);
    }
}

static void test_no_gzip(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    static const char *const inputs[] = { "",           "{",
                                          "{\"a\": 1}", "\x1f\x8c\x08",
                                          "PK\3\4",     "\x1f\x8b\x07         " };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct bytes bytes = { .data = inputs[i], .size = strlen(inputs[i]) }, out;
        struct err err = { 0 };
        bool trailing;
        assert_int_equal(gunzip_fits(bytes), i == 5);
        assert_false(gunzip(&arena, bytes, &limits, &out, &trailing, &err));
        assert_int_equal(err.kind, ERR_INPUT);
    }
    arena_free(&arena);
}

/* SIZE equal bytes: about a thousandth of that in gzip. */
static struct bytes bomb(struct arena *arena, size_t size)
{
    char *text = arena_alloc(arena, size);
    memset(text, ' ', size);
    return gunzip_reverse(arena, (struct bytes){ .data = text, .size = size });
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t size;
        int64_t inflated_bytes, ratio;
        const char *want; /* in the error; NULL: none */
    } rows[] = {
        { "exactly the limit", 1000, 1000, 200, NULL },
        { "one byte more", 1001, 1000, 200, "limits.inflated_bytes" },
        { "below the ratio's start", 1 << 20, 20 << 20, 1, NULL },
        { "above the ratio's start", 2 << 20, 20 << 20, 200, "limits.inflate_ratio" },
        { "a ratio that allows it", 2 << 20, 20 << 20, 1100, NULL },
        { "a large bomb", 64 << 20, 20 << 20, 2000, "limits.inflated_bytes" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct limits own = limits;
        own.inflated_bytes = rows[i].inflated_bytes;
        own.inflate_ratio = rows[i].ratio;
        struct arena result = { 0 };
        struct bytes gzip = bomb(&arena, rows[i].size), out;
        bool trailing;
        print_message("%s\n", rows[i].name);
        assert_int_equal(gunzip(&result, gzip, &own, &out, &trailing, &err), rows[i].want == NULL);
        assert_int_equal(err.kind, rows[i].want ? ERR_LIMIT : ERR_NONE);
        if (rows[i].want)
            assert_non_null(strstr(err.text, rows[i].want));
        arena_free(&result);
        arena_free(&arena);
    }
}

/* What one delivery holds already counts: many parts of a mail are no way around. */
static void test_memory_of_delivery(void **state)
{
    (void)state;
    struct arena source = { 0 }, arena = { 0 };
    struct bytes gzip = bomb(&source, 1 << 20), out;
    struct limits own = limits;
    own.delivery_bytes = 5 << 19; /* two and a half of them */
    struct err err = { 0 };
    bool trailing;
    assert_true(gunzip(&arena, gzip, &own, &out, &trailing, &err));
    assert_true(gunzip(&arena, gzip, &own, &out, &trailing, &err));
    assert_false(gunzip(&arena, gzip, &own, &out, &trailing, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "limits.delivery_bytes"));
    arena_free(&arena);
    arena_free(&source);
}

/* A bomb of many members is one bomb. */
static void test_bomb_of_members(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct limits own = limits;
    own.inflated_bytes = 100000;
    struct bytes member = bomb(&arena, 50000);
    struct bytes gzip = join(&arena, member, join(&arena, member, member)), out;
    struct err err = { 0 };
    bool trailing;
    assert_false(gunzip(&arena, gzip, &own, &out, &trailing, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    arena_free(&arena);
}

/* The size stated in the trailer is a hint for memory and no more. */
static void test_lying_size(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct bytes gzip = gunzip_reverse(&arena, sample(&arena, 100)), out;
    char *bytes = arena_copy(&arena, gzip.data, gzip.size);
    memset(bytes + gzip.size - 4, 0xff, 4);
    struct err err = { 0 };
    bool trailing;
    struct bytes lie = { .data = bytes, .size = gzip.size };
    assert_false(gunzip(&arena, lie, &limits, &out, &trailing, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    arena_free(&arena);
}

static void *in_thread(void *thing)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct bytes text = sample(&arena, 4000), out;
    bool trailing, *whole = thing;
    *whole = gunzip(&arena, gunzip_reverse(&arena, text), &limits, &out, &trailing, &err)
             && out.size == text.size;
    arena_free(&arena);
    return NULL;
}

/* What a thread keeps goes with it: the leak checkers look. */
static void test_threads(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        bool whole = false;
        assert_int_equal(pthread_create(&thread, NULL, in_thread, &whole), 0);
        pthread_join(thread, NULL);
        assert_true(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_cut),
        cmocka_unit_test(test_damaged),         cmocka_unit_test(test_members),
        cmocka_unit_test(test_trailing),        cmocka_unit_test(test_no_gzip),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_memory_of_delivery),
        cmocka_unit_test(test_bomb_of_members), cmocka_unit_test(test_lying_size),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
