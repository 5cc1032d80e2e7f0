/* Reports from files: single files, directories, maildirs and mboxes, one message after another.
 * SPDX-License-Identifier: MIT
 * Before: cmd_ingest.c */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>
#include <stdio.h>

struct files {
    struct arena arena;
    struct file_entry *first, *at;
    size_t count;        /* files found */
    int64_t total_bytes; /* of all of them */
    int64_t done_bytes;  /* read so far */
    size_t max_bytes;    /* of one message; no more than one byte beyond is read */
    FILE *mbox;          /* open while one is being read */
    int64_t number;      /* of the message in it, from 1 */
    char *line;          /* getline(3)'s */
    size_t line_room;
};

/* Finds what PATHS hold: a directory gives its files, and those below it, by name; one with cur/ and
 * new/ in it is a maildir and gives the files of both; "-" is standard input. Files whose names begin
 * with '.' and links to directories are left out. False with ERR_SETUP for a path that cannot be read. Close it in any case. */
MUST_CHECK bool files_open(struct files *files, const char *const *paths, size_t count,
                           size_t max_bytes, struct err *err);

/* The next message in BYTES (emptied before) and where it is from, in files->arena; *MORE is false
 * after the last. A file that begins with "From " is an mbox and gives its messages one by one. False
 * with ERR_AGAIN for a file that cannot be read; the next call goes on behind it. */
MUST_CHECK bool files_next(struct files *files, struct buf *bytes, const char **path, bool *more,
                           struct err *err);

void files_close(struct files *files);
