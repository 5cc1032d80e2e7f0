/* See initdb.h.
 * SPDX-License-Identifier: MIT */
#include "schema/initdb.h"
#include "schema/program.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_BYTES (1 << 20) /* a larger log is put aside at the next start; one old one is kept */

static bool path_failed(struct err *err, const char *path)
{
    return err_set(err, ERR_SETUP, "%s: %s", path, strerror(errno));
}

int initdb_log_open(const struct initdb *files, off_t *from)
{
    struct stat file;
    if (stat(files->log, &file) == 0 && file.st_size > LOG_BYTES) {
        char old[PATH_MAX];
        snprintf(old, sizeof old, "%s.1", files->log);
        if (rename(files->log, old) != 0)
            return -1;
    }
    int fd = open(files->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    *from = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    return fd;
}

bool initdb_log_failed(const struct initdb *files, off_t from, const char *what, struct err *err)
{
    char text[4096], last[160] = "";
    CLEANUP(program_close) int fd = open(files->log, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : pread(fd, text, sizeof text - 1, from);
    text[size > 0 ? size : 0] = '\0';
    for (const char *line = text; *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        const char *fatal = memmem(line, length, "FATAL:", 6); /* the server's */
        const char *error = memmem(line, length, "rror:", 5);  /* initdb's */
        if (fatal || error)
            snprintf(last, sizeof last, ": %.*s", (int)(line + length - (fatal ? fatal : error)),
                     fatal ? fatal : error);
        line += length;
    }
    return err_set(err, ERR_AGAIN, "%s%s (see %.60s)", what, last, files->log);
}

static bool has_programs(const char *bin)
{
    static const char *const needed[] = { "initdb", "postgres" };
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", bin, needed[i]);
        if (access(path, X_OK) != 0)
            return false;
    }
    return true;
}

/* The newest of Debian's, in ARENA; NULL if there is none. */
static char *newest_bin(struct arena *arena)
{
    glob_t found;
    char *newest = NULL;
    long newest_version = -1;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0)
        return NULL;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        long version = strtol(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"), NULL, 10);
        if (version > newest_version && has_programs(found.gl_pathv[i])) {
            newest_version = version;
            newest = arena_text(arena, found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return newest;
}

/* Major version of the data; 0 when there is none yet. */
static int data_version(const struct initdb *files)
{
    char path[PATH_MAX], text[16] = "";
    snprintf(path, sizeof path, "%s/PG_VERSION", files->data);
    CLEANUP(program_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        return 0;
    return (int)strtol(text, NULL, 10);
}

static const char *find_programs(struct arena *arena, int version, struct err *err)
{
    const char *bin = getenv("TLSRPTD_PG_BINDIR");
    if (bin && *bin) {
        if (has_programs(bin))
            return arena_text(arena, bin);
        err_set(err, ERR_SETUP, "TLSRPTD_PG_BINDIR=%s: no initdb and postgres there", bin);
        return NULL;
    }
    bin = arena_printf(arena, "/usr/lib/postgresql/%d/bin", version);
    if (version && has_programs(bin))
        return bin;
    bin = program_line(arena, (char *[]){ "pg_config", "--bindir", NULL });
    if (bin && has_programs(bin))
        return bin;
    bin = newest_bin(arena);
    if (!bin)
        err_set(err, ERR_SETUP, "PostgreSQL is not installed here: apt install postgresql");
    return bin;
}

bool initdb_programs(const struct initdb *files, struct arena *arena, const char **out,
                     struct err *err)
{
    int data = data_version(files);
    const char *bin = find_programs(arena, data, err);
    if (!bin)
        return false;
    char *argv[] = { arena_printf(arena, "%s/postgres", bin), "--version", NULL };
    const char *line = program_line(arena, argv); /* postgres (PostgreSQL) 15.20 (Debian …) */
    const char *number = line ? strpbrk(line, "0123456789") : NULL;
    int server = number ? (int)strtol(number, NULL, 10) : 0;
    if (server == 0)
        return err_set(err, ERR_SETUP, "%s --version does not say a version", argv[0]);
    if (data != 0 && data != server)
        return err_set(err, ERR_SETUP,
                       "the data in %.60s is of PostgreSQL %d, the server here is %d: install "
                       "postgresql-%d again, or move the data over with pg_upgrade",
                       files->data, data, server, data);
    *out = bin;
    return true;
}

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *at)
{
    (void)file, (void)type, (void)at;
    return remove(path);
}

/* The standard input of a program that reads TEXT, which fits into a pipe; -1 on failure. */
static int input_of(const char *text)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    ssize_t written = write(ends[1], text, strlen(text));
    close(ends[1]);
    if (written == (ssize_t)strlen(text))
        return ends[0];
    close(ends[0]);
    return -1;
}

/* Runs one of PostgreSQL's programs with TEXT as its input and its words in the log. */
static bool run_logged(const struct initdb *files, char **argv, const char *text, struct err *err)
{
    off_t from;
    CLEANUP(program_close) int log = initdb_log_open(files, &from);
    if (log < 0)
        return path_failed(err, files->log);
    CLEANUP(program_close) int input = input_of(text);
    struct program program = { .argv = argv,
                               .directory = files->directory,
                               .input = input,
                               .output = log,
                               .errors = -1,
                               .death_signal = SIGKILL };
    return program_run(&program, &(struct err){ 0 })
           || initdb_log_failed(files, from, "the database could not be made", err);
}

/* The data is made under another name and gets its own once it is whole, so that what a killed
 * initdb leaves is never taken for data. */
bool initdb_make(const struct initdb *files, const char *bin, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    if (data_version(files) != 0)
        return true;
    char *half = arena_printf(&arena, "%s.new", files->data);
    if (nftw(half, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return path_failed(err, half);

    char *initdb[] = {
        arena_printf(&arena, "%s/initdb", bin),
        "--pgdata",
        half,
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        NULL,
    };
    char *single[] = {
        arena_printf(&arena, "%s/postgres", bin),
        "--single",
        "-D",
        half,
        "-c",
        "exit_on_error=on",
        "template1",
        NULL,
    };
    if (!run_logged(files, initdb, "", err)
        || !run_logged(files, single, "CREATE DATABASE " INITDB_DATABASE ";\n", err))
        return false;

    CLEANUP(program_close)
    int directory = open(files->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rename(half, files->data) != 0 || fsync(directory) != 0)
        return path_failed(err, files->data);
    return true;
}
