/* The hall: takes one delivery all the way to an outcome. Every door ends here.
 * SPDX-License-Identifier: MIT
 * Before: https.h. Next: service.h */
#pragma once

#include "collector/verify.h"
#include "schema/writer.h"

struct intake {
    struct hall hall;            /* what doors see; first, so that the one is the other */
    struct shared_slot settings; /* by which deliveries are read and admitted: struct settings */
    struct writer *writer;
    struct dns *dns;
    struct verifier *verifier;
};

/* False with ERR_SETUP, from DNS. SETTINGS and WRITER outlive it. To change the settings later: shared_replace() of them; what is
 * under way then keeps the old ones. */
MUST_CHECK bool intake_init(struct intake *intake, struct settings *settings, struct writer *writer,
                            struct err *err);

/* From now on nothing waits for DNS: senders who are not verified yet are `unknown`. Doors can be
 * stopped then, which wait for their answers. Accepts { 0 }. */
void intake_stop(struct intake *intake);

/* Nobody may bring anything any more. Accepts { 0 }. */
void intake_done(struct intake *intake);
