/* See spool.h. The thread takes what is queued, up to GROUP files, and does each step for all of them
 * before the next: the file system then flushes once for many.
 *
 * SPDX-License-Identifier: MIT
 * Before: spool_head.c. Next: maildir.c */
#include "ingest/spool.h"
#include "base/clock.h"
#include "base/thread.h"
#include "ingest/entry.h"
#include "ingest/listing.h"
#include "ingest/spool_head.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP       64         /* files that share one fsync of the directory */
#define QUEUE_BYTES (16 << 20) /* memory of deliveries that wait for the disk */
#define NAME_FORMAT "%020" PRIu64
#define NAME_BYTES  24
#define KEPT_SHARE  8 /* of max_bytes: for cur/ */

/* One delivery in the queue, then one file; in the delivery's arena. */
struct item {
    struct item *next;
    struct delivery *delivery;
    size_t memory;         /* of the delivery */
    struct buf head;       /* owned by the arena */
    int64_t size;          /* of the file */
    char name[NAME_BYTES]; /* in tmp/ and new/ */
    int fd;                /* -1: not open */
    struct err err;        /* what went wrong with it */
};

struct spool {
    char *path;
    int64_t max_bytes;
    int lock_fd, tmp_fd, new_fd, cur_fd; /* directories; lock_fd is the spool's own */
    int64_t kept_bytes;                  /* in cur/; the draining door's */
    uint64_t last_name;                  /* the thread's */
    pthread_t thread;
    bool running;

    pthread_mutex_t mutex; /* guards what is below */
    pthread_cond_t filled, emptied;
    struct item *first, **end;
    size_t memory; /* of all that is queued */
    int64_t deliveries, bytes, since_seconds;
    bool stopping;
};

/* --- files; in the thread --- */

static bool fail(struct item *item, const char *what)
{
    return err_set(&item->err, ERR_AGAIN, "spool: cannot %s: %s", what, strerror(errno));
}

/* Takes room for the file before it is written; given back by forget(). */
static bool reserve(struct spool *spool, struct item *item)
{
    pthread_mutex_lock(&spool->mutex);
    bool fits = spool->bytes + item->size <= spool->max_bytes;
    if (fits) {
        if (!spool->deliveries)
            spool->since_seconds = clock_now();
        spool->bytes += item->size;
        spool->deliveries++;
    }
    pthread_mutex_unlock(&spool->mutex);
    return fits
           || err_set(&item->err, ERR_AGAIN,
                      "the spool is full: %" PRId64 " bytes (setting spool.max_bytes)",
                      spool->max_bytes);
}

static void forget(struct spool *spool, struct item *item, int directory)
{
    unlinkat(directory, item->name, 0);
    spool_removed(spool, item->size);
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* Names are times in microseconds, and never less than the one before, whatever the clock does. */
static void name(struct spool *spool, struct item *item)
{
    uint64_t now = (uint64_t)clock_now() * 1000000;
    spool->last_name = now > spool->last_name ? now : spool->last_name + 1;
    snprintf(item->name, sizeof item->name, NAME_FORMAT, spool->last_name);
}

static void free_head(void *head)
{
    buf_done(head);
}

static void write_file(struct spool *spool, struct item *item)
{
    struct bytes bytes = item->delivery->bytes;
    item->head = BUF(SPOOL_HEAD_BYTES);
    arena_on_free(&item->delivery->arena, free_head, &item->head);
    spool_head_print(item->delivery, &item->head);
    item->size = (int64_t)(item->head.size + bytes.size);
    name(spool, item);
    if (!reserve(spool, item))
        return;
    item->fd = openat(spool->tmp_fd, item->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (item->fd >= 0 && write_all(item->fd, item->head.data, item->head.size)
        && write_all(item->fd, bytes.data, bytes.size))
        return;
    fail(item, item->fd < 0 ? "make a file" : "write");
    if (item->fd >= 0)
        close(item->fd);
    item->fd = -1;
    forget(spool, item, spool->tmp_fd);
}

/* Makes the file durable and gives it its place in new/. */
static void settle_file(struct spool *spool, struct item *item)
{
    if (item->err.kind != ERR_NONE)
        return;
    if (fsync(item->fd) != 0)
        fail(item, "flush a file");
    if (close(item->fd) != 0)
        fail(item, "close a file");
    if (item->err.kind == ERR_NONE
        && renameat(spool->tmp_fd, item->name, spool->new_fd, item->name) != 0)
        fail(item, "rename a file");
    if (item->err.kind != ERR_NONE)
        forget(spool, item, spool->tmp_fd);
}

static void write_group(struct spool *spool, struct item *first)
{
    for (struct item *item = first; item; item = item->next)
        write_file(spool, item);
    for (struct item *item = first; item; item = item->next)
        settle_file(spool, item);
    if (fsync(spool->new_fd) == 0)
        return;
    for (struct item *item = first; item; item = item->next)
        if (item->err.kind == ERR_NONE) {
            fail(item, "flush the directory");
            forget(spool, item, spool->new_fd);
        }
}

static void answer_group(struct item *first)
{
    for (struct item *item = first, *next; item; item = next) {
        struct delivery *delivery = item->delivery;
        next = item->next;
        for (struct entry *entry = delivery->entries; entry; entry = entry->next) {
            if (entry->outcome != OUTCOME_RETRY)
                continue;
            if (item->err.kind == ERR_NONE)
                entry->outcome = OUTCOME_SPOOLED;
            else
                entry->err = item->err;
        }
        struct answer answer = entry_answer(delivery);
        delivery_answer(delivery, &answer); /* the item goes with it */
    }
}

/* --- the queue --- */

/* Waits for something; a group in order of arrival, NULL at the end. */
static struct item *take_group(struct spool *spool)
{
    pthread_mutex_lock(&spool->mutex);
    while (!spool->first && !spool->stopping)
        pthread_cond_wait(&spool->filled, &spool->mutex);
    struct item *taken = spool->first, **end = &taken;
    for (int count = 0; *end && count < GROUP; count++) {
        spool->memory -= (*end)->memory;
        end = &(*end)->next;
    }
    spool->first = *end;
    *end = NULL;
    if (!spool->first)
        spool->end = &spool->first;
    pthread_cond_broadcast(&spool->emptied);
    pthread_mutex_unlock(&spool->mutex);
    return taken;
}

static void *run(void *thing)
{
    struct spool *spool = thing;
    for (struct item *group; (group = take_group(spool));) {
        write_group(spool, group);
        answer_group(group);
    }
    return NULL;
}

bool spool_put(struct spool *spool, struct delivery *delivery, bool patient, struct err *err)
{
    size_t memory = delivery->arena.bytes + delivery->bytes.size;
    pthread_mutex_lock(&spool->mutex);
    while (patient && spool->memory && spool->memory + memory > QUEUE_BYTES)
        pthread_cond_wait(&spool->emptied, &spool->mutex);
    bool room = patient || !spool->memory || spool->memory + memory <= QUEUE_BYTES;
    bool fits = spool->bytes < spool->max_bytes;
    if (room && fits) {
        struct item *item = arena_alloc(&delivery->arena, sizeof *item);
        *item = (struct item){ .delivery = delivery, .memory = memory, .fd = -1 };
        *spool->end = item;
        spool->end = &item->next;
        spool->memory += memory;
        pthread_cond_signal(&spool->filled);
    }
    pthread_mutex_unlock(&spool->mutex);
    if (!fits)
        return err_set(err, ERR_AGAIN,
                       "the spool is full: %" PRId64 " bytes (setting spool.max_bytes)",
                       spool->max_bytes);
    return room || err_set(err, ERR_AGAIN, "too many reports are waiting for the spool's disk");
}

struct spool_figures spool_figures(struct spool *spool)
{
    pthread_mutex_lock(&spool->mutex);
    struct spool_figures figures = { .deliveries = spool->deliveries,
                                     .bytes = spool->bytes,
                                     .max_bytes = spool->max_bytes,
                                     .since_seconds =
                                         spool->deliveries ? spool->since_seconds : 0 };
    pthread_mutex_unlock(&spool->mutex);
    return figures;
}

const char *spool_path(const struct spool *spool)
{
    return spool->path;
}

void spool_removed(struct spool *spool, int64_t size)
{
    pthread_mutex_lock(&spool->mutex);
    spool->bytes -= size;
    spool->deliveries--;
    pthread_mutex_unlock(&spool->mutex);
}

/* Takes one file out of cur/; false when it cannot be. */
static bool remove_kept(struct spool *spool, const char *name)
{
    struct stat found;
    if (fstatat(spool->cur_fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0
        || unlinkat(spool->cur_fd, name, 0) != 0)
        return errno == ENOENT; /* the operator has done it */
    spool->kept_bytes -= found.st_size;
    return true;
}

void spool_kept(struct spool *spool, int64_t size)
{
    CLEANUP(listing_done) struct listing oldest = { 0 };
    spool->kept_bytes += size;
    if (spool->kept_bytes <= spool->max_bytes / KEPT_SHARE
        || !listing_read(spool->cur_fd, "", &oldest))
        return;
    for (size_t i = 0; i < oldest.count && spool->kept_bytes > spool->max_bytes / KEPT_SHARE; i++)
        if (!remove_kept(spool, oldest.names[i]))
            return; /* the next one tries again */
    if (oldest.count < LISTING_MAX && spool->kept_bytes > spool->max_bytes / KEPT_SHARE)
        spool->kept_bytes = 0; /* nothing is there: others have removed what we counted */
}

/* --- opening --- */

static bool setup_fault(const struct spool *spool, const char *name, struct err *err)
{
    return err_field(err, ERR_SETUP, "spool.path",
                     "%s%s: %s; name a directory that this user can write, or \"\" for no spool",
                     spool->path, name, strerror(errno));
}

/* As mkdir -p, for us alone. */
static bool make_directories(struct spool *spool, struct err *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/", spool->path) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return setup_fault(spool, "", err);
    }
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return setup_fault(spool, "", err);
        *slash = '/';
    }
    return true;
}

static bool open_directory(const struct spool *spool, const char *name, int *fd, struct err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", spool->path, name);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return setup_fault(spool, name, err);
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 || faccessat(*fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
        return setup_fault(spool, name, err);
    return true;
}

static bool lock(const struct spool *spool, struct err *err)
{
    if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return setup_fault(spool, "", err);
    return err_field(err, ERR_SETUP, "spool.path",
                     "%s: another tlsrptd uses it; give each a spool of its own", spool->path);
}

/* Calls VISIT for each file of a directory. */
static bool each_file(struct spool *spool, int directory_fd,
                      void (*visit)(struct spool *spool, int directory_fd, const char *name))
{
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory)
        return false;
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            visit(spool, directory_fd, entry->d_name);
    closedir(directory);
    return true;
}

/* The size of a file, after which new names are to come; false for what is none of ours. */
static bool size_of(struct spool *spool, int directory_fd, const char *file, int64_t *size)
{
    struct stat found;
    uint64_t number = strtoull(file, NULL, 10);
    if (fstatat(directory_fd, file, &found, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(found.st_mode))
        return false;
    if (number > spool->last_name && number < UINT64_MAX / 2)
        spool->last_name = number;
    *size = found.st_size;
    return true;
}

static void count_file(struct spool *spool, int directory_fd, const char *file)
{
    int64_t size;
    uint64_t number = strtoull(file, NULL, 10);
    if (!size_of(spool, directory_fd, file, &size))
        return;
    int64_t seconds = number < UINT64_MAX / 2 ? (int64_t)(number / 1000000) : clock_now();
    if (!spool->deliveries++ || seconds < spool->since_seconds)
        spool->since_seconds = seconds;
    spool->bytes += size;
}

static void count_kept(struct spool *spool, int directory_fd, const char *file)
{
    int64_t size;
    if (size_of(spool, directory_fd, file, &size))
        spool->kept_bytes += size;
}

/* What a crash left in tmp/ was never acknowledged. */
static void remove_file(struct spool *spool, int directory_fd, const char *file)
{
    (void)spool;
    unlinkat(directory_fd, file, 0);
}

static bool open_all(struct spool *spool, struct err *err)
{
    bool good = make_directories(spool, err) && open_directory(spool, "", &spool->lock_fd, err)
                && lock(spool, err) && open_directory(spool, "/tmp", &spool->tmp_fd, err)
                && open_directory(spool, "/new", &spool->new_fd, err)
                && open_directory(spool, "/cur", &spool->cur_fd, err);
    if (!good)
        return false;
    return (each_file(spool, spool->tmp_fd, remove_file)
            && each_file(spool, spool->new_fd, count_file)
            && each_file(spool, spool->cur_fd, count_kept))
           || setup_fault(spool, "", err);
}

static bool start(struct spool *spool, struct err *err)
{
    spool->running = thread_start(&spool->thread, run, spool, err);
    if (!spool->running)
        err_prefix(err, "spool: ");
    return spool->running;
}

bool spool_open(const struct spool_settings *settings, struct spool **out, struct err *err)
{
    *out = NULL;
    if (!*settings->path)
        return true;
    struct spool *spool = memory_new(sizeof *spool);
    *spool = (struct spool){ .path = memory_text(settings->path),
                             .max_bytes = settings->max_bytes,
                             .lock_fd = -1,
                             .tmp_fd = -1,
                             .new_fd = -1,
                             .cur_fd = -1 };
    spool->end = &spool->first;
    pthread_mutex_init(&spool->mutex, NULL);
    pthread_cond_init(&spool->filled, NULL);
    pthread_cond_init(&spool->emptied, NULL);
    if (open_all(spool, err) && start(spool, err))
        *out = spool;
    else
        spool_close(&spool);
    return *out != NULL;
}

void spool_close(struct spool **spool)
{
    struct spool *old = *spool;
    if (!old)
        return;
    *spool = NULL;
    pthread_mutex_lock(&old->mutex);
    old->stopping = true;
    pthread_cond_signal(&old->filled);
    pthread_mutex_unlock(&old->mutex);
    if (old->running)
        pthread_join(old->thread, NULL);
    const int fds[] = { old->tmp_fd, old->new_fd, old->cur_fd, old->lock_fd };
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_cond_destroy(&old->filled);
    pthread_cond_destroy(&old->emptied);
    pthread_mutex_destroy(&old->mutex);
    free(old->path);
    free(old);
}
