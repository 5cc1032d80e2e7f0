/* Typed queries for pages and exports, and the structs of their rows. There is no general query
 * function: each question that a page asks is one function here and one file in schema/sql.
 *
 * Rows, and all they point to, live in the arena given; a `struct rows` is an array of the struct
 * that the function names. Moments are seconds and days as in base/clock.h; a moment that is not
 * known is 0. ERR_AGAIN: the database is away.
 *
 * SPDX-License-Identifier: MIT
 * Before: reader.h. Next: web/pages.h */
#pragma once

#include "schema/reader.h"
#include "schema/report_key.h"

/* The last 30 days of all domains. */
struct overview_row {
    int64_t domains;
    int64_t enforced_failing, failing, silent; /* of these; see enum attention */
    int64_t successful, failed;                /* sessions */
    int64_t last_report_seconds;
    int64_t rejected; /* kinds of payload that could not be counted */
};
MUST_CHECK bool read_overview(struct reader *reader, struct arena *arena, struct overview_row *out,
                              struct err *err);

/* What the reports of a domain's last 30 days hold, whatever is thought of it. */
enum attention {
    ATTENTION_ENFORCED = 1, /* sessions failed, and its newest policy seen is in mode enforce */
    ATTENTION_FAILING = 2,  /* sessions failed */
    ATTENTION_SILENT = 3,   /* it had reports, but none of the last three days */
    ATTENTION_CLEAN = 4,
};

#define URGENCY_NONE 7 /* see 0020_urgency.sql: most urgent is 1 */

/* One domain and its last 30 days. */
struct domain_row {
    int32_t id;
    const char *name;
    int64_t successful, failed; /* sessions; of mirrored blocks the first only */
    int32_t reporters;
    int64_t last_report_seconds;
    const char *worst_mx; /* NULL: no MX failed by name */
    int64_t worst_mx_failed;
    const char *mode;            /* of the newest MTA-STS policy that reports quote; "" if none */
    int32_t attention;           /* enum attention */
    int32_t urgency;             /* by verdict and attention, up to URGENCY_NONE */
    const char *stage, *verdict; /* as in web/verdict.h, when it was last judged */
    const char *daily_sessions, *daily_failed; /* of 30 days up to yesterday, with spaces between;
                                                  -1: no report */
};

enum domain_order {
    DOMAIN_ORDER_URGENCY,  /* within it by failures, most first */
    DOMAIN_ORDER_SESSIONS, /* most first */
    DOMAIN_ORDER_NAME,
};

struct domain_list {
    enum domain_order order;
    const char *beginning;          /* of the name; "": any; else the order must be that of names */
    int32_t attention;              /* enum attention; 0: any */
    const char *mode;               /* NULL: any */
    const char *verdict;            /* NULL: any */
    const struct domain_row *after; /* last row of the page before: urgency, successful, failed and
                                       name count; NULL: the first page */
    int limit;
};
MUST_CHECK bool read_domains(struct reader *reader, struct arena *arena,
                             const struct domain_list *list, struct rows *domain_rows,
                             struct err *err);

/* *OUT is NULL when no report ever spoke of NAME. */
MUST_CHECK bool read_domain(struct reader *reader, struct arena *arena, const char *name,
                            const struct domain_row **out, struct err *err);

/* --- in read_domain.c --- */

/* What of a domain: its reports of these days. */
struct span {
    int32_t domain_id;
    int32_t from_day, to_day; /* both included */
};

/* Sessions of one UTC day under one policy type. Policy types are not to be added together but less
 * the mirrored sessions, which stand under another type too. */
struct day_row {
    int32_t day;
    const char *policy_type;
    int64_t successful, failed;
    int64_t shared;      /* of the successful, less mirrored ones: at one of the policy's hosts */
    int64_t unexplained; /* of the failed: no detail was given */
    int64_t untrusted;   /* of all, less mirrored ones: told by senders that nobody vouches for */
    int64_t mirrored_successful, mirrored_failed;
    int64_t reports; /* blocks of this type */
};
MUST_CHECK bool read_days(struct reader *reader, struct arena *arena, const struct span *span,
                          struct rows *day_rows, struct err *err);

/* What reports say of one MX by name. Rows of one MX and type follow each other. */
struct mx_row {
    const char *mx; /* NULL: failures for which no MX is named */
    const char *policy_type;
    const char *result; /* "successful", "unexplained", or a result type */
    int64_t sessions;
    int64_t reporters;    /* that tell of a failure, of this MX and type */
    int32_t last_failure; /* its day; 0: none failed */
    int64_t hosts;        /* how many there are; rows tell of the 40 worst */
};
MUST_CHECK bool read_mx(struct reader *reader, struct arena *arena, const struct span *span,
                        struct rows *mx_rows, struct err *err);

/* Failed sessions of one MX and policy type on one day; in the order of these. */
struct trend_row {
    const char *mx; /* NULL: not named */
    const char *policy_type;
    int32_t day;
    int64_t failed;
};
MUST_CHECK bool read_mx_trend(struct reader *reader, struct arena *arena, const struct span *span,
                              struct rows *trend_rows, struct err *err);

/* Failed sessions of one result type under one policy type. */
struct failure_row {
    const char *result;
    const char *policy_type;
    int64_t sessions;
    int64_t hosts; /* MX hosts named */
    int64_t reporters;
    int32_t first_day, last_day;
    const char *worst_mx; /* that it names most often; NULL: none */
};
MUST_CHECK bool read_failures(struct reader *reader, struct arena *arena, const struct span *span,
                              struct rows *failure_rows, struct err *err);

/* A policy as reports quote it. */
struct policy_row {
    int64_t id; /* within its domain */
    const char *type;
    const char *mode;        /* of an sts policy; "" when not told */
    const char *mx;          /* patterns with a space between; "" when not told */
    int64_t max_age_seconds; /* -1 when not told */
    const char *body;        /* "" when not told */
    int32_t first_day, last_day;
    int64_t shared; /* successful sessions that the policy's hosts share */
    int64_t successful, failed;
};
MUST_CHECK bool read_policies(struct reader *reader, struct arena *arena, const struct span *span,
                              struct rows *policy_rows, struct err *err);

/* One organization's reports of a domain. */
struct domain_reporter_row {
    const char *organization;
    int64_t successful, failed; /* sessions; of mirrored blocks the first only */
    int64_t days;               /* on which it reported */
    int32_t first_day, last_day;
    bool trusted;      /* all of them */
    int64_t policy_id; /* that its newest report quotes */
    int64_t reporters; /* how many there are; rows tell of the 40 largest */
};
MUST_CHECK bool read_domain_reporters(struct reader *reader, struct arena *arena,
                                      const struct span *span, struct rows *reporter_rows,
                                      struct err *err);

/* --- in read_mx.c: MX hosts over all domains; mirrored sessions once but where policy types differ --- */

struct mx_list_row {
    const char *mx;
    int64_t failed, own;  /* sessions; `own` succeeded and are surely the host's */
    int32_t last_failure; /* 0: none in these days */
    const char *results;  /* types of its failures with spaces between */
};

struct mx_list {
    int32_t from_day, to_day;
    const char *beginning;           /* of the name; "": those that failed, most failures first */
    const struct mx_list_row *after; /* last one of the page before: failed and mx; NULL: none */
    int limit;
};
MUST_CHECK bool read_mx_list(struct reader *reader, struct arena *arena, const struct mx_list *list,
                             struct rows *mx_list_rows, struct err *err);

struct mx_host_row {
    int32_t id;
    const char *name;
    int32_t began; /* first day of the newest run of failures without a week between; 0: none */
    int32_t last_failure; /* up to the day asked for; 0: none */
};

/* *OUT is NULL when no report named this host. */
MUST_CHECK bool read_mx_host(struct reader *reader, struct arena *arena, const char *name,
                             int32_t to_day, const struct mx_host_row **out, struct err *err);

struct mx_span {
    int32_t mx_id;
    int32_t from_day, to_day; /* both included */
};
struct mx_day_row {
    int32_t day;
    int64_t own, failed;
};
MUST_CHECK bool read_mx_host_days(struct reader *reader, struct arena *arena,
                                  const struct mx_span *span, struct rows *mx_day_rows,
                                  struct err *err);

/* Rows are `struct failure_row`, as of read_failures(). */
MUST_CHECK bool read_mx_host_failures(struct reader *reader, struct arena *arena,
                                      const struct mx_span *span, struct rows *failure_rows,
                                      struct err *err);

struct mx_domain_row {
    const char *name;
    int64_t failed, reporters;
    int32_t last_failure;
    const char *mode; /* as in domain_row */
    int64_t domains;  /* how many there are; rows tell of the 40 worst */
};
MUST_CHECK bool read_mx_host_domains(struct reader *reader, struct arena *arena,
                                     const struct mx_span *span, struct rows *mx_domain_rows,
                                     struct err *err);

struct evidence_row {
    const char *kind; /* address, helo, sender, reason, reporter */
    const char *value;
    int64_t sessions; /* failed ones that say so, of the newest details */
};
MUST_CHECK bool read_mx_host_evidence(struct reader *reader, struct arena *arena,
                                      const struct mx_span *span, struct rows *evidence_rows,
                                      struct err *err);

/* --- in read_report.c --- */

struct report_row {
    int32_t domain_id, day;
    int64_t id;
    const char *domain; /* of its first policy */
    const char *organization;
    int64_t successful, failed; /* of the whole report */
    bool trusted;
    const char *source;
    int64_t received_seconds;
    int32_t deviations;
};

struct report_list {
    int32_t domain_id;                 /* reports that speak of it; 0: all */
    const struct report_key *before;   /* last one of the page before; NULL: the first page */
    bool failed, untrusted, deviating; /* only with failures, not vouched for, with deviations */
    int limit;
};

/* How many reports of all domains that fit one filter of a list are looked at for those that fit the others. */
#define REPORTS_LOOKED_AT 20000

/* Newest day first. */
MUST_CHECK bool read_reports(struct reader *reader, struct arena *arena,
                             const struct report_list *list, struct rows *report_rows,
                             struct err *err);

/* Where a search by more than one filter ended that found fewer than its limit: *OUT is what `before` of
 * the next one is to be; NULL when there are no more. */
MUST_CHECK bool read_reports_reach(struct reader *reader, struct arena *arena,
                                   const struct report_list *list, const struct report_key **out,
                                   struct err *err);

/* What one organization reported over all domains. */
struct reporter_row {
    const char *organization;
    int64_t successful, failed; /* sessions; of mirrored blocks the first only */
    int64_t untrusted;          /* of these: told by senders that nobody vouches for */
    int64_t days;               /* on which it reported */
    int32_t first_day, last_day;
    int64_t reporters; /* how many there are; rows tell of the 100 largest */
};
MUST_CHECK bool read_reporters(struct reader *reader, struct arena *arena, int32_t from_day,
                               int32_t to_day, struct rows *reporter_rows, struct err *err);

/* Everything that the ledger knows of one report. */
struct report_detail_row {
    const char *domain, *organization, *report_id;
    const char *contact, *submitter; /* NULL when missing */
    int64_t begin_seconds, end_seconds;
    int64_t successful, failed;
    bool trusted;
    const char *trust_ground, *source, *origin;
    const char *sender_result, *sender_method; /* what was found out about the mail's sender: see */
    const char *sender_domain, *sender_selector; /* ingest/trust.h; NULL when nobody looked */
    int64_t received_seconds;
    const char *deviations; /* codes with a space between */
    const char *mail_domain, *mail_submitter, *mail_from,
        *mail_message_id; /* NULL unless by mail */
    int32_t arrivals;
    int64_t last_arrival_seconds;
    const char *last_arrival_source; /* NULL: it came once */
    int32_t variant;                 /* above 0: another sender used the same identity before */
    struct bytes original;           /* JSON, gzip */
};

/* *OUT is NULL when there is no such report. */
MUST_CHECK bool read_report(struct reader *reader, struct arena *arena,
                            const struct report_key *key, const struct report_detail_row **out,
                            struct err *err);

struct conflict_row {
    int64_t received_seconds;
    const char *source, *origin;
    const char *contact; /* or NULL */
    int32_t arrivals;
    int32_t size; /* bytes, gzip */
};
MUST_CHECK bool read_conflicts(struct reader *reader, struct arena *arena,
                               const struct report_key *key, struct rows *conflict_rows,
                               struct err *err);

/* --- in read_rejected.c --- */

struct rejected_row {
    int64_t id;
    int64_t first_seconds, last_seconds;
    int32_t times;
    const char *source, *origin;
    const char *field, *reason; /* where and why it cannot be counted */
    const char *organization;   /* as far as it was read; "" if it was not */
    bool vouched;               /* by the operator, or a secret of his */
    const char *vouched_by;     /* "" unless vouched */
    int64_t size;               /* bytes of the whole */
    int64_t kept;               /* of these, from the beginning */
    struct bytes head;          /* as many of the kept ones as asked for */
};

struct rejected_list {
    const char *source; /* as in delivery.h; NULL: all */
    const char *text;   /* that field, reason, organization or origin holds; NULL: all */
    int64_t before_seconds, before_id; /* last one of the page before; 0: the first page */
    int limit;
};

/* Newest first, with the first 512 bytes of each. */
MUST_CHECK bool read_rejected(struct reader *reader, struct arena *arena,
                              const struct rejected_list *list, struct rows *rejected_rows,
                              struct err *err);

/* With all that is kept; *OUT is NULL when there is no such row (any more). */
MUST_CHECK bool read_rejected_one(struct reader *reader, struct arena *arena, int64_t id,
                                  const struct rejected_row **out, struct err *err);
