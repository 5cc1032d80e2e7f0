/* See deviation.h. To add one: a row here and its name there.
 * SPDX-License-Identifier: MIT */
#include "ingest/deviation.h"

static const struct {
    const char *name, *meaning;
} codes[] = {
    [DEVIATION_GZIP_TRAILING_BYTES] = { "gzip-trailing-bytes",
                                        "Bytes behind the end of the gzip data; they were ignored." },
    [DEVIATION_GZIP_TWICE] = { "gzip-twice", "Compressed twice." },
    [DEVIATION_MEDIA_TYPE] = { "media-type",
                               "Sent under another media type than application/tlsrpt+gzip or "
                               "application/tlsrpt+json." },
    [DEVIATION_BOM] = { "bom", "Begins with a byte order mark, which JSON forbids." },
    [DEVIATION_DUPLICATE_NAMES] = { "duplicate-names",
                                    "A name stands twice in one object; the first one counts." },
    [DEVIATION_BAD_UTF8] = { "latin1", "Not UTF-8; each wrong byte was replaced." },
    [DEVIATION_TEXT_CUT] = { "text-cut",
                             "A text longer than the limit; only its beginning is kept." },
    [DEVIATION_ORGANIZATION_MISSING] = { "organization-name-missing",
                                         "The report does not name its organization." },
    [DEVIATION_CONTACT_INFO_MISSING] = { "contact-info-missing",
                                         "The report names no contact address." },
    [DEVIATION_REPORT_ID_MISSING] = { "report-id-missing", "The report has no id." },
    [DEVIATION_REPORT_ID_ODD] = { "report-id-odd",
                                  "The report id is a number, in angle brackets or ends oddly." },
    [DEVIATION_DATE_WITHOUT_ZONE] = { "date-without-zone",
                                      "A date without time zone; taken as UTC." },
    [DEVIATION_DATE_ONLY] = { "date-only", "A date without time; taken as 00:00:00 UTC." },
    [DEVIATION_DATE_FRACTION] = { "date-fraction", "A date with a fraction of a second." },
    [DEVIATION_DATE_OFFSET] = { "date-offset", "A date with an offset instead of Z." },
    [DEVIATION_END_NEXT_MIDNIGHT] = { "end-next-midnight",
                                      "The range ends at 00:00:00 of the next day; taken as the "
                                      "end of its day." },
    [DEVIATION_END_MISSING] = { "end-datetime-missing", "The range has no end; taken as one day." },
    [DEVIATION_RANGE_LONG] = { "range-long",
                               "The range is longer than a day; everything is counted on its "
                               "first day." },
    [DEVIATION_FUTURE_DATE] = { "future-date",
                                "The range begins more than two days ahead; left out of verdicts." },
    [DEVIATION_ANCIENT_DATE] = { "ancient-date",
                                 "The range begins before 2018, when RFC 8460 appeared; left out of "
                                 "verdicts." },
    [DEVIATION_POLICY_SKIPPED] = { "policy-skipped",
                                   "A policy that cannot be counted was left out." },
    [DEVIATION_POLICY_DOMAIN_MISSING] = { "policy-domain-missing",
                                          "A policy does not name its domain; taken from the mail's "
                                          "TLS-Report-Domain, or else left out." },
    [DEVIATION_POLICY_TYPE_UNKNOWN] = { "policy-type-unknown",
                                        "A policy type that RFC 8460 does not have, or in other "
                                        "letter case." },
    [DEVIATION_POLICY_STRING_STRING] = { "policy-string-string",
                                         "The policy text is one string instead of a list." },
    [DEVIATION_POLICY_STRING_NESTED] = { "policy-string-nested",
                                         "The policy text is a list written inside a string." },
    [DEVIATION_POLICY_STRING_ABSENT] = { "policy-string-absent",
                                         "The text of the policy is missing." },
    [DEVIATION_MX_HOST_STRING] = { "mx-host-string",
                                   "mx-host is one string, as in the RFC before erratum 6241." },
    [DEVIATION_MX_HOST_ABSENT] = { "mx-host-absent", "The policy lists no mx-host." },
    [DEVIATION_MX_HOST_NAME] = { "mx-host-name", "mx-host is called mx-host-pattern." },
    [DEVIATION_SEVERAL_DOMAINS] = { "several-domains",
                                    "The report speaks of more than one domain." },
    [DEVIATION_MIRRORED_POLICIES] = { "mirrored-policies",
                                      "The same sessions stand under two policy types; they are "
                                      "never added together." },
    [DEVIATION_COUNT_STRING] = { "count-string", "A count is written as text." },
    [DEVIATION_COUNT_MISSING] = { "count-missing", "A count is missing; taken as 0." },
    [DEVIATION_FAILED_SESSION_COUNT_MISSING] = { "failed-session-count-missing",
                                                 "A failure detail has no count; taken as 1." },
    [DEVIATION_DETAILS_DIFFER_FROM_TOTAL] = { "details-differ-from-total",
                                              "The failure details do not add up to the total." },
    [DEVIATION_DETAILS_NULL] = { "details-null", "failure-details is null." },
    [DEVIATION_DETAILS_OBJECT] = { "details-object",
                                   "failure-details is one object instead of a list." },
    [DEVIATION_DETAIL_SKIPPED] = { "detail-skipped",
                                   "A failure detail that cannot be read was left out." },
    [DEVIATION_RESULT_TYPE_UNKNOWN] = { "result-type-unknown",
                                        "A result type that is not registered, or in other letter "
                                        "case." },
    [DEVIATION_MX_HOSTNAME_MISSING] = { "mx-hostname-missing",
                                        "A failure detail does not name the receiving MX." },
    [DEVIATION_SENDING_MTA_IP_MISSING] = { "sending-mta-ip-missing",
                                           "A failure detail does not name the sending address." },
    [DEVIATION_RECEIVING_IP_MISSING] = { "receiving-ip-missing",
                                         "A failure detail does not name the receiving address." },
    [DEVIATION_IP_ODD] = { "ip-odd", "An address in an unusual form." },
    [DEVIATION_HOST_ODD] = { "host-odd",
                             "A host name with a trailing dot, capitals or non-ASCII letters." },
    [DEVIATION_TYPE_ODD] = { "type-odd", "A field of another JSON type than the RFC's." },
};

_Static_assert(sizeof codes / sizeof *codes == DEVIATION_COUNT_OF_CODES, "every code has its row");

void deviation_note(struct arena *arena, struct deviations *list, enum deviation_code code,
                    const char *path, const char *note)
{
    if (list->count++ >= DEVIATIONS_MAX)
        return;
    struct deviation *fresh = arena_alloc(arena, sizeof *fresh);
    fresh->code = code;
    fresh->path = arena_text(arena, path);
    fresh->note = arena_text(arena, note);
    if (!list->end)
        list->end = &list->first;
    *list->end = fresh;
    list->end = &fresh->next;
}

const char *deviation_to_text(enum deviation_code code)
{
    return codes[code].name;
}

const char *deviation_meaning(enum deviation_code code)
{
    return codes[code].meaning;
}
