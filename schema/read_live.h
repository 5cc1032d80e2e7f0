/* What the looks at live set-ups tell those who ask about many domains at once: verdicts, /metrics, the weekly
 * summary. Rows and errors are as in read.h.
 *
 * SPDX-License-Identifier: MIT
 * Before: read_setup.h. Next: read_verdict.h */
#pragma once

#include "schema/read_week.h"

/* --- verdicts --- */

/* The newest look at a domain. */
struct live_row {
    int32_t domain_id;
    int64_t first_seconds, checked_seconds; /* the first look, the newest */
    const char *mode;          /* of the policy that is served; "" when none is valid */
    int64_t host_back_seconds; /* end of the policy host's last outage of more than 24 hours; 0 */
    int64_t mx_since_seconds;  /* the MX hosts are these; 0: since the first look, or not known */
    bool given_up;             /* MTA-STS: nobody is to serve its policy any more */
};

/* How a gate of the verdict was in the looks of 14 days. */
struct live_gate_row {
    int32_t domain_id;
    int32_t gate;                  /* enum verdict_gate */
    int32_t state;                 /* now: enum verdict_known */
    const char *found;             /* what is wrong, a sentence; "" */
    int64_t known_runs, true_runs; /* looks that knew it, and in which it was true */
    int64_t false_seconds;         /* the newest look in which it was false; 0: none */
};

/* An MX host of a domain, now or once. */
struct live_host_row {
    int32_t domain_id;
    const char *name;
    bool present;
    int64_t last_seconds;              /* in the MX records */
    int32_t passes;                    /* enum verdict_known */
    const char *fails_with;            /* result type; "" */
    int64_t certificate_since_seconds; /* the newest of its addresses; 0: not known */
};

struct live_evidence {
    struct rows looks, gates, hosts; /* in the order of the domains */
};

/* On PG, or where that is NULL on READER. */
struct live_ask {
    struct pg *pg;
    struct reader *reader;
    const int32_t *domain_ids; /* ascending */
    size_t domain_count;
};
MUST_CHECK bool read_live(struct arena *arena, const struct live_ask *ask,
                          struct live_evidence *out, struct err *err);

/* The part of EVIDENCE that is of DOMAIN_ID. */
struct live_evidence read_live_part(const struct live_evidence *evidence, int32_t domain_id);

/* --- metrics --- */

struct live_state_row {
    const char *domain;
    const char *steps; /* as struct setup_row has them */
    int64_t checked_seconds;
};
struct live_certificate_row {
    const char *mx;
    int64_t end_seconds; /* the first of its addresses */
};
struct live_total_row {
    int64_t domains, errors, warnings,
        unknowns; /* domains looked at, and findings in all of them */
};
struct live_metrics {
    struct rows states;       /* live_state_row, worst first */
    struct rows certificates; /* live_certificate_row, those that end first */
    struct rows total;        /* live_total_row, one */
};
/* At most LIMIT domains, and as many MX hosts. */
MUST_CHECK bool read_live_metrics(struct reader *reader, struct arena *arena, int limit,
                                  struct live_metrics *out, struct err *err);

/* --- the weekly summary --- */

enum live_week_kind {
    LIVE_WEEK_NEW = 1, /* a finding came, and is there still at the end of the week */
    LIVE_WEEK_GONE,    /* went, and had come before the week */
    LIVE_WEEK_ENDS, /* a certificate of an MX host that runs out within 21 days of the week's end */
};
struct live_week_row {
    int32_t kind; /* enum live_week_kind */
    int64_t of_kind;
    const char *domain;                 /* NULL for certificates */
    const char *severity;               /* "error", "warning"; "" for certificates */
    const char *code, *subject, *title; /* of a certificate the subject is the MX host */
    int64_t at_seconds;                 /* when it came, went, ends */
    int64_t domains;                    /* that use such an MX host; 1 of a finding */
};
/* Errors and warnings, by kind, errors first; at most LIMIT of each kind. */
MUST_CHECK bool read_live_week(struct reader *reader, struct arena *arena, const struct week *week,
                               int limit, struct rows *live_week_rows, struct err *err);
