/* What is known of policies that are made here: the one in force and the change under way, all versions that
 * ever were, and who fetched them.
 * SPDX-License-Identifier: MIT
 * Before: hosting.h. Next: judge/verdict.h */
#pragma once

#include "schema/reader.h"

struct hosting_row {
    int32_t domain_id;
    const char *domain;
    int32_t version; /* in force */
    int64_t since_seconds;
    bool served;           /* here */
    bool ended;            /* MTA-STS was given up: nobody serves it any more */
    const char *goal;      /* of the change: "setup", "enforce", "mx", "rollback", "removal" */
    const char *goal_mx;   /* patterns with a space between; "": those of the policy */
    int64_t begun_seconds; /* the change; if `ended`, when that was said */
};
/* One row, or none when no policy was ever made for DOMAIN (canonical). */
MUST_CHECK bool read_hosting(struct reader *reader, struct arena *arena, const char *domain,
                             struct rows *hosting_rows, struct err *err);

struct hosting_version_row {
    int32_t version;
    const char *id;
    struct bytes body;
    const char *sha256;
    const char *mode;
    const char *mx; /* patterns with a space between */
    int64_t max_age_seconds;
    int64_t made_seconds;
    const char *made_by;
    const char *note;
    bool elsewhere; /* somebody else was to serve it, at some time */
    int64_t first_served_seconds, last_served_seconds; /* here; 0: never */
    int64_t fetches;
};
/* Newest first. */
MUST_CHECK bool read_hosting_versions(struct reader *reader, struct arena *arena, int32_t domain_id,
                                      int limit, struct rows *hosting_version_rows,
                                      struct err *err);

/* The newest fetch of a version from one network. */
struct hosting_fetch_row {
    int32_t version;
    const char *network; /* IPv4: /24, IPv6: /48, or "unix" */
    const char *client, *user_agent, *sni;
    int64_t first_seconds, last_seconds;
    int64_t fetches;
};
/* Newest first. */
MUST_CHECK bool read_hosting_fetches(struct reader *reader, struct arena *arena, int32_t domain_id,
                                     int limit, struct rows *hosting_fetch_rows, struct err *err);
