/* What guided changes of a policy go by: the policies that were made, the newest look at the live set-up, and
 * what is told of both in a few words.
 *
 * SPDX-License-Identifier: MIT
 * Before: setup_judge.h. Next: guide.h */
#pragma once

#include "judge/verdict.h"
#include "schema/read_hosting.h"
#include "schema/read_setup.h"

struct guide_input {
    const char *domain;
    int64_t now_seconds;
    const struct hosting_row *hosted;           /* NULL: no policy was ever made */
    const struct hosting_version_row *versions; /* newest first; the first is in force */
    size_t version_count;
    const struct setup_row *look;             /* NULL: nobody ever looked */
    const struct setup_finding_row *findings; /* those that are there, and perhaps others */
    size_t finding_count;
    const struct setup_past *past; /* NULL: nothing is known */
    enum verdict_word verdict;
};

/* All false and 0 where nothing is known. */
struct guide_seen {
    bool looked;               /* since the policy in force was made, and within the last day */
    bool served;               /* every address of the policy host gives the policy in force */
    bool published;            /* every name server gives its id */
    bool ahead;                /* its id is published, and the policy is not served everywhere */
    bool unrecorded;           /* there is no TXT record */
    bool reporting;            /* the TLS-RPT record is in order */
    int64_t published_seconds; /* since when its id is seen */
    int64_t ttl_seconds;       /* of the TXT record; an hour where it is not known */
    bool knows_mx;             /* by a look within the last day */
    struct text_list mx;       /* names in the MX records as they were seen last */
};
struct guide_seen guide_see(struct arena *arena, const struct guide_input *input);

/* The policy in force; NULL: there is none, or MTA-STS was given up. */
const struct hosting_version_row *guide_current(const struct guide_input *input);

/* Whether senders get a policy that was not made here, as a look within the last day saw. */
bool guide_is_foreign(const struct guide_input *input);

/* The words of TEXT, which have a space between. */
struct text_list guide_words(struct arena *arena, const char *text);

/* Whether one of these patterns fits HOST; whether ITEM is one of them. */
bool guide_covers(const struct text_list *patterns, const char *host);
bool guide_has(const struct text_list *list, const char *item);

/* When the last host that is in KEPT's place no more (it fits none of KEPT) was in the MX records, with the
 * time added for which mail may still be on its way to it: the TTL and five days in a queue (RFC 5321 section
 * 4.5.4.1). 0: no such host was ever seen; INT64_MAX: one is there now, or it is not known. */
int64_t guide_drained_seconds(const struct guide_input *input, const struct guide_seen *seen,
                              const struct text_list *kept);

/* Since when senders could get one of the versions from number AT of the list to the newest: an id of theirs was in the
 * record. Now, if none was ever seen. */
int64_t guide_out_seconds(const struct guide_input *input, size_t at);

/* The same of the versions in force one after another that all have MODE and at least that max_age; 0: the one in
 * force has not. */
int64_t guide_run_seconds(const struct guide_input *input, const char *mode,
                          int64_t max_age_seconds);

/* From when nobody holds a policy any more that may refuse mail: the last moment at which one was served or
 * still published, and its max_age on top (RFC 8461 section 8.3). Of those in mode enforce alone, or of all
 * but mode none. 0: there never was one. */
int64_t guide_forgotten_seconds(const struct guide_input *input, bool enforce_alone);
