/* See files.h.
 * SPDX-License-Identifier: MIT */
#include "collector/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 32 /* directories inside each other */

struct file_entry {
    struct file_entry *next;
    const char *path; /* "-" for standard input */
    int64_t bytes;
};

/* --- finding --- */

static void add(struct files *files, struct file_entry ***end, const char *path, int64_t bytes)
{
    struct file_entry *entry = arena_alloc(&files->arena, sizeof *entry);
    entry->path = path;
    entry->bytes = bytes;
    **end = entry;
    *end = &entry->next;
    files->count++;
    files->total_bytes += bytes;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool is_directory(struct files *files, const char *path, const char *name)
{
    struct stat status;
    return stat(arena_printf(&files->arena, "%s/%s", path, name), &status) == 0
           && S_ISDIR(status.st_mode);
}

/* A path still to be looked at. */
struct place {
    struct place *next;
    const char *path;
    int depth; /* 0: named by the user */
};

/* Puts what DIRECTORY holds before the places that wait, in the order of names. */
static bool enter(struct files *files, const struct place *directory, struct place **waiting,
                  struct err *err)
{
    struct dirent **names;
    const char *path = directory->path;
    int count = scandir(path, &names, visible, alphasort);
    if (count < 0)
        return err_set(err, ERR_SETUP, "cannot read %s: %s", path, strerror(errno));
    bool maildir = is_directory(files, path, "cur") && is_directory(files, path, "new");
    for (int i = count; i-- > 0;) {
        if (!maildir || strcmp(names[i]->d_name, "tmp") != 0) {
            struct place *place = arena_alloc(&files->arena, sizeof *place);
            place->path = arena_printf(&files->arena, "%s/%s", path, names[i]->d_name);
            place->depth = directory->depth + 1;
            place->next = *waiting;
            *waiting = place;
        }
        free(names[i]);
    }
    free(names);
    return true;
}

/* What PLACE is. Below a path that the user named, links to directories lead nowhere, and neither do
 * names that are gone by now. */
static bool look(const struct place *place, mode_t *type, int64_t *bytes, struct err *err)
{
    struct stat status = { .st_mode = S_IFREG };
    bool named = place->depth == 0;
    if (named && strcmp(place->path, "-") == 0) {
        *type = S_IFREG;
        *bytes = 0;
        return true;
    }
    if (stat(place->path, &status) != 0) {
        if (named || (errno != ENOENT && errno != ELOOP))
            return err_set(err, ERR_SETUP, "cannot read %s: %s", place->path, strerror(errno));
        status.st_mode = 0;
    }
    struct stat link;
    bool is_link = !named && lstat(place->path, &link) == 0 && S_ISLNK(link.st_mode);
    *type = is_link && S_ISDIR(status.st_mode) ? 0 : status.st_mode & S_IFMT;
    *bytes = status.st_size;
    return true;
}

static bool find(struct files *files, struct file_entry ***end, const char *path, struct err *err)
{
    struct place named = { .path = path };
    struct place *waiting = &named;
    while (waiting) {
        const struct place *place = waiting;
        mode_t type = 0;
        int64_t bytes = 0;
        waiting = place->next;
        if (!look(place, &type, &bytes, err))
            return false;
        if (place->depth > DEPTH_MAX)
            return err_set(err, ERR_SETUP, "%s: too many directories inside each other",
                           place->path);
        if (S_ISDIR(type)) {
            if (!enter(files, place, &waiting, err))
                return false;
        } else if (S_ISREG(type) || place->depth == 0) {
            add(files, end, place->path, bytes);
        }
    }
    return true;
}

bool files_open(struct files *files, const char *const *paths, size_t count, size_t max_bytes,
                struct err *err)
{
    *files = (struct files){ .max_bytes = max_bytes };
    struct file_entry **end = &files->first;
    for (size_t i = 0; i < count; i++)
        if (!find(files, &end, paths[i], err))
            return false;
    files->at = files->first;
    return true;
}

/* --- reading --- */

/* Reads all of FD, but no more than one byte beyond the limit, so that the hall sees it is too large. */
static bool read_whole(struct files *files, int fd, struct buf *bytes)
{
    while (bytes->size <= files->max_bytes) {
        size_t left = files->max_bytes + 1 - bytes->size;
        char *room = buf_room(bytes, left < 65536 ? left : 65536);
        ssize_t got = room ? read(fd, room, left < 65536 ? left : 65536) : -1;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        bytes->size += (size_t)got;
        bytes->data[bytes->size] = '\0';
    }
    return true;
}

/* A line ">From " or ">>From " of an mbox was "From " or ">From " in the message. */
static void add_line(struct files *files, struct buf *bytes, const char *line, size_t size)
{
    size_t marks = strspn(line, ">");
    size_t skip = marks && strncmp(line + marks, "From ", 5) == 0 ? 1 : 0;
    size_t room = files->max_bytes + 1 - bytes->size;
    buf_add(bytes, line + skip, size - skip < room ? size - skip : room);
}

/* The message behind the "From " line that was read last, up to the next one. */
static bool read_mbox(struct files *files, struct buf *bytes)
{
    bool blank = false;
    ssize_t size;
    while ((size = getline(&files->line, &files->line_room, files->mbox)) > 0) {
        files->done_bytes += size;
        if (blank && strncmp(files->line, "From ", 5) == 0)
            return true;
        blank = files->line[0] == '\n' || strcmp(files->line, "\r\n") == 0;
        add_line(files, bytes, files->line, (size_t)size);
    }
    fclose(files->mbox);
    files->mbox = NULL;
    return true;
}

static bool next_of_mbox(struct files *files, struct buf *bytes, const char **path)
{
    *path = arena_printf(&files->arena, "%s:%lld", files->at->path, (long long)++files->number);
    bool good = read_mbox(files, bytes);
    if (!files->mbox)
        files->at = files->at->next;
    return good;
}

static bool begin_mbox(struct files *files, int fd)
{
    char begin[5];
    if (pread(fd, begin, sizeof begin, 0) != (ssize_t)sizeof begin
        || memcmp(begin, "From ", 5) != 0)
        return false;
    files->mbox = fdopen(dup(fd), "r");
    files->number = 0;
    if (!files->mbox)
        return false;
    ssize_t size = getline(&files->line, &files->line_room, files->mbox);
    files->done_bytes += size > 0 ? size : 0;
    return true;
}

bool files_next(struct files *files, struct buf *bytes, const char **path, bool *more,
                struct err *err)
{
    bytes->size = 0;
    *more = files->at != NULL;
    if (!files->at)
        return true;
    if (files->mbox)
        return next_of_mbox(files, bytes, path);
    const struct file_entry *entry = files->at;
    *path = entry->path;
    int fd =
        strcmp(entry->path, "-") == 0 ? dup(STDIN_FILENO) : open(entry->path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0;
    if (good && begin_mbox(files, fd)) {
        close(fd);
        return next_of_mbox(files, bytes, path);
    }
    good = good && read_whole(files, fd, bytes);
    if (!good)
        err_set(err, ERR_AGAIN, "cannot read %s: %s", entry->path, strerror(errno));
    if (fd >= 0)
        close(fd);
    files->done_bytes += entry->bytes;
    files->at = entry->next;
    return good;
}

void files_close(struct files *files)
{
    if (files->mbox)
        fclose(files->mbox);
    free(files->line);
    arena_free(&files->arena);
}
