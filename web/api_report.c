/* /api/v1/reports/KEY: one report, and its original.
 * SPDX-License-Identifier: MIT
 * Before: api_domain.c */
#include "ingest/deviation.h"
#include "web/api.h"
#include "web/link.h"
#include <string.h>

struct deviation_item {
    const char *code, *meaning;
};

/* What the codes of a report mean; they stand with a space between. */
static struct rows deviations_of(struct arena *arena, const char *codes)
{
    struct deviation_item *items = arena_array(arena, DEVIATION_COUNT_OF_CODES, sizeof *items);
    struct rows rows = { .first = items };
    for (int code = 0; code < DEVIATION_COUNT_OF_CODES; code++) {
        const char *word = deviation_to_text((enum deviation_code)code);
        size_t size = strlen(word);
        for (const char *at = codes; (at = strstr(at, word)); at += size)
            if ((at == codes || at[-1] == ' ') && (!at[size] || at[size] == ' ')) {
                items[rows.count++] =
                    (struct deviation_item){ word, deviation_meaning((enum deviation_code)code) };
                break;
            }
    }
    return rows;
}

/* The row with its key. */
struct report_thing {
    const char *id, *url;
    struct report_detail_row row;
};

static bool find(struct visit *visit, const struct api_query *query, struct api_found *out,
                 struct err *err)
{
    const struct report_detail_row *row = NULL;
    struct report_key key;
    (void)query;
    if (!report_key_from_text(visit->argument, &key))
        return true;
    if (!read_report(visit->reader, visit->arena, &key, &row, err))
        return false;
    if (!row)
        return true;
    struct report_thing *thing = arena_alloc(visit->arena, sizeof *thing);
    *thing = (struct report_thing){ visit->argument, link_report(visit->arena, &key), *row };
    out->row = thing;
    out->parts[0] = deviations_of(visit->arena, row->deviations);
    return read_conflicts(visit->reader, visit->arena, &key, &out->parts[1], err);
}

static bool serve(struct visit *visit, struct response *out, struct err *err)
{
    return page_original.serve(visit, out, err);
}

/* clang-format off */
static const struct table_column columns[] = {
    TABLE_COLUMN(report_thing, id, "id", TABLE_KEY, false, "The key of the report."),
    TABLE_COLUMN(report_thing, row.domain, "domain", TABLE_TEXT, false,
                 "Domain of its first policy."),
    TABLE_COLUMN(report_thing, row.organization, "reporter", TABLE_TEXT, false,
                 "Organization that reports, as it names itself."),
    TABLE_COLUMN(report_thing, row.report_id, "report_id", TABLE_TEXT, false, "Its report-id."),
    TABLE_COLUMN(report_thing, row.contact, "contact", TABLE_TEXT, true, "Whom to ask."),
    TABLE_COLUMN(report_thing, row.submitter, "submitter", TABLE_TEXT, true,
                 "Domain of the sender, as its file name or mail says."),
    TABLE_COLUMN(report_thing, row.begin_seconds, "begin_at", TABLE_MOMENT, false,
                 "When its span begins."),
    TABLE_COLUMN(report_thing, row.end_seconds, "end_at", TABLE_MOMENT, false,
                 "When its span ends."),
    TABLE_COLUMN(report_thing, row.successful, "successful_sessions", TABLE_NUMBER, false,
                 "Successful sessions of all its policies, those listed twice once."),
    TABLE_COLUMN(report_thing, row.failed, "failed_sessions", TABLE_NUMBER, false,
                 "Failed sessions of all its policies, those listed twice once."),
    TABLE_COLUMN(report_thing, row.trusted, "trusted", TABLE_FLAG, false,
                 "Whether somebody vouches for the sender."),
    TABLE_COLUMN(report_thing, row.trust_ground, "trust_ground", TABLE_TEXT, false,
                 "Why, or why not."),
    TABLE_COLUMN(report_thing, row.source, "source", TABLE_TEXT, false,
                 "Door through which it came: https, lmtp, maildir or command."),
    TABLE_COLUMN(report_thing, row.origin, "origin", TABLE_TEXT, false,
                 "Client address or path."),
    TABLE_COLUMN(report_thing, row.received_seconds, "received_at", TABLE_MOMENT, false,
                 "When it came."),
    TABLE_COLUMN(report_thing, row.arrivals, "arrivals", TABLE_NUMBER, false,
                 "How often it came."),
    TABLE_COLUMN(report_thing, row.last_arrival_seconds, "last_arrival_at", TABLE_MOMENT, true,
                 "When it came last; null: it came once."),
    TABLE_COLUMN(report_thing, row.mail_from, "mail_from", TABLE_TEXT, true,
                 "From of the mail."),
    TABLE_COLUMN(report_thing, row.mail_message_id, "mail_message_id", TABLE_TEXT, true,
                 "Message-ID of the mail."),
    TABLE_COLUMN(report_thing, url, "url", TABLE_URL, false, "Its page."),
};

static const struct table_column deviation_columns[] = {
    TABLE_COLUMN(deviation_item, code, "code", TABLE_TEXT, false, "A word for it."),
    TABLE_COLUMN(deviation_item, meaning, "meaning", TABLE_TEXT, false, "A sentence for people."),
};

static const struct table_column conflict_columns[] = {
    TABLE_COLUMN(conflict_row, received_seconds, "received_at", TABLE_MOMENT, false,
                 "When it came."),
    TABLE_COLUMN(conflict_row, source, "source", TABLE_TEXT, false, "Door through which it came."),
    TABLE_COLUMN(conflict_row, origin, "origin", TABLE_TEXT, false, "Client address or path."),
    TABLE_COLUMN(conflict_row, contact, "contact", TABLE_TEXT, true, "Whom to ask."),
    TABLE_COLUMN(conflict_row, arrivals, "arrivals", TABLE_NUMBER, false, "How often it came."),
};
/* clang-format on */

static const struct table table = TABLE(report_thing, columns);
static const struct table deviations = TABLE(deviation_item, deviation_columns);
static const struct table conflicts = TABLE(conflict_row, conflict_columns);

static const struct api_part parts[] = {
    { "deviations", "Where it departs from RFC 8460.", &deviations },
    { "conflicts", "What came under the same identity with other content, and is not counted.",
      &conflicts },
    { NULL, NULL, NULL },
};

static const struct resource report = {
    .name = "report",
    .summary = "One report",
    .about = "With format=original: the JSON as it was sent.",
    .segment = "id",
    .arguments = API_ORIGINAL,
    .table = &table,
    .parts = parts,
    .find = find,
    .serve = serve,
};

const struct page api_report = { .path = "/api/v1/reports/*", .resource = &report };
