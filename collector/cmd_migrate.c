/* tlsrptd migrate: brings the database's schema up to date.
 * SPDX-License-Identifier: MIT */
#include "collector/database.h"
#include "schema/migrate.h"
#include <stdio.h>
#include <sysexits.h>

static int run(struct context *context, int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return command_usage(&cmd_migrate, "it takes no arguments");
    struct database database = { 0 };
    struct err err = { 0 };
    int applied = 0;
    bool good =
        database_open(context, &database, &err) && database_migrate(&database, &applied, &err);
    database_close(&database);
    if (!good)
        return command_fail("migrate", &err);
    printf("schema version %d, %d applied now\n", migrate_newest(), applied);
    if (!database.has_reader)
        printf("note: " DATABASE_READER_NOTE "\n");
    return EX_OK;
}

const struct command cmd_migrate = {
    .name = "migrate",
    .arguments = "",
    .summary = "Bring the database's schema up to date",
    .help = "`serve` and `ingest` do this by themselves.\n",
    .run = run,
};
