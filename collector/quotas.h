/* How much of what comes over the network is taken from one client and in one organization's name
 * (ingest/rate.h). Whoever is vouched for, our own mail servers and files are not limited per client.
 *
 * In one's own name is counted per client too where nobody vouches for the sender: else anybody could
 * use up what another one may send.
 *
 * SPDX-License-Identifier: MIT
 * Before: settings.h. Next: intake.h */
#pragma once

#include "collector/settings.h"
#include "ingest/entry.h"

/* Before DELIVERY is read; ERR_AGAIN when its client has sent too much, or too much rubbish. */
MUST_CHECK bool quotas_before(struct rate_table *table, const struct settings *settings,
                              const struct delivery *delivery, struct err *err);

/* After it was read: counts what was no report, and what was. ERR_AGAIN when there were too many
 * reports in one name. */
MUST_CHECK bool quotas_after(struct rate_table *table, const struct settings *settings,
                             const struct delivery *delivery, struct err *err);
