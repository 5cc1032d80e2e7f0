/* /readyz: 200 when reports can be taken, into the database or the spool, and pages can be made. With
 * ?for=reports or ?for=pages only that counts, for a load balancer before the one or the other. Says
 * no more than a word or two, since nobody has to log in for it.
 * SPDX-License-Identifier: MIT
 * Before: page.h, insight.h */
#include "web/page.h"
#include <string.h>

#define TEXT_TYPE "text/plain; charset=utf-8"

/* Why no report can be taken; NULL when they can. */
static const char *reports_fault(const struct insight *insight, bool database)
{
    if (database && !writer_state(insight->writer).away)
        return NULL;
    if (!insight->spool)
        return "reports: the database is away, and there is no spool\n";
    struct spool_figures spool = spool_figures(insight->spool);
    return spool.bytes < spool.max_bytes ? NULL
                                         : "reports: the database is away, and the spool is full\n";
}

static bool ready(struct visit *visit, struct response *out, struct err *err)
{
    struct err why = { 0 };
    const char *about = http_argument(visit->request, "for");
    if (about && strcmp(about, "reports") != 0 && strcmp(about, "pages") != 0)
        return err_field(err, ERR_INPUT, "for", "must be reports or pages, or be left out");
    bool database = reader_ready(visit->reader, &why);
    const char *reports = reports_fault(visit->insight, database);
    const char *pages = database ? NULL : "pages: the database cannot be read\n";
    if (about && strcmp(about, "reports") == 0)
        pages = NULL;
    else if (about)
        reports = NULL;
    bool good = !reports && !pages;
    const char *text = good ? "ready\n"
                            : arena_printf(visit->arena, "not ready\n%s%s", reports ? reports : "",
                                           pages ? pages : "");
    *out = (struct response){
        .status = good ? 200 : 503,
        .type = TEXT_TYPE,
        .body = { text, strlen(text) },
        .headers = { { .name = "Cache-Control", .value = "no-store" } },
    };
    return true;
}

const struct page page_ready = {
    .path = "/readyz", .title = "Ready", .section = "", .serve = ready
};
