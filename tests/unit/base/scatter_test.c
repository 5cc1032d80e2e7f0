/* Places in tables: against published values, and that equal names have one place.
 * SPDX-License-Identifier: MIT */
#include "base/scatter.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* The bytes 0, 1, 2 … under the key of the bytes 0 to 15. */
static void test_published(void **state)
{
    (void)state;
    static const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    static const struct {
        size_t size;
        uint64_t want;
    } rows[] = {
        { 0, UINT64_C(0x726fdb47dd0e0e31) },  { 1, UINT64_C(0x74f839c593dc67fd) },
        { 2, UINT64_C(0x0d6c8009d9a94f5a) },  { 3, UINT64_C(0x85676696d7fb7e2d) },
        { 4, UINT64_C(0xcf2794e0277187b7) },  { 8, UINT64_C(0x93f5f5799a932462) },
        { 15, UINT64_C(0xa129ca6149be45e5) }, { 18, UINT64_C(0x4bc1b3f0968dd39c) },
    };
    unsigned char bytes[32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(scatter_by(key, bytes, rows[i].size) == rows[i].want);
}

static void test_own_key(void **state)
{
    (void)state;
    static const uint64_t none[2];
    char one[] = "mta-sts.example.org", same[] = "mta-sts.example.org";
    assert_true(scatter_text(one) == scatter_text(same));
    assert_true(scatter_text(one) == scatter(same, strlen(same)));
    assert_true(scatter_text(one) != scatter_text("mta-sts.example.net"));
    assert_true(scatter_text(one) != scatter_by(none, one, strlen(one)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_own_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
