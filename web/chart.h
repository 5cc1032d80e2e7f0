/* Charts of sessions by day: SVG within the page, and the same figures as a table behind it. Nothing is
 * told by colour alone: series have their own place and pattern, days without a report are marked,
 * and the table says all of it in words.
 *
 * SPDX-License-Identifier: MIT
 * Before: layout.h. Next: page.h */
#pragma once

#include "web/html.h"

/* One day, or a week of a long period. Counts are sessions. */
struct chart_bar {
    int32_t day;         /* the first */
    bool reported;       /* false: no report covers it, which is not the same as no sessions */
    int64_t own, shared; /* succeeded: at a host that is known; at one of several */
    int64_t failed;
};

struct chart {
    const struct chart_bar *bars; /* each step of the period, oldest first */
    size_t count;
    int32_t step_days; /* of one bar: 1 or 7 */
};

/* The stacked chart, below it the failures alone on a scale of their own, and the table. One on a
 * page: it holds ids. */
void chart_print(struct html *page, const struct chart *chart);

/* A small chart in a line of text or a cell. SESSIONS, oldest first, COUNT of them, less than 0 where
 * no report came; FAILED of these. LABEL says in words what it shows. */
void chart_sparkline(struct html *page, const int64_t *sessions, const int64_t *failed,
                     size_t count, const char *label);

/* The smallest of 2, 4, 6, 8 or 10 times a power of ten that is not below VALUE: where a scale ends. */
int64_t chart_scale(int64_t value);
