/* See command.h.
 * SPDX-License-Identifier: MIT */
#include "collector/command.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int exit_code_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return EX_OK;
    case ERR_INPUT:
    case ERR_LIMIT:
        return EX_DATAERR;
    case ERR_REFUSED:
        return EX_NOPERM;
    case ERR_AGAIN:
        return EX_UNAVAILABLE;
    case ERR_SETUP:
        return EX_CONFIG;
    case ERR_BUG:
        break;
    }
    return EX_SOFTWARE;
}

int command_fail(const char *event, const struct err *err)
{
    char text[ERR_TEXT_BYTES];
    fprintf(stderr, "tlsrptd: %s: %s\n", event, err_to_text(err, text, sizeof text));
    if (strstr(text, "database: connection to server")) /* libpq's words: often another is meant */
        fputs(
            "Which database: --standalone DIR as the service has it, else the setting database.url, "
            "else $TLSRPTD_DATABASE.\n",
            stderr);
    return exit_code_of(err->kind);
}

int command_usage(const struct command *command, const char *text)
{
    fprintf(stderr, "tlsrptd %s: %s\nUsage: tlsrptd %s%s%s; see `tlsrptd %s --help`\n",
            command->name, text, command->name, *command->arguments ? " " : "", command->arguments,
            command->name);
    return EX_USAGE;
}

const char *command_user(void)
{
    const char *name = getlogin();
    return name ? name : "";
}

const char *command_option_fault(struct arena *arena, int option, char **argv)
{
    const char *word = argv[optind - 1], *here = argv[optind];
    char letter[] = { '-', (char)optopt, '\0' };
    if (optopt && here && strncmp(here, letter, 2) == 0) /* one of several letters after a "-" */
        word = letter;
    return arena_printf(arena, option == ':' ? "%s lacks its value" : "there is no option %s",
                        word);
}
