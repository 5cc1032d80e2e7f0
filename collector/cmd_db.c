/* tlsrptd db url|shell: the database that this program uses, for other programs and for people.
 * SPDX-License-Identifier: MIT */
#include "collector/database.h"
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

extern char **environ;

static int shell(const struct database *database)
{
    char program[] = "psql";
    char *const argv[] = { program, (char *)(uintptr_t)database->conninfo, NULL };
    pid_t child;
    int status = 0;
    int failed = posix_spawnp(&child, program, NULL, NULL, argv, environ);
    if (failed) {
        fprintf(stderr, "tlsrptd: db: cannot run psql: %s (apt install postgresql-client)\n",
                strerror(failed));
        return EX_UNAVAILABLE;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

static int run(struct context *context, int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    bool url = strcmp(what, "url") == 0;
    if (!url && strcmp(what, "shell") != 0)
        return command_usage(&cmd_db, "say what to do: url or shell");
    struct database database = { 0 };
    struct err err = { 0 };
    if (!database_open(context, &database, &err))
        return command_fail("db", &err);
    int code = EX_OK;
    if (url)
        printf("%s\n", database.conninfo);
    else
        code = shell(&database);
    database_close(&database);
    return code;
}

const struct command cmd_db = {
    .name = "db",
    .arguments = "url | shell",
    .summary = "Print the database's connection string, or open psql on it",
    .help =
        "With --standalone DIR the server of a running service is used, or one is started for as\n"
        "long as the shell is open. For a dump: pg_dump \"$(tlsrptd --standalone DIR db url)\"\n"
        "while the service runs.\n",
    .run = run,
};
