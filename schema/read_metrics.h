/* What /metrics asks. It reads small tables only, and of those that grow with the domains no more rows
 * than it is told to, so that it costs the same with ten domains and with a million.
 * SPDX-License-Identifier: MIT
 * Before: read.h. Next: web/metrics.h */
#pragma once

#include "schema/reader.h"

/* Sessions of one domain that were ever counted, whatever was removed since. */
struct counter_row {
    const char *domain;      /* NULL: of all domains */
    const char *policy_type; /* as policy_type_to_text() */
    const char *result;      /* "successful", "total-failure", "unexplained", or of result.h */
    int64_t sessions;
    int64_t mirrored; /* of these, told under another policy type too */
};

struct last_report_row {
    const char *domain;
    int64_t last_report_seconds;
    const char *verdict;
};

struct mx_counter_row {
    const char *mx;
    int64_t failed; /* sessions */
};

/* Reports by door and outcome; without an outcome: how many rows of a kind there are. */
struct number_row {
    const char *source;  /* as source_to_text(); "domains", "mx" */
    const char *outcome; /* as outcome_row()->word; NULL */
    int64_t number;
};

struct metrics_rows {
    struct rows counter_rows;     /* all domains first; ordered by domain, result, policy type */
    struct rows last_report_rows; /* of the same domains */
    struct rows mx_counter_rows;
    struct rows number_rows;
};

/* At most LIMIT domains, the first ones of the overview (failing in enforce, failing, silent), and as
 * many MX, those with most failures ever. */
MUST_CHECK bool read_metrics(struct reader *reader, struct arena *arena, int limit,
                             struct metrics_rows *out, struct err *err);
