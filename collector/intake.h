/* The hall: takes one delivery all the way to an outcome. Every door ends here.
 * SPDX-License-Identifier: MIT
 * Before: https.h. Next: service.h */
#pragma once

#include "collector/domain_table.h"
#include "collector/verify.h"
#include "schema/writer.h"

struct intake {
    struct hall hall;            /* what doors see; first, so that the one is the other */
    struct shared_slot settings; /* by which deliveries are read and admitted: struct settings */
    struct shared_slot domains;  /* those of the database: struct domains; empty: not known yet */
    struct domain_table *table;  /* which brings them */
    struct writer *writer;
    struct dns *dns;
    struct verifier *verifier;
    struct rate_table *rates; /* see quotas.h */
};

/* False with ERR_SETUP, from DNS. SETTINGS and WRITER outlive it; settings->writer.database is set. */
MUST_CHECK bool intake_init(struct intake *intake, struct settings *settings, struct writer *writer,
                            struct err *err);

/* Other settings, whose ownership it takes over. What is under way keeps the old ones. */
void intake_change(struct intake *intake, struct settings *fresh);

/* From now on nothing waits for DNS: senders who are not verified yet are `unknown`. Doors can be
 * stopped then, which wait for their answers. Accepts { 0 }. */
void intake_stop(struct intake *intake);

/* Nobody may bring anything any more. Accepts { 0 }. */
void intake_done(struct intake *intake);
