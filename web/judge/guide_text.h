/* A domain's policy, the records that belong to it, and the steps of a change: for a terminal.
 * SPDX-License-Identifier: MIT
 * Before: guide_plan.h. Next: collector/cmd_policy.c */
#pragma once

#include "judge/guide.h"

/* What is to be published in DNS. */
struct guide_record {
    const char *name, *type, *value;
    const char *note; /* "": nothing more to say */
};
struct guide_records {
    const struct guide_record *items; /* in the order in which they are to be published */
    size_t count;
};
/* For the policy in force; DELEGATION is a name of ours that others point to, "" for none. In ARENA. */
struct guide_records guide_records(struct arena *arena, const struct guide_input *input,
                                   const char *delegation);

/* The policy in force, byte by byte as lines, with id and digest; and the records. */
void guide_text_policy(struct buf *out, const struct guide_input *input,
                       const struct guide_records *records);

/* The change under way. */
void guide_text_steps(struct buf *out, const struct guide_input *input, const struct guide *guide);

/* What is another in AFTER than in BEFORE (policies as bytes; empty: none), line by line. */
void guide_text_diff(struct buf *out, struct bytes before, struct bytes after);
