/* The MX hosts of a domain: what is a host's own, what hosts share, what names no host.
 * SPDX-License-Identifier: MIT
 * Before: layout.h, chart.h, period.h. Next: page_domain.c */
#pragma once

#include "schema/read.h"
#include "web/period.h"

/* Successful sessions under POLICY_TYPE that may belong to HOST, among others: those of policies
 * whose mx patterns fit it or are not known. POLICY_ROWS as of read_policies(). */
int64_t domain_mx_shared(struct arena *arena, const struct rows *policy_rows,
                         const char *policy_type, const char *host);

struct domain_mx {
    const struct rows *mx, *trend,
        *policies; /* as of read_mx(), read_mx_trend(), read_policies() */
    const struct period *period;
};

/* The whole section. */
void domain_mx_print(struct html *page, const struct domain_mx *domain);
