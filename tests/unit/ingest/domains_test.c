/* Sets of domains: names and suffixes, how they may be written, files with faults, a million lines.
 * SPDX-License-Identifier: MIT */
#include "ingest/domains.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define MANY 1000000

static char path[] = "/tmp/domains_test.XXXXXX";

static void write_file(const char *bytes, size_t size)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *name;
        bool want;
    } rows[] = {
        { "example.org", "example.org", true },
        { "example.org", "www.example.org", false },
        { "example.org", "org", false },
        { "example.org", "xexample.org", false },
        { "Example.ORG", "example.org", true },
        { " example.org.\t", "example.org", true },
        { "m\xc3\xbcller.example", "xn--mller-kva.example", true },
        { "M\xc3\x9cLLER.example", "xn--mller-kva.example", true },
        { "xn--mller-kva.example", "xn--mller-kva.example", true },
        { "*.example.org", "www.example.org", true },
        { "*.example.org", "a.b.c.example.org", true },
        { "*.example.org", "example.org", false }, /* as a certificate's wildcard */
        { "*.example.org", "wwwexample.org", false },
        { "*.example.org", "org", false },
        { "*.EXAMPLE.org.", "a.example.org", true },
        { "*.m\xc3\xbcller.example", "a.xn--mller-kva.example", true },
        { "*.org", "example.org", true },
        { "org", "example.org", false },
        { "localhost", "localhost", true },
        { "_mta.example.org", "_mta.example.org", true },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct domains *set = domains_new();
        struct err err = { 0 };
        if (!domains_add(set, rows[i].entry, &err))
            fail_msg("%s: %s", rows[i].entry, err.text);
        if (domains_have(set, rows[i].name) != rows[i].want)
            fail_msg("\"%s\" holds \"%s\": not %d", rows[i].entry, rows[i].name, rows[i].want);
        shared_release(set);
    }
    assert_false(domains_have(NULL, "example.org"));
}

static void test_what_is_no_name(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        ".",
        "*",
        "*.",
        ".example.org",
        "a..example",
        "a b.example",
        "192.0.2.1",
        "::1",
        "*x.example",
        "a.*.example",
        "*.*.example",
        "a.example,b.example",
        "\xff.example",
        "https://example.org",
        "postmaster@example.org",
    };
    struct domains *set = domains_new();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err err = { 0 };
        if (domains_add(set, rows[i], &err))
            fail_msg("\"%s\" was taken", rows[i]);
        assert_int_equal(err.kind, ERR_SETUP);
        assert_non_null(strstr(err.text, "is no domain name; write"));
    }
    assert_int_equal(set->count, 0);
    shared_release(set);
}

static void test_file(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf"
                               "a.example\r\n"
                               "# a comment, then a blank line\n"
                               "\n"
                               "  B.example.  # ours since 2020\n"
                               "*.c.example\n"
                               "a.example\n" /* twice */
                               "d.example";  /* no newline at the end */
    struct domains *set = domains_new();
    struct err err = { 0 };
    write_file(text, sizeof text - 1);
    if (!domains_add_file(set, path, &err))
        fail_msg("%s", err.text);
    assert_int_equal(set->count, 4);
    assert_true(domains_have(set, "a.example"));
    assert_true(domains_have(set, "b.example"));
    assert_true(domains_have(set, "x.c.example"));
    assert_true(domains_have(set, "d.example"));
    assert_true(domains_add_file(set, path, &err)); /* nothing new is no fault */
    assert_int_equal(set->count, 4);
    shared_release(set);
}

static void test_files_with_faults(void **state)
{
    (void)state;
    static char longest[3000];
    memset(longest, 'a', sizeof longest - 1);
    static const struct {
        const char *text, *want; /* behind the path */
    } rows[] = {
        { "", " names no domain; to take reports for all, unset this" },
        { "# nothing\n\n", " names no domain" },
        { "a.example\n\nb.example c.example\n", ":3: \"b.example c.example\" is no domain name" },
        { "a.example\nmx 10 b.example", ":2: \"mx 10 b.example\" is no domain name" },
        { longest, ":1: longer than any domain name" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct domains *set = domains_new();
        struct err err = { 0 };
        char want[200];
        snprintf(want, sizeof want, "%s%s", path, rows[i].want);
        write_file(rows[i].text, strlen(rows[i].text));
        assert_false(domains_add_file(set, path, &err));
        assert_int_equal(err.kind, ERR_SETUP);
        if (strncmp(err.text, want, strlen(want)) != 0)
            fail_msg("%s", err.text);
        shared_release(set);
    }
    struct domains *set = domains_new();
    struct err err = { 0 };
    assert_false(domains_add_file(set, "/nonexistent", &err));
    assert_string_equal(err.text, "cannot read /nonexistent: No such file or directory");
    err = (struct err){ 0 };
    assert_false(domains_add_file(set, "/tmp", &err));
    assert_string_equal(err.text, "cannot read /tmp: Is a directory");
    shared_release(set);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As a large provider has them. The times are printed: a release build needs about a tenth. */
static void test_a_million(void **state)
{
    (void)state;
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (int i = 0; i < MANY; i++)
        fprintf(out, i % 10 ? "customer-%d.example\n" : "*.customer-%d.example\n", i);
    assert_int_equal(fclose(out), 0);
    struct domains *set = domains_new();
    struct err err = { 0 };
    double begin = seconds();
    if (!domains_add_file(set, path, &err))
        fail_msg("%s", err.text);
    double loaded = seconds();
    assert_int_equal(set->count, MANY);
    size_t found = 0;
    char name[64];
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, i % 10 ? "customer-%d.example" : "www.a.customer-%d.example",
                 i);
        found += domains_have(set, name);
        snprintf(name, sizeof name, i % 10 ? "www.customer-%d.example" : "customer-%d.example", i);
        found += domains_have(set, name);
    }
    assert_int_equal(found, MANY);
    print_message("%d lines in %.2f s, %zu KiB; 2 * %d look-ups in %.2f s\n", MANY, loaded - begin,
                  (set->capacity + set->room * sizeof *set->slots) >> 10, MANY, seconds() - loaded);
    assert_true(loaded - begin < 20); /* with sanitizers, on a busy machine */
    shared_release(set);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),     cmocka_unit_test(test_what_is_no_name),
        cmocka_unit_test(test_file),      cmocka_unit_test(test_files_with_faults),
        cmocka_unit_test(test_a_million),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
