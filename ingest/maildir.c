/* See maildir.h. One thread does everything but be answered: it scans new/ in the order of names,
 * reads files, brings them to the hall, and moves them to cur/ once their outcome is durable (of the
 * spool: removes them); inotify only wakes it.
 *
 * Each file is locked (flock(2)) from before it is read until it is moved, and its name is looked
 * at again under the lock, so that of several services on one maildir each file has one reader.
 * What must be tried again stays in new/ and waits longer each time; when too many wait, nothing
 * new is taken, since then the fault is not the files'.
 *
 * SPDX-License-Identifier: MIT
 * Before: delivery.c, listing.c, spool.c */
#include "ingest/maildir.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "ingest/listing.h"
#include "ingest/maildir_file.h"
#include "ingest/spool_head.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#define IN_FLIGHT_MAX   256
#define WAITING_MAX     256
#define RETRY_FIRST_MS  1000
#define RETRY_MOST_MS   60000
#define HALL_WAIT_MS    200
#define SPOOL_RESCAN_MS 30000
#define WATCHED         (IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE)

/* A file of new/ that is in the hall, or waits to be brought again. */
struct file {
    struct file *next;     /* of all files of the door */
    struct file *answered; /* next of those that the hall has answered */
    struct maildir *door;
    char *name; /* in new/ */
    int fd;     /* locked while in the hall; -1 while it waits */
    int64_t size;
    struct delivery *delivery;
    struct answer answer;
    int64_t due_ms, wait_ms; /* when it is tried again, and after how long */
    bool seen;               /* by the present scan */
};

struct maildir {
    const char *name;    /* of the door */
    struct spool *spool; /* whose directory this is; NULL: a maildir of others */
    char *path;
    _Atomic int64_t rescan_ms, message_bytes; /* a reload changes them */
    struct hall *hall;
    int new_fd, cur_fd, inotify_fd;
    int wake_fd; /* eventfd: a file was answered, or stop */
    pthread_t thread;
    bool running;
    atomic_bool stopping;

    pthread_mutex_t lock;  /* of `answered` alone */
    struct file *answered; /* by the hall's threads, not yet settled */

    struct file *files; /* the door's thread only, as all below */
    size_t in_flight, waiting;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void wake(struct maildir *door)
{
    ssize_t written = write(door->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)written; /* a full counter has woken the thread already */
}

/* From a thread of the hall. The wake is under the lock, for the door may be closed right after. */
static void file_answered(struct delivery *delivery, const struct answer *answer)
{
    struct file *file = delivery->door;
    struct maildir *door = file->door;
    pthread_mutex_lock(&door->lock);
    file->answer = *answer;
    file->answered = door->answered;
    door->answered = file;
    wake(door);
    pthread_mutex_unlock(&door->lock);
}

static struct file *file_find(const struct maildir *door, const char *name)
{
    for (struct file *file = door->files; file; file = file->next)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

static struct file *file_new(struct maildir *door, const char *name)
{
    struct file *file = memory_new(sizeof *file);
    *file = (struct file){ .next = door->files, .door = door, .name = memory_text(name), .fd = -1 };
    door->files = file;
    door->waiting++;
    return file;
}

/* For one that is not in the hall. */
static void file_forget(struct file *file)
{
    struct maildir *door = file->door;
    struct file **link = &door->files;
    while (*link != file)
        link = &(*link)->next;
    *link = file->next;
    door->waiting--;
    free(file->name);
    free(file);
}

static void file_try_later(struct file *file)
{
    file->wait_ms = file->wait_ms ? file->wait_ms * 2 : RETRY_FIRST_MS;
    if (file->wait_ms > RETRY_MOST_MS)
        file->wait_ms = RETRY_MOST_MS;
    file->due_ms = clock_monotonic_ms() + file->wait_ms;
}

static void log_fault(struct file *file, const char *what, int code)
{
    log_event(LOG_LEVEL_WARNING, file->door->name, LOG_TEXT("file", file->name),
              LOG_TEXT("result", what), LOG_TEXT("reason", strerror(code)));
}

/* What of the spool is not in the database now was acknowledged all the same: it stays, in cur/. */
static bool is_kept(const struct file *file)
{
    return !file->door->spool || file->answer.outcome == OUTCOME_REFUSED
           || file->delivery->fault.kind != ERR_NONE;
}

static void log_outcome(const struct file *file)
{
    const struct answer *answer = &file->answer;
    bool odd = file->door->spool && is_kept(file);
    char reason[ERR_TEXT_BYTES] = "";
    err_to_text(&answer->err, reason, sizeof reason); /* what is kept has one */
    log_event(odd ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, file->door->name,
              LOG_TEXT("file", file->name), LOG_TEXT("result", outcome_row(answer->outcome)->word),
              LOG_TEXT("org", answer->organization), LOG_TEXT("domain", answer->domain),
              LOG_NUMBER("reports", (int64_t)answer->reports),
              LOG_TEXT(*reason ? "reason" : NULL, reason), /* no key: the list's end */
              LOG_TEXT(odd ? "kept_in" : NULL, "cur"));
}

/* Takes an answered file out of new/. */
static bool take_out(const struct file *file, bool kept, char flag)
{
    if (kept)
        return maildir_file_move(file->door->new_fd, file->door->cur_fd, file->name,
                                 file->delivery->fault.kind ? 'F' : flag);
    return unlinkat(file->door->new_fd, file->name, 0) == 0;
}

/* Gives one answered file its place. True when it left new/. */
static bool settle(struct file *file)
{
    struct maildir *door = file->door;
    char flag = outcome_row(file->answer.outcome)->maildir_flag;
    log_outcome(file);
    door->in_flight--;
    door->waiting++;

    bool kept = is_kept(file), moved = flag && take_out(file, kept, flag);
    int code = errno;
    delivery_free(&file->delivery); /* with the texts of the answer */
    close_fd(&file->fd);            /* and with it the lock, only now */
    if (moved || (flag && code == ENOENT)) {
        if (door->spool && kept && moved)
            spool_kept(door->spool, file->size);
        if (door->spool)
            spool_removed(door->spool, file->size);
        file_forget(file); /* ENOENT: somebody moved it, who does not lock */
        return moved;
    }
    if (flag)
        log_fault(file, "cannot be taken out of new", code);
    file_try_later(file);
    return false;
}

static void settle_all(struct maildir *door)
{
    uint64_t count;
    ssize_t got = read(door->wake_fd, &count, sizeof count);
    (void)got; /* nothing there is no fault */
    pthread_mutex_lock(&door->lock);
    struct file *file = door->answered;
    door->answered = NULL;
    pthread_mutex_unlock(&door->lock);

    struct file *first = NULL; /* the list has the last answered first */
    for (struct file *next; file; file = next) {
        next = file->answered;
        file->answered = first;
        first = file;
    }
    bool moved = false;
    for (struct file *next; first; first = next) {
        next = first->answered;
        moved |= settle(first);
    }
    if (moved && (fsync(door->cur_fd) != 0 || (door->spool && fsync(door->new_fd) != 0)))
        log_event(LOG_LEVEL_WARNING, door->name, LOG_TEXT("path", door->path),
                  LOG_TEXT("reason", strerror(errno)));
}

/* When a file came: as its time says, unless that cannot be. */
static int64_t arrival_of(const struct stat *found)
{
    int64_t now = clock_now();
    return found->st_mtime >= 0 && found->st_mtime <= now ? found->st_mtime : now;
}

/* Brings a file that is open and locked to the hall. False with errno when it cannot be read. */
static bool deliver(struct file *file, const struct stat *found)
{
    struct maildir *door = file->door;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/new/%s", door->path, file->name);
    struct delivery *delivery = delivery_new(SOURCE_MAILDIR, path);
    delivery->received_seconds = arrival_of(found);
    delivery->answered = file_answered;
    delivery->door = file;
    /* One byte over the limit is enough for the hall to see that the file is too large. A file of
     * the spool was within the limit of its day. */
    int64_t most = door->message_bytes;
    bool whole = door->spool || found->st_size <= most;
    int64_t size = whole ? found->st_size : most + 1;
    if (!maildir_file_read(file->fd, &delivery->arena, (size_t)size, &delivery->bytes)) {
        delivery_free(&delivery);
        return false;
    }
    if (door->spool)
        spool_head_take(delivery);
    file->size = found->st_size;
    file->delivery = delivery;
    door->in_flight++;
    door->waiting--;
    door->hall->take(door->hall, delivery);
    return true;
}

static void take(struct maildir *door, const char *name)
{
    struct file *file = file_find(door, name);
    if (file)
        file->seen = true;
    if (file && (file->fd >= 0 || file->due_ms > clock_monotonic_ms()))
        return;
    struct stat found;
    int fd = maildir_file_open(door->new_fd, name, &found);
    if (fd < 0 && errno == ENOENT) {
        if (file) /* another service has it now; it may give it back */
            file_try_later(file);
        return;
    }
    int code = errno;
    if (!file)
        file = file_new(door, name);
    file->seen = true;
    file->fd = fd;
    if (fd >= 0 && deliver(file, &found))
        return;
    log_fault(file, "cannot be read", fd >= 0 ? errno : code);
    close_fd(&file->fd);
    file_try_later(file);
}

/* The hall can write again: what had to wait is tried again at once. */
static void all_due(struct maildir *door)
{
    for (struct file *file = door->files; file; file = file->next)
        file->due_ms = 0;
}

/* Waits until there is room for one more; false when the door is to stop. */
static bool wait_for_room(struct maildir *door)
{
    bool waited = false;
    while (!door->stopping) {
        settle_all(door);
        if (door->in_flight < IN_FLIGHT_MAX) {
            if (door->hall->wait(door->hall, HALL_WAIT_MS)) {
                if (waited)
                    all_due(door);
                return true;
            }
            waited = true;
        } else {
            poll(&(struct pollfd){ .fd = door->wake_fd, .events = POLLIN }, 1, -1);
        }
    }
    return false;
}

/* Files that waited and are no longer in new/ were taken by somebody else. */
static void forget_vanished(struct maildir *door)
{
    for (struct file *file = door->files, *next; file; file = next) {
        next = file->next;
        if (file->fd < 0 && !file->seen)
            file_forget(file);
    }
}

/* Takes the files whose names come after *LAST, which becomes the last of them. False when there are no
 * more, or the door is to stop. */
static bool scan_some(struct maildir *door, char last[NAME_MAX + 1])
{
    CLEANUP(listing_done) struct listing listing = { 0 };
    if (!listing_read(door->new_fd, last, &listing)) {
        log_event(LOG_LEVEL_WARNING, door->name, LOG_TEXT("path", door->path),
                  LOG_TEXT("reason", strerror(errno)));
        return false;
    }
    for (size_t i = 0; i < listing.count; i++) {
        const char *name = listing.names[i];
        if (door->waiting >= WAITING_MAX && !file_find(door, name))
            continue; /* nothing new while so many must be tried again */
        if (!wait_for_room(door))
            return false;
        take(door, name);
    }
    if (listing.count < LISTING_MAX)
        return false;
    snprintf(last, NAME_MAX + 1, "%s", listing.names[listing.count - 1]);
    return true;
}

static void scan(struct maildir *door)
{
    char last[NAME_MAX + 1] = "";
    for (struct file *file = door->files; file; file = file->next)
        file->seen = false;
    while (scan_some(door, last))
        continue;
    if (!door->stopping)
        forget_vanished(door);
}

static int64_t next_scan(const struct maildir *door, int64_t now)
{
    int64_t next = now + door->rescan_ms;
    for (const struct file *file = door->files; file; file = file->next)
        if (file->fd < 0 && file->due_ms < next)
            next = file->due_ms;
    return next;
}

/* Sleeps until something happens; true when new/ is to be scanned. */
static bool sleep_until(struct maildir *door, int64_t scan_ms)
{
    int64_t left = scan_ms - clock_monotonic_ms();
    if (left <= 0)
        return true;
    struct pollfd waited[2] = { 0 };
    waited[0] = (struct pollfd){ .fd = door->wake_fd, .events = POLLIN };
    waited[1] = (struct pollfd){ .fd = door->inotify_fd, .events = POLLIN };
    poll(waited, ARRAY_SIZE(waited), left < INT32_MAX ? (int)left : INT32_MAX);
    if (!(waited[1].revents & POLLIN))
        return false;
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    while (read(door->inotify_fd, events, sizeof events) > 0)
        continue; /* what they say is seen by the scan */
    return true;
}

static void *run(void *thing)
{
    struct maildir *door = thing;
    int64_t scan_ms = 0;
    bool due = true;
    while (!door->stopping) {
        if (due || clock_monotonic_ms() >= scan_ms)
            scan(door);
        settle_all(door);
        scan_ms = next_scan(door, clock_monotonic_ms());
        /* settle_all() may have read the wake of door_stop(): look before the sleep, not only after */
        due = !door->stopping && sleep_until(door, scan_ms);
    }
    for (settle_all(door); door->in_flight; settle_all(door))
        poll(&(struct pollfd){ .fd = door->wake_fd, .events = POLLIN }, 1, -1);
    return NULL;
}

static bool open_directory(const char *path, const char *name, int *fd, struct err *err)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s/%s", path, name);
    *fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd >= 0)
        return true;
    return err_field(err, ERR_SETUP, "maildir.path",
                     "%s: %s; make the maildir by: mkdir -p %s && cd %s && mkdir new cur tmp", full,
                     strerror(errno), path, path);
}

static bool start_thread(struct maildir *door, struct err *err)
{
    door->running = thread_start(&door->thread, run, door, err);
    if (!door->running)
        err_prefix(err, "%s: ", door->name);
    return door->running;
}

static void door_stop(void *state)
{
    struct maildir *door = state;
    if (!door || !door->running)
        return;
    door->stopping = true;
    wake(door);
    pthread_join(door->thread, NULL);
    door->running = false;
}

static void door_close(void **state)
{
    struct maildir *door = *state;
    if (!door)
        return;
    door_stop(door);
    while (door->files)
        file_forget(door->files);
    close_fd(&door->new_fd);
    close_fd(&door->cur_fd);
    close_fd(&door->inotify_fd);
    close_fd(&door->wake_fd);
    pthread_mutex_destroy(&door->lock);
    free(door->path);
    free(door);
    *state = NULL;
}

/* Without inotify (too many watches on this machine) the rescan alone finds the files. */
static void watch(struct maildir *door)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s/new", door->path);
    door->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (door->inotify_fd < 0 || inotify_add_watch(door->inotify_fd, full, WATCHED) < 0) {
        log_event(LOG_LEVEL_WARNING, door->name, LOG_TEXT("path", door->path),
                  LOG_TEXT("reason", strerror(errno)),
                  LOG_TEXT("consequence", "new files are seen at each rescan only"));
        close_fd(&door->inotify_fd);
    }
}

static struct maildir *door_new(const char *name, const char *path, struct hall *hall)
{
    struct maildir *door = memory_new(sizeof *door);
    *door = (struct maildir){
        .name = name,
        .path = memory_text(path),
        .hall = hall,
        .new_fd = -1,
        .cur_fd = -1,
        .inotify_fd = -1,
        .wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
        .lock = PTHREAD_MUTEX_INITIALIZER,
    };
    return door;
}

static bool start(struct maildir *door, void **state, struct err *err)
{
    bool opened = open_directory(door->path, "new", &door->new_fd, err)
                  && open_directory(door->path, "cur", &door->cur_fd, err);
    if (opened && door->wake_fd < 0)
        opened = err_field(err, ERR_SETUP, door->name, "eventfd: %s", strerror(errno));
    if (opened) {
        watch(door);
        opened = start_thread(door, err);
    }
    void *made = door;
    if (opened)
        *state = made;
    else
        door_close(&made);
    return opened;
}

static void maildir_reload(void *state, const void *settings, const struct limits *limits)
{
    struct maildir *door = state;
    const struct maildir_settings *wanted = settings;
    door->rescan_ms = wanted->rescan_seconds > 0 ? wanted->rescan_seconds * 1000 : 1000;
    door->message_bytes = limits->message_bytes;
}

static bool maildir_open(const void *settings, const struct limits *limits, struct hall *hall,
                         void **state, struct err *err)
{
    const struct maildir_settings *wanted = settings;
    *state = NULL;
    if (!wanted->path || !*wanted->path)
        return true;
    struct maildir *door = door_new(door_maildir.name, wanted->path, hall);
    maildir_reload(door, settings, limits);
    return start(door, state, err);
}

/* Whatever the settings are: the hall has a spool or none. */
static bool spool_door_open(const void *settings, const struct limits *limits, struct hall *hall,
                            void **state, struct err *err)
{
    (void)settings, (void)limits;
    *state = NULL;
    if (!hall->spool)
        return true;
    struct maildir *door = door_new(door_spool.name, spool_path(hall->spool), hall);
    door->spool = hall->spool;
    door->rescan_ms = SPOOL_RESCAN_MS;
    return start(door, state, err);
}

const struct door door_maildir = {
    .name = "maildir",
    .open = maildir_open,
    .reload = maildir_reload,
    .stop = door_stop,
    .close = door_close,
};

const struct door door_spool = {
    .name = "spool",
    .open = spool_door_open,
    .stop = door_stop,
    .close = door_close,
};
