/* What a line of the summary says, in words that all its printers share. Texts are plain, on one line, and
 * in the arena given; what strangers wrote is in them as summary_value() shows it.
 * SPDX-License-Identifier: MIT
 * Before: summary.h. Next: summary_text.h */
#pragma once

#include "web/summary.h"

#define SUMMARY_NOTE                                                                              \
    "Counts are TLS sessions as senders reported them (RFC 8460), on UTC days; sessions that a "  \
    "report lists under two policy types count once. Worse and better: by a quarter and by five " \
    "sessions at least. Silent: reports of three days or more of the week before, and none of "   \
    "this one."

/* VALUE without what is not seen or turns the direction of writing, cut where it is very long. */
const char *summary_value(struct arena *arena, const char *value);

/* The same of a text of our own that may quote such a value: room for a few sentences. */
const char *summary_sentence(struct arena *arena, const char *sentence);

/* "12,345"; "0.97 %", "0 %" only for none and "100 %" only for all, "-" of nothing. */
const char *summary_number(struct arena *arena, int64_t number);
const char *summary_share(struct arena *arena, int64_t part, int64_t whole);

/* How many domains, when so many rows were looked at: "3", or "at least 12,000". */
const char *summary_domains(struct arena *arena, int64_t domains, int64_t looked);

/* "New failures", "Worse", … */
const char *summary_title(enum week_kind kind);

/* "120 sessions failed, 30 the week before; 12 of these not verified" */
const char *summary_counts(struct arena *arena, const struct week_line_row *line);

/* Whether ROW begins the first line, among those that are new or worse, of its result type: what is to be
 * done is told there. */
bool summary_is_first(const struct summary *summary, const struct week_line_row *row);

/* Of a line's ROWS: "Google 100 (before 20), Microsoft 3, and 2 more" */
const char *summary_tellers(struct arena *arena, const struct week_line_row *rows, size_t count);

/* "example.org, example.com, and 4 more" */
const char *summary_names(struct arena *arena, const struct week_line_row *line);
