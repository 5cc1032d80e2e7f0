/* What the pages may change, done for them: each change takes a connection of its own with the rights to
 * write, and is logged with who made it.
 * SPDX-License-Identifier: MIT
 * Before: web/desk.h. Next: service.c */
#pragma once

#include "web/desk.h"

struct clerk {
    struct desk desk; /* for the pages: any thread */
    const char *database;
    struct pg_patience patience;
};

/* DATABASE and CLERK outlive the pages. STOP_FD as in struct pg_patience. */
void clerk_init(struct clerk *clerk, const char *database, int stop_fd);
