/* tlsrptd version.
 * SPDX-License-Identifier: MIT */
#include "collector/command.h"
#include "schema/migrate.h"
#include <stdio.h>
#include <sysexits.h>

static int run(struct context *context, int argc, char **argv)
{
    (void)context;
    (void)argv;
    if (argc > 1)
        return command_usage(&cmd_version, "it takes no arguments");
    printf("tlsrptd " TLSRPTD_VERSION " (schema version %d)\n", migrate_newest());
    return EX_OK;
}

const struct command cmd_version = {
    .name = "version",
    .arguments = "",
    .summary = "Print the version",
    .help = "",
    .run = run,
};
