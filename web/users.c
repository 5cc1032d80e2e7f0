/* See users.h.
 * SPDX-License-Identifier: MIT */
#include "web/users.h"
#include "web/password.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES_MAX 64
#define FILE_BYTES_MAX (4 << 20)

bool users_name_fits(const char *name, struct err *err)
{
    size_t size = strlen(name);
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr(":#\"'\\${}", *c))
            size = 0;
    return (size && size <= NAME_BYTES_MAX)
           || err_set(err, ERR_INPUT,
                      "a user's name has 1 to %d printable ASCII characters, without blanks and "
                      ": # \" ' \\ $ { }",
                      NAME_BYTES_MAX);
}

/* One entry; errors are told without its text, which may be a password in the wrong place. */
static bool parse(struct arena *arena, const char *entry, struct user *out, struct err *err)
{
    size_t size = strcspn(entry, ":");
    if (!entry[size])
        return err_set(err, ERR_SETUP, "must be name:hash, as `tlsrptd user NAME` prints it");
    const struct user user = { arena_copy(arena, entry, size),
                               arena_text(arena, entry + size + 1) };
    struct err why = { 0 };
    if (users_name_fits(user.name, &why) && password_usable(user.hash, &why)) {
        *out = user;
        return true;
    }
    return err_set(err, ERR_SETUP, "%s", why.text);
}

static bool add(struct users *users, struct user *room, const struct user *user, struct err *err)
{
    if (users_find(users, user->name))
        return err_set(err, ERR_SETUP, "the user %s is there already", user->name);
    room[users->count++] = *user;
    return true;
}

/* The file's text, in the arena; an absent file has none. *FOUND is its mode and owner. */
static bool read_file(struct arena *arena, const char *path, bool must_exist, struct stat *found,
                      const char **out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *out = "";
    if (fd < 0 && errno == ENOENT && !must_exist)
        return true;
    if (fd < 0)
        return err_set(err, ERR_SETUP, "%s cannot be read: %s", path, strerror(errno));
    CLEANUP(buf_done) struct buf text = BUF(FILE_BYTES_MAX);
    char part[4096];
    ssize_t got = fstat(fd, found) == 0 ? 0 : -1;
    while (got >= 0 && (got = read(fd, part, sizeof part)) > 0)
        buf_add(&text, part, (size_t)got);
    int why = text.failed ? EFBIG : errno;
    close(fd);
    if (got < 0 || text.failed)
        return err_set(err, ERR_SETUP, "%s cannot be read: %s", path, strerror(why));
    *out = arena_copy(arena, buf_get(&text), text.size);
    return true;
}

/* The line at *TEXT, trimmed, in the arena; moves on. NULL at the end. */
static const char *next_line(struct arena *arena, const char **text)
{
    if (!**text)
        return NULL;
    size_t size = strcspn(*text, "\n");
    const char *line = text_trim(arena, *text, size);
    *text += size + ((*text)[size] == '\n');
    return line;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

const struct user *users_find(const struct users *users, const char *name)
{
    for (size_t i = 0; i < users->count; i++)
        if (strcmp(users->items[i].name, name) == 0)
            return &users->items[i];
    return NULL;
}

bool users_read(struct arena *arena, const struct text_list *list, const char *file,
                struct users *out, struct err *err)
{
    const char *text = "", *line;
    struct stat found;
    if (file && *file && !read_file(arena, file, true, &found, &text, err))
        return false;
    struct user *room = arena_array(arena, list->count + count_lines(text), sizeof *room), user;
    struct users users = { .items = room };
    for (size_t i = 0; i < list->count; i++)
        if (!parse(arena, list->items[i], &user, err) || !add(&users, room, &user, err)) {
            err_prefix(err, "web.users, entry %zu: ", i + 1);
            return false;
        }
    for (size_t number = 1; (line = next_line(arena, &text)); number++) {
        if (!*line || *line == '#')
            continue;
        if (!parse(arena, line, &user, err) || !add(&users, room, &user, err)) {
            err_prefix(err, "%s:%zu: ", file, number);
            return false;
        }
    }
    *out = users;
    return true;
}

/* --- writing --- */

static bool is_line_of(const char *line, const char *name)
{
    size_t size = strlen(name);
    return strncmp(line, name, size) == 0 && line[size] == ':';
}

/* TEXT with USER's line in it. */
static void rewrite(struct arena *arena, const char *text, const struct user *user, struct buf *out)
{
    bool written = false;
    const char *line;
    while ((line = next_line(arena, &text))) {
        bool his = is_line_of(line, user->name);
        if (his && !written)
            buf_printf(out, "%s:%s\n", user->name, user->hash);
        else if (!his)
            buf_printf(out, "%s\n", line);
        written = written || his;
    }
    if (!written)
        buf_printf(out, "%s:%s\n", user->name, user->hash);
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t wrote = write(fd, text, size);
        if (wrote < 0)
            return false;
        text += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

bool users_write(const char *file, const struct user *user, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(buf_done) struct buf after = BUF(FILE_BYTES_MAX + 4096);
    struct stat old = { .st_mode = 0640, .st_uid = geteuid(), .st_gid = getegid() };
    const char *before;
    if (!read_file(&arena, file, false, &old, &before, err))
        return false;
    rewrite(&arena, before, user, &after);
    char *fresh = arena_printf(&arena, "%s.XXXXXX", file);
    int fd = mkostemp(fresh, O_CLOEXEC); /* beside it, so that renaming replaces it at once */
    if (fd < 0)
        return err_set(err, ERR_SETUP, "%s cannot be written: %s", file, strerror(errno));
    bool good = write_all(fd, buf_get(&after), after.size)
                && fchown(fd, old.st_uid, old.st_gid) == 0 && fchmod(fd, old.st_mode & 07777) == 0
                && fsync(fd) == 0 && rename(fresh, file) == 0;
    int why = errno;
    close(fd);
    if (good)
        return true;
    unlink(fresh);
    return err_set(err, ERR_SETUP, "%s cannot be written: %s", file, strerror(why));
}
