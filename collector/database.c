/* See database.h.
 * SPDX-License-Identifier: MIT */
#include "collector/database.h"
#include "schema/migrate.h"
#include "schema/status.h"
#include "base/clock.h"
#include <stdlib.h>

bool database_open(const struct context *context, struct database *out, struct err *err)
{
    struct database found = { .conninfo = context->settings.database.url };
    if (context->standalone) {
        if (!cluster_open(context->standalone, &found.cluster, err))
            return false;
        found.conninfo = cluster_conninfo(found.cluster);
    } else if (!*found.conninfo) {
        const char *given = getenv("TLSRPTD_DATABASE");
        found.conninfo = given && *given ? given : "postgresql:///tlsrptd";
    }
    *out = found;
    return true;
}

bool database_migrate(struct database *database, int *applied, struct err *err)
{
    struct pg *pg = NULL;
    bool good = pg_open(database->conninfo, &pg, err) && migrate(pg, applied, err)
                && migrate_reader(pg, &database->has_reader, err)
                && status_daily(pg, clock_now(), err);
    pg_close(&pg);
    return good;
}

void database_close(struct database *database)
{
    cluster_close(&database->cluster);
}
