/* What verdicts are made of: the evidence of one domain or of many, as rows of the ledger.
 * SPDX-License-Identifier: MIT
 * Before: read.h. Next: verdicts.h */
#pragma once

#include "schema/reader.h"

/* Sessions of one UTC day, told by one reporter, under one policy, at one MX, with one result. */
struct verdict_row {
    int32_t domain_id;
    int32_t day;
    const char *reporter; /* organization */
    int64_t policy_id;    /* of a verdict_policy_row of the same domain */
    const char *policy_type;
    const char *mx;     /* NULL: not named */
    const char *result; /* "successful", "total-failure", "unexplained", or a result type */
    int64_t sessions;   /* mirrored ones too: policy types are never added together here */
    int64_t transient;  /* of these: the reason code speaks of a timeout or a lost connection */
    int64_t addressed;  /* of these: a detail names the receiving address */
};

/* A policy that the rows quote. */
struct verdict_policy_row {
    int32_t domain_id;
    int64_t id;
    const char *mode;        /* of an sts policy; "" when not told */
    const char *mx;          /* patterns with a space between, sorted; "" when not told */
    int64_t max_age_seconds; /* -1 when not told */
};

/* A failure that an operator does not wait for. */
struct verdict_ack_row {
    int32_t domain_id;
    const char *mx; /* "": none is named */
    const char *result;
    int32_t last_day; /* the newest day with it when it was acknowledged: later ones are not */
    const char *note, *who;
    int64_t at_seconds;
};

/* A day whose reports may be lost to us, since we could not take any when they came. */
struct verdict_gap_row {
    int32_t day;
};

/* What to read. */
struct verdict_ask {
    const int32_t *domain_ids; /* ascending, each once */
    size_t domain_count;
    int32_t from_day, to_day; /* both included */
    bool include_untrusted;
};

/* In the order of the domains. */
struct verdict_evidence {
    struct rows rows;     /* verdict_row, at most the newest VERDICT_ROWS of a domain */
    struct rows policies; /* verdict_policy_row */
    struct rows acks;     /* verdict_ack_row */
    struct rows gaps;     /* verdict_gap_row: of all domains alike */
};
#define VERDICT_ROWS 50000

/* On a connection of the pool, or on PG. */
MUST_CHECK bool read_verdict(struct reader *reader, struct arena *arena,
                             const struct verdict_ask *ask, struct verdict_evidence *out,
                             struct err *err);
MUST_CHECK bool read_verdict_with(struct pg *pg, struct arena *arena, const struct verdict_ask *ask,
                                  struct verdict_evidence *out, struct err *err);

/* The part of EVIDENCE that is of DOMAIN_ID. */
struct verdict_evidence read_verdict_part(const struct verdict_evidence *evidence,
                                          int32_t domain_id);

struct verdict_change_row {
    int64_t at_seconds;
    const char *from_stage, *from_verdict; /* NULL: the first verdict */
    const char *stage, *verdict;
    const char *code, *sentence; /* of the heaviest reason */
};

/* A change and what it was made of. */
struct verdict_replay_row {
    int64_t at_seconds;
    const char *stage, *verdict;
    const char *code, *sentence; /* of the heaviest reason */
    const char *input; /* JSON, see web/verdict_input.h; NULL: it was too large to be kept */
};

/* The newest at AT_SECONDS or before; *OUT is NULL when there is none. */
MUST_CHECK bool read_verdict_change(struct reader *reader, struct arena *arena, int32_t domain_id,
                                    int64_t at_seconds, const struct verdict_replay_row **out,
                                    struct err *err);

/* Newest first, at most LIMIT. */
MUST_CHECK bool read_verdict_changes(struct reader *reader, struct arena *arena, int32_t domain_id,
                                     int limit, struct rows *verdict_change_rows, struct err *err);
