/* Files of roots, with faults and without. Certificates themselves are looked at over real handshakes, in
 * tls_test.c.
 * SPDX-License-Identifier: MIT */
#include "probe/chain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void test_faults(void **state)
{
    static const char *const contents[] = {
        "",
        "these are no certificates\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
        char path[] = "/tmp/chain_test.XXXXXX";
        int fd = mkstemp(path);
        struct chain_roots *roots = NULL;
        struct err err = { 0 };
        assert_int_equal(write(fd, contents[i], strlen(contents[i])), strlen(contents[i]));
        close(fd);
        assert_false(chain_roots_load(path, &roots, &err));
        unlink(path);
        assert_int_equal(err.kind, ERR_SETUP);
        assert_non_null(strstr(err.text, path));
        assert_null(roots);
    }
}

static void test_missing(void **state)
{
    struct chain_roots *roots = NULL;
    struct err err = { 0 };
    (void)state;
    assert_false(chain_roots_load("/nonexistent/roots.pem", &roots, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    chain_roots_free(&roots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
