/* Who reports about a domain: how regularly, how much, and which policy they last quoted.
 * SPDX-License-Identifier: MIT
 * Before: domain_policies.h. Next: page_domain.c */
#pragma once

#include "schema/read.h"
#include "web/period.h"

/* The whole section; rows as of read_domain_reporters() and read_policies(). */
void domain_reporters_print(struct html *page, const struct rows *reporter_rows,
                            const struct rows *policy_rows, const struct period *period);
