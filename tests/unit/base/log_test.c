/* What stands on stderr: one line per event, whatever strangers put into its values.
 * SPDX-License-Identifier: MIT */
#include "base/log.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int file, true_stderr;
static char text[1 << 20];

static int catch_stderr(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC | O_APPEND, 0600);
    true_stderr = dup(STDERR_FILENO);
    return file < 0 || dup2(file, STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
    (void)state;
    dup2(true_stderr, STDERR_FILENO);
    close(true_stderr);
    close(file);
    log_level_set(LOG_LEVEL_INFO);
    unsetenv("JOURNAL_STREAM");
    return 0;
}

/* What was logged since the last call. */
static const char *logged(void)
{
    ssize_t size = pread(file, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    assert_int_equal(ftruncate(file, 0), 0);
    return text;
}

static void test_fields(void **state)
{
    (void)state;
    log_event(LOG_LEVEL_INFO, "message", LOG_TEXT("door", "lmtp"), LOG_NUMBER("failed", -3),
              LOG_TEXT("id", NULL), LOG_TEXT("org", "Example Inc."),
              LOG_NUMBER("sessions", INT64_MAX));
    assert_string_equal(logged(), "message door=lmtp failed=-3 id=\"\" org=\"Example Inc.\" "
                                  "sessions=9223372036854775807\n");
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *value, *want;
    } rows[] = {
        { .value = "mx.example.org", .want = "mx.example.org" },
        { .value = "a=b", .want = "\"a=b\"" },
        { .value = "a\"b\\c", .want = "\"a\\\"b\\\\c\"" },
        { .value = "a\nerror: forged", .want = "\"a\\x0aerror: forged\"" },
        { .value = "\r\t\x1b[31m\x7f", .want = "\"\\x0d\\x09\\x1b[31m\\x7f\"" },
        { .value = "B\xc3\xbc"
                   "cher",
          .want = "\"B\xc3\xbc"
                  "cher\"" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char want[200];
        snprintf(want, sizeof want, "x value=%s\n", rows[i].want);
        log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("value", rows[i].value));
        assert_string_equal(logged(), want);
    }
}

/* C1 control characters and bytes that are no UTF-8 can move a terminal's cursor as well. */
static void test_other_controls(void **state)
{
    (void)state;
    log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("value", "\xc2\x9b\xc2\xa0\xc3\x9b"));
    assert_string_equal(logged(), "x value=\"\\xc2\\x9b\xc2\xa0\xc3\x9b\"\n");
    log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("value", "\xc3\xa9 \xff\x9b"));
    assert_string_equal(logged(), "x value=\"\\xc3\\xa9 \\xff\\x9b\"\n");
}

static void test_levels(void **state)
{
    (void)state;
    log_event(LOG_LEVEL_DEBUG, "hidden", LOG_NUMBER("n", 1));
    assert_string_equal(logged(), "");
    log_event(LOG_LEVEL_WARNING, "w", LOG_NUMBER("n", 1));
    log_event(LOG_LEVEL_ERROR, "e", LOG_NUMBER("n", 1));
    assert_string_equal(logged(), "warning: w n=1\nerror: e n=1\n");
    log_level_set(LOG_LEVEL_ERROR);
    log_event(LOG_LEVEL_WARNING, "w", LOG_NUMBER("n", 1));
    assert_string_equal(logged(), "");
    log_level_set(LOG_LEVEL_DEBUG);
    log_event(LOG_LEVEL_DEBUG, "shown", LOG_NUMBER("n", 1));
    assert_string_equal(logged(), "shown n=1\n");
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_event(LOG_LEVEL_ERROR, "e", LOG_NUMBER("n", 1));
    assert_string_equal(logged(), "<3>e n=1\n");
}

static void test_err(void **state)
{
    (void)state;
    struct err err = { 0 };
    err_set(&err, ERR_SETUP, "no such file");
    log_err(LOG_LEVEL_ERROR, "settings", &err);
    assert_string_equal(logged(), "error: settings reason=\"no such file\"\n");
    err = (struct err){ 0 };
    err_field(&err, ERR_INPUT, "a.b", "negative");
    log_err(LOG_LEVEL_INFO, "report", &err);
    assert_string_equal(logged(), "report field=a.b reason=negative\n");
}

/* Of any length: one line, ended, its quotes closed. */
static void test_long_values(void **state)
{
    (void)state;
    static char value[6000];
    for (size_t size = 3900; size < 4100; size++) {
        memset(value, 'x', size);
        value[size] = '\0';
        value[size / 2] = ' ';
        log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("long", value), LOG_TEXT("after", "y"));
        const char *line = logged();
        size_t length = strlen(line);
        assert_in_range(length, 3000, 4100);
        assert_int_equal(line[length - 1], '\n');
        assert_null(memchr(line, '\n', length - 1));
        size_t quotes = 0;
        for (size_t i = 0; i < length; i++)
            quotes += line[i] == '"';
        assert_int_equal(quotes, 2);
    }
}

static void *log_much(void *thing)
{
    for (int i = 0; i < 200; i++)
        log_event(LOG_LEVEL_INFO, "thread", LOG_TEXT("name", thing), LOG_TEXT("again", thing));
    return NULL;
}

static void test_threads_do_not_mix(void **state)
{
    (void)state;
    static char names[4][100];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        memset(names[i], 'a' + i, 99);
        pthread_create(&threads[i], NULL, log_much, names[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    size_t lines = 0;
    for (const char *line = logged(); *line; line = strchr(line, '\n') + 1, lines++) {
        char want[300];
        const char *name = names[line[12] - 'a'];
        snprintf(want, sizeof want, "thread name=%s again=%s\n", name, name);
        assert_memory_equal(line, want, strlen(want));
    }
    assert_int_equal(lines, 800);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, catch_stderr, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fields), TEST(test_values),      TEST(test_other_controls),     TEST(test_levels),
        TEST(test_err),    TEST(test_long_values), TEST(test_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
