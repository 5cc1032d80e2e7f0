/* See verdict_stats.h.
 * SPDX-License-Identifier: MIT
 * Next: verdict_evidence.c */
#include "judge/verdict_stats.h"
#include <math.h>

#define Z    1.96
#define ODD  0.01
#define MOST INT64_C(1000000000000000000)

double verdict_upper_bound(int64_t failed, int64_t all)
{
    if (all <= 0 || failed >= all)
        return 1;
    double n = (double)all, p = (double)failed / n, zz = Z * Z;
    return (p + zz / (2 * n) + Z * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n);
}

double verdict_silent_chance(struct verdict_rhythm rhythm, int silent)
{
    return pow(1 - (double)rhythm.active / (rhythm.days + 1), silent);
}

bool verdict_is_odd(double chance)
{
    return chance < ODD;
}

int64_t verdict_sum(int64_t a, int64_t b)
{
    return a > MOST - b ? MOST : a + b;
}
