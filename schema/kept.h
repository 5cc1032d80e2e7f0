/* Reports as the ledger keeps them, read again from their originals: what recounting and reingesting
 * begin with. Trust, source and moment of arrival are those that were kept; whatever a report says is
 * read anew, by the same parser as at its arrival.
 *
 * SPDX-License-Identifier: MIT
 * Before: store.h. Next: recount.h */
#pragma once

#include "ingest/entry.h"
#include "schema/pg.h"
#include "schema/report_key.h"

/* A row of ledger.report. */
struct kept_row {
    int32_t domain_id, day;
    int64_t id;
    int32_t variant;
    const char *domain, *organization; /* NULL: the dictionary does not have it (any more) */
    const char *report_id, *contact, *submitter;
    int64_t begin_seconds, end_seconds;
    int64_t successful, failed;
    struct bytes content;
    bool trusted;
    const char *trust_ground, *source, *origin;
    int64_t received_seconds;
    const char *deviations; /* codes with a space between */
    const char *mail_domain, *mail_submitter, *mail_from, *mail_message_id;
    const char *others; /* further domains that it was counted for, a space between; or NULL */
    const char *sender_result, *sender_method, *sender_domain, *sender_selector,
        *sender_reason; /* as in ingest/trust.h; NULL: nobody looked */
    int32_t arrivals;
    int64_t last_arrival_seconds; /* 0: it came once */
    const char *last_arrival_source;
    struct bytes original;
};

/* Which reports. */
struct kept_range {
    int32_t domain_id; /* those that speak of it; 0: all */
    int32_t from_day, to_day;
};

/* Up to KEPT_AT_ONCE reports behind AFTER (NULL: from the first) as struct kept_row, in order of their keys; in
 * ARENA. */
MUST_CHECK bool kept_next(struct pg *pg, struct arena *arena, const struct kept_range *range,
                          const struct report_key *after, struct rows *out, struct err *err);
#define KEPT_AT_ONCE 100

/* Likewise up to 100 of what is in conflict with a report, behind AFTER (NULL: from the first), whatever
 * the range's domain. The key is that of the report; of it only content, contact, trust, arrival, mail
 * and original are the conflict's own. */
MUST_CHECK bool kept_conflicts(struct pg *pg, struct arena *arena, const struct kept_range *range,
                               const struct kept_row *after, struct rows *out, struct err *err);

/* A row of ledger.rejected whose bytes are kept whole. */
struct kept_rejected {
    int64_t id;
    int64_t first_seconds; /* when it came first */
    const char *source, *origin;
    bool vouched;
    const char *vouched_by;
    struct bytes head; /* all of it */
};

/* Up to 16 of them behind AFTER_ID that came first on the range's days, in ARENA. */
MUST_CHECK bool kept_rejected(struct pg *pg, struct arena *arena, const struct kept_range *range,
                              int64_t after_id, struct rows *out, struct err *err);

/* They are counted now, and leave. */
MUST_CHECK bool kept_release(struct pg *pg, const int64_t *ids, size_t count, struct err *err);

/* How many reports there are, roughly: those of which a domain is not the first are left out. */
MUST_CHECK bool kept_count(struct pg *pg, const struct kept_range *range, int64_t *out,
                           struct err *err);

/* By what originals are read. */
struct kept_reading {
    const struct limits *limits; /* of them, how much of a text is read */
    const struct rules *rules;   /* whose policies are counted, beside those of the domains that the
                                    report was counted for at its arrival; NULL: no others */
};

/* Reads ROW's original anew: an entry as the hall makes it, in ARENA. Its error says why it cannot be
 * read (any more). */
struct entry *kept_entry(struct arena *arena, const struct kept_row *row,
                         const struct kept_reading *reading);

/* Something that is kept and what it should be; texts for people. */
struct difference {
    const char *place;
    const char *kept, *recounted; /* NULL: there is nothing */
    int64_t more;                 /* this one and those like it that are not told */
};

/* "WHAT 12-20261122-00ff00ff00ff00ff", in ARENA; and the difference of a ROW whose original cannot be
 * read. */
const char *kept_place(struct arena *arena, const char *what, const struct kept_row *row);
struct difference kept_unreadable(struct arena *arena, const char *what, const struct kept_row *row,
                                  const struct err *err);

/* What is told otherwise by ROW's columns and by the original as ENTRY has read it, whose key would be
 * KEY: texts for people, in ARENA. */
struct kept_change {
    const char *kept, *now; /* "" when all is the same */
};
struct kept_change kept_compare(struct arena *arena, const struct kept_row *row,
                                const struct entry *entry, const struct report_key *key);
