/* Evidence: the rows of a domain made into what a verdict asks of them. Which policy is the current one
 * and since when, what each reporter saw on each day, and the sessions that enforce would have refused,
 * between two bounds.
 *
 * Reports carry no id of the policy, so its versions are known by mode and MX patterns alone; a new
 * max_age makes no new version. The current version is the one to which reporters changed last.
 *
 * SPDX-License-Identifier: MIT
 * Before: verdict_stats.h. Next: verdict_triage.h */
#pragma once

#include "judge/verdict.h"

/* A version of the MTA-STS policy. */
struct evidence_version {
    const char *mode, *mx;   /* as in verdict_policy_row; mode is not "" */
    int64_t max_age_seconds; /* the longest seen; -1: not told */
};

/* Of the policy that a block quotes. */
enum evidence_label { LABEL_UNKNOWN, LABEL_CURRENT, LABEL_OLDER };

/* All that one reporter says of one day under one policy of type sts. */
struct evidence_block {
    int32_t day;
    int reporter; /* index in reporters */
    int version;  /* index in versions; -1: the policy was not told */
    int64_t successful, failed;
    int64_t retrieval; /* the policy was not obtained: no refusal */
    int64_t low, high; /* sessions that enforce would have refused */
    int64_t sessions;  /* that checked the policy; at least `high` */
};

/* One kind of failure, told by one reporter on one day. */
struct evidence_failure {
    int32_t day;
    int reporter;
    int version;    /* as above */
    const char *mx; /* NULL: not named */
    const char *result;
    bool blocking; /* else the policy was not obtained */
    bool sts;      /* else the sender found no policy: no part of the counts */
    int64_t sessions, transient;
};

struct evidence {
    struct arena *arena;
    const struct verdict_input *input;
    const char **reporters; /* sorted */
    int reporter_count;
    struct evidence_version *versions;
    int version_count;
    int current;       /* index in versions; -1: none was seen */
    int32_t clock_day; /* first day of the current version; 0: none */
    int32_t last_closed;
    int32_t first_day;             /* of what is looked at */
    struct evidence_block *blocks; /* by day, reporter, policy */
    size_t block_count;
    struct evidence_failure *failures; /* by MX, result, day, reporter */
    size_t failure_count;
    int64_t without_policy; /* successful sessions of senders that found none: no evidence */
    bool any;               /* rows of any type */
    unsigned char *active;  /* per reporter and day: it told of a success */
    const int *mains;       /* per reporter and day: its main version */
};

struct evidence evidence_read(struct arena *arena, const struct verdict_input *input);

enum evidence_label evidence_label(const struct evidence *evidence, int version);

/* Did REPORTER tell of successful sessions of policy type sts on DAY? */
bool evidence_active(const struct evidence *evidence, int reporter, int32_t day);

/* True when we did not collect on DAY. */
bool evidence_is_gap(const struct evidence *evidence, int32_t day);

/* For how many closed days in a row REPORTER has been silent, up to the last one; 0 when it has been so
 * for less than is odd for it (verdict_stats.h). */
int evidence_silence(const struct evidence *evidence, int reporter);

/* Does HOST fit one of the patterns of VERSION? True also when its patterns are not known. */
bool evidence_lists(const struct evidence *evidence, int version, const char *host);

/* --- in verdict_version.c --- */

/* Sets current, clock_day and first_day. */
void evidence_choose(struct evidence *evidence);

/* The version under which REPORTER tells of most sessions of DAY; -1: none. */
int evidence_main(const struct evidence *evidence, int reporter, int32_t day);
