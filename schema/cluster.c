/* See cluster.h. The server is a direct child, so that no process is left behind that nobody looks
 * after: its end is seen at once, and ours makes it stop.
 *
 * Two locks guard the data. Ours (flock) decides which tlsrptd runs the server; PostgreSQL's own
 * (postmaster.pid) keeps a second server away, also from one that is still shutting down after a
 * crash of ours. The second is never touched here: we wait until it is free.
 *
 * SPDX-License-Identifier: MIT */
#include "schema/cluster.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "schema/initdb.h"
#include "schema/program.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "/.s.PGSQL.5432"

enum {                         /* milliseconds */
       PREDECESSOR_MS = 30000, /* an old server that is still exiting */
       READY_MS = 120000,      /* start, with recovery of what a crash left */
       STOP_MS = 10000,
};

struct cluster {
    struct arena arena;
    struct initdb files;
    char *run; /* where its socket is */
    char *conninfo;
    int lock;   /* -1 while another process has it */
    pid_t pid;  /* of the server that is our child, or 0 */
    off_t from; /* where that server's log begins */
};

static bool path_failed(struct err *err, const char *path)
{
    return err_set(err, ERR_SETUP, "%s: %s", path, strerror(errno));
}

/* One value of a libpq connection string. */
static void add_value(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "%s='", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buf_text(out, "\\");
        buf_add(out, value, 1);
    }
    buf_text(out, "' ");
}

static bool make_directories(const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf part = BUF(PATH_MAX);
    for (const char *at = path; *at;) {
        size_t size = strspn(at, "/");
        size += strcspn(at + size, "/");
        buf_add(&part, at, size);
        if (part.failed)
            return err_set(err, ERR_SETUP, "the path %.100s… is too long", path);
        if (mkdir(buf_get(&part), 0700) != 0 && errno != EEXIST && errno != EISDIR)
            return path_failed(err, buf_get(&part));
        at += size;
    }
    return true;
}

static bool set_names(struct cluster *cluster, const char *directory, struct err *err)
{
    struct arena *arena = &cluster->arena;
    char absolute[PATH_MAX];
    if (!make_directories(directory, err))
        return false;
    if (!realpath(directory, absolute))
        return path_failed(err, directory);
    cluster->files.directory = arena_text(arena, absolute);
    cluster->files.data = arena_printf(arena, "%s/pg", absolute);
    cluster->run = arena_printf(arena, "%s/run", absolute);
    cluster->files.log = arena_printf(arena, "%s/postgresql.log", absolute);

    size_t most = sizeof((struct sockaddr_un){ 0 }).sun_path - sizeof SOCKET;
    if (strlen(cluster->run) > most)
        return err_set(err, ERR_SETUP,
                       "the path of %s is %zu bytes too long for the database's Unix socket; "
                       "choose a shorter one",
                       absolute, strlen(cluster->run) - most);
    if (strchr(absolute,
               ',')) /* it separates hosts in connection strings, and nothing escapes it */
        return err_set(err, ERR_SETUP, "%s: PostgreSQL cannot use a path with a comma", absolute);

    char names[1024];
    struct passwd user, *found = NULL;
    getpwuid_r(geteuid(), &user, names, sizeof names, &found);
    if (!found)
        return err_set(err, ERR_SETUP,
                       "user id %u has no name in /etc/passwd, which PostgreSQL asks for",
                       (unsigned)geteuid());
    CLEANUP(buf_done) struct buf conninfo = BUF(2 * PATH_MAX);
    add_value(&conninfo, "host", cluster->run);
    add_value(&conninfo, "port", "5432");
    add_value(&conninfo, "user", found->pw_name);
    buf_text(&conninfo, "dbname=" INITDB_DATABASE);
    cluster->conninfo = arena_text(arena, buf_get(&conninfo));
    return true;
}

struct postmaster {
    pid_t pid;
    bool ready;
};

/* What the server of our data says of itself in postmaster.pid: its eighth line is "ready" while it
 * accepts connections. False when there is no such file. */
static bool postmaster_read(const struct cluster *cluster, struct postmaster *out)
{
    char path[PATH_MAX], text[PATH_MAX * 2] = "";
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster->files.data);
    CLEANUP(program_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read(fd, text, sizeof text - 1);
    text[size > 0 ? size : 0] = '\0';
    const char *line = text;
    for (int number = 1; line && number < 8; number++) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    out->pid = (pid_t)strtol(text, NULL, 10);
    out->ready = line && strncmp(line, "ready", 5) == 0;
    return true;
}

/* Of any process's server. */
static bool server_ready(const struct cluster *cluster)
{
    struct postmaster server;
    return postmaster_read(cluster, &server) && server.ready && server.pid > 0
           && kill(server.pid, 0) == 0;
}

static bool launch(struct cluster *cluster, const char *bin, struct err *err)
{
    if (mkdir(cluster->run, 0700) != 0 && errno != EEXIST)
        return path_failed(err, cluster->run);
    CLEANUP(program_close) int log = initdb_log_open(&cluster->files, &cluster->from);
    if (log < 0)
        return path_failed(err, cluster->files.log);
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(program_close) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CLEANUP(buf_done) struct buf sockets = BUF(2 * PATH_MAX); /* a list, hence quoted */
    buf_text(&sockets, "\"");
    for (const char *c = cluster->run; *c; c++)
        buf_add(&sockets, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    buf_text(&sockets, "\"");

    char *argv[] = {
        arena_printf(&arena, "%s/postgres", bin),
        "-D",
        arena_text(&arena, cluster->files.data),
        arena_printf(&arena, "--unix_socket_directories=%s", buf_get(&sockets)),
        "--unix_socket_permissions=0700",
        "--listen_addresses=",
        "--port=5432",
        "--fsync=on",
        "--shared_buffers=64MB",
        "--max_connections=40",
        "--jit=off", /* compiling costs more than our queries */
        "--wal_level=minimal",
        "--max_wal_senders=0",
        "--timezone=UTC",
        "--log_timezone=UTC",
        "--logging_collector=off",
        "--log_checkpoints=off",
        NULL,
    };
    struct program server = { .argv = argv,
                              .directory = cluster->files.directory,
                              .input = null,
                              .output = log,
                              .errors = -1,
                              .death_signal = SIGINT,
                              .group = true };
    return program_start(&server, &cluster->pid, err);
}

static bool child_lives(struct cluster *cluster)
{
    if (cluster->pid && program_ended(cluster->pid, 0))
        cluster->pid = 0;
    return cluster->pid != 0;
}

static void stop(struct cluster *cluster)
{
    if (!child_lives(cluster))
        return;
    kill(cluster->pid, SIGINT);
    if (!program_ended(cluster->pid, STOP_MS)) {
        kill(cluster->pid, SIGQUIT); /* it kills those of its children that do not listen */
        while (!program_ended(cluster->pid, STOP_MS))
            continue;
    }
    cluster->pid = 0;
}

/* True once our child accepts connections; false when it ended before. */
static bool gets_ready(struct cluster *cluster)
{
    int64_t deadline = clock_monotonic_ms() + READY_MS;
    while (child_lives(cluster) && clock_monotonic_ms() < deadline) {
        struct postmaster server;
        if (postmaster_read(cluster, &server) && server.pid == cluster->pid && server.ready)
            return true;
        program_pause(20);
    }
    return false;
}

/* As the process that holds the lock. A server that ends at once although the data is locked met an
 * older one that is still exiting. */
static bool run_server(struct cluster *cluster, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct initdb *files = &cluster->files;
    const char *bin;
    if (!initdb_programs(files, &arena, &bin, err) || !initdb_make(files, bin, err))
        return false;
    int64_t deadline = clock_monotonic_ms() + PREDECESSOR_MS;
    for (;;) {
        struct postmaster other = { 0 };
        bool met = postmaster_read(cluster, &other); /* it may be gone when ours has failed */
        if (!child_lives(cluster) && !launch(cluster, bin, err))
            return false;
        if (gets_ready(cluster))
            return true;
        if (cluster->pid) {
            stop(cluster);
            return initdb_log_failed(files, cluster->from, "PostgreSQL takes too long", err);
        }
        if (!postmaster_read(cluster, &other) && !met)
            return initdb_log_failed(files, cluster->from, "PostgreSQL does not start", err);
        if (clock_monotonic_ms() >= deadline)
            return err_set(
                err, ERR_AGAIN,
                "another PostgreSQL, process %ld, holds the data in %.100s; stop it with "
                "kill -INT %ld",
                (long)other.pid, files->data, (long)other.pid);
        program_pause(200);
    }
}

static bool take_lock(struct cluster *cluster, bool *taken, struct err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lock", cluster->files.directory);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return path_failed(err, path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        cluster->lock = fd;
        *taken = true;
        return true;
    }
    bool held = errno == EWOULDBLOCK;
    if (!held)
        path_failed(err, path); /* some network file systems have no locks */
    close(fd);
    *taken = false;
    return held;
}

/* Runs the server, or waits for the one of the process that holds the lock. */
static bool run_or_attach(struct cluster *cluster, struct err *err)
{
    int64_t deadline = clock_monotonic_ms() + READY_MS;
    while (clock_monotonic_ms() < deadline) {
        bool taken = cluster->lock >= 0;
        if (!taken && !take_lock(cluster, &taken, err))
            return false;
        if (taken)
            return run_server(cluster, err);
        if (server_ready(cluster))
            return true;
        program_pause(50);
    }
    return err_set(err, ERR_AGAIN, "another tlsrptd holds %s but its database does not get ready",
                   cluster->files.directory);
}

/* Data that is there already stays its owner's. */
static bool refuse_root(const char *directory, struct err *err)
{
    char names[1024];
    struct passwd user, *found = NULL;
    struct stat file;
    if (stat(directory, &file) == 0 && file.st_uid != 0)
        getpwuid_r(file.st_uid, &user, names, sizeof names, &found);
    if (found)
        return err_set(err, ERR_SETUP,
                       "PostgreSQL does not run as root; let the owner of the data do it: "
                       "runuser -u %.32s -- tlsrptd … --standalone %.60s",
                       found->pw_name, directory);
    return err_set(
        err, ERR_SETUP,
        "PostgreSQL does not run as root; let another user do it: "
        "install -d -o nobody %.60s && runuser -u nobody -- tlsrptd … --standalone %.60s",
        directory, directory);
}

bool cluster_open(const char *directory, struct cluster **out, struct err *err)
{
    if (geteuid() == 0)
        return refuse_root(directory, err);
    struct cluster *cluster = memory_new(sizeof *cluster);
    cluster->lock = -1;
    if (!set_names(cluster, directory, err) || !run_or_attach(cluster, err)) {
        cluster_close(&cluster);
        return false;
    }
    *out = cluster;
    return true;
}

bool cluster_keep(struct cluster *cluster, bool *restarted, struct err *err)
{
    bool gone = !cluster_alive(cluster);
    if (restarted)
        *restarted = gone;
    return !gone || run_or_attach(cluster, err);
}

bool cluster_alive(struct cluster *cluster)
{
    return (cluster->lock < 0 || child_lives(cluster)) && server_ready(cluster);
}

bool cluster_owned(const struct cluster *cluster)
{
    return cluster->lock >= 0;
}

const char *cluster_conninfo(const struct cluster *cluster)
{
    return cluster->conninfo;
}

const char *cluster_directory(const struct cluster *cluster)
{
    return cluster->files.directory;
}

const char *cluster_log(const struct cluster *cluster)
{
    return cluster->files.log;
}

pid_t cluster_pid(const struct cluster *cluster)
{
    struct postmaster server;
    return postmaster_read(cluster, &server) ? server.pid : 0;
}

void cluster_close(struct cluster **cluster)
{
    if (!*cluster)
        return;
    stop(*cluster);
    program_close(&(*cluster)->lock); /* only now may another process run a server here */
    arena_free(&(*cluster)->arena);
    free(*cluster);
    *cluster = NULL;
}
