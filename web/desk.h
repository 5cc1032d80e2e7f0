/* What pages may change. The service fills it; pages themselves read only, with rights that allow no
 * more. Each call takes a connection with the rights to write, does its one thing, and returns when that
 * is durable. Any thread.
 *
 * SPDX-License-Identifier: MIT
 * Before: insight.h. Next: page.h */
#pragma once

#include "schema/verdicts.h"
#include "web/policy_change.h"

struct desk {
    /* A failure that is not waited for, and one that is again: see verdicts.h. */
    bool (*acknowledge)(void *context, const struct verdict_ack_entry *entry, bool *known,
                        struct err *err);
    bool (*withdraw)(void *context, const struct verdict_ack_entry *entry, bool *known,
                     struct err *err);
    /* Another policy in force. */
    bool (*change_policy)(void *context, const struct policy_change *change, struct err *err);
    void *context; /* of every call; outlives the pages */
};
