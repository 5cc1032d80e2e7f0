/* The hall: takes one delivery all the way to an outcome. Every door ends here.
 * SPDX-License-Identifier: MIT
 * Before: https.h. Next: service.h */
#pragma once

#include "ingest/admit.h"
#include "schema/writer.h"

struct intake {
    struct hall hall; /* what doors see; first, so that the one is the other */
    const struct limits *limits;
    const struct rules *rules;
    struct writer *writer;
};

void intake_init(struct intake *intake, const struct limits *limits, const struct rules *rules,
                 struct writer *writer);
