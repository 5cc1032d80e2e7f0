/* The list of reports, as the reports page and the domain page print it.
 * SPDX-License-Identifier: MIT
 * Before: layout.h. Next: page_reports.c, page_domain.c */
#pragma once

#include "schema/read.h"
#include "web/html.h"

/* REPORT_ROWS as of read_reports(). */
void report_table(struct html *page, const struct rows *report_rows);
