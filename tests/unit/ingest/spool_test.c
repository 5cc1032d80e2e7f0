/* The spool on a real disk: what is acknowledged is there with its head, in order; limits and errors of
 * the disk leave nothing behind and are answered `retry`; the door drains it.
 *
 * fsync() is ours, so that it can fail; file size limits and a small tmpfs give real errors.
 * SPDX-License-Identifier: MIT */
#include "ingest/spool.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/entry.h"
#include "ingest/listing.h"
#include "ingest/maildir.h"
#include "ingest/spool_head.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define PATIENCE_MS 20000

enum failing { NOTHING, FILES, DIRECTORIES };
static atomic_int fsync_fails, fsync_count; /* what fails, and calls for directories */

int fsync(int fd)
{
    struct stat found;
    if (fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) {
        fsync_count++;
        usleep(20000); /* as a slow disk: meanwhile others are queued */
    }
    if ((fsync_fails == FILES && S_ISREG(found.st_mode))
        || (fsync_fails == DIRECTORIES && S_ISDIR(found.st_mode))) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

/* --- a place --- */

static char path[64];
static struct spool *spool;

static void open_with(int64_t max_bytes)
{
    struct err err = { 0 };
    assert_true(spool_open(&(struct spool_settings){ path, max_bytes }, &spool, &err));
    assert_non_null(spool);
}

static void make_path(void)
{
    snprintf(path, sizeof path, "/tmp/spool_test.XXXXXX");
    assert_non_null(mkdtemp(path));
    strncat(path, "/a/b", sizeof path - strlen(path) - 1); /* made when missing */
}

static void remove_path(void)
{
    char command[128];
    *strstr(path, "/a/b") = '\0';
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
    (void)state;
    fsync_fails = NOTHING;
    fsync_count = 0;
    make_path();
    open_with(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    spool_close(&spool);
    remove_path();
    return 0;
}

static struct listing names_of(const char *name)
{
    char full[PATH_MAX];
    struct listing listing;
    snprintf(full, sizeof full, "%s/%s", path, name);
    int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(listing_read(fd, "", &listing));
    close(fd);
    return listing;
}

static size_t count_of(const char *name)
{
    struct listing listing = names_of(name);
    size_t count = listing.count;
    listing_done(&listing);
    return count;
}

/* --- deliveries that tell what they were answered --- */

struct told {
    atomic_int outcome; /* -1: not yet */
    char reason[ERR_TEXT_BYTES];
};

static void answered(struct delivery *delivery, const struct answer *answer)
{
    struct told *told = delivery->door;
    err_to_text(&answer->err, told->reason, sizeof told->reason);
    delivery_free(&delivery);
    told->outcome = (int)answer->outcome;
}

static struct delivery *make(struct told *told, const char *text)
{
    struct delivery *delivery = delivery_new(SOURCE_HTTPS, "192.0.2.7");
    delivery->bytes = (struct bytes){ arena_text(&delivery->arena, text), strlen(text) };
    delivery->received_seconds = 1700000000;
    delivery->spoolable = true;
    delivery->answered = answered;
    delivery->door = told;
    delivery->entries = arena_alloc(&delivery->arena, sizeof *delivery->entries);
    delivery->entry_count = 1;
    delivery->entries->delivery = delivery;
    delivery->entries->outcome = OUTCOME_RETRY;
    err_set(&delivery->entries->err, ERR_AGAIN, "no database");
    told->outcome = -1;
    return delivery;
}

static void await(const struct told *told)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;
    while (told->outcome < 0 && clock_monotonic_ms() < until)
        usleep(1000);
    assert_true(told->outcome >= 0);
}

static void put(struct told *told, const char *text)
{
    struct err err = { 0 };
    assert_true(spool_put(spool, make(told, text), false, &err));
}

static enum outcome put_and_await(const char *text, struct told *told)
{
    put(told, text);
    await(told);
    return (enum outcome)told->outcome;
}

/* The delivery in file NUMBER of new/, in order of names. */
static struct delivery *read_back(size_t number)
{
    char full[PATH_MAX], data[70000];
    struct listing listing = names_of("new");
    assert_true(number < listing.count);
    snprintf(full, sizeof full, "%s/new/%s", path, listing.names[number]);
    listing_done(&listing);
    FILE *file = fopen(full, "r");
    assert_non_null(file);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    struct delivery *delivery = delivery_new(SOURCE_MAILDIR, full);
    delivery->bytes = (struct bytes){ arena_copy(&delivery->arena, data, size), size };
    spool_head_take(delivery);
    assert_int_equal(delivery->fault.kind, ERR_NONE);
    return delivery;
}

/* --- tests --- */

static void test_put(void **state)
{
    (void)state;
    struct told told;
    assert_int_equal(put_and_await("{\"a\": 1}", &told), OUTCOME_SPOOLED);
    assert_string_equal(told.reason, "no database");
    assert_int_equal(count_of("tmp"), 0);
    struct delivery *found = read_back(0);
    assert_int_equal(found->source, SOURCE_HTTPS);
    assert_string_equal(found->origin, "192.0.2.7");
    assert_true(found->received_seconds == 1700000000);
    assert_string_equal(found->bytes.data, "{\"a\": 1}");
    delivery_free(&found);
    struct spool_figures figures = spool_figures(spool);
    assert_int_equal(figures.deliveries, 1);
    assert_in_range(figures.bytes, 100, 1000);
    assert_int_equal(figures.max_bytes, 1 << 20);
    assert_true(llabs(figures.since_seconds - clock_now()) < 600);
}

/* Many at once: in order of arrival, one flush of the directory for many, and counted again when the
 * spool is opened again, after which names go on where they were. */
static void test_order(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    static struct told told[COUNT + 1];
    char text[24];
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "{\"number\": %d}", i);
        put(&told[i], text);
    }
    for (int i = 0; i < COUNT; i++) {
        await(&told[i]);
        assert_int_equal(told[i].outcome, OUTCOME_SPOOLED);
    }
    assert_true(fsync_count <= COUNT / 10);
    struct spool_figures before = spool_figures(spool);
    assert_int_equal(before.deliveries, COUNT);
    spool_close(&spool);
    char left[PATH_MAX];
    snprintf(left, sizeof left, "%s/tmp/00000000000000000001", path);
    fclose(fopen(left, "w"));
    open_with(1 << 20);
    struct spool_figures after = spool_figures(spool);
    assert_int_equal(after.deliveries, before.deliveries);
    assert_true(after.bytes == before.bytes);
    assert_true(after.since_seconds == before.since_seconds);
    assert_int_equal(count_of("tmp"), 0); /* never acknowledged */
    assert_int_equal(put_and_await("{\"number\": 300}", &told[COUNT]), OUTCOME_SPOOLED);
    for (int i = 0; i <= COUNT; i++) {
        struct delivery *found = read_back((size_t)i);
        snprintf(text, sizeof text, "{\"number\": %d}", i);
        assert_string_equal(found->bytes.data, text);
        delivery_free(&found);
    }
}

static void test_limit(void **state)
{
    (void)state;
    static char large[3000];
    struct told told;
    struct err err = { 0 };
    memset(large, 'x', sizeof large - 1);
    spool_close(&spool);
    open_with(7000);
    assert_int_equal(put_and_await(large, &told), OUTCOME_SPOOLED);
    assert_int_equal(put_and_await(large, &told), OUTCOME_SPOOLED);
    assert_int_equal(put_and_await(large, &told), OUTCOME_RETRY);
    assert_non_null(strstr(told.reason, "spool.max_bytes"));
    assert_int_equal(count_of("new"), 2);
    assert_int_equal(count_of("tmp"), 0);
    int64_t used = spool_figures(spool).bytes;
    spool_close(&spool);
    open_with(used); /* nothing fits any more, which is said at once */
    struct delivery *refused = make(&told, "{}");
    assert_false(spool_put(spool, refused, true, &err));
    assert_int_equal(err.kind, ERR_AGAIN);
    assert_non_null(strstr(err.text, "full"));
    delivery_free(&refused);
    spool_removed(spool, used / 2);
    assert_int_equal(put_and_await("{}", &told), OUTCOME_SPOOLED);
}

/* fsync says EIO: of the file, of the directory. Nothing stays, nothing is acknowledged; then it works. */
static void test_flush_fails(void **state)
{
    (void)state;
    struct told told;
    for (int what = FILES; what <= DIRECTORIES; what++) {
        fsync_fails = what;
        assert_int_equal(put_and_await("{}", &told), OUTCOME_RETRY);
        assert_non_null(strstr(told.reason, strerror(EIO)));
        assert_int_equal(count_of("new"), 0);
        assert_int_equal(count_of("tmp"), 0);
        assert_int_equal(spool_figures(spool).deliveries, 0);
        assert_int_equal(spool_figures(spool).bytes, 0);
    }
    fsync_fails = NOTHING;
    assert_int_equal(put_and_await("{}", &told), OUTCOME_SPOOLED);
}

/* The kernel refuses bytes in the middle of a file (EFBIG); small files still go. */
static void test_write_fails(void **state)
{
    (void)state;
    static char large[60000];
    struct told told;
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){ 20000, before.rlim_max };
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum outcome refused = put_and_await(large, &told);
    enum outcome taken = put_and_await("{}", &told);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(refused, OUTCOME_RETRY);
    assert_int_equal(taken, OUTCOME_SPOOLED);
    assert_int_equal(count_of("new"), 1);
    assert_int_equal(count_of("tmp"), 0);
    assert_int_equal(spool_figures(spool).deliveries, 1);
}

/* A disk that is full (ENOSPC), where this may be mounted. */
static void test_disk_full(void **state)
{
    (void)state;
    static char large[30000];
    struct told told;
    memset(large, 'x', sizeof large - 1);
    spool_close(&spool);
    if (mount("spool_test", path, "tmpfs", 0, "size=100k") != 0) {
        open_with(1 << 20);
        skip();
    }
    open_with(1 << 20);
    int taken = 0;
    while (taken < 10 && put_and_await(large, &told) == OUTCOME_SPOOLED)
        taken++;
    bool retry = told.outcome == OUTCOME_RETRY && strstr(told.reason, strerror(ENOSPC));
    size_t kept = count_of("new"), left = count_of("tmp");
    int64_t counted = spool_figures(spool).deliveries;
    spool_close(&spool);
    assert_int_equal(umount(path), 0);
    open_with(1 << 20);
    assert_true(retry);
    assert_in_range(taken, 1, 3);
    assert_int_equal(kept, taken);
    assert_int_equal(left, 0);
    assert_int_equal(counted, taken);
}

static void test_setup(void **state)
{
    (void)state;
    struct spool *other = NULL;
    struct err err = { 0 };
    assert_false(spool_open(&(struct spool_settings){ path, 1 << 20 }, &other, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_string_equal(err.field, "spool.path");
    assert_non_null(strstr(err.text, "another"));
    assert_null(other);
    err = (struct err){ 0 };
    assert_false(spool_open(&(struct spool_settings){ "/dev/null/spool", 1 << 20 }, &other, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_string_equal(err.field, "spool.path");
    assert_true(spool_open(&(struct spool_settings){ "", 1 << 20 }, &other, &err));
    assert_null(other);
    spool_close(&other);
}

/* --- draining --- */

struct fake_hall {
    struct hall hall;
    atomic_bool ready;
    atomic_int taken;
    char order[64]; /* first byte of each report */
    enum source source;
    int64_t received;
    bool vouched, spoolable;
    enum outcome outcome;
    struct err fault;
};

static void hall_take(struct hall *base, struct delivery *delivery)
{
    struct fake_hall *hall = (struct fake_hall *)base;
    hall->source = delivery->source;
    hall->received = delivery->received_seconds;
    hall->vouched = delivery->vouched;
    hall->spoolable = delivery->spoolable;
    hall->fault = delivery->fault;
    hall->order[hall->taken] = delivery->bytes.data[0];
    struct answer answer = { .outcome = hall->outcome, .id = "", .organization = "", .domain = "" };
    delivery_answer(delivery, &answer);
    hall->taken++;
}

static bool hall_wait(struct hall *base, int milliseconds)
{
    struct fake_hall *hall = (struct fake_hall *)base;
    if (!hall->ready)
        usleep((useconds_t)milliseconds * 1000);
    return hall->ready;
}

static void await_drained(size_t left)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_MS;
    while (spool_figures(spool).deliveries > (int64_t)left && clock_monotonic_ms() < until)
        usleep(2000);
    assert_int_equal(spool_figures(spool).deliveries, left);
    assert_int_equal(count_of("new"), left);
}

static void *open_drain(struct fake_hall *hall)
{
    static const struct limits limits = LIMITS_DEFAULT;
    struct err err = { 0 };
    void *door = NULL;
    hall->hall = (struct hall){ .take = hall_take, .wait = hall_wait, .spool = spool };
    assert_true(door_spool.open(NULL, &limits, &hall->hall, &door, &err));
    assert_non_null(door);
    return door;
}

/* Not while the hall is not ready; then in order, once, with what the door knew. */
static void test_drain(void **state)
{
    (void)state;
    struct told told;
    struct fake_hall hall = { .outcome = OUTCOME_STORED };
    char text[] = "?{}";
    void *door = open_drain(&hall);
    for (char c = 'a'; c <= 'z'; c++) {
        text[0] = c;
        assert_int_equal(put_and_await(text, &told), OUTCOME_SPOOLED);
    }
    assert_int_equal(hall.taken, 0);
    hall.ready = true;
    await_drained(0);
    assert_int_equal(hall.taken, 26);
    assert_string_equal(hall.order, "abcdefghijklmnopqrstuvwxyz");
    assert_int_equal(hall.source, SOURCE_HTTPS);
    assert_true(hall.received == 1700000000);
    assert_false(hall.spoolable || hall.vouched);
    assert_int_equal(spool_figures(spool).bytes, 0);
    assert_int_equal(count_of("cur"), 0);
    door_spool.stop(door);
    door_spool.close(&door);
}

/* What was acknowledged and is not in the database stays: refused now, or damaged. What must come again
 * stays in new/. */
static void test_drain_keeps(void **state)
{
    (void)state;
    struct told told;
    struct fake_hall hall = { .outcome = OUTCOME_REFUSED, .ready = true };
    assert_int_equal(put_and_await("{}", &told), OUTCOME_SPOOLED);
    void *door = open_drain(&hall);
    await_drained(0);
    struct listing kept = names_of("cur");
    assert_int_equal(kept.count, 1);
    assert_non_null(strstr(kept.names[0], ":2,T"));
    listing_done(&kept);

    hall.outcome = OUTCOME_REJECTED;
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s/new/00000000000000000000", path);
    FILE *file = fopen(full, "w");
    fputs("tlsrptd-spool: 1\nsource: https\n", file);
    fclose(file);
    for (int64_t until = clock_monotonic_ms() + PATIENCE_MS;
         count_of("cur") < 2 && clock_monotonic_ms() < until;)
        usleep(2000);
    kept = names_of("cur");
    assert_int_equal(kept.count, 2);
    assert_non_null(strstr(kept.names[0], ":2,F"));
    listing_done(&kept);
    assert_int_equal(hall.fault.kind, ERR_INPUT);

    assert_int_equal(put_and_await("{}", &told), OUTCOME_SPOOLED);
    for (int64_t until = clock_monotonic_ms() + PATIENCE_MS;
         hall.taken < 3 && clock_monotonic_ms() < until;)
        usleep(2000); /* rejected as it would have been at the door: it is in the database */
    hall.outcome = OUTCOME_RETRY;
    assert_int_equal(put_and_await("{}", &told), OUTCOME_SPOOLED);
    usleep(300000);
    door_spool.stop(door);
    door_spool.close(&door);
    assert_int_equal(count_of("new"), 1);
    assert_int_equal(count_of("cur"), 2);
}

static int64_t bytes_of_cur(void)
{
    CLEANUP(listing_done) struct listing kept = names_of("cur");
    int64_t bytes = 0;
    for (size_t i = 0; i < kept.count; i++) {
        char full[PATH_MAX];
        struct stat found;
        snprintf(full, sizeof full, "%s/cur/%s", path, kept.names[i]);
        assert_int_equal(stat(full, &found), 0);
        bytes += found.st_size;
    }
    return bytes;
}

/* What is kept has a bound too, over restarts: strangers can fill a spool with what is not ours, as often
 * as the list of domains is not known. */
static void test_kept_is_bounded(void **state)
{
    (void)state;
    struct told told;
    struct fake_hall hall = { .outcome = OUTCOME_REFUSED, .ready = true };
    char text[40001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int round = 0; round < 3; round++) {
        char newest[NAME_MAX + 1] = "";
        void *door = open_drain(&hall);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(put_and_await(text, &told), OUTCOME_SPOOLED);
            await_drained(0);
            struct listing kept = names_of("cur");
            assert_true(strcmp(kept.names[kept.count - 1], newest) > 0);
            snprintf(newest, sizeof newest, "%s", kept.names[kept.count - 1]);
            listing_done(&kept);
            assert_in_range(bytes_of_cur(), 40000, (1 << 20) / 8);
        }
        door_spool.stop(door);
        door_spool.close(&door);
        spool_close(&spool);
        open_with(1 << 20);
    }
    assert_int_equal(count_of("cur"), 3);
}

static void test_no_spool(void **state)
{
    (void)state;
    struct hall hall = { .take = hall_take, .wait = hall_wait };
    static const struct limits limits = LIMITS_DEFAULT;
    struct err err = { 0 };
    void *door = &hall;
    assert_true(door_spool.open(NULL, &limits, &hall, &door, &err));
    assert_null(door);
}

int main(void)
{
    log_level_set(LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flush_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_write_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_disk_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_setup, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_drain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_drain_keeps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kept_is_bounded, set_up, tear_down),
        cmocka_unit_test(test_no_spool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
