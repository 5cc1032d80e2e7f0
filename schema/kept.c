/* See kept.h.
 * SPDX-License-Identifier: MIT */
#include "schema/kept.h"
#include "schema/store_rows.h"
#include "base/clock.h"
#include "embedded/schema.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REJECTED_AT_ONCE 16

static const struct column columns[] = {
    COLUMN(kept_row, domain_id),
    COLUMN(kept_row, day),
    COLUMN(kept_row, id),
    COLUMN(kept_row, variant),
    COLUMN(kept_row, domain),
    COLUMN(kept_row, organization),
    COLUMN(kept_row, report_id),
    COLUMN(kept_row, contact),
    COLUMN(kept_row, submitter),
    COLUMN(kept_row, begin_seconds),
    COLUMN(kept_row, end_seconds),
    COLUMN(kept_row, successful),
    COLUMN(kept_row, failed),
    COLUMN(kept_row, content),
    COLUMN(kept_row, trusted),
    COLUMN(kept_row, trust_ground),
    COLUMN(kept_row, source),
    COLUMN(kept_row, origin),
    COLUMN(kept_row, received_seconds),
    COLUMN(kept_row, deviations),
    COLUMN(kept_row, mail_domain),
    COLUMN(kept_row, mail_submitter),
    COLUMN(kept_row, mail_from),
    COLUMN(kept_row, mail_message_id),
    COLUMN(kept_row, others),
    COLUMN(kept_row, sender_result),
    COLUMN(kept_row, sender_method),
    COLUMN(kept_row, sender_domain),
    COLUMN(kept_row, sender_selector),
    COLUMN(kept_row, sender_reason),
    COLUMN(kept_row, arrivals),
    COLUMN(kept_row, last_arrival_seconds),
    COLUMN(kept_row, last_arrival_source),
    COLUMN(kept_row, original),
};

static struct pg_values range_values(struct arena *arena, const struct kept_range *range,
                                     const struct report_key *after)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, after ? after->domain_id : 0);
    pg_day(&values, after ? after->day : 0);
    pg_number(&values, after ? after->id : 0);
    pg_day(&values, range->from_day);
    pg_day(&values, range->to_day);
    pg_number(&values, KEPT_AT_ONCE);
    return values;
}

bool kept_next(struct pg *pg, struct arena *arena, const struct kept_range *range,
               const struct report_key *after, struct rows *out, struct err *err)
{
    struct pg_values values = range_values(arena, range, after);
    if (range->domain_id)
        pg_number(&values, range->domain_id);
    return pg_query(pg, range->domain_id ? SQL(kept_next_domain) : SQL(kept_next), &values,
                    COLUMNS(kept_row, columns), out, err);
}

bool kept_conflicts(struct pg *pg, struct arena *arena, const struct kept_range *range,
                    const struct kept_row *after, struct rows *out, struct err *err)
{
    const struct report_key key = { after ? after->domain_id : 0, after ? after->day : 0,
                                    after ? after->id : 0 };
    struct pg_values values = range_values(arena, range, &key);
    pg_bytes(&values, after ? after->content : (struct bytes){ .data = "" });
    return pg_query(pg, SQL(kept_conflicts), &values, COLUMNS(kept_row, columns), out, err);
}

static const struct column rejected_columns[] = {
    COLUMN(kept_rejected, id),      COLUMN(kept_rejected, first_seconds),
    COLUMN(kept_rejected, source),  COLUMN(kept_rejected, origin),
    COLUMN(kept_rejected, vouched), COLUMN(kept_rejected, vouched_by),
    COLUMN(kept_rejected, head),
};

bool kept_rejected(struct pg *pg, struct arena *arena, const struct kept_range *range,
                   int64_t after_id, struct rows *out, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, after_id);
    pg_day(&values, range->from_day);
    pg_day(&values, range->to_day);
    pg_number(&values, REJECTED_AT_ONCE);
    return pg_query(pg, SQL(kept_rejected), &values, COLUMNS(kept_rejected, rejected_columns), out,
                    err);
}

bool kept_release(struct pg *pg, const int64_t *ids, size_t count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct pg_array *array = pg_array_new(&arena, PG_INT8);
    for (size_t i = 0; i < count; i++)
        pg_array_number(array, ids[i]);
    pg_array(&values, array);
    return !count || pg_execute(pg, SQL(kept_release), &values, NULL, err);
}

bool kept_count(struct pg *pg, const struct kept_range *range, int64_t *out, struct err *err)
{
    struct count_row {
        int64_t reports;
    };
    static const struct column count_columns[] = { COLUMN(count_row, reports) };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    pg_day(&values, range->from_day);
    pg_day(&values, range->to_day);
    pg_number(&values, range->domain_id);
    if (!pg_query(pg, SQL(kept_sum), &values, COLUMNS(count_row, count_columns), &rows, err))
        return false;
    *out = ((const struct count_row *)rows.first)->reports;
    return true;
}

/* --- from a row to an entry --- */

/* What was noted of the wrapping, which is not kept. */
static void note_wrapping(struct arena *arena, const char *codes, struct deviations *out)
{
    static const enum deviation_code wrapping[] = {
        DEVIATION_GZIP_TRAILING_BYTES,
        DEVIATION_GZIP_TWICE,
        DEVIATION_MEDIA_TYPE,
        DEVIATION_BOM,
    };
    for (size_t size; *codes; codes += size + (codes[size] == ' ')) {
        size = strcspn(codes, " ");
        const char *code = arena_copy(arena, codes, size);
        for (size_t i = 0; i < ARRAY_SIZE(wrapping); i++)
            if (strcmp(code, deviation_to_text(wrapping[i])) == 0)
                deviation_note(arena, out, wrapping[i], "", NULL);
    }
}

static void done(void *arena)
{
    arena_free(arena);
}

/* The original as something that has just come; whatever is made of it lives as long as ARENA. */
static struct delivery *delivery_of(struct arena *arena, const struct kept_row *row)
{
    struct delivery *delivery = arena_alloc(arena, sizeof *delivery);
    arena_on_free(arena, done, &delivery->arena);
    delivery->bytes = row->original;
    if (!source_from_text(row->source, &delivery->source))
        delivery->source = SOURCE_COMMAND; /* of another program's making */
    delivery->origin = row->origin;
    delivery->received_seconds = row->received_seconds;
    return delivery;
}

static void remember_mail(struct arena *arena, const struct kept_row *row, struct payload *payload)
{
    if (!row->mail_domain && !row->mail_submitter && !row->mail_from && !row->mail_message_id)
        return;
    struct mail *mail = arena_alloc(arena, sizeof *mail);
    *mail = (struct mail){ .report_domain = row->mail_domain,
                           .submitter = row->mail_submitter,
                           .from = row->mail_from,
                           .message_id = row->mail_message_id };
    payload->mail = mail;
}

/* The domains that the report was counted for. */
static struct text_list domains_of(struct arena *arena, const struct kept_row *row)
{
    const char *others = row->others ? row->others : "";
    const char **items = arena_array(arena, strlen(others) + 1, sizeof *items);
    size_t count = 0;
    items[count++] = row->domain ? row->domain : "";
    for (size_t size; *others; others += size + (others[size] == ' ')) {
        size = strcspn(others, " ");
        items[count++] = arena_copy(arena, others, size);
    }
    return (struct text_list){ items, count };
}

static struct admission admission_of(const struct kept_row *row)
{
    struct admission admission = { .trusted = row->trusted, .ground = row->trust_ground };
    if (row->sender_method && row->sender_result
        && proof_from_text(row->sender_result, &admission.sender.result)) {
        admission.sender.method = row->sender_method;
        admission.sender.domain = row->sender_domain;
        admission.sender.selector = row->sender_selector;
        admission.sender.reason = row->sender_reason;
    }
    return admission;
}

struct entry *kept_entry(struct arena *arena, const struct kept_row *row,
                         const struct kept_reading *reading)
{
    const struct limits loose = LIMITS_OF_KEPT(reading->limits->text_bytes);
    const struct text_list domains = domains_of(arena, row);
    struct delivery *delivery = delivery_of(arena, row);
    struct payload *payload = payload_open(delivery, &loose);
    payload->deviations = (struct deviations){ 0 };
    note_wrapping(arena, row->deviations ? row->deviations : "", &payload->deviations);
    remember_mail(arena, row, payload);
    struct entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct entry){ .delivery = delivery,
                             .payload = payload,
                             .admission = admission_of(row),
                             .err = payload->err };
    bool read =
        entry->err.kind == ERR_NONE
        && report_parse(arena, payload, &loose, row->received_seconds, &entry->report, &entry->err)
        && admit_again(arena, &domains, reading->rules, &entry->report, &entry->err);
    entry->outcome = read ? OUTCOME_STORED : outcome_of(&entry->err);
    return entry;
}

/* --- comparing --- */

#define CHANGE_BYTES 4096

struct comparing {
    struct buf kept, now;
};

static void put(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "%s%s %.100s", out->size ? ", " : "", name, value ? value : "missing");
}

static void compare_text(struct comparing *c, const char *name, const char *kept, const char *now)
{
    if (kept && now ? strcmp(kept, now) == 0 : kept == now)
        return;
    put(&c->kept, name, kept);
    put(&c->now, name, now);
}

static void compare_number(struct comparing *c, const char *name, int64_t kept, int64_t now)
{
    char texts[2][24];
    snprintf(texts[0], sizeof texts[0], "%" PRId64, kept);
    snprintf(texts[1], sizeof texts[1], "%" PRId64, now);
    compare_text(c, name, texts[0], texts[1]);
}

static void compare_moment(struct comparing *c, const char *name, int64_t kept, int64_t now)
{
    char texts[2][CLOCK_TEXT_BYTES];
    compare_text(c, name, clock_to_text(kept, texts[0]), clock_to_text(now, texts[1]));
}

static void compare_key(struct comparing *c, const struct kept_row *row,
                        const struct report_key *key)
{
    char texts[2][REPORT_KEY_TEXT_BYTES];
    const struct report_key kept = { row->domain_id, row->day, row->id };
    compare_text(c, "id", report_key_to_text(&kept, texts[0]), report_key_to_text(key, texts[1]));
}

static void compare_content(struct comparing *c, const struct kept_row *row,
                            const struct report *report)
{
    if (row->content.size == HASH_BYTES
        && memcmp(row->content.data, report->content, HASH_BYTES) == 0)
        return;
    put(&c->kept, "content", "of another digest");
    put(&c->now, "content", "as read");
}

struct kept_change kept_compare(struct arena *arena, const struct kept_row *row,
                                const struct entry *entry, const struct report_key *key)
{
    const struct report *report = &entry->report;
    struct comparing c = { BUF(CHANGE_BYTES), BUF(CHANGE_BYTES) };
    compare_key(&c, row, key);
    compare_text(&c, "organization", row->organization, report->organization);
    compare_text(&c, "report-id", row->report_id, report->report_id);
    compare_text(&c, "contact", row->contact, report->contact);
    compare_text(&c, "submitter", row->submitter, report->submitter);
    compare_moment(&c, "begin", row->begin_seconds, report->begin_seconds);
    compare_moment(&c, "end", row->end_seconds, report->end_seconds);
    compare_number(&c, "successful sessions", row->successful, report->successful_sessions);
    compare_number(&c, "failed sessions", row->failed, report->failed_sessions);
    compare_text(&c, "deviations", row->deviations ? row->deviations : "",
                 store_deviations(arena, &report->deviations));
    compare_content(&c, row, report);
    struct kept_change change = { arena_text(arena, buf_get(&c.kept)),
                                  arena_text(arena, buf_get(&c.now)) };
    buf_done(&c.kept);
    buf_done(&c.now);
    return change;
}

const char *kept_place(struct arena *arena, const char *what, const struct kept_row *row)
{
    char text[REPORT_KEY_TEXT_BYTES];
    const struct report_key key = { row->domain_id, row->day, row->id };
    return arena_printf(arena, "%s %s", what, report_key_to_text(&key, text));
}

struct difference kept_unreadable(struct arena *arena, const char *what, const struct kept_row *row,
                                  const struct err *err)
{
    char text[ERR_TEXT_BYTES];
    return (struct difference){
        .place = kept_place(arena, what, row),
        .recounted = arena_printf(arena, "its original cannot be read: %s",
                                  err_to_text(err, text, sizeof text)),
    };
}
