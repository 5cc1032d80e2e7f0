/* Names in order, also when there are more than fit at once.
 * SPDX-License-Identifier: MIT */
#include "ingest/listing.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[40];
static int directory;

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/listing_test.XXXXXX");
    if (!mkdtemp(path))
        return -1;
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory < 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct listing listing;
    do {
        if (!listing_read(directory, "", &listing))
            return -1;
        for (size_t i = 0; i < listing.count; i++)
            unlinkat(directory, listing.names[i], 0);
        bool more = listing.count > 0;
        listing_done(&listing);
        if (!more)
            break;
    } while (true);
    unlinkat(directory, ".hidden", 0);
    close(directory);
    return rmdir(path);
}

static void make(const char *name)
{
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void test_order(void **state)
{
    (void)state;
    static const char *const made[] = { "b", "10", "9", "\xff", "a", ".hidden", "aa", " " };
    static const char *const want[] = { " ", "10", "9", "a", "aa", "b", "\xff" };
    struct listing listing;
    assert_true(listing_read(directory, "", &listing));
    assert_int_equal(listing.count, 0);
    listing_done(&listing);
    for (size_t i = 0; i < ARRAY_SIZE(made); i++)
        make(made[i]);
    assert_true(listing_read(directory, "", &listing));
    assert_int_equal(listing.count, ARRAY_SIZE(want));
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        assert_string_equal(listing.names[i], want[i]);
    listing_done(&listing);
    assert_true(listing_read(directory, "a", &listing));
    assert_int_equal(listing.count, 3);
    assert_string_equal(listing.names[0], "aa");
    listing_done(&listing);
}

/* Part by part every name comes once, in order, whatever order the directory has. */
static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 2 * LISTING_MAX + 7, STEP = 7919 };
    char name[16], last[16] = "";
    for (unsigned i = 0, at = 0; i < COUNT; i++, at = (at + STEP) % COUNT) {
        snprintf(name, sizeof name, "%08u", at);
        make(name);
    }
    unsigned number = 0;
    size_t parts = 0;
    for (size_t count = LISTING_MAX; count == LISTING_MAX; parts++) {
        struct listing listing;
        assert_true(listing_read(directory, last, &listing));
        count = listing.count;
        for (size_t i = 0; i < count; i++, number++) {
            snprintf(name, sizeof name, "%08u", number);
            assert_string_equal(listing.names[i], name);
        }
        snprintf(last, sizeof last, "%s", listing.names[count - 1]);
        listing_done(&listing);
    }
    assert_int_equal(number, COUNT);
    assert_int_equal(parts, 3);
}

static void test_no_directory(void **state)
{
    (void)state;
    struct listing listing;
    errno = 0;
    assert_false(listing_read(-1, "", &listing));
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
