/* The hall: takes one delivery all the way to an outcome. Every door ends here.
 * SPDX-License-Identifier: MIT
 * Before: https.h. Next: service.h */
#pragma once

#include "collector/settings.h"
#include "schema/writer.h"

struct intake {
    struct hall hall;            /* what doors see; first, so that the one is the other */
    struct shared_slot settings; /* by which deliveries are read and admitted: struct settings */
    struct writer *writer;
};

/* SETTINGS and WRITER outlive it. To change the settings later: shared_replace() of them; what is
 * under way then keeps the old ones. */
void intake_init(struct intake *intake, struct settings *settings, struct writer *writer);

/* Nobody may bring anything any more. */
void intake_done(struct intake *intake);
