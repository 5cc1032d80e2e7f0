/* See listing.h. Of all names the smallest are kept in a heap whose top is the largest of them.
 * SPDX-License-Identifier: MIT
 * Next: maildir.c */
#include "ingest/listing.h"
#include "base/arena.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void swap(char **a, char **b)
{
    char *kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(char **names, size_t at)
{
    while (at && strcmp(names[(at - 1) / 2], names[at]) < 0) {
        swap(&names[(at - 1) / 2], &names[at]);
        at = (at - 1) / 2;
    }
}

static void sift_down(char **names, size_t count)
{
    size_t at = 0, child;
    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && strcmp(names[child], names[child + 1]) < 0)
            child++;
        if (strcmp(names[at], names[child]) >= 0)
            return;
        swap(&names[at], &names[child]);
        at = child;
    }
}

static void keep(struct listing *listing, const char *name)
{
    if (listing->count == LISTING_MAX && strcmp(name, listing->names[0]) >= 0)
        return;
    char *copy = memory_text(name);
    if (listing->count < LISTING_MAX) {
        listing->names[listing->count] = copy;
        sift_up(listing->names, listing->count++);
        return;
    }
    free(listing->names[0]);
    listing->names[0] = copy;
    sift_down(listing->names, listing->count);
}

static int compare(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

bool listing_read(int directory_fd, const char *after, struct listing *out)
{
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        int code = errno;
        if (fd >= 0)
            close(fd);
        errno = code;
        return false;
    }
    *out = (struct listing){ .names = memory_new(LISTING_MAX * sizeof *out->names) };
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, after) > 0)
            keep(out, entry->d_name);
    closedir(directory);
    qsort(out->names, out->count, sizeof *out->names, compare);
    return true;
}

void listing_done(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->names[i]);
    free(listing->names);
    *listing = (struct listing){ 0 };
}
