/* See command.h.
 * SPDX-License-Identifier: MIT */
#include "collector/command.h"
#include <stdio.h>
#include <sysexits.h>

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
    return exit_code_of(err->kind);
}

int command_usage(const struct command *command, const char *text)
{
    fprintf(stderr, "tlsrptd %s: %s\nUsage: tlsrptd %s%s%s; see `tlsrptd %s --help`\n",
            command->name, text, command->name, *command->arguments ? " " : "", command->arguments,
            command->name);
    return EX_USAGE;
}
