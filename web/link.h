/* Every URL that we print. All are paths from the root, with what is put into them percent-encoded.
 * SPDX-License-Identifier: MIT
 * Before: url.h. Next: layout.h */
#pragma once

#include "base/arena.h"
#include "schema/read.h"

/* PERIOD is its query, as in period.h; NULL: the default. */
const char *link_domain(struct arena *arena, const char *name, const char *period);
const char *link_mx(struct arena *arena, const char *host, const char *period);
const char *link_week(struct arena *arena, const char *week, const char *domain); /* NULL: all */
const char *link_reports(struct arena *arena, const char *domain, const struct report_key *before);
const char *link_report(struct arena *arena, const struct report_key *key);
const char *link_original(struct arena *arena, const struct report_key *key);
const char *link_rejected(struct arena *arena, const struct rejected_list *list, const char *after);
const char *link_rejection(struct arena *arena, int64_t id);
const char *link_rejection_original(struct arena *arena, int64_t id);

/* A file of web/static, with its version so that browsers may keep it for good. */
const char *link_asset(struct arena *arena, const char *name);
