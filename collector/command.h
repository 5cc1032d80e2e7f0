/* A command of the program: one file cmd_*.c exports one `const struct command`, and one row in
 * main.c lists it.
 * SPDX-License-Identifier: MIT
 * Before: settings.h. Next: main.c */
#pragma once

#include "collector/settings.h"

/* What main has found out before a command runs. */
struct context {
    struct settings settings;
    const char *settings_file;  /* as given by -c; NULL: not given */
    struct text_list overrides; /* as given by -o */
    const char *standalone;     /* directory of the private PostgreSQL; NULL: none */
};

struct command {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;   /* one line, for the list */
    const char *help;      /* options and exit codes, whole lines */
    /* Gets its own arguments, argv[0] being its name. Returns an exit code of sysexits(3). */
    int (*run)(struct context *context, int argc, char **argv);
};

extern const struct command cmd_user, cmd_serve, cmd_ingest, cmd_show, cmd_verdict, cmd_check,
    cmd_policy, cmd_summary, cmd_export, cmd_reingest, cmd_migrate, cmd_db, cmd_config, cmd_version;

/* "tlsrptd: EVENT: field: text" on stderr; returns the exit code that the error's kind means. */
int command_fail(const char *event, const struct err *err);

/* "tlsrptd NAME: TEXT" and how to get help, on stderr; returns EX_USAGE. */
int command_usage(const struct command *command, const char *text);

/* Who runs this program, "" when the system does not know. */
const char *command_user(void);

/* What is wrong with the option for which getopt_long has just returned OPTION, '?' or ':' (its short
 * options begin with ':'), named as it was given. In ARENA. */
const char *command_option_fault(struct arena *arena, int option, char **argv);
