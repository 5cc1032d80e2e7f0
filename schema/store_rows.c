/* See store_rows.h. The order of arrays is that of the parameters in schema/sql/store_*.sql.
 * SPDX-License-Identifier: MIT */
#include "schema/store_rows.h"
#include "ingest/gunzip.h"
#include "base/hash.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

static struct bytes digest_bytes(const unsigned char digest[HASH_BYTES])
{
    return (struct bytes){ (const char *)digest, HASH_BYTES };
}

struct bytes store_original(struct arena *arena, const struct entry *entry)
{
    if (entry->payload->gzip.size)
        return entry->payload->gzip;
    return gunzip_reverse(arena, entry->payload->json);
}

void store_row_identify(struct store_row *row, const struct store_ids *ids)
{
    const struct report *report = &row->entry->report;
    unsigned char digest[HASH_BYTES];
    memcpy(digest, report->identity, sizeof digest);
    if (row->variant) {
        struct hash hash = { 0 };
        for (int i = 0; i < HASH_BYTES; i += 8)
            hash_number(&hash, hash_key(report->identity + i));
        hash_number(&hash, row->variant);
        hash_done(&hash, digest);
    }
    row->key = (struct report_key){ .domain_id = names_id(ids->domains, report->policies[0].domain),
                                    .day = report->day,
                                    .id = hash_key(digest) };
}

/* --- reports --- */

const char *store_deviations(struct arena *arena, const struct deviations *list)
{
    bool seen[DEVIATION_COUNT_OF_CODES] = { false };
    struct buf text = BUF(16384);
    for (const struct deviation *d = list->first; d; d = d->next) {
        if (seen[d->code])
            continue;
        seen[d->code] = true;
        buf_printf(&text, "%s%s", text.size ? " " : "", deviation_to_text(d->code));
    }
    const char *copy = arena_text(arena, buf_get(&text));
    buf_done(&text);
    return copy;
}

void store_sender(struct pg_array *const *arrays, const struct sender *sender)
{
    pg_array_text(arrays[0], sender->method ? proof_to_text(sender->result) : NULL);
    pg_array_text(arrays[1], sender->method);
    pg_array_text(arrays[2], sender->domain);
    pg_array_text(arrays[3], sender->selector);
    pg_array_text(arrays[4], sender->method ? sender->reason : NULL);
}

struct pg_values store_rows_report(struct arena *arena, const struct store_row *rows, size_t count,
                                   const struct store_ids *ids)
{
    static const enum pg_type types[] = {
        PG_INT4,        PG_DATE,        PG_INT8, PG_INT2, PG_INT4,  PG_TEXT, PG_TEXT, PG_TEXT,
        PG_TIMESTAMPTZ, PG_TIMESTAMPTZ, PG_INT8, PG_INT8, PG_BYTEA, PG_BOOL, PG_TEXT, PG_TEXT,
        PG_TEXT,        PG_TIMESTAMPTZ, PG_TEXT, PG_TEXT, PG_TEXT,  PG_TEXT, PG_TEXT, PG_BYTEA,
        PG_TEXT,        PG_TEXT,        PG_TEXT, PG_TEXT, PG_TEXT,
    };
    static const struct mail no_mail = { 0 };
    struct pg_array *a[ARRAY_SIZE(types)];
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        a[i] = pg_array_new(arena, types[i]);

    for (const struct store_row *row = rows; row < rows + count; row++) {
        if (row->done)
            continue;
        const struct entry *entry = row->entry;
        const struct report *report = &entry->report;
        const struct mail *mail = entry->payload->mail ? entry->payload->mail : &no_mail;
        pg_array_number(a[0], row->key.domain_id);
        pg_array_day(a[1], row->key.day);
        pg_array_number(a[2], row->key.id);
        pg_array_number(a[3], row->variant);
        pg_array_number(a[4], names_id(ids->reporters, report->organization));
        pg_array_text(a[5], report->report_id);
        pg_array_text(a[6], report->contact);
        pg_array_text(a[7], report->submitter);
        pg_array_time(a[8], report->begin_seconds);
        pg_array_time(a[9], report->end_seconds);
        pg_array_number(a[10], report->successful_sessions);
        pg_array_number(a[11], report->failed_sessions);
        pg_array_bytes(a[12], digest_bytes(report->content));
        pg_array_number(a[13], entry->admission.trusted);
        pg_array_text(a[14], entry->admission.ground);
        pg_array_text(a[15], source_to_text(entry->delivery->source));
        pg_array_text(a[16], entry->delivery->origin);
        pg_array_time(a[17], entry->delivery->received_seconds);
        pg_array_text(a[18], store_deviations(arena, &report->deviations));
        pg_array_text(a[19], mail->report_domain);
        pg_array_text(a[20], mail->submitter);
        pg_array_text(a[21], mail->from);
        pg_array_text(a[22], mail->message_id);
        pg_array_bytes(a[23], store_original(arena, entry));
        store_sender(a + 24, &entry->admission.sender);
    }
    struct pg_values values = { .arena = arena };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        pg_array(&values, a[i]);
    return values;
}

/* --- policies --- */

static void make_arrays(struct arena *arena, struct pg_array **out, const enum pg_type *types,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = pg_array_new(arena, types[i]);
}

static struct pg_values values_of(struct arena *arena, struct pg_array *const *arrays, size_t count)
{
    struct pg_values values = { .arena = arena };
    for (size_t i = 0; i < count; i++)
        pg_array(&values, arrays[i]);
    return values;
}

static const char *joined(struct arena *arena, const char *const *items, size_t count,
                          const char *between)
{
    struct buf text = BUF(1 << 21);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s", i ? between : "", items[i]);
    const char *copy = arena_text(arena, buf_get(&text));
    buf_done(&text);
    return copy;
}

/* What the sts policy says, or else its lines; and the hosts. */
static const char *body_of(struct arena *arena, const struct report_policy *policy)
{
    return policy->type == POLICY_STS ? policy->text.canonical
                                      : joined(arena, policy->lines, policy->line_count, "\n");
}

static int64_t policy_id(const char *type, const char *body, const char *mx)
{
    unsigned char digest[HASH_BYTES];
    struct hash hash = { 0 };
    hash_text(&hash, type);
    hash_text(&hash, body);
    hash_text(&hash, mx);
    hash_done(&hash, digest);
    return hash_key(digest);
}

static int64_t add_policy(struct arena *arena, struct pg_array *const *a,
                          const struct store_ids *ids, const struct report_policy *policy)
{
    const char *type = policy_type_to_text(policy->type);
    const char *body = body_of(arena, policy);
    const char *mx = joined(arena, policy->mx_hosts, policy->mx_host_count, " ");
    int32_t domain_id = names_id(ids->domains, policy->domain);
    int64_t id = policy_id(type, body, mx);
    if (!policies_add(ids->policies, domain_id, id))
        return id; /* written before */
    pg_array_number(a[0], domain_id);
    pg_array_number(a[1], id);
    pg_array_text(a[2], type);
    pg_array_text(a[3], body);
    pg_array_text(a[4], policy->text.mode);
    pg_array_text(a[5], mx);
    pg_array_number(a[6], policy->text.max_age_seconds);
    return id;
}

bool store_rows_policies(struct arena *arena, struct store_row *rows, size_t count,
                         const struct store_ids *ids, struct pg_values *out)
{
    static const enum pg_type types[] = { PG_INT4, PG_INT8, PG_TEXT, PG_TEXT,
                                          PG_TEXT, PG_TEXT, PG_INT8 };
    struct pg_array *a[ARRAY_SIZE(types)];
    make_arrays(arena, a, types, ARRAY_SIZE(types));
    for (struct store_row *row = rows; row < rows + count; row++) {
        const struct report *report = &row->entry->report;
        row->policy_ids = arena_array(arena, report->policy_count, sizeof *row->policy_ids);
        for (size_t i = 0; i < report->policy_count; i++)
            row->policy_ids[i] = add_policy(arena, a, ids, &report->policies[i]);
    }
    *out = values_of(arena, a, ARRAY_SIZE(types));
    return a[0]->count > 0;
}

/* --- what follows from a report --- */

#define FAILURE_COLUMNS 16

struct follow {
    struct pg_copy *failure;
    struct tally tally;
    struct pg_array *domain[4];
    const struct store_ids *ids;
    struct arena *arena;
};

/* Where a policy block's sessions belong. */
struct block {
    const struct store_row *row;
    const struct report_policy *policy;
    int number; /* in the report */
    int32_t domain_id, reporter_id;
    int64_t policy_id;
    bool first_of_its_kind; /* in the report: domain and type */
};

/* Failed sessions of one MX and result in a policy block. */
struct share {
    int32_t mx_id;
    const char *result;
    int64_t sessions;
};

/* TIMES -1 takes away what was added before. */
static void add_times(struct follow *f, const struct block *b, const struct share *share,
                      bool trusted, int times)
{
    bool counts_block = b->first_of_its_kind && strcmp(share->result, "successful") == 0;
    int64_t sessions = share->sessions * times;
    bool came = b->row->inserted; /* else it is a copy of what came before */
    tally_add(&f->tally,
              &(struct tally_row){ .domain_id = b->domain_id,
                                   .day = b->row->key.day,
                                   .reporter_id = b->reporter_id,
                                   .policy_id = b->policy_id,
                                   .mx_id = share->mx_id,
                                   .result = share->result,
                                   .policy_type = policy_type_to_text(b->policy->type),
                                   .trusted = trusted,
                                   .sessions = sessions,
                                   .mirrored_sessions = b->policy->mirrored ? sessions : 0,
                                   .reports = counts_block ? times : 0,
                                   .at_seconds = came ? b->row->entry->delivery->received_seconds
                                                      : TALLY_NOTHING_CAME });
}

/* Sessions of a report that is promoted move; a row of zeros may stay behind, which counts nothing. */
static void add_tally(struct follow *f, const struct block *b, const struct share *share)
{
    if (b->row->promoted)
        add_times(f, b, share, false, -1);
    add_times(f, b, share, b->row->promoted || b->row->entry->admission.trusted, 1);
}

static void add_failure(struct follow *f, const struct block *b, size_t number, int32_t mx_id)
{
    const struct failure_detail *detail = &b->policy->details[number];
    struct buf *row = &f->failure->data;
    pg_copy_row(f->failure);
    pg_cell_number(row, PG_INT4, b->domain_id);
    pg_cell_day(row, b->row->key.day);
    pg_cell_number(row, PG_INT8, b->row->key.id);
    pg_cell_number(row, PG_INT2, b->number);
    pg_cell_number(row, PG_INT4, (int64_t)number);
    pg_cell_number(row, PG_INT8, b->policy_id);
    pg_cell_number(row, PG_INT4, b->reporter_id);
    pg_cell_number(row, PG_INT4, mx_id);
    pg_cell_text(row, detail->result_type);
    pg_cell_number(row, PG_INT8, detail->failed_sessions);
    pg_cell_number(row, PG_BOOL, b->row->entry->admission.trusted);
    pg_cell_text(row, detail->sending_mta_ip);
    pg_cell_text(row, detail->receiving_ip);
    pg_cell_text(row, detail->receiving_mx_helo);
    pg_cell_text(row, detail->additional_information);
    pg_cell_text(row, detail->failure_reason_code);
}

static void add_details(struct follow *f, const struct block *b)
{
    const struct report_policy *policy = b->policy;
    for (size_t i = 0; i < policy->detail_count; i++) {
        const struct failure_detail *detail = &policy->details[i];
        int32_t mx_id = names_id(f->ids->mxs, detail->receiving_mx_hostname);
        if (b->row->inserted)
            add_failure(f, b, i, mx_id);
        add_tally(f, b, &(struct share){ mx_id, detail->result_type, detail->failed_sessions });
    }
}

static void add_block(struct follow *f, struct block *b)
{
    const struct report_policy *policy = b->policy;
    int64_t unexplained = policy->failed_sessions - policy->detailed_sessions;
    add_tally(f, b,
              &(struct share){ names_id(f->ids->mxs, policy->only_host), "successful",
                               policy->successful_sessions });
    if (policy->failed_sessions)
        add_tally(f, b, &(struct share){ 0, "total-failure", policy->failed_sessions });
    if (unexplained > 0)
        add_tally(f, b, &(struct share){ 0, "unexplained", unexplained });
    add_details(f, b);
}

static bool stood_before(const struct report *report, size_t at, bool same_type)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(report->policies[i].domain, report->policies[at].domain) == 0
            && (!same_type || report->policies[i].type == report->policies[at].type))
            return true;
    return false;
}

static void add_row(struct follow *f, const struct store_row *row)
{
    const struct report *report = &row->entry->report;
    for (size_t i = 0; i < report->policy_count; i++) {
        struct block block = { .row = row,
                               .policy = &report->policies[i],
                               .number = (int)i,
                               .domain_id = names_id(f->ids->domains, report->policies[i].domain),
                               .reporter_id = names_id(f->ids->reporters, report->organization),
                               .policy_id = row->policy_ids[i],
                               .first_of_its_kind = !stood_before(report, i, true) };
        add_block(f, &block);
        if (stood_before(report, i, false) || block.domain_id == row->key.domain_id
            || !row->inserted)
            continue;
        pg_array_number(f->domain[0], block.domain_id);
        pg_array_day(f->domain[1], row->key.day);
        pg_array_number(f->domain[2], row->key.id);
        pg_array_number(f->domain[3], row->key.domain_id);
    }
}

void store_rows_follow(struct arena *arena, const struct store_row *rows, size_t count,
                       const struct store_ids *ids, struct store_follow *out)
{
    static const enum pg_type domain[] = { PG_INT4, PG_DATE, PG_INT8, PG_INT4 };
    struct follow f = { .failure = pg_copy_new(arena, FAILURE_COLUMNS),
                        .tally = { .arena = arena },
                        .ids = ids,
                        .arena = arena };
    make_arrays(arena, f.domain, domain, ARRAY_SIZE(domain));
    for (const struct store_row *row = rows; row < rows + count; row++)
        if (row->inserted || row->promoted)
            add_row(&f, row);
    *out = (struct store_follow){
        .failure = f.failure,
        .report_domain = values_of(arena, f.domain, ARRAY_SIZE(domain)),
        .tally = tally_values(&f.tally),
        .any_domain = f.domain[0]->count > 0,
    };
    out->touched = tally_touched_values(&f.tally);
    out->reporter_day = tally_reporter_day_values(&f.tally);
    out->mx_day = tally_mx_day_values(&f.tally, &out->any_mx);
    out->touched_mx = tally_touched_mx_values(&f.tally, &out->any_mx_failed);
}

struct pg_values store_rows_keys(struct arena *arena, const struct store_row *rows, size_t count)
{
    struct pg_array *arrays[] = { pg_array_new(arena, PG_INT4), pg_array_new(arena, PG_DATE),
                                  pg_array_new(arena, PG_INT8) };
    for (const struct store_row *row = rows; row < rows + count; row++) {
        if (row->done)
            continue;
        pg_array_number(arrays[0], row->key.domain_id);
        pg_array_day(arrays[1], row->key.day);
        pg_array_number(arrays[2], row->key.id);
    }
    return values_of(arena, arrays, ARRAY_SIZE(arrays));
}

/* --- what could not be counted --- */

/* A message may have been cut inside a character. */
static const char *clean(struct arena *arena, const char *text)
{
    bool replaced;
    return text_to_utf8(arena, text, strlen(text), &replaced);
}

struct pg_values store_rows_rejected(struct arena *arena, struct entry *const *entries,
                                     size_t count, size_t head_bytes)
{
    static const enum pg_type types[] = { PG_BYTEA, PG_TIMESTAMPTZ, PG_TEXT, PG_TEXT,
                                          PG_TEXT,  PG_TEXT,        PG_TEXT, PG_INT8,
                                          PG_BYTEA, PG_BOOL,        PG_TEXT };
    struct pg_array *a[ARRAY_SIZE(types)];
    make_arrays(arena, a, types, ARRAY_SIZE(types));
    const struct delivery *before = NULL;
    unsigned char digest[HASH_BYTES], bytes[HASH_BYTES];
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = entries[i];
        struct bytes whole = entry->delivery->bytes;
        struct hash hash = { 0 };
        if (entry->delivery == before) /* a mail of many parts: its bytes are kept with the first */
            whole = (struct bytes){ .data = "" };
        else
            hash_bytes(whole.data, whole.size, bytes);
        before = entry->delivery;
        for (int k = 0; k < HASH_BYTES; k += 8)
            hash_number(&hash, hash_key(bytes + k));
        hash_text(&hash, entry->err.field);
        hash_text(&hash, entry->err.text);
        hash_done(&hash, digest);
        if (whole.size > head_bytes)
            whole.size = head_bytes;
        pg_array_bytes(a[0], digest_bytes(digest));
        pg_array_time(a[1], entry->delivery->received_seconds);
        pg_array_text(a[2], source_to_text(entry->delivery->source));
        pg_array_text(a[3], entry->delivery->origin);
        pg_array_text(a[4], clean(arena, entry->err.field));
        pg_array_text(a[5], clean(arena, entry->err.text));
        pg_array_text(a[6], entry->report.organization ? entry->report.organization : "");
        pg_array_number(a[7], (int64_t)entry->delivery->bytes.size);
        pg_array_bytes(a[8], whole);
        pg_array_number(a[9], entry->delivery->vouched);
        pg_array_text(a[10], entry->delivery->vouched ? entry->delivery->vouched_by : "");
    }
    return values_of(arena, a, ARRAY_SIZE(a));
}

struct pg_values store_rows_counter(struct arena *arena, struct entry *const *entries, size_t count)
{
    static const enum pg_type types[] = { PG_TEXT, PG_TEXT, PG_INT8 };
    int64_t reports[SOURCE_COUNT][OUTCOME_COUNT] = { 0 };
    struct pg_array *a[ARRAY_SIZE(types)];
    make_arrays(arena, a, types, ARRAY_SIZE(types));
    for (size_t i = 0; i < count; i++)
        reports[entries[i]->delivery->source][entries[i]->outcome]++;
    for (int source = 0; source < SOURCE_COUNT; source++)
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
            if (!reports[source][outcome])
                continue;
            pg_array_text(a[0], source_to_text((enum source)source));
            pg_array_text(a[1], outcome_row((enum outcome)outcome)->word);
            pg_array_number(a[2], reports[source][outcome]);
        }
    return values_of(arena, a, ARRAY_SIZE(types));
}
