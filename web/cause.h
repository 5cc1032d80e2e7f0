/* Why sessions failed, as a list of causes: each with its figures, what it means, whose side it is on,
 * what to do, and a command that shows the fault.
 * SPDX-License-Identifier: MIT
 * Before: layout.h, ingest/result.h. Next: page_domain.c */
#pragma once

#include "schema/read.h"
#include "web/html.h"

/* The example command of RESULT for HOST and DOMAIN, both of which may be NULL and are put in only
 * where a shell takes them as plain words. NULL when there is none. */
const char *cause_command(struct arena *arena, const char *result, const char *host,
                          const char *domain);

/* FAILURE_ROWS as of read_failures(), of DOMAIN; NULL: of several domains. */
void cause_print(struct html *page, const struct rows *failure_rows, const char *domain);
