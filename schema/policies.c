/* See policies.h.
 * SPDX-License-Identifier: MIT */
#include "schema/policies.h"
#include "base/arena.h"
#include <stdlib.h>

#define REMEMBERED_MAX 100000
#define ROOM_AT_FIRST  1024

struct policy_slot {
    int64_t id;
    int32_t domain_id; /* 0: free */
};

/* The id is a digest: its bits are as good as any hash. */
static struct policy_slot *slot_of(const struct policies *policies, int32_t domain_id, int64_t id)
{
    size_t at = ((size_t)id ^ (size_t)domain_id) & (policies->room - 1);
    while (policies->slots[at].domain_id
           && (policies->slots[at].domain_id != domain_id || policies->slots[at].id != id))
        at = (at + 1) & (policies->room - 1);
    return &policies->slots[at];
}

static void make_room(struct policies *policies)
{
    if (policies->used * 2 < policies->room)
        return;
    struct policies larger = { .room = policies->room * 2, .used = policies->used };
    larger.slots = memory_new(larger.room * sizeof *larger.slots);
    for (size_t i = 0; i < policies->room; i++) {
        const struct policy_slot *slot = &policies->slots[i];
        if (slot->domain_id)
            *slot_of(&larger, slot->domain_id, slot->id) = *slot;
    }
    free(policies->slots);
    *policies = larger;
}

void policies_init(struct policies *policies)
{
    *policies = (struct policies){ .room = ROOM_AT_FIRST };
    policies->slots = memory_new(policies->room * sizeof *policies->slots);
}

void policies_done(struct policies *policies)
{
    free(policies->slots);
    *policies = (struct policies){ 0 };
}

bool policies_add(struct policies *policies, int32_t domain_id, int64_t id)
{
    make_room(policies);
    struct policy_slot *slot = slot_of(policies, domain_id, id);
    if (slot->domain_id)
        return false;
    *slot = (struct policy_slot){ id, domain_id };
    policies->used++;
    return true;
}

void policies_forget(struct policies *policies)
{
    policies_done(policies);
    policies_init(policies);
}

void policies_trim(struct policies *policies)
{
    if (policies->used > REMEMBERED_MAX)
        policies_forget(policies);
}
