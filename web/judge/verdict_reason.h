/* The list of reasons of a verdict, and what to do about each.
 * SPDX-License-Identifier: MIT
 * Before: verdict_measure.h. Next: verdict.h */
#pragma once

#include "judge/verdict_evidence.h"

#define REASONS_MAX 120 /* of failures the heaviest; so many no page shows */

struct reasons {
    struct arena *arena;
    const struct verdict_input *input;
    struct verdict_reason *items;
    size_t count;
};

void reasons_init(struct reasons *reasons, const struct evidence *evidence);

/* Adds one whose fix is the table's. Never NULL; where there are too many the
 * lightest go. */
struct verdict_reason *reasons_add(struct reasons *reasons, const char *code,
                                   enum verdict_weight weight, const char *format, ...)
    PRINTF(4, 5);

/* Adds a number to a reason, up to VERDICT_NUMBERS. */
void reason_number(struct verdict_reason *reason, const char *name, int64_t value);

/* Lets its link show these days of the domain's page. */
void reason_days(struct reasons *reasons, struct verdict_reason *reason, int32_t from_day,
                 int32_t to_day);

/* The heaviest of all; WEIGHT_NOTES when there is none. */
enum verdict_weight reasons_heaviest(const struct reasons *reasons);

/* Heaviest first; those that weigh alike stay in their order. */
void reasons_sort(struct reasons *reasons);

/* Codes in table order, for documents and tests; NULL behind the last. */
const char *reason_code_at(size_t index);
