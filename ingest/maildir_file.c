/* See maildir_file.h.
 * SPDX-License-Identifier: MIT
 * Before: listing.c. Next: maildir.c */
#include "ingest/maildir_file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

int maildir_file_open(int directory_fd, const char *name, struct stat *found)
{
    CLEANUP(close_fd)
    int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        errno = errno == ELOOP || errno == ENXIO ? ENOENT : errno; /* a symbolic link; a socket */
        return -1;
    }
    if (fstat(fd, found) != 0)
        return -1;
    /* Where locks are not to be had, a file read twice is a duplicate and still counted once. */
    bool taken = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    struct stat named;
    bool same = fstatat(directory_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0
                && named.st_ino == found->st_ino && named.st_dev == found->st_dev;
    if (taken || !same || !S_ISREG(found->st_mode)) {
        errno = ENOENT;
        return -1;
    }
    int locked = fd;
    fd = -1;
    return locked;
}

bool maildir_file_read(int fd, struct arena *arena, size_t size, struct bytes *out)
{
    char *data = arena_alloc(arena, size + 1);
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, data + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *out = (struct bytes){ .data = data, .size = used };
    return true;
}

bool maildir_file_move(int new_fd, int cur_fd, const char *name, char flag)
{
    char target[NAME_MAX + 64];
    const char *info = strstr(name, ":2,");
    int base = (int)(info ? (size_t)(info - name) : strlen(name));
    int most = NAME_MAX - (int)strlen(".99:2,S");
    base = base < most ? base : most;
    for (int i = 0; i < 100; i++) {
        if (i == 0)
            snprintf(target, sizeof target, "%.*s:2,%c", base, name, flag);
        else
            snprintf(target, sizeof target, "%.*s.%d:2,%c", base, name, i, flag);
        if (renameat2(new_fd, name, cur_fd, target, RENAME_NOREPLACE) == 0)
            return true;
        if (errno == EINVAL || errno == ENOSYS) /* a file system without NOREPLACE */
            return renameat(new_fd, name, cur_fd, target) == 0;
        if (errno != EEXIST)
            return false;
    }
    return false;
}
