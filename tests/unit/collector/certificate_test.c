/* The self-signed certificate: made once, whole, private, and such as TLS clients take.
 * SPDX-License-Identifier: MIT */
#include "collector/certificate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static char directory[] = "/tmp/certificate_test.XXXXXX";
static struct arena arena;
static const char *certificate, *key;

static bool ensure(struct err *err)
{
    *err = (struct err){ 0 };
    return certificate_ensure(&arena, directory, &certificate, &key, err);
}

static X509 *read_certificate(void)
{
    FILE *file = fopen(certificate, "r");
    assert_non_null(file);
    X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(x509);
    return x509;
}

static EVP_PKEY *read_key(void)
{
    FILE *file = fopen(key, "r");
    assert_non_null(file);
    EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(pkey);
    return pkey;
}

static void test_contents(void **state)
{
    (void)state;
    struct err err;
    assert_true(ensure(&err));
    X509 *x509 = read_certificate();
    EVP_PKEY *pkey = read_key();
    char host[256] = "";
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    assert_int_equal(X509_check_private_key(x509, pkey), 1);
    assert_int_equal(X509_verify(x509, pkey), 1);
    assert_int_equal(X509_get_version(x509), 2);
    assert_int_equal(X509_check_host(x509, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, host, 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, "elsewhere.example", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(x509, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "::1", 0), 1);
    assert_int_equal(X509_check_ca(x509), 0);
    time_t in_nine_years = time(NULL) + 9L * 365 * 86400;
    assert_int_equal(X509_cmp_current_time(X509_get0_notBefore(x509)), -1);
    assert_int_equal(X509_cmp_time(X509_get0_notAfter(x509), &in_nine_years), 1);
    EVP_PKEY_free(pkey);
    X509_free(x509);
}

/* Nobody else reads the key, and nothing half-made is left beside it. */
static void test_files(void **state)
{
    (void)state;
    struct err err;
    struct stat status;
    assert_true(ensure(&err));
    assert_int_equal(stat(key, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(access(arena_printf(&arena, "%s.new", key), F_OK), -1);
    assert_int_equal(access(arena_printf(&arena, "%s.new", certificate), F_OK), -1);
}

/* The same as long as both are there; a new pair when one is missing. */
static void test_kept(void **state)
{
    (void)state;
    struct err err;
    assert_true(ensure(&err));
    X509 *first = read_certificate();
    assert_true(ensure(&err));
    X509 *second = read_certificate();
    assert_int_equal(X509_cmp(first, second), 0);
    assert_int_equal(unlink(key), 0);
    assert_true(ensure(&err));
    X509 *third = read_certificate();
    EVP_PKEY *pkey = read_key();
    assert_int_not_equal(X509_cmp(first, third), 0);
    assert_int_equal(X509_check_private_key(third, pkey), 1);
    EVP_PKEY_free(pkey);
    X509_free(first);
    X509_free(second);
    X509_free(third);
}

static void test_no_directory(void **state)
{
    (void)state;
    struct err err = { 0 };
    const char *c = "untouched", *k = "untouched";
    assert_false(certificate_ensure(&arena, "/nonexistent/place", &c, &k, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_non_null(strstr(err.text, "/nonexistent/place/key.pem: No such file or directory"));
    assert_string_equal(c, "untouched");
    assert_string_equal(k, "untouched");
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(certificate);
    unlink(key);
    arena_free(&arena);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
