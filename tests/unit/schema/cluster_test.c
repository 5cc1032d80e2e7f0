/* The private PostgreSQL with real servers. PostgreSQL refuses root: started by root, all but the
 * test of that refusal runs as `nobody`, in a directory that is its own.
 * SPDX-License-Identifier: MIT */
#include "schema/cluster.h"
#include "base/clock.h"
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char root[64];       /* everything is below */
static char directory[128]; /* of the cluster that the tests share */

static struct cluster *open_there(const char *where)
{
    struct cluster *cluster = NULL;
    struct err err = { 0 };
    if (!cluster_open(where, &cluster, &err))
        fail_msg("%s", err.text);
    return cluster;
}

static void refused(const char *where, enum err_kind want_kind, const char *want_text)
{
    struct cluster *cluster = NULL;
    struct err err = { 0 };
    assert_false(cluster_open(where, &cluster, &err));
    assert_null(cluster);
    assert_int_equal(err.kind, want_kind);
    if (!strstr(err.text, want_text))
        fail_msg("'%s' lacks '%s'", err.text, want_text);
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* What psql prints for STATEMENT, without its line end; "" when it fails. */
static char *ask(const struct cluster *cluster, const char *statement, char out[256])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execlp("psql", "psql", "-XAtq", "-d", cluster_conninfo(cluster), "-c", statement,
               (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t size = read(ends[0], out, 255);
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    out[size > 0 && status == 0 ? (size_t)size - 1 : 0] = '\0';
    return out;
}

static void test_root_is_refused_with_the_remedy(void **state)
{
    (void)state;
    refused("/var/lib/x", ERR_SETUP, "install -d -o nobody /var/lib/x && runuser -u nobody");
}

static void test_first_start_makes_a_durable_database(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *want;
    } settings[] = {
        { "fsync", "on" },
        { "full_page_writes", "on" },
        { "synchronous_commit", "on" },
        { "data_checksums", "on" },
        { "listen_addresses", "" },
        { "server_encoding", "UTF8" },
        { "wal_level", "minimal" },
        { "jit", "off" },
        { "TimeZone", "UTC" },
    };
    char out[256], statement[128], path[160];
    struct stat file;
    struct cluster *cluster = open_there(directory);
    assert_true(cluster_owned(cluster));
    assert_true(cluster_alive(cluster));
    assert_string_equal(cluster_directory(cluster), directory);
    assert_string_equal(ask(cluster, "SELECT current_database()", out), "tlsrptd");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        snprintf(statement, sizeof statement, "SHOW %s", settings[i].setting);
        assert_string_equal(ask(cluster, statement, out), settings[i].want);
    }
    snprintf(path, sizeof path, "%s/run", directory);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0700);
    assert_int_equal(getpgid(cluster_pid(cluster)), cluster_pid(cluster));

    pid_t server = cluster_pid(cluster);
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS n", out);
    cluster_close(&cluster);
    assert_null(cluster);
    assert_int_equal(kill(server, 0), -1);
    cluster_close(&cluster);
}

static void test_restart_keeps_the_data(void **state)
{
    (void)state;
    char out[256];
    struct cluster *cluster = open_there(directory);
    assert_string_equal(ask(cluster, "SELECT n FROM kept", out), "7");
    cluster_close(&cluster);
}

static void test_killed_server_is_started_again(void **state)
{
    (void)state;
    char out[256];
    struct err err = { 0 };
    bool restarted = true;
    struct cluster *cluster = open_there(directory);
    pid_t first = cluster_pid(cluster);
    assert_true(cluster_keep(cluster, &restarted, &err));
    assert_false(restarted);
    assert_int_equal(cluster_pid(cluster), first);

    ask(cluster, "INSERT INTO kept VALUES (8)", out);
    assert_int_equal(kill(first, SIGKILL), 0);
    while (cluster_alive(cluster))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    if (!cluster_keep(cluster, &restarted, &err))
        fail_msg("%s", err.text);
    assert_true(restarted);
    assert_true(cluster_alive(cluster));
    assert_int_not_equal(cluster_pid(cluster), first);
    assert_string_equal(ask(cluster, "SELECT sum(n) FROM kept", out), "15");
    cluster_close(&cluster);
}

static void test_second_opener_attaches(void **state)
{
    (void)state;
    char out[256];
    struct cluster *first = open_there(directory), *second = open_there(directory);
    assert_true(cluster_owned(first));
    assert_false(cluster_owned(second));
    assert_true(cluster_alive(second));
    assert_int_equal(cluster_pid(first), cluster_pid(second));
    assert_string_equal(ask(second, "SELECT count(*) FROM kept", out), "2");
    cluster_close(&second);
    assert_true(cluster_alive(first));

    second = open_there(directory); /* when the owner goes, whoever stays runs the server */
    cluster_close(&first);
    assert_false(cluster_alive(second));
    struct err err = { 0 };
    bool restarted = false;
    if (!cluster_keep(second, &restarted, &err))
        fail_msg("%s", err.text);
    assert_true(restarted);
    assert_true(cluster_owned(second));
    assert_string_equal(ask(second, "SELECT count(*) FROM kept", out), "2");
    cluster_close(&second);
}

/* A process that is killed takes its server along, and the next one waits for it to be gone. */
static void test_killed_owner_leaves_nothing_behind(void **state)
{
    (void)state;
    char out[256] = "";
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t owner = fork();
    assert_true(owner >= 0);
    if (owner == 0) {
        struct cluster *cluster = NULL;
        struct err err = { 0 };
        pid_t server = cluster_open(directory, &cluster, &err) ? cluster_pid(cluster) : 0;
        ssize_t told = write(ends[1], &server, sizeof server);
        raise(told == sizeof server ? SIGKILL : SIGABRT);
    }
    pid_t server = 0;
    int status;
    assert_int_equal(read(ends[0], &server, sizeof server), sizeof server);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(waitpid(owner, &status, 0), owner);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(server > 0);

    struct cluster *cluster = open_there(directory);
    assert_true(cluster_owned(cluster));
    assert_int_not_equal(cluster_pid(cluster), server);
    assert_string_equal(ask(cluster, "SELECT count(*) FROM kept", out), "2");
    cluster_close(&cluster);
}

static void test_half_made_data_is_made_anew(void **state)
{
    (void)state;
    char where[128], path[160], out[256];
    snprintf(where, sizeof where, "%s/it's \"odd\" \\ here", root);
    assert_int_equal(mkdir(where, 0700), 0);
    snprintf(path, sizeof path, "%s/pg.new", where);
    assert_int_equal(mkdir(path, 0700), 0);
    strncat(path, "/PG_VERSION", sizeof path - strlen(path) - 1);
    put_file(path, "15\n");

    struct cluster *cluster = open_there(where);
    assert_string_equal(ask(cluster, "SELECT 1", out), "1");
    cluster_close(&cluster);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_other_version_names_both(void **state)
{
    (void)state;
    char where[128], path[160];
    snprintf(where, sizeof where, "%s/old", root);
    snprintf(path, sizeof path, "%s/pg", where);
    assert_int_equal(mkdir(where, 0700), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    strncat(path, "/PG_VERSION", sizeof path - strlen(path) - 1);
    put_file(path, "9\n");
    refused(where, ERR_SETUP, "is of PostgreSQL 9, the server here is");
}

static void test_faults_of_the_set_up(void **state)
{
    (void)state;
    char where[256];
    snprintf(where, sizeof where, "%s/%0120d", root, 7);
    refused(where, ERR_SETUP, "bytes too long for the database's Unix socket");
    refused("/proc/1/nothing/here", ERR_SETUP, "/proc/1/nothing");

    snprintf(where, sizeof where, "%s/a,b", root);
    refused(where, ERR_SETUP, "a path with a comma");

    snprintf(where, sizeof where, "%s/none", root);
    setenv("TLSRPTD_PG_BINDIR", root, 1);
    refused(where, ERR_SETUP, "no initdb and postgres there");
    unsetenv("TLSRPTD_PG_BINDIR");
}

static void test_log_says_why_it_does_not_start(void **state)
{
    (void)state;
    char path[160], text[80] = "";
    snprintf(path, sizeof path, "%s/pg/postgresql.auto.conf", directory);
    put_file(path, "no_such_setting = 1\n");
    int64_t start = clock_monotonic_ms();
    refused(directory, ERR_AGAIN, "PostgreSQL does not start: FATAL:  configuration file");
    assert_true(clock_monotonic_ms() - start < 10000);
    put_file(path, text);
}

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *at)
{
    (void)file, (void)type, (void)at;
    return remove(path);
}

/* From root to `nobody`, for good. */
static int drop_root(void)
{
    const struct passwd *nobody = getpwnam("nobody");
    if (!nobody || chown(root, nobody->pw_uid, nobody->pw_gid) != 0 || setgroups(0, NULL) != 0
        || setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) != 0
        || setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) != 0)
        return -1;
    return prctl(PR_SET_DUMPABLE, 1); /* or the leak check could not look at us */
}

int main(void)
{
    static const struct CMUnitTest as_root[] = {
        cmocka_unit_test(test_root_is_refused_with_the_remedy),
    };
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_start_makes_a_durable_database),
        cmocka_unit_test(test_restart_keeps_the_data),
        cmocka_unit_test(test_killed_server_is_started_again),
        cmocka_unit_test(test_second_opener_attaches),
        cmocka_unit_test(test_killed_owner_leaves_nothing_behind),
        cmocka_unit_test(test_half_made_data_is_made_anew),
        cmocka_unit_test(test_other_version_names_both),
        cmocka_unit_test(test_faults_of_the_set_up),
        cmocka_unit_test(test_log_says_why_it_does_not_start),
    };
    snprintf(root, sizeof root, "/tmp/cluster_test.XXXXXX");
    if (!mkdtemp(root) || chdir(root) != 0)
        return 1;
    snprintf(directory, sizeof directory, "%s/below/state", root);
    int failed = 0;
    if (geteuid() == 0) {
        failed = cmocka_run_group_tests_name("as root", as_root, NULL, NULL);
        if (drop_root() != 0)
            return 1;
    }
    failed += cmocka_run_group_tests_name("cluster", tests, NULL, NULL);
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failed;
}
