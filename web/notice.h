/* What a page says of the service itself while something is wrong with it.
 * SPDX-License-Identifier: MIT
 * Before: insight.h, part.h. Next: pages.h */
#pragma once

#include "web/html.h"
#include "web/insight.h"

/* That the database takes no reports at present and what becomes of them, or that some still wait in the
 * spool: how many, and since when. Nothing when all is well. WHY: with what the database said, for a page
 * that does not say it already. */
void notice_print(struct html *page, const struct insight *insight, bool why);
