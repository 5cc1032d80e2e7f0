/* One element of policies[] (RFC 8460 section 4.4): policy, summary and failure details.
 * SPDX-License-Identifier: MIT
 * Before: field.h. Next: report.h */
#pragma once

#include "ingest/field.h"
#include "ingest/report.h"

/* Reads the policy block ELEMENT. DOMAIN_OF_MAIL stands in for a missing policy-domain; may be NULL.
 * *DETAILS counts the failure details of the whole report, which have a limit. False with ERR_INPUT
 * when the block cannot be counted, ERR_LIMIT when the report has too many details. */
MUST_CHECK bool report_policy_parse(const struct field *element, const char *domain_of_mail,
                                    size_t *details, struct report_policy *out);
