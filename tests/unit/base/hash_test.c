/* Digests: against published vectors, and that no two lists of fields read the same.
 * SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        /* FIPS 180-2, appendix B, and the empty message */
        { .text = "", .want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { .text = "abc",
          .want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { .text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          .want = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned char digest[HASH_BYTES];
        char text[2 * HASH_BYTES + 1];
        hash_bytes(rows[i].text, strlen(rows[i].text), digest);
        for (size_t k = 0; k < HASH_BYTES; k++)
            snprintf(text + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(text, rows[i].want);
        assert_string_equal(hash_to_text(rows[i].text, strlen(rows[i].text), text), rows[i].want);
    }
}

static void test_keyed(void **state)
{
    (void)state;
    static const struct {
        const char *key, *text, *want;
    } rows[] = {
        /* RFC 4231 sections 4.2 and 4.3 */
        { .key = "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
          .text = "Hi There",
          .want = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { .key = "Jefe",
          .text = "what do ya want for nothing?",
          .want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned char digest[HASH_BYTES];
        char text[2 * HASH_BYTES + 1];
        hash_keyed((struct bytes){ rows[i].key, strlen(rows[i].key) },
                   (struct bytes){ rows[i].text, strlen(rows[i].text) }, digest);
        for (size_t k = 0; k < HASH_BYTES; k++)
            snprintf(text + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(text, rows[i].want);
    }
}

/* A list of up to three fields; "#1" stands for the number 1, "-" for NULL. */
static void digest_of(const char *const fields[3], size_t count, unsigned char out[HASH_BYTES])
{
    struct hash hash = { 0 };
    for (size_t i = 0; i < count; i++)
        if (fields[i][0] == '#')
            hash_number(&hash, fields[i][1] - '0');
        else
            hash_text(&hash, strcmp(fields[i], "-") == 0 ? NULL : fields[i]);
    hash_done(&hash, out);
}

static void test_lists_differ(void **state)
{
    (void)state;
    static const struct {
        const char *fields[3];
        size_t count;
    } rows[] = {
        { .count = 0 },
        { .fields = { "" }, .count = 1 },
        { .fields = { "-" }, .count = 1 },
        { .fields = { "", "" }, .count = 2 },
        { .fields = { "-", "" }, .count = 2 },
        { .fields = { "", "-" }, .count = 2 },
        { .fields = { "ab", "c" }, .count = 2 },
        { .fields = { "a", "bc" }, .count = 2 },
        { .fields = { "abc" }, .count = 1 },
        { .fields = { "atb" }, .count = 1 },
        { .fields = { "a", "b" }, .count = 2 },
        { .fields = { "c", "ab" }, .count = 2 },
        { .fields = { "#1" }, .count = 1 },
        { .fields = { "1" }, .count = 1 },
        { .fields = { "\1\0\0\0\0\0\0\0" }, .count = 1 },
        { .fields = { "#1", "#2" }, .count = 2 },
        { .fields = { "#2", "#1" }, .count = 2 },
        { .fields = { "#1", "#2", "-" }, .count = 3 },
    };
    unsigned char digests[ARRAY_SIZE(rows)][HASH_BYTES], again[HASH_BYTES];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        digest_of(rows[i].fields, rows[i].count, digests[i]);
        digest_of(rows[i].fields, rows[i].count, again);
        assert_memory_equal(digests[i], again, HASH_BYTES);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(digests[i], digests[k], HASH_BYTES);
    }
}

static void test_key(void **state)
{
    (void)state;
    unsigned char digest[HASH_BYTES] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    assert_true(hash_key(digest) == INT64_C(0x0102030405060708));
    digest[0] = 0xff;
    assert_true(hash_key(digest) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_keyed),
        cmocka_unit_test(test_lists_differ),
        cmocka_unit_test(test_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
