/* tlsrptd serve: the service.
 * SPDX-License-Identifier: MIT */
#include "collector/service.h"
#include <string.h>
#include <sysexits.h>

static int run(struct context *context, int argc, char **argv)
{
    bool demo = argc == 2 && strcmp(argv[1], "--demo") == 0;
    struct err err = { 0 };
    if (argc > 1 && !demo)
        return command_usage(&cmd_serve, "it takes no arguments but --demo");
    if (!service_run(context, demo, &err))
        return command_fail("serve", &err);
    return EX_OK;
}

const struct command cmd_serve = {
    .name = "serve",
    .arguments = "[--demo]",
    .summary = "Run the service: take reports and serve the pages",
    .help =
        "  --demo             store sample reports first, so that there is something to look at\n"
        "\n"
        "With --standalone DIR it keeps a private PostgreSQL in DIR (Unix socket only) and, where\n"
        "none is set, a self-signed certificate. It ends on SIGTERM and SIGINT, with everything\n"
        "written that was acknowledged. On SIGHUP it reads settings, lists of domains and\n"
        "certificates anew; when one has a fault the old ones stay and the log says why.\n",
    .run = run,
};
