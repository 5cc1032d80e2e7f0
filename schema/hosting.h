/* Policies that are made and served here, as they are written: new versions, what change they are part of,
 * and who fetched them. Read by pages and commands through read_hosting.h.
 * SPDX-License-Identifier: MIT
 * Before: verdicts.h. Next: read_hosting.h */
#pragma once

#include "schema/pg.h"
#include "base/text.h"

/* A policy to be in force from now on. */
struct hosting_entry {
    const char *domain;    /* canonical */
    int32_t known_version; /* the newest that its maker knew of; 0: none */
    const char *id;        /* of the TXT record */
    struct bytes body;     /* as it is to be served */
    const char *sha256;    /* of the body, hex */
    const char *mode;
    struct text_list mx; /* patterns */
    int64_t max_age_seconds;
    int64_t now_seconds;
    const char *by, *note;    /* who made it; why against advice, "" if it was not */
    bool served;              /* here */
    const char *goal;         /* of the change: as ledger.hosted_domain says */
    struct text_list goal_mx; /* patterns that shall be there in the end */
    bool begins;              /* a change, rather than the next step of one */
};

/* Stores it as a version of its own, in force at once. ERR_INPUT: somebody else made a version meanwhile. */
MUST_CHECK bool hosting_put(struct pg *pg, const struct hosting_entry *entry, struct err *err);

/* Another goal, or another place (SERVED: here), for the policy in force; ENDED: it is served by nobody any
 * more. ERR_INPUT: no policy of that domain is known. */
struct hosting_aim {
    const char *domain, *goal;
    struct text_list goal_mx;
    bool served, ended;
};
MUST_CHECK bool hosting_aim(struct pg *pg, const struct hosting_aim *aim, int64_t now_seconds,
                            struct err *err);

/* What a policy host keeps in memory. */
struct hosting_changed_row {
    int64_t revision;
    int32_t domain_id;
    const char *domain;
    int32_t version;
    bool served; /* false: not, or not any more */
    struct bytes body;
    const char *sha256;
};
/* At most MOST of those that changed after REVISION (0: all), in the order in which they did. */
MUST_CHECK bool hosting_changed(struct pg *pg, struct arena *arena, int64_t revision, int most,
                                struct rows *hosting_changed_rows, struct err *err);

/* Fetches of one version by one client. */
struct hosting_fetch {
    int32_t domain_id, version;
    const char *client, *user_agent, *sni; /* of the newest; "" where unknown */
    int64_t first_seconds, last_seconds;
    int64_t fetches;
};
/* Each (domain, version, client) once. In one transaction of its own. */
MUST_CHECK bool hosting_served(struct pg *pg, const struct hosting_fetch *fetches, size_t count,
                               struct err *err);

/* Forgets who fetched before that, and not when a version was served last. */
MUST_CHECK bool hosting_purge(struct pg *pg, int64_t before_seconds, struct err *err);
