/* /api/v1/domains/NAME/setup: the newest look at a domain's set-up, as `tlsrptd check --format json` gives it.
 * SPDX-License-Identifier: MIT
 * Before: api_verdict.c, page_setup.c. Next: api_report.c */
#include "base/text.h"
#include "schema/read_setup.h"
#include "web/api.h"
#include <string.h>

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    const char *name = text_host(visit->arena, visit->argument, NULL);
    const struct setup_row *row = NULL;
    if (!name)
        return true;
    if (!read_setup(visit->reader, visit->arena, name, &row, err))
        return false;
    if (!row)
        return true;
    *out = (struct response){
        .status = 200,
        .type = "application/json",
        .body = { row->result, strlen(row->result) },
        .headers = { { .name = "Cache-Control", .value = "private, no-cache" } },
    };
    return true;
}

static const struct resource setup = {
    .name = "setup",
    .summary = "What is published for a domain, and what is wrong with it",
    .about =
        "The newest look: `checked_at`, `verdict` of this look alone (ready, ready-limited, "
        "not-yet, unknown), `steps` (reporting, record, policy-host, policy, mx, servers, dane: "
        "good, warned, faulty, unknown, absent), `record` (`id`, `ttl`), `policy` (`mode`, "
        "`max_age`, `mx`, `sha256`), `findings` (`code`, `severity`, `step`, `subject`, `title`, "
        "`evidence`, `fix`, `rule`, `blocks`, `letter`), the heaviest first, and `mx` with each "
        "address of each host: `reach`, `starttls`, `tls`, `certificate_end`, `dane`.",
    .segment = "name",
    .serve = serve,
};

const struct page api_setup = { .path = "/api/v1/domains/*/setup", .resource = &setup };
