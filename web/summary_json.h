/* The summary of a week as JSON. Its members are told by `tlsrptd summary --help`, and stay.
 * SPDX-License-Identifier: MIT
 * Before: summary_html.h. Next: page_week.c */
#pragma once

#include "web/json.h"
#include "web/summary.h"

/* One object. BASE is put before paths: the address of the pages, without a slash at its end, or "". */
void summary_json(struct json *out, struct arena *arena, const struct summary *summary,
                  const char *base);
