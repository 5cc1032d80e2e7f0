/* The columns of tally, failures and reports, as the API and `tlsrptd export` give them out.
 * SPDX-License-Identifier: MIT
 * Before: table.h. Next: api_data.c */
#pragma once

#include "schema/read_data.h"
#include "web/table.h"

extern const struct table data_table_tally, data_table_failures, data_table_reports;
