/* Reports read again by a newer parser, or under another list of domains: rows, failure details, tally
 * and roll-ups become what they would be had each report come today; trust, source and moment of arrival
 * stay, and the running totals never fall and are left alone.
 *
 * One day is one transaction, which sees one moment of the database: all that a day's counts are made of
 * are the reports of that day. Whoever writes to the same rows meanwhile makes it fail, and it is done
 * again. What is killed is done again from the day at which it was; days that are done cost no write.
 *
 * A report whose id becomes another (its organization or day is read in another way) is taken out and
 * stored anew, as if it came now: it may turn out to be a duplicate, a conflict or another sender's.
 *
 * SPDX-License-Identifier: MIT
 * Before: recount.h */
#pragma once

#include "schema/kept.h"

struct reingest {
    struct kept_reading reading;
    struct kept_range range; /* of a domain: all of the days on which there are reports of it */
    bool dry;                /* only tells what would change */
    /* A report that changes, or that cannot be read any more; its day is then left as it is. */
    void (*differs)(struct reingest *reingest, const struct difference *difference);
    void (*progress)(struct reingest *reingest, int64_t done, int64_t total);
    void *context;
    int64_t reports;   /* read */
    int64_t changed;   /* of these */
    int64_t corrected; /* domains, on a day each, whose counts changed */
    int64_t left;      /* days left as they are */
};

/* False when it could not go on: at the day that ERR names. */
MUST_CHECK bool reingest_reports(struct pg *pg, struct reingest *reingest, struct err *err);
