/* /api/v1/tally, /failures, /reports, /mx and /domains: the lists.
 * SPDX-License-Identifier: MIT
 * Before: api.h, data_table.h, cursor.h. Next: api_domain.c */
#include "base/clock.h"
#include "base/text.h"
#include "web/api.h"
#include "web/cursor.h"
#include "web/data_table.h"
#include "web/link.h"
#include <string.h>

#define CURSOR_BYTES 8192
#define DAY_MIN      clock_day_of(1, 1, 1)
#define DAY_MAX      clock_day_of(9999, 12, 31)

static bool bad_cursor(struct err *err)
{
    return err_field(err, ERR_INPUT, "after", "must be the cursor of an answer before");
}

/* The fields of a cursor one after another; sticky: looked at once, at the end. */
struct fields {
    struct arena *arena;
    const char *rest;
    bool bad;
};

static int64_t take_number(struct fields *fields, int64_t min, int64_t max)
{
    int64_t number = min;
    fields->bad =
        fields->bad || !cursor_take_number(fields->arena, &fields->rest, min, max, &number);
    return number;
}

static int32_t take_id(struct fields *fields)
{
    return (int32_t)take_number(fields, 0, INT32_MAX);
}

static int32_t take_day(struct fields *fields)
{
    return (int32_t)take_number(fields, DAY_MIN, DAY_MAX);
}

static const char *take_text(struct fields *fields)
{
    const char *text = "";
    fields->bad = fields->bad || !cursor_take_text(fields->arena, &fields->rest, &text);
    return text;
}

static bool end_fields(const struct fields *fields, struct err *err)
{
    return (!fields->bad && !*fields->rest) || bad_cursor(err);
}

static const char *text_of(struct arena *arena, struct buf *cursor)
{
    const char *text = arena_text(arena, buf_get(cursor));
    buf_done(cursor);
    return text;
}

/* --- tally --- */

static const char *tally_cursor(struct arena *arena, const void *row)
{
    const struct data_tally_row *last = row;
    struct buf cursor = BUF(CURSOR_BYTES);
    cursor_number(&cursor, last->domain_id);
    cursor_number(&cursor, last->day);
    cursor_number(&cursor, last->reporter_id);
    cursor_number(&cursor, last->policy_id);
    cursor_number(&cursor, last->mx_id);
    cursor_text(&cursor, last->result);
    cursor_number(&cursor, last->trusted);
    return text_of(arena, &cursor);
}

static bool tally_after(struct arena *arena, const char *cursor, struct data_tally_row *out,
                        struct err *err)
{
    struct fields fields = { .arena = arena, .rest = cursor };
    out->domain_id = take_id(&fields);
    out->day = take_day(&fields);
    out->reporter_id = take_id(&fields);
    out->policy_id = take_number(&fields, INT64_MIN, INT64_MAX);
    out->mx_id = take_id(&fields);
    out->result = take_text(&fields);
    out->trusted = take_number(&fields, 0, 1);
    return end_fields(&fields, err);
}

static bool tally_list(struct visit *visit, const struct api_query *query, struct rows *rows,
                       struct err *err)
{
    struct data_tally_row after = { 0 };
    struct data_filter filter = query->filter;
    bool known;
    if (query->after && !tally_after(visit->arena, query->after, &after, err))
        return false;
    return read_data_find(visit->reader, visit->arena, &filter, &known, err)
           && (!known
               || read_data_tally(visit->reader, visit->arena, &filter,
                                  query->after ? &after : NULL, rows, err));
}

/* --- failures --- */

static const char *failure_cursor(struct arena *arena, const void *row)
{
    const struct data_failure_row *last = row;
    struct buf cursor = BUF(CURSOR_BYTES);
    cursor_number(&cursor, last->domain_id);
    cursor_number(&cursor, last->day);
    cursor_number(&cursor, last->report_id);
    cursor_number(&cursor, last->policy_number);
    cursor_number(&cursor, last->detail_number);
    return text_of(arena, &cursor);
}

static bool failure_after(struct arena *arena, const char *cursor, struct data_failure_row *out,
                          struct err *err)
{
    struct fields fields = { .arena = arena, .rest = cursor };
    out->domain_id = take_id(&fields);
    out->day = take_day(&fields);
    out->report_id = take_number(&fields, INT64_MIN, INT64_MAX);
    out->policy_number = (int32_t)take_number(&fields, 0, INT16_MAX);
    out->detail_number = take_id(&fields);
    return end_fields(&fields, err);
}

static bool failure_list(struct visit *visit, const struct api_query *query, struct rows *rows,
                         struct err *err)
{
    struct data_failure_row after = { 0 };
    struct data_filter filter = query->filter;
    bool known;
    if (query->after && !failure_after(visit->arena, query->after, &after, err))
        return false;
    return read_data_find(visit->reader, visit->arena, &filter, &known, err)
           && (!known
               || read_data_failures(visit->reader, visit->arena, &filter,
                                     query->after ? &after : NULL, rows, err));
}

/* --- reports: the cursor is the public id --- */

static const char *report_cursor(struct arena *arena, const void *row)
{
    const struct data_report_row *last = row;
    const struct report_key key = { last->domain_id, last->day, last->id };
    return report_key_to_text(&key, arena_alloc(arena, REPORT_KEY_TEXT_BYTES));
}

static bool report_list(struct visit *visit, const struct api_query *query, struct rows *rows,
                        struct err *err)
{
    struct data_report_row after = { 0 };
    struct report_key key = { 0 };
    struct data_filter filter = query->filter;
    bool known;
    if (query->after && !report_key_from_text(query->after, &key))
        return bad_cursor(err);
    after.domain_id = key.domain_id;
    after.day = key.day;
    after.id = key.id;
    return read_data_find(visit->reader, visit->arena, &filter, &known, err)
           && (!known
               || read_data_reports(visit->reader, visit->arena, &filter,
                                    query->after ? &after : NULL, rows, err));
}

/* --- MX hosts --- */

static const char *mx_cursor(struct arena *arena, const void *row)
{
    struct buf cursor = BUF(CURSOR_BYTES);
    cursor_number(&cursor, ((const struct data_mx_row *)row)->mx_id);
    return text_of(arena, &cursor);
}

static bool mx_list(struct visit *visit, const struct api_query *query, struct rows *rows,
                    struct err *err)
{
    struct fields fields = { .arena = visit->arena, .rest = query->after };
    struct data_mx_row after = { 0 };
    struct data_filter filter = query->filter;
    bool known;
    if (query->after) {
        after.mx_id = take_id(&fields);
        if (!end_fields(&fields, err))
            return false;
    }
    return read_data_find(visit->reader, visit->arena, &filter, &known, err)
           && (!known
               || read_data_mx(visit->reader, visit->arena, &filter, query->after ? &after : NULL,
                               rows, err));
}

static const char *mx_url(struct arena *arena, const void *row)
{
    return link_mx(arena, ((const struct data_mx_row *)row)->mx, NULL);
}

/* --- domains --- */

static const char *domain_cursor(struct arena *arena, const void *row)
{
    const struct data_domain_row *last = row;
    struct buf cursor = BUF(CURSOR_BYTES);
    cursor_number(&cursor, last->urgency);
    cursor_number(&cursor, last->failed);
    cursor_text(&cursor, last->name);
    return text_of(arena, &cursor);
}

static bool domain_list(struct visit *visit, const struct api_query *query, struct rows *rows,
                        struct err *err)
{
    struct fields fields = { .arena = visit->arena, .rest = query->after };
    struct data_domain_row after = { 0 };
    if (query->after) {
        after.urgency = (int32_t)take_number(&fields, 0, INT16_MAX);
        after.failed = take_number(&fields, 0, INT64_MAX);
        after.name = take_text(&fields);
        if (!end_fields(&fields, err))
            return false;
    }
    return read_data_domains(visit->reader, visit->arena, &query->filter,
                             query->after ? &after : NULL, rows, err);
}

static const char *attention_of(struct arena *arena, const void *row)
{
    static const char *const words[] = { "none", "failing-in-enforce", "failing", "silent" };
    int32_t attention = ((const struct data_domain_row *)row)->attention;
    (void)arena;
    return words[attention > 0 && attention < (int32_t)ARRAY_SIZE(words) ? attention : 0];
}

static const char *domain_url(struct arena *arena, const void *row)
{
    return link_domain(arena, ((const struct data_domain_row *)row)->name, NULL);
}

/* --- tables and resources --- */

/* clang-format off */
static const struct table_column mx_columns[] = {
    TABLE_COLUMN(data_mx_row, mx, "mx", TABLE_TEXT, false, "Name of the host."),
    TABLE_COLUMN(data_mx_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions that are known to be at this host."),
    TABLE_COLUMN(data_mx_row, failed, "failed_sessions", TABLE_NUMBER, false, "Failed sessions."),
    TABLE_COLUMN(data_mx_row, first_day, "first_day", TABLE_DAY, false,
                 "First UTC day of these on which a report names it."),
    TABLE_COLUMN(data_mx_row, last_day, "last_day", TABLE_DAY, false, "Last such day."),
    TABLE_COLUMN(data_mx_row, last_failure_day, "last_failure_day", TABLE_DAY, true,
                 "Last such day with a failed session."),
    TABLE_MADE(mx_url, "url", TABLE_URL, "Its page."),
};

static const struct table_column domain_columns[] = {
    TABLE_COLUMN(data_domain_row, name, "name", TABLE_TEXT, false, "Name of the domain."),
    TABLE_MADE(attention_of, "attention", TABLE_KEY,
               "failing-in-enforce, failing, silent (no report of the last three days), or none."),
    TABLE_COLUMN(data_domain_row, successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions of the last 30 days, those listed twice once."),
    TABLE_COLUMN(data_domain_row, failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions of the last 30 days, those listed twice once."),
    TABLE_COLUMN(data_domain_row, reporters, "reporters", TABLE_NUMBER, false,
                 "Organizations that reported in the last 30 days."),
    TABLE_COLUMN(data_domain_row, first_day, "first_day", TABLE_DAY, true,
                 "First UTC day of any report."),
    TABLE_COLUMN(data_domain_row, last_day, "last_day", TABLE_DAY, true,
                 "Last UTC day of any report."),
    TABLE_COLUMN(data_domain_row, last_report_seconds, "last_report_at", TABLE_MOMENT, true,
                 "When the last report came."),
    TABLE_COLUMN(data_domain_row, worst_mx, "worst_mx", TABLE_TEXT, true,
                 "MX host with most failed sessions in the last 30 days."),
    TABLE_COLUMN(data_domain_row, worst_mx_failed, "worst_mx_failed_sessions", TABLE_NUMBER, false,
                 "Its failed sessions."),
    TABLE_COLUMN(data_domain_row, mode, "mode", TABLE_TEXT, true,
                 "Mode of the newest MTA-STS policy that reports quote."),
    TABLE_COLUMN(data_domain_row, evaluated_seconds, "evaluated_at", TABLE_MOMENT, false,
                 "When these counts were made."),
    TABLE_MADE(domain_url, "url", TABLE_URL, "Its page."),
};

static const struct table mx_table = TABLE(data_mx_row, mx_columns);
static const struct table domain_table = TABLE(data_domain_row, domain_columns);

static const struct resource tally = {
    .name = "tally",
    .summary = "Sessions per day, domain, MX, policy, reporter, result and trust",
    .about = "All counts of sessions are made of these: their sums equal those of the views "
             "tlsrpt.mx_daily and tlsrpt.failure_daily. In the order of domain and day.",
    .arguments = API_DOMAIN | API_MX | API_REPORTER | API_SPAN | API_POLICY_TYPE | API_RESULT_TYPE
                 | API_TRUSTED | API_LIST,
    .table = &data_table_tally,
    .list = tally_list,
    .cursor = tally_cursor,
};

static const struct resource failures = {
    .name = "failures",
    .summary = "Failure details as the reports tell them",
    .about = "With addresses and the sender's own words, for as long as details are kept. In the "
             "order of domain and day.",
    .arguments = API_DOMAIN | API_MX | API_REPORTER | API_SPAN | API_POLICY_TYPE | API_RESULT_TYPE
                 | API_TRUSTED | API_LIST,
    .table = &data_table_failures,
    .list = failure_list,
    .cursor = failure_cursor,
};

static const struct resource reports = {
    .name = "reports",
    .summary = "Reports, newest day first",
    .about = "With a domain: all that speak of it, be it first or among others.",
    .arguments = API_DOMAIN | API_REPORTER | API_SPAN | API_TRUSTED | API_FAILED | API_LIST,
    .table = &data_table_reports,
    .list = report_list,
    .cursor = report_cursor,
};

static const struct resource mxs = {
    .name = "mx",
    .summary = "MX hosts over all domains",
    .about = "Those that reports name, in the order in which they were first named. Successes that "
             "hosts share are no host's own and not among these.",
    .arguments = API_MX | API_SPAN | API_TRUSTED | API_LIST,
    .table = &mx_table,
    .list = mx_list,
    .cursor = mx_cursor,
};

static const struct resource domains = {
    .name = "domains",
    .summary = "Domains and their last 30 days, those that need somebody first",
    .about = "First those that fail although their policy is enforced, then those that fail, those of "
             "which no report came for days, and the rest; each with most failed sessions first.",
    .arguments = API_LIST,
    .table = &domain_table,
    .list = domain_list,
    .cursor = domain_cursor,
};
/* clang-format on */

const struct page api_tally = { .path = "/api/v1/tally", .resource = &tally };
const struct page api_failures = { .path = "/api/v1/failures", .resource = &failures };
const struct page api_reports = { .path = "/api/v1/reports", .resource = &reports };
const struct page api_mx = { .path = "/api/v1/mx", .resource = &mxs };
const struct page api_domains = { .path = "/api/v1/domains", .resource = &domains };
