/* See data_table.h.
 * SPDX-License-Identifier: MIT */
#include "web/data_table.h"
#include "web/link.h"
#include <inttypes.h>

static const char *policy_of_tally(struct arena *arena, const void *row)
{
    return arena_printf(arena, "%016" PRIx64,
                        (uint64_t)((const struct data_tally_row *)row)->policy_id);
}

/* clang-format off */
static const struct table_column tally[] = {
    TABLE_COLUMN(data_tally_row, day, "day", TABLE_DAY, false,
                 "UTC day of the sessions."),
    TABLE_COLUMN(data_tally_row, domain, "domain", TABLE_TEXT, false,
                 "Domain that the policy is for."),
    TABLE_COLUMN(data_tally_row, mx, "mx", TABLE_TEXT, true,
                 "MX host; null where the report does not say which."),
    TABLE_COLUMN(data_tally_row, policy_type, "policy_type", TABLE_TEXT, false,
                 "sts, tlsa, no-policy-found or other. Sums over several types count sessions twice "
                 "that a reporter lists under two of them: subtract mirrored_sessions."),
    TABLE_MADE(policy_of_tally, "policy", TABLE_KEY,
               "Which of the domain's policies: the same text has the same key."),
    TABLE_COLUMN(data_tally_row, reporter, "reporter", TABLE_TEXT, false,
                 "Organization that reports, as it names itself."),
    TABLE_COLUMN(data_tally_row, trusted, "trusted", TABLE_FLAG, false,
                 "Whether somebody vouches for the sender."),
    TABLE_COLUMN(data_tally_row, result_type, "result_type", TABLE_TEXT, true,
                 "Why the sessions failed (RFC 8460 section 4.3); unexplained: no detail was given; "
                 "null: they were successful."),
    TABLE_COLUMN(data_tally_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions, known to be at this MX."),
    TABLE_COLUMN(data_tally_row, shared, "shared_successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions at one of the policy's hosts: the report does not say which."),
    TABLE_COLUMN(data_tally_row, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions."),
    TABLE_COLUMN(data_tally_row, mirrored, "mirrored_sessions", TABLE_NUMBER, false,
                 "Of these sessions, how many the same report lists under another policy type too."),
};

static const char *report_of_failure(struct arena *arena, const void *row)
{
    const struct data_failure_row *failure = row;
    const struct report_key key = { failure->report_domain_id, failure->day, failure->report_id };
    return report_key_to_text(&key, arena_alloc(arena, REPORT_KEY_TEXT_BYTES));
}

static const struct table_column failures[] = {
    TABLE_COLUMN(data_failure_row, day, "day", TABLE_DAY, false,
                 "UTC day of the sessions."),
    TABLE_COLUMN(data_failure_row, domain, "domain", TABLE_TEXT, false,
                 "Domain that the policy is for."),
    TABLE_COLUMN(data_failure_row, mx, "mx", TABLE_TEXT, true,
                 "MX host; null where the report names none."),
    TABLE_COLUMN(data_failure_row, policy_type, "policy_type", TABLE_TEXT, false,
                 "sts, tlsa, no-policy-found or other."),
    TABLE_COLUMN(data_failure_row, result_type, "result_type", TABLE_TEXT, false,
                 "Why the sessions failed (RFC 8460 section 4.3)."),
    TABLE_COLUMN(data_failure_row, reporter, "reporter", TABLE_TEXT, false,
                 "Organization that reports, as it names itself."),
    TABLE_COLUMN(data_failure_row, trusted, "trusted", TABLE_FLAG, false,
                 "Whether somebody vouches for the sender."),
    TABLE_COLUMN(data_failure_row, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions."),
    TABLE_COLUMN(data_failure_row, sending_mta_ip, "sending_mta_ip", TABLE_TEXT, true,
                 "Address from which the sender connected."),
    TABLE_COLUMN(data_failure_row, receiving_ip, "receiving_ip", TABLE_TEXT, true,
                 "Address to which it connected."),
    TABLE_COLUMN(data_failure_row, receiving_mx_helo, "receiving_mx_helo", TABLE_TEXT, true,
                 "Name with which the MX greeted."),
    TABLE_COLUMN(data_failure_row, additional_information, "additional_information", TABLE_TEXT,
                 true, "What the sender adds: a URL or a text."),
    TABLE_COLUMN(data_failure_row, failure_reason_code, "failure_reason_code", TABLE_TEXT, true,
                 "The sender's own word for the reason."),
    TABLE_MADE(report_of_failure, "report", TABLE_KEY,
               "The report that tells of it: /api/v1/reports/KEY."),
};

static struct report_key key_of(const void *row)
{
    const struct data_report_row *report = row;
    return (struct report_key){ report->domain_id, report->day, report->id };
}

static const char *id_of_report(struct arena *arena, const void *row)
{
    const struct report_key key = key_of(row);
    return report_key_to_text(&key, arena_alloc(arena, REPORT_KEY_TEXT_BYTES));
}

static const char *url_of_report(struct arena *arena, const void *row)
{
    const struct report_key key = key_of(row);
    return link_report(arena, &key);
}

static const struct table_column reports[] = {
    TABLE_MADE(id_of_report, "id", TABLE_KEY,
               "The key of the report: /api/v1/reports/KEY."),
    TABLE_COLUMN(data_report_row, day, "day", TABLE_DAY, false,
                 "UTC day on which its span begins."),
    TABLE_COLUMN(data_report_row, domain, "domain", TABLE_TEXT, false,
                 "Domain of its first policy."),
    TABLE_COLUMN(data_report_row, organization, "reporter", TABLE_TEXT, false,
                 "Organization that reports, as it names itself."),
    TABLE_COLUMN(data_report_row, report_id, "report_id", TABLE_TEXT, false,
                 "Its report-id."),
    TABLE_COLUMN(data_report_row, contact, "contact", TABLE_TEXT, true,
                 "Whom to ask."),
    TABLE_COLUMN(data_report_row, begin_seconds, "begin_at", TABLE_MOMENT, false,
                 "When its span begins."),
    TABLE_COLUMN(data_report_row, end_seconds, "end_at", TABLE_MOMENT, false,
                 "When its span ends."),
    TABLE_COLUMN(data_report_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions of all its policies, those listed twice once."),
    TABLE_COLUMN(data_report_row, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions of all its policies, those listed twice once."),
    TABLE_COLUMN(data_report_row, trusted, "trusted", TABLE_FLAG, false,
                 "Whether somebody vouches for the sender."),
    TABLE_COLUMN(data_report_row, trust_ground, "trust_ground", TABLE_TEXT, false,
                 "Why, or why not."),
    TABLE_COLUMN(data_report_row, source, "source", TABLE_TEXT, false,
                 "Door through which it came: https, lmtp, maildir or command."),
    TABLE_COLUMN(data_report_row, received_seconds, "received_at", TABLE_MOMENT, false,
                 "When it came."),
    TABLE_COLUMN(data_report_row, deviations, "deviations", TABLE_WORDS, false,
                 "Where it departs from RFC 8460."),
    TABLE_MADE(url_of_report, "url", TABLE_URL,
               "Its page."),
};
/* clang-format on */

const struct table data_table_tally = TABLE(data_tally_row, tally);
const struct table data_table_failures = TABLE(data_failure_row, failures);
const struct table data_table_reports = TABLE(data_report_row, reports);
