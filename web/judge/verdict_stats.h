/* The few numbers that a verdict needs: how large a share may really be when so many were seen, and when
 * silence is odd.
 * SPDX-License-Identifier: MIT
 * Next: verdict_evidence.h */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Upper limit of Wilson's 95 % interval for the share behind FAILED of ALL; 1 when ALL is 0. For none
 * failed it is 3.84 / (ALL + 3.84). */
double verdict_upper_bound(int64_t failed, int64_t all);

/* How often a reporter speaks: on so many days of so many. */
struct verdict_rhythm {
    int active, days;
};

/* How likely it is by chance that a reporter of such a rhythm is silent for SILENT days in a row. */
double verdict_silent_chance(struct verdict_rhythm rhythm, int silent);

/* Less likely than one in a hundred. */
bool verdict_is_odd(double chance);

/* A + B, and at most 10^18, as the ledger bounds its sums. */
int64_t verdict_sum(int64_t a, int64_t b);
