/* What the pages know of the service beside the database: for /readyz, /metrics and the first look.
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: page.h */
#pragma once

#include "ingest/figures.h"
#include "ingest/spool.h"
#include "schema/writer.h"

/* All of it is the service's, and outlives the pages. */
struct insight {
    struct writer *writer;
    struct spool *spool; /* NULL: there is none */
    struct figures *figures;
    const char
        *reports; /* where reports come in over HTTPS: host:port or unix:/path; NULL: nowhere */
    const char *standalone; /* directory of the private PostgreSQL; NULL: there is none */
};
