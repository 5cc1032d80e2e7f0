/* From a wish for another policy to what is written: what the command and the page have in common.
 * SPDX-License-Identifier: MIT
 * Before: judge/guide_plan.h. Next: page_policy.c, collector/cmd_policy.c */
#pragma once

#include "judge/guide_plan.h"
#include "schema/hosting.h"
#include "base/hash.h"
#include "ingest/policy_text.h"

struct policy_change_terms {
    struct guide_wish wish;
    const char *override; /* a reason to do it against advice; NULL: none */
    bool renew;           /* another id though the bytes are the same */
    bool served;          /* here */
    const char *by;       /* who; "": not known */
};

struct policy_change {
    struct guide_plan plan;
    bool same; /* the bytes are those in force: only goal or place are written */
    bool ends; /* MTA-STS is given up: nobody is to serve it any more */
    char id[POLICY_ID_BYTES], sha256[HASH_TEXT_BYTES];
    struct hosting_entry entry; /* its texts are here, in the arena, or of the terms */
};

/* Hosts as somebody types them, in canonical form, sorted, each once. ERR_INPUT names the first that a policy
 * cannot hold, and why; that there is none. In ARENA. */
MUST_CHECK bool policy_change_hosts(struct arena *arena, const struct text_list *typed,
                                    struct text_list *out, struct err *err);

/* Fills *OUT, which must stay where it is; whether it may be made says out->plan.refusal. ERR_INPUT: no policy
 * can be made of these terms. */
MUST_CHECK bool policy_change_make(struct arena *arena, const struct guide_input *input,
                                   const struct policy_change_terms *terms,
                                   struct policy_change *out, struct err *err);

/* The end of MTA-STS: *OUT, whose refusal says whether it may be. A policy was made. */
void policy_change_end(struct arena *arena, const struct guide_input *input, const char *by,
                       struct policy_change *out);

/* Writes it. ERR_INPUT: somebody else was faster. */
MUST_CHECK bool policy_change_store(struct pg *pg, const struct policy_change *change,
                                    struct err *err);
