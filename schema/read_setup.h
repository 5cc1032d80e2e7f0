/* What pages, the API, /metrics, the weekly summary and verdicts ask about looks at the live set-up. What was never
 * looked at has no rows. Rows and errors are as in read.h.
 *
 * SPDX-License-Identifier: MIT
 * Before: setup.h. Next: read_live.h */
#pragma once

#include "schema/reader.h"

/* Which domains need somebody first; a number smaller than another comes before it. */
enum setup_attention {
    SETUP_ATTENTION_MEND = 1, /* errors, or what a policy in mode enforce has to wait for */
    SETUP_ATTENTION_WARNINGS = 2,
    SETUP_ATTENTION_UNKNOWN = 3, /* parts could not be looked at */
    SETUP_ATTENTION_GOOD = 4,
};

/* The newest look at a domain. */
struct setup_row {
    int32_t domain_id;
    const char *name;
    int64_t checked_seconds;
    int64_t probed_seconds; /* the newest look that went to the MX hosts itself; 0: none did */
    int32_t milliseconds;
    const char *verdict; /* verdict_word_to_text(): of this look alone */
    int32_t attention;   /* enum setup_attention */
    int32_t errors, warnings, unknowns;
    const char *steps; /* setup_state_to_text() of each step, in order, a space between */
    const char *id, *mode, *policy_sha256; /* "" where none is valid */
    int64_t max_age_seconds;               /* -1 */
    const char *result; /* JSON, as `tlsrptd check --format json` gives it; NULL in lists */
};

/* *OUT is NULL when it was never looked at. */
MUST_CHECK bool read_setup(struct reader *reader, struct arena *arena, const char *domain,
                           const struct setup_row **out, struct err *err);

/* All domains, worst first, then by name; after the row (ATTENTION, NAME), which for the first page is (0, ""). */
struct setup_list {
    int32_t attention; /* only these; 0: any */
    int32_t after_attention;
    const char *after_name;
    int limit;
};
MUST_CHECK bool read_setup_list(struct reader *reader, struct arena *arena,
                                const struct setup_list *list, struct rows *setup_rows,
                                struct err *err);

/* How many domains there are of each attention. */
struct setup_count_row {
    int32_t attention;
    int64_t domains;
    int64_t oldest_seconds; /* the look that is longest ago */
};
MUST_CHECK bool read_setup_counts(struct reader *reader, struct arena *arena,
                                  struct rows *setup_count_rows, struct err *err);

struct setup_finding_row {
    const char *code, *subject, *severity, *step, *title, *evidence, *fix, *rule;
    bool blocks;
    const char *letter; /* NULL: none */
    int64_t first_seconds, last_seconds;
    int64_t gone_seconds; /* 0: it is there */
};
/* Those that are there, the heaviest first, then those that went, newest first; at most LIMIT. */
MUST_CHECK bool read_setup_findings(struct reader *reader, struct arena *arena, int32_t domain_id,
                                    int limit, struct rows *setup_finding_rows, struct err *err);

/* One address of an MX host; a host without any has one row with the address "". */
struct setup_mx_row {
    const char *mx, *address;
    int32_t preference;
    bool present;         /* in the newest answer; else it was once */
    int64_t last_seconds; /* when it was in an answer */
    int64_t probed_seconds;
    const char *reach, *starttls, *tls, *dane; /* words, as ledger.setup_mx has them */
    int32_t passes;                            /* 0 not known, 1 true, 2 false */
    const char *fails_with, *why;              /* "" */
    const char *certificate;                   /* SHA-256, hex; NULL: none was ever seen */
    int64_t certificate_end_seconds, certificate_since_seconds;
};
/* Those present first, by preference and name. */
MUST_CHECK bool read_setup_mx(struct reader *reader, struct arena *arena, int32_t domain_id,
                              struct rows *setup_mx_rows, struct err *err);

/* One look. */
struct setup_run_row {
    int64_t at_seconds;
    bool probed;
    const char *verdict;
    int32_t errors, warnings;
};
/* Newest first. */
MUST_CHECK bool read_setup_runs(struct reader *reader, struct arena *arena, int32_t domain_id,
                                int limit, struct rows *setup_run_rows, struct err *err);

/* A value that was published. */
struct setup_value_row {
    const char *kind, *value; /* as ledger.setup_value has them */
    int64_t first_seconds, since_seconds, last_seconds;
    int64_t ttl_seconds; /* the greatest seen; -1: not known */
};
struct setup_policy_row {
    const char *id, *policy_sha256, *mode, *body;
    int64_t max_age_seconds;
    int64_t first_seconds, last_seconds;
};
/* An MX host that reports named as the one that received. */
struct setup_reported_row {
    const char *mx;
    int32_t first_day, last_day;
};
struct setup_past {
    struct rows values;          /* setup_value_row, by kind, newest first */
    struct rows policies;        /* setup_policy_row, newest first */
    struct rows reported;        /* setup_reported_row of 90 days, newest first */
    int64_t last_report_seconds; /* 0: none came */
};
/* What was seen before; all empty for a domain that is not known. */
MUST_CHECK bool read_setup_past(struct reader *reader, struct arena *arena, const char *domain,
                                struct setup_past *out, struct err *err);
