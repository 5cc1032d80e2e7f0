/* A server that is there but does not answer: every wait ends, in time or when the program ends. (What
 * a real server answers is tested with a real one.)
 * SPDX-License-Identifier: MIT */
#include "schema/pg.h"
#include "base/clock.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

/* The bytes of a server that lets everybody in, and is ready (protocol 3.0). */
static const char WELCOME[] = "R\0\0\0\x08\0\0\0\0"
                              "Z\0\0\0\x05I";
static const char DONE[] = "C\0\0\0\x08SET\0"
                           "Z\0\0\0\x05I";

/* Greets, answers so many statements, then only listens. */
struct mute {
    char directory[40], conninfo[120];
    int listener, statements;
    pthread_t thread;
};

static void *serve(void *thing)
{
    struct mute *mute = thing;
    for (int fd; (fd = accept(mute->listener, NULL, NULL)) >= 0; close(fd)) {
        char bytes[4096];
        int left = mute->statements;
        bool first = true;
        while (read(fd, bytes, sizeof bytes) > 0) {
            if (first && mute->statements >= 0)
                (void)!write(fd, WELCOME, sizeof WELCOME - 1);
            else if (!first && left-- > 0)
                (void)!write(fd, DONE, sizeof DONE - 1);
            first = false;
        }
    }
    return NULL;
}

static void start(struct mute *mute, int statements)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    *mute = (struct mute){ .statements = statements };
    snprintf(mute->directory, sizeof mute->directory, "/tmp/pg_test.XXXXXX");
    assert_non_null(mkdtemp(mute->directory));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", mute->directory);
    snprintf(mute->conninfo, sizeof mute->conninfo,
             "host=%s port=5432 user=x dbname=x sslmode=disable", mute->directory);
    mute->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(mute->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(mute->listener, 5), 0);
    assert_int_equal(pthread_create(&mute->thread, NULL, serve, mute), 0);
}

static void end(struct mute *mute)
{
    char path[80];
    shutdown(mute->listener, SHUT_RDWR);
    pthread_join(mute->thread, NULL);
    close(mute->listener);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", mute->directory);
    unlink(path);
    rmdir(mute->directory);
}

static void test_statement_in_time(void **state)
{
    (void)state;
    struct mute mute;
    struct pg *pg = NULL;
    struct err err = { 0 };
    start(&mute, 1); /* the settings of a new connection */
    assert_true(
        pg_open_within(mute.conninfo, (struct pg_patience){ .statement_ms = 300 }, &pg, &err));
    int64_t begin = clock_monotonic_ms();
    assert_false(pg_run(pg, "SELECT 1", &err));
    assert_in_range(clock_monotonic_ms() - begin, 250, 5000);
    assert_int_equal(err.kind, ERR_AGAIN);
    assert_string_equal(err.text, "database: no answer in time");
    begin = clock_monotonic_ms();
    pg_rollback(pg); /* says nothing, and does not wait again */
    assert_in_range(clock_monotonic_ms() - begin, 0, 200);
    err = (struct err){ 0 };
    assert_true(pg_ready(pg, &err)); /* by a new connection */
    pg_close(&pg);
    end(&mute);
}

static void *ring_soon(void *fd)
{
    usleep(300000);
    (void)!write(*(int *)fd, &(uint64_t){ 1 }, 8);
    return NULL;
}

/* The program ends: what is under way is given up, and what comes later is not even begun. */
static void test_stop(void **state)
{
    (void)state;
    struct mute mute;
    struct pg *pg = NULL, *other = NULL;
    struct err err = { 0 };
    pthread_t thread;
    int stop = eventfd(0, EFD_CLOEXEC);
    start(&mute, 1);
    assert_true(pg_open_within(mute.conninfo, (struct pg_patience){ .stop_fd = stop }, &pg, &err));
    int64_t begin = clock_monotonic_ms();
    assert_int_equal(pthread_create(&thread, NULL, ring_soon, &stop), 0);
    assert_false(pg_run(pg, "SELECT 1", &err));
    assert_in_range(clock_monotonic_ms() - begin, 250, 5000);
    assert_int_equal(err.kind, ERR_AGAIN);
    pthread_join(thread, NULL);
    begin = clock_monotonic_ms();
    err = (struct err){ 0 };
    assert_false(pg_ready(pg, &err));
    assert_int_equal(err.kind, ERR_AGAIN);
    assert_false(
        pg_open_within(mute.conninfo, (struct pg_patience){ .stop_fd = stop }, &other, &err));
    assert_null(other);
    assert_in_range(clock_monotonic_ms() - begin, 0, 1000);
    pg_close(&pg);
    close(stop);
    end(&mute);
}

/* It takes connections and does not even greet. */
static void test_silent_connect(void **state)
{
    (void)state;
    struct mute mute;
    struct pg *pg = NULL;
    struct err err = { 0 };
    pthread_t thread;
    int stop = eventfd(0, EFD_CLOEXEC);
    start(&mute, -1);
    assert_int_equal(pthread_create(&thread, NULL, ring_soon, &stop), 0);
    int64_t begin = clock_monotonic_ms();
    assert_false(pg_open_within(mute.conninfo, (struct pg_patience){ .stop_fd = stop }, &pg, &err));
    assert_in_range(clock_monotonic_ms() - begin, 250, 5000);
    assert_int_equal(err.kind, ERR_AGAIN);
    pthread_join(thread, NULL);
    close(stop);
    end(&mute);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statement_in_time),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_silent_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
