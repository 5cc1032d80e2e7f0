/* Other programs as our children: started so that they end when we do, and reaped.
 * SPDX-License-Identifier: MIT
 * Before: migrate.h. Next: initdb.h */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/macros.h"
#include <stdbool.h>
#include <sys/types.h>

struct program {
    char **argv; /* argv[0] with a slash is that file, without one it is looked up in PATH */
    const char *directory;
    int input, output; /* its stdin; its stdout, and its stderr unless `errors` is given */
    int errors;        /* its stderr; -1: where the output goes */
    int death_signal;  /* sent to it when the thread that started it ends, however that happens */
    bool group;        /* a process group of its own, which Ctrl-C on the terminal does not reach */
};

/* Signal dispositions and mask are the default ones in the child; every descriptor of ours that is
 * not close-on-exec goes along. False with ERR_AGAIN. Exit status 127: it could not be run. */
MUST_CHECK bool program_start(const struct program *program, pid_t *out, struct err *err);

/* True when it has ended within MILLISECONDS; it is reaped then. */
bool program_ended(pid_t pid, int milliseconds);

/* Runs it to its end; true when it says it succeeded, else ERR_SETUP. */
MUST_CHECK bool program_run(const struct program *program, struct err *err);

/* The first line that a program prints, in ARENA; NULL when it fails. */
char *program_line(struct arena *arena, char **argv);

/* Sleeps. */
void program_pause(int milliseconds);

/* Closes *FD unless it is negative; for CLEANUP(). */
void program_close(const int *fd);
