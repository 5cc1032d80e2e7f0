/* /api/v1/domains/NAME: one domain, with what its page shows of a span of days.
 * SPDX-License-Identifier: MIT
 * Before: api_data.c. Next: api_report.c */
#include "base/clock.h"
#include "base/text.h"
#include "web/api.h"
#include "web/link.h"
#include "web/period.h"

/* The domain, and the days that were asked for. */
struct domain_thing {
    const char *name;
    int32_t from_day, to_day;
    int64_t successful, failed;
    int32_t reporters;
    int64_t last_report_seconds;
    const char *worst_mx;
    int64_t worst_mx_failed;
    const char *mode;
};

static bool find(struct visit *visit, const struct api_query *query, struct api_found *out,
                 struct err *err)
{
    const char *name = text_host(visit->arena, visit->argument, NULL);
    const struct domain_row *row = NULL;
    struct period period;
    (void)query; /* its days are read the way that the pages read them, with 30 as the default */
    if (!period_read(visit->request, visit->now_seconds, &period, err)
        || (name && !read_domain(visit->reader, visit->arena, name, &row, err)))
        return false;
    if (!row)
        return true;
    const struct span span = { row->id, period.from_day, period.to_day };
    struct domain_thing *thing = arena_alloc(visit->arena, sizeof *thing);
    *thing = (struct domain_thing){
        .name = row->name,
        .from_day = span.from_day,
        .to_day = span.to_day,
        .successful = row->successful,
        .failed = row->failed,
        .reporters = row->reporters,
        .last_report_seconds = row->last_report_seconds,
        .worst_mx = row->worst_mx,
        .worst_mx_failed = row->worst_mx_failed,
        .mode = *row->mode ? row->mode : NULL,
    };
    out->row = thing;
    return read_days(visit->reader, visit->arena, &span, &out->parts[0], err)
           && read_mx(visit->reader, visit->arena, &span, &out->parts[1], err)
           && read_failures(visit->reader, visit->arena, &span, &out->parts[2], err)
           && read_domain_reporters(visit->reader, visit->arena, &span, &out->parts[3], err)
           && read_policies(visit->reader, visit->arena, &span, &out->parts[4], err);
}

static const char *url(struct arena *arena, const void *row)
{
    return link_domain(arena, ((const struct domain_thing *)row)->name, NULL);
}

/* clang-format off */
static const struct table_column columns[] = {
    TABLE_COLUMN(domain_thing, name, "name", TABLE_TEXT, false, "Name of the domain."),
    TABLE_COLUMN(domain_thing, from_day, "from", TABLE_DAY, false,
                 "First UTC day of the lists below."),
    TABLE_COLUMN(domain_thing, to_day, "to", TABLE_DAY, false, "Last UTC day of the lists below."),
    TABLE_COLUMN(domain_thing, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions of the last 30 days, those listed twice once."),
    TABLE_COLUMN(domain_thing, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions of the last 30 days, those listed twice once."),
    TABLE_COLUMN(domain_thing, reporters, "reporters", TABLE_NUMBER, false,
                 "Organizations that reported in the last 30 days."),
    TABLE_COLUMN(domain_thing, last_report_seconds, "last_report_at", TABLE_MOMENT, true,
                 "When the last report came."),
    TABLE_COLUMN(domain_thing, worst_mx, "worst_mx", TABLE_TEXT, true,
                 "MX host with most failed sessions in the last 30 days."),
    TABLE_COLUMN(domain_thing, worst_mx_failed, "worst_mx_failed_sessions", TABLE_NUMBER, false,
                 "Its failed sessions."),
    TABLE_COLUMN(domain_thing, mode, "mode", TABLE_TEXT, true,
                 "Mode of the newest MTA-STS policy that reports quote."),
    TABLE_MADE(url, "url", TABLE_URL, "Its page."),
};

static const struct table_column day_columns[] = {
    TABLE_COLUMN(day_row, day, "day", TABLE_DAY, false, "UTC day."),
    TABLE_COLUMN(day_row, policy_type, "policy_type", TABLE_TEXT, false,
                 "sts, tlsa, no-policy-found or other."),
    TABLE_COLUMN(day_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions."),
    TABLE_COLUMN(day_row, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions, as the policies' summaries say."),
    TABLE_COLUMN(day_row, unexplained, "unexplained_sessions", TABLE_NUMBER, false,
                 "Of the failed: no detail was given."),
    TABLE_COLUMN(day_row, untrusted, "untrusted_sessions", TABLE_NUMBER, false,
                 "Of all: told by senders that nobody vouches for, those listed twice once."),
    TABLE_COLUMN(day_row, mirrored_successful, "mirrored_successful_sessions", TABLE_NUMBER, false,
                 "Of the successful: listed under another policy type too."),
    TABLE_COLUMN(day_row, mirrored_failed, "mirrored_failed_sessions", TABLE_NUMBER, false,
                 "Of the failed: listed under another policy type too."),
    TABLE_COLUMN(day_row, reports, "reports", TABLE_NUMBER, false, "Reports that tell of them."),
};

static const struct table_column mx_columns[] = {
    TABLE_COLUMN(mx_row, mx, "mx", TABLE_TEXT, true, "MX host; null: not named."),
    TABLE_COLUMN(mx_row, policy_type, "policy_type", TABLE_TEXT, false,
                 "sts, tlsa, no-policy-found or other."),
    TABLE_COLUMN(mx_row, result, "result", TABLE_TEXT, false,
                 "successful, unexplained, or a result type (RFC 8460 section 4.3)."),
    TABLE_COLUMN(mx_row, sessions, "sessions", TABLE_NUMBER, false, "Sessions."),
    TABLE_COLUMN(mx_row, reporters, "reporters", TABLE_NUMBER, false,
                 "Organizations that tell of a failure of this host and policy type."),
    TABLE_COLUMN(mx_row, last_failure, "last_failure_day", TABLE_DAY, true,
                 "Last UTC day with such a failure."),
};

static const struct table_column failure_columns[] = {
    TABLE_COLUMN(failure_row, result, "result_type", TABLE_TEXT, false,
                 "Why sessions failed (RFC 8460 section 4.3), or unexplained."),
    TABLE_COLUMN(failure_row, policy_type, "policy_type", TABLE_TEXT, false,
                 "sts, tlsa, no-policy-found or other."),
    TABLE_COLUMN(failure_row, sessions, "failed_sessions", TABLE_NUMBER, false, "Sessions."),
    TABLE_COLUMN(failure_row, hosts, "mx_hosts", TABLE_NUMBER, false, "MX hosts named."),
    TABLE_COLUMN(failure_row, reporters, "reporters", TABLE_NUMBER, false,
                 "Organizations that tell of it."),
    TABLE_COLUMN(failure_row, first_day, "first_day", TABLE_DAY, false, "First UTC day of these."),
    TABLE_COLUMN(failure_row, last_day, "last_day", TABLE_DAY, false, "Last UTC day of these."),
    TABLE_COLUMN(failure_row, worst_mx, "worst_mx", TABLE_TEXT, true,
                 "MX host that it names most often."),
};

static const struct table_column reporter_columns[] = {
    TABLE_COLUMN(domain_reporter_row, organization, "reporter", TABLE_TEXT, false,
                 "Organization, as it names itself."),
    TABLE_COLUMN(domain_reporter_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions, those listed twice once."),
    TABLE_COLUMN(domain_reporter_row, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions, those listed twice once."),
    TABLE_COLUMN(domain_reporter_row, days, "days", TABLE_NUMBER, false,
                 "Days on which it reported."),
    TABLE_COLUMN(domain_reporter_row, first_day, "first_day", TABLE_DAY, false,
                 "First UTC day of these."),
    TABLE_COLUMN(domain_reporter_row, last_day, "last_day", TABLE_DAY, false,
                 "Last UTC day of these."),
    TABLE_COLUMN(domain_reporter_row, trusted, "trusted", TABLE_FLAG, false,
                 "Whether all its reports are of senders that are vouched for."),
};

static const struct table_column policy_columns[] = {
    TABLE_COLUMN(policy_row, type, "policy_type", TABLE_TEXT, false,
                 "sts, tlsa, no-policy-found or other."),
    TABLE_COLUMN(policy_row, mode, "mode", TABLE_TEXT, false, "Of an sts policy; else empty."),
    TABLE_COLUMN(policy_row, mx, "mx", TABLE_WORDS, false, "Its MX patterns."),
    TABLE_COLUMN(policy_row, max_age_seconds, "max_age_seconds", TABLE_NUMBER, true,
                 "For how long senders keep it; null: not told."),
    TABLE_COLUMN(policy_row, body, "text", TABLE_TEXT, false,
                 "The policy, in canonical form; empty: not told."),
    TABLE_COLUMN(policy_row, first_day, "first_day", TABLE_DAY, false,
                 "First UTC day on which a report quotes it."),
    TABLE_COLUMN(policy_row, last_day, "last_day", TABLE_DAY, false, "Last such day."),
    TABLE_COLUMN(policy_row, shared, "shared_successful_sessions", TABLE_NUMBER, false,
                 "Of the successful: at one of its hosts, it is not told which."),
    TABLE_COLUMN(policy_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions."),
    TABLE_COLUMN(policy_row, failed, "failed_sessions", TABLE_NUMBER, false, "Failed sessions."),
};
/* clang-format on */

static const struct table table = TABLE(domain_thing, columns);
static const struct table days = TABLE(day_row, day_columns);
static const struct table mx = TABLE(mx_row, mx_columns);
static const struct table failures = TABLE(failure_row, failure_columns);
static const struct table reporters = TABLE(domain_reporter_row, reporter_columns);
static const struct table policies = TABLE(policy_row, policy_columns);

static const struct api_part parts[] = {
    { "by_day", "Sessions per UTC day and policy type, newest first.", &days },
    { "by_mx", "Sessions per MX host, policy type and result; the 40 worst hosts.", &mx },
    { "by_result_type", "Causes, most failed sessions first.", &failures },
    { "by_reporter", "Who reports; the 40 largest.", &reporters },
    { "policies", "Policies that reports quote; the 40 newest.", &policies },
    { NULL, NULL, NULL },
};

static const struct resource domain = {
    .name = "domain",
    .summary = "One domain",
    .about = "Its last 30 days, and lists of the days that are asked for: 30 unless said, "
             "800 at most, from 1970 on.",
    .segment = "name",
    .arguments = API_SPAN,
    .table = &table,
    .parts = parts,
    .find = find,
};

const struct page api_domain = { .path = "/api/v1/domains/*", .resource = &domain };
