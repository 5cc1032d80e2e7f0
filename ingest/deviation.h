/* What departs from RFC 8460 without stopping us from counting: recorded with the report and shown.
 * SPDX-License-Identifier: MIT
 * Before: payload.h. Next: report.h */
#pragma once

#include "base/arena.h"

enum deviation_code {
    /* the payload */
    DEVIATION_GZIP_TRAILING_BYTES,
    DEVIATION_GZIP_TWICE,
    DEVIATION_MEDIA_TYPE,
    DEVIATION_BOM,
    DEVIATION_DUPLICATE_NAMES,
    DEVIATION_BAD_UTF8,
    DEVIATION_TEXT_CUT,
    /* the report */
    DEVIATION_ORGANIZATION_MISSING,
    DEVIATION_CONTACT_INFO_MISSING,
    DEVIATION_REPORT_ID_MISSING,
    DEVIATION_REPORT_ID_ODD,
    DEVIATION_DATE_WITHOUT_ZONE,
    DEVIATION_DATE_ONLY,
    DEVIATION_DATE_FRACTION,
    DEVIATION_DATE_OFFSET,
    DEVIATION_END_NEXT_MIDNIGHT,
    DEVIATION_END_MISSING,
    DEVIATION_RANGE_LONG,
    DEVIATION_FUTURE_DATE,
    DEVIATION_ANCIENT_DATE,
    /* a policy */
    DEVIATION_POLICY_SKIPPED,
    DEVIATION_POLICY_DOMAIN_MISSING,
    DEVIATION_POLICY_TYPE_UNKNOWN,
    DEVIATION_POLICY_STRING_STRING,
    DEVIATION_POLICY_STRING_NESTED,
    DEVIATION_POLICY_STRING_ABSENT,
    DEVIATION_MX_HOST_STRING,
    DEVIATION_MX_HOST_ABSENT,
    DEVIATION_MX_HOST_NAME,
    DEVIATION_SEVERAL_DOMAINS,
    DEVIATION_MIRRORED_POLICIES,
    /* counts */
    DEVIATION_COUNT_STRING,
    DEVIATION_COUNT_MISSING,
    DEVIATION_FAILED_SESSION_COUNT_MISSING,
    DEVIATION_DETAILS_DIFFER_FROM_TOTAL,
    /* failure details */
    DEVIATION_DETAILS_NULL,
    DEVIATION_DETAILS_OBJECT,
    DEVIATION_DETAIL_SKIPPED,
    DEVIATION_RESULT_TYPE_UNKNOWN,
    DEVIATION_MX_HOSTNAME_MISSING,
    DEVIATION_SENDING_MTA_IP_MISSING,
    DEVIATION_RECEIVING_IP_MISSING,
    DEVIATION_IP_ODD,
    DEVIATION_HOST_ODD,
    DEVIATION_TYPE_ODD,
    DEVIATION_COUNT_OF_CODES,
};

struct deviation {
    struct deviation *next;
    enum deviation_code code;
    const char *path; /* where: "policies[0].policy.mx-host", or a mail header; "" for the whole */
    const char *note; /* what was done about it, when the code's meaning does not say; or NULL */
};

/* In the order in which they were found. */
struct deviations {
    struct deviation *first, **end;
    size_t count; /* all that were noted; no more than DEVIATIONS_MAX are kept */
};

/* A report with thousands of the same fault needs no thousand lines. */
#define DEVIATIONS_MAX 100

void deviation_note(struct arena *arena, struct deviations *list, enum deviation_code code,
                    const char *path, const char *note);

const char *deviation_to_text(enum deviation_code code); /* "mx-host-string" */
const char *deviation_meaning(enum deviation_code code); /* a sentence for people */
