/* The maildir door against a hall that answers from a thread of its own: flags and moves for each
 * outcome, files that are not to be touched, retries, and two doors on one maildir.
 * SPDX-License-Identifier: MIT */
#include "ingest/maildir.h"
#include "base/clock.h"
#include "base/log.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define QUEUE_MAX  1024
#define PATIENCE_S 20

/* Answers each delivery by its first word: the name of an outcome, or "retry-once". */
struct fake_hall {
    struct hall hall; /* first, so that the door's pointer is ours */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct delivery *queue[QUEUE_MAX];
    size_t queued;
    bool stopping;
    atomic_int taken;
    size_t largest;        /* bytes of one delivery */
    int64_t mtime;         /* received_seconds of the last */
    char origin[PATH_MAX]; /* ditto */
    bool retried;
};

static enum outcome outcome_for(struct fake_hall *hall, const char *text)
{
    if (strncmp(text, "retry-once", 10) == 0) {
        bool first = !hall->retried;
        hall->retried = true;
        return first ? OUTCOME_RETRY : OUTCOME_STORED;
    }
    for (int i = OUTCOME_STORED; i <= OUTCOME_RETRY; i++)
        if (strncmp(text, outcome_row((enum outcome)i)->word, 6) == 0)
            return (enum outcome)i;
    return OUTCOME_STORED;
}

static void *hall_run(void *thing)
{
    struct fake_hall *hall = thing;
    for (;;) {
        pthread_mutex_lock(&hall->lock);
        while (!hall->queued && !hall->stopping)
            pthread_cond_wait(&hall->changed, &hall->lock);
        struct delivery *delivery = hall->queued ? hall->queue[--hall->queued] : NULL;
        pthread_mutex_unlock(&hall->lock);
        if (!delivery)
            return NULL;
        struct answer answer = { .outcome = outcome_for(hall, delivery->bytes.data),
                                 .id = "",
                                 .organization = arena_text(&delivery->arena, "Example"),
                                 .domain = "example.com" };
        delivery_answer(delivery, &answer);
    }
}

static void hall_take(struct hall *base, struct delivery *delivery)
{
    struct fake_hall *hall = (struct fake_hall *)base;
    pthread_mutex_lock(&hall->lock);
    hall->taken++;
    hall->mtime = delivery->received_seconds;
    snprintf(hall->origin, sizeof hall->origin, "%s", delivery->origin);
    if (delivery->bytes.size > hall->largest)
        hall->largest = delivery->bytes.size;
    assert_true(hall->queued < QUEUE_MAX);
    hall->queue[hall->queued++] = delivery;
    pthread_cond_signal(&hall->changed);
    pthread_mutex_unlock(&hall->lock);
}

static bool hall_wait(struct hall *base, int milliseconds)
{
    struct fake_hall *hall = (struct fake_hall *)base;
    pthread_mutex_lock(&hall->lock);
    bool room = hall->queued < QUEUE_MAX;
    pthread_mutex_unlock(&hall->lock);
    if (!room)
        usleep((useconds_t)milliseconds * 1000);
    return room;
}

/* One test: a maildir in a directory of its own, and a hall. */
struct place {
    char path[64];
    struct fake_hall hall;
};

static void make_directory(const struct place *place, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", place->path, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
    struct place *place = memory_new(sizeof *place);
    snprintf(place->path, sizeof place->path, "/tmp/maildir_test.XXXXXX");
    if (!mkdtemp(place->path))
        return -1;
    make_directory(place, "new");
    make_directory(place, "cur");
    make_directory(place, "tmp");
    place->hall.hall = (struct hall){ .take = hall_take, .wait = hall_wait };
    pthread_mutex_init(&place->hall.lock, NULL);
    pthread_cond_init(&place->hall.changed, NULL);
    *state = place;
    return pthread_create(&place->hall.thread, NULL, hall_run, &place->hall);
}

static void remove_all(const struct place *place, const char *name)
{
    char path[PATH_MAX], full[PATH_MAX + NAME_MAX + 2];
    snprintf(path, sizeof path, "%s/%s", place->path, name);
    DIR *directory = opendir(path);
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0
            && unlink(full) != 0)
            rmdir(full);
    }
    if (directory)
        closedir(directory);
    rmdir(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;
    pthread_mutex_lock(&place->hall.lock);
    place->hall.stopping = true;
    pthread_cond_signal(&place->hall.changed);
    pthread_mutex_unlock(&place->hall.lock);
    pthread_join(place->hall.thread, NULL);
    remove_all(place, "new");
    remove_all(place, "cur");
    remove_all(place, "tmp");
    rmdir(place->path);
    free(place);
    return 0;
}

/* As a mail server delivers: written in tmp, renamed into new. */
static void put(const struct place *place, const char *name, const char *text)
{
    char from[PATH_MAX], to[PATH_MAX];
    snprintf(from, sizeof from, "%s/tmp/%s", place->path, name);
    snprintf(to, sizeof to, "%s/new/%s", place->path, name);
    FILE *file = fopen(from, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(from, to), 0);
}

static bool exists(const struct place *place, const char *name)
{
    char path[PATH_MAX];
    struct stat found;
    snprintf(path, sizeof path, "%s/%s", place->path, name);
    return lstat(path, &found) == 0;
}

static bool appears(const struct place *place, const char *name)
{
    int64_t until = clock_monotonic_ms() + PATIENCE_S * 1000;
    while (!exists(place, name) && clock_monotonic_ms() < until)
        usleep(5000);
    return exists(place, name);
}

static size_t count_files(const struct place *place, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", place->path, name);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void *open_door(struct place *place, const struct limits *limits, int64_t rescan_seconds)
{
    struct maildir_settings settings = { .path = place->path, .rescan_seconds = rescan_seconds };
    struct err err = { 0 };
    void *door = NULL;
    assert_true(door_maildir.open(&settings, limits, &place->hall.hall, &door, &err));
    assert_non_null(door);
    return door;
}

static void shut(void *door)
{
    door_maildir.stop(door);
    door_maildir.close(&door);
    assert_null(door);
}

static const struct limits limits = LIMITS_DEFAULT;

/* Each outcome, for files that were there before and for files that come later. */
static void test_outcomes(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "1.a.host", "stored", "cur/1.a.host:2,S" },
        { "2.b.host", "duplicate", "cur/2.b.host:2,S" },
        { "3.c.host", "rejected", "cur/3.c.host:2,F" },
        { "4.d.host", "refused", "cur/4.d.host:2,T" },
        { "5.e.host:2,", "stored", "cur/5.e.host:2,S" },
        { "6.f.host:2,P", "rejected", "cur/6.f.host:2,F" },
        { "7 with space \n", "stored", "cur/7 with space \n:2,S" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows) / 2; i++)
        put(place, rows[i].name, rows[i].text);
    void *door = open_door(place, &limits, 3600);
    for (size_t i = 0; i < ARRAY_SIZE(rows) / 2; i++)
        assert_true(appears(place, rows[i].want));
    for (size_t i = ARRAY_SIZE(rows) / 2; i < ARRAY_SIZE(rows); i++)
        put(place, rows[i].name, rows[i].text); /* only inotify can tell of these */
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_true(appears(place, rows[i].want));
    shut(door);
    assert_int_equal(place->hall.taken, ARRAY_SIZE(rows));
    assert_int_equal(count_files(place, "new"), 0);
    assert_int_equal(count_files(place, "cur"), ARRAY_SIZE(rows));
    assert_true(strncmp(place->hall.origin, place->path, strlen(place->path)) == 0);
}

static void test_retry(void **state)
{
    struct place *place = *state;
    put(place, "again", "retry-once");
    put(place, "never", "retry");
    int64_t begin = clock_monotonic_ms();
    void *door = open_door(place, &limits, 3600);
    assert_true(appears(place, "cur/again:2,S"));
    assert_true(clock_monotonic_ms() - begin >= 900); /* after a pause, not at once */
    for (int i = 0; i < 26; i++) { /* others that come meanwhile do not shorten its pause */
        char name[] = { (char)('a' + i), '\0' }, moved[] = "cur/?:2,S";
        moved[4] = name[0];
        put(place, name, "stored");
        assert_true(appears(place, moved));
    }
    shut(door);
    assert_true(exists(place, "new/never"));
    assert_in_range(place->hall.taken, 26 + 3, 26 + 5); /* no busy loop */
}

/* Neither taken nor followed nor moved: hidden files, directories, symbolic links, pipes. */
static void test_left_alone(void **state)
{
    struct place *place = *state;
    char path[PATH_MAX], target[PATH_MAX];
    put(place, ".hidden", "stored");
    make_directory(place, "new/directory");
    snprintf(target, sizeof target, "%s/tmp/secret", place->path);
    FILE *file = fopen(target, "w");
    assert_non_null(file);
    fclose(file);
    snprintf(path, sizeof path, "%s/new/link", place->path);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/new/pipe", place->path);
    assert_int_equal(mkfifo(path, 0600), 0);
    void *door = open_door(place, &limits, 1);
    put(place, "last", "stored");
    assert_true(appears(place, "cur/last:2,S"));
    shut(door);
    assert_int_equal(place->hall.taken, 1);
    assert_int_equal(count_files(place, "cur"), 1);
    assert_true(exists(place, "new/link") && exists(place, "new/pipe"));
}

static void test_large_and_old(void **state)
{
    struct place *place = *state;
    struct limits small = limits;
    small.message_bytes = 10;
    put(place, "large", "stored, but much more than ten bytes");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/new/large", place->path);
    struct timespec times[2] = { { .tv_sec = 1600000000 }, { .tv_sec = 1600000000 } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    void *door = open_door(place, &small, 3600);
    assert_true(appears(place, "cur/large:2,S"));
    shut(door);
    assert_int_equal(place->hall.largest, 11); /* the hall sees that it is too large */
    assert_int_equal(place->hall.mtime, 1600000000);
}

/* No clock of whoever wrote the file makes it one of the future, or of the time before all files. */
static void test_times_that_cannot_be(void **state)
{
    struct place *place = *state;
    static const int64_t seconds[] = { INT64_C(1) << 33, -1 };
    for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
        char name[] = "a", path[PATH_MAX], moved[64];
        name[0] = (char)('a' + i);
        put(place, name, "stored");
        snprintf(path, sizeof path, "%s/new/%s", place->path, name);
        struct timespec times[2] = { { .tv_sec = seconds[i] }, { .tv_sec = seconds[i] } };
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
        void *door = open_door(place, &limits, 3600);
        snprintf(moved, sizeof moved, "cur/%s:2,S", name);
        assert_true(appears(place, moved));
        shut(door);
        assert_in_range(place->hall.mtime, clock_now() - 600, clock_now());
    }
}

static void test_name_taken(void **state)
{
    struct place *place = *state;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/cur/same:2,S", place->path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    put(place, "same", "stored");
    void *door = open_door(place, &limits, 3600);
    assert_true(appears(place, "cur/same.1:2,S"));
    shut(door);
    assert_int_equal(count_files(place, "cur"), 2); /* nothing was written over */
}

/* A name may be as long as the file system allows, so that there is no room for the flag. */
static void test_name_long(void **state)
{
    struct place *place = *state;
    char name[NAME_MAX + 1], want[NAME_MAX + 8];
    memset(name, 'n', NAME_MAX);
    name[NAME_MAX] = '\0';
    snprintf(want, sizeof want, "cur/%.*s:2,S", NAME_MAX - (int)strlen(".99:2,S"), name);
    put(place, name, "stored");
    void *door = open_door(place, &limits, 3600);
    assert_true(appears(place, want));
    memcpy(name + NAME_MAX - 4, ":2,S", 4); /* cut to the same */
    put(place, name, "stored");
    snprintf(want, sizeof want, "cur/%.*s.1:2,S", NAME_MAX - (int)strlen(".99:2,S"), name);
    assert_true(appears(place, want));
    shut(door);
    assert_int_equal(count_files(place, "new"), 0);
}

/* A name may hold any byte; what the hall gets of it is UTF-8, as the database wants it. */
static void test_name_not_utf8(void **state)
{
    struct place *place = *state;
    put(place, "latin\xe9\xff", "stored");
    void *door = open_door(place, &limits, 3600);
    assert_true(appears(place, "cur/latin\xe9\xff:2,S"));
    shut(door);
    assert_non_null(strstr(place->hall.origin, "/new/latin\xef\xbf\xbd\xef\xbf\xbd"));
}

static void test_two_doors(void **state)
{
    struct place *place = *state;
    const int count = 1000;
    for (int i = 0; i < count / 2; i++)
        put(place, (char[16]){ (char)('a' + i % 26), (char)('a' + i / 26 % 26), 'x' }, "stored");
    void *one = open_door(place, &limits, 1), *other = open_door(place, &limits, 1);
    for (int i = 0; i < count / 2; i++)
        put(place, (char[16]){ (char)('a' + i % 26), (char)('a' + i / 26 % 26), 'y' }, "rejected");
    int64_t until = clock_monotonic_ms() + PATIENCE_S * 1000;
    while (count_files(place, "new") && clock_monotonic_ms() < until)
        usleep(10000);
    shut(one);
    shut(other);
    assert_int_equal(count_files(place, "new"), 0);
    assert_int_equal(count_files(place, "cur"), count);
    assert_int_equal(place->hall.taken, count);
}

/* What is in flight is answered before stop returns; the rest waits for the next start. */
static void test_stop(void **state)
{
    struct place *place = *state;
    for (int i = 0; i < 600; i++)
        put(place, (char[16]){ (char)('a' + i % 26), (char)('a' + i / 26), 'z' }, "stored");
    void *door = open_door(place, &limits, 3600);
    while (!place->hall.taken)
        usleep(1000);
    shut(door);
    assert_int_equal(count_files(place, "cur"), place->hall.taken);
    assert_int_equal(count_files(place, "cur") + count_files(place, "new"), 600);
}

static void test_setup(void **state)
{
    struct place *place = *state;
    struct err err = { 0 };
    void *door = place;
    struct maildir_settings settings = { .path = "" };
    assert_true(door_maildir.open(&settings, &limits, &place->hall.hall, &door, &err));
    assert_null(door); /* shut by its settings */

    settings.path = "/nonexistent/maildir";
    assert_false(door_maildir.open(&settings, &limits, &place->hall.hall, &door, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_non_null(strstr(err.text, "/nonexistent/maildir"));

    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/cur", place->path);
    assert_int_equal(rmdir(path), 0);
    err = (struct err){ 0 };
    settings.path = place->path;
    assert_false(door_maildir.open(&settings, &limits, &place->hall.hall, &door, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_non_null(strstr(err.text, "/cur"));
    door_maildir.close(&(void *){ NULL });
}

int main(void)
{
    log_level_set(LOG_LEVEL_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_outcomes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_retry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_and_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_not_utf8, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_doors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_setup, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
