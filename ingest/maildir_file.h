/* One file of a maildir: opened and locked, read, moved to cur/ with its flag.
 * SPDX-License-Identifier: MIT
 * Before: listing.h. Next: maildir.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdbool.h>
#include <sys/stat.h>

/* Opens and locks (flock(2)) NAME in a directory. -1 with errno; ENOENT when it is not ours to take: it
 * is gone, another reader has it, or it is no plain file. The caller closes it, which unlocks it. */
int maildir_file_open(int directory_fd, const char *name, struct stat *found);

/* Reads SIZE bytes, or fewer when the file has no more, into the arena; a NUL follows them. False with
 * errno. */
MUST_CHECK bool maildir_file_read(int fd, struct arena *arena, size_t size, struct bytes *out);

/* Renames NAME of new/ to cur/BASE:2,FLAG without ever replacing a file there. A base that leaves no
 * room for what is added is cut. False with errno. */
MUST_CHECK bool maildir_file_move(int new_fd, int cur_fd, const char *name, char flag);
