/* Which days a page is about, as its URL says: "?days=7" (counted back from today, and today),
 * "?week=2026-W47" (ISO 8601), "?from=2026-10-01&to=2026-10-31". Days are UTC days.
 * SPDX-License-Identifier: MIT
 * Before: url.h. Next: page.h */
#pragma once

#include "base/err.h"
#include "web/html.h"
#include "web/http.h"

#define PERIOD_DAYS_MAX 800 /* more than the 25 months for which the tally is kept */

struct period {
    int32_t from_day, to_day; /* both included */
    int32_t today;
    const char *query; /* "days=7": what a link adds to show the same days elsewhere */
    const char *label; /* "the last 7 days and today", to stand behind "in" */
};

/* Arguments as a URL has them; NULL or "" when they are not there. */
struct period_words {
    const char *days, *week, *from, *to;
};

/* Thirty days when nothing is given; a missing `to` is today, a missing `from` 30 days before `to`.
 * Texts are in ARENA. ERR_INPUT, naming the argument: it cannot be read, they contradict each other,
 * or these are no days or more than PERIOD_DAYS_MAX. */
MUST_CHECK bool period_parse(struct arena *arena, const struct period_words *words, int32_t today,
                             struct period *out, struct err *err);

/* The same of a request's arguments. */
MUST_CHECK bool period_read(struct request *request, int64_t now_seconds, struct period *out,
                            struct err *err);

/* "2026-W47" and nothing else: its Monday; and the week that DAY lies in, in ARENA. */
MUST_CHECK bool period_week_from_text(const char *text, int32_t *monday);
const char *period_week_to_text(struct arena *arena, int32_t day);

/* Days that one bar of a chart, or one row of a table, stands for: 1, or 7 of long periods. */
int32_t period_step(const struct period *period);

/* The picker: links for the usual periods and forms for any other. URL is the page's, without query. */
void period_print(struct html *page, const struct period *period, const char *url);
