/* /metrics: one table of metrics, in the text format of Prometheus (version 0.0.4).
 *
 * What the database counts never falls, whatever retention removes, and is the same whichever of
 * several services on one database is asked. While the database is away, what this process knows is
 * told all the same.
 *
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: pages.h */
#pragma once

#include "base/buf.h"
#include "schema/read_live.h"
#include "schema/read_metrics.h"
#include "web/insight.h"

/* One scrape. */
struct scrape {
    struct buf *out;
    bool database;                 /* it answered: ROWS hold something */
    struct metrics_rows rows;      /* of at most LIMIT domains and MX */
    struct live_metrics live;      /* ditto: looks at live set-ups */
    const struct insight *insight; /* of this process */
};

struct metric {
    const char *name;
    const char *type;                     /* counter, gauge, histogram */
    const char *help;                     /* without backslashes and line ends */
    bool of_database;                     /* left out while the database is away */
    void (*print)(const struct scrape *); /* its samples */
};

/* Rows of the table in order; NULL behind the last. */
const struct metric *metrics_at(size_t index);

/* Appends all metrics to scrape->out. */
void metrics_print(const struct scrape *scrape);
