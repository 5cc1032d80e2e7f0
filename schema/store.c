/* See store.h.
 *
 * Locks are taken in one order (tables as below, rows by key), so that writers do not deadlock; names
 * are made before, in transactions of their own.
 *
 * SPDX-License-Identifier: MIT */
#include "schema/store.h"
#include "schema/another.h"
#include "schema/promote.h"
#include "schema/store_rows.h"
#include "ingest/figures.h"
#include "embedded/schema.h"
#include <stdlib.h>
#include <string.h>

/* Dictionaries and policies are written before the batch, in transactions of their own, so that no
 * writer waits for another's batch. They need not be durable by themselves: the batch that refers to
 * them is committed later, and the log is flushed in order. */
#define BEGIN_RELAXED "BEGIN; SET LOCAL synchronous_commit = off"

#define REJECTED_ROW_BYTES 1024 /* what a row of ledger.rejected costs beside its bytes */

#define VARIANTS_UNKNOWN 8 /* of STORE_VARIANTS: strangers cannot take all of them */

/* One attempt to write some entries. */
struct batch {
    struct store *store;
    struct arena *arena;
    struct store_ids ids;
    struct store_row *rows;
    size_t count;
    struct pg_array *arrival[5], *conflict[13];
};

struct key_row {
    int32_t domain_id, day;
    int64_t id;
};
static const struct column key_columns[] = { COLUMN(key_row, domain_id), COLUMN(key_row, day),
                                             COLUMN(key_row, id) };

struct known_row {
    int32_t number; /* from 1, among the keys asked for */
    struct bytes content;
    const char *contact, *submitter, *addresses;
    bool trusted;
};
static const struct column known_columns[] = {
    COLUMN(known_row, number),    COLUMN(known_row, content), COLUMN(known_row, contact),
    COLUMN(known_row, submitter), COLUMN(known_row, trusted), COLUMN(known_row, addresses)
};

void store_init(struct store *store, struct pg *pg, int64_t rejected_head_bytes)
{
    *store = (struct store){ .pg = pg, .rejected_head_bytes = rejected_head_bytes };
    names_init(&store->domains, SQL(store_domain));
    names_init(&store->reporters, SQL(store_reporter));
    names_init(&store->mxs, SQL(store_mx));
    policies_init(&store->policies);
}

void store_done(struct store *store)
{
    names_done(&store->domains);
    names_done(&store->reporters);
    names_done(&store->mxs);
    policies_done(&store->policies);
}

static void want_names(struct store *store, const struct report *report)
{
    names_want(&store->reporters, report->organization);
    for (size_t i = 0; i < report->policy_count; i++) {
        const struct report_policy *policy = &report->policies[i];
        names_want(&store->domains, policy->domain);
        names_want(&store->mxs, policy->only_host);
        for (size_t k = 0; k < policy->detail_count; k++)
            names_want(&store->mxs, policy->details[k].receiving_mx_hostname);
    }
}

static bool ask_for_names(struct store *store, struct entry *const *entries, size_t count)
{
    names_trim(&store->domains);
    names_trim(&store->reporters);
    names_trim(&store->mxs);
    policies_trim(&store->policies);
    for (size_t i = 0; i < count; i++)
        if (entries[i]->err.kind == ERR_NONE)
            want_names(store, &entries[i]->report);
    return store->domains.wanted_count || store->reporters.wanted_count || store->mxs.wanted_count;
}

static bool resolve(struct store *store, struct err *err)
{
    return names_resolve(&store->domains, store->pg, err)
           && names_resolve(&store->reporters, store->pg, err)
           && names_resolve(&store->mxs, store->pg, err);
}

bool store_names(struct store *store, struct entry *const *entries, size_t count, struct err *err)
{
    return !ask_for_names(store, entries, count) || resolve(store, err);
}

static bool resolve_names(struct store *store, struct entry *const *entries, size_t count,
                          struct err *err)
{
    return !ask_for_names(store, entries, count)
           || (pg_run(store->pg, BEGIN_RELAXED, err) && resolve(store, err)
               && pg_run(store->pg, "COMMIT", err));
}

/* After a failure nobody knows what of it the database still has. */
static void give_up(struct store *store)
{
    pg_rollback(store->pg);
    names_forget(&store->domains);
    names_forget(&store->reporters);
    names_forget(&store->mxs);
    policies_forget(&store->policies);
}

/* --- identity: which reports are new, and what are the others? --- */

static int compare_keys(const struct report_key *a, const struct report_key *b)
{
    if (a->domain_id != b->domain_id)
        return a->domain_id < b->domain_id ? -1 : 1;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return a->id == b->id ? 0 : a->id < b->id ? -1 : 1;
}

/* INSERTED is in the order of keys, as the statement inserts; of rows with the same key the first
 * one, in the order of arrival, is the one that was inserted. */
static void mark_inserted(struct batch *batch, const struct rows *inserted)
{
    const struct key_row *keys = inserted->first;
    for (struct store_row *row = batch->rows; row < batch->rows + batch->count; row++) {
        if (row->done)
            continue;
        size_t low = 0, high = inserted->count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            struct report_key key = { keys[middle].domain_id, keys[middle].day, keys[middle].id };
            int order = compare_keys(&row->key, &key);
            if (order == 0) {
                row->inserted = true;
                break;
            }
            if (order < 0)
                high = middle;
            else
                low = middle + 1;
        }
    }
}

static int by_key(const void *a, const void *b)
{
    const struct store_row *const *left = a, *const *right = b;
    int order = compare_keys(&(*left)->key, &(*right)->key);
    return order ? order : *left < *right ? -1 : *left > *right; /* arrival */
}

/* Leaves `inserted` with the first of equal keys only, and sets the outcome of those that have it. */
static void keep_first(struct batch *batch)
{
    const struct store_row **sorted = arena_array(batch->arena, batch->count, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->rows[i].inserted && !batch->rows[i].done)
            sorted[count++] = &batch->rows[i];
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 0; i < count; i++) {
        struct store_row *row = &batch->rows[sorted[i] - batch->rows];
        bool first = i == 0 || compare_keys(&sorted[i - 1]->key, &row->key) != 0;
        row->inserted = first;
        row->done = first;
        if (first)
            row->entry->outcome = OUTCOME_STORED;
    }
}

/* The addresses of the report that has ROW's key. One of this batch has no failures in the database
 * yet. */
static const char *known_addresses(const struct batch *batch, const struct store_row *row,
                                   const struct known_row *known)
{
    for (const struct store_row *other = batch->rows; other < batch->rows + batch->count; other++)
        if (other->inserted && compare_keys(&other->key, &row->key) == 0)
            return another_addresses(batch->arena, &other->entry->report);
    return known->addresses;
}

/* Whether the report that has ROW's key is of this batch. */
static bool beside(const struct batch *batch, const struct store_row *row)
{
    for (const struct store_row *other = batch->rows; other < batch->rows + batch->count; other++)
        if (other->inserted && compare_keys(&other->key, &row->key) == 0)
            return true;
    return false;
}

static void note_arrival(struct batch *batch, const struct store_row *row)
{
    if (row->entry->delivery->again)
        return;
    pg_array_number(batch->arrival[0], row->key.domain_id);
    pg_array_day(batch->arrival[1], row->key.day);
    pg_array_number(batch->arrival[2], row->key.id);
    pg_array_text(batch->arrival[3], source_to_text(row->entry->delivery->source));
    pg_array_time(batch->arrival[4], row->entry->delivery->received_seconds);
}

static void note_conflict(struct batch *batch, const struct store_row *row)
{
    const struct entry *entry = row->entry;
    pg_array_number(batch->conflict[0], row->key.domain_id);
    pg_array_day(batch->conflict[1], row->key.day);
    pg_array_number(batch->conflict[2], row->key.id);
    pg_array_bytes(batch->conflict[3],
                   (struct bytes){ (const char *)entry->report.content, HASH_BYTES });
    pg_array_time(batch->conflict[4], entry->delivery->received_seconds);
    pg_array_text(batch->conflict[5], source_to_text(entry->delivery->source));
    pg_array_text(batch->conflict[6], entry->delivery->origin);
    pg_array_text(batch->conflict[7], entry->report.contact);
    pg_array_bytes(batch->conflict[8], store_original(batch->arena, entry));
    pg_array_number(batch->conflict[9], entry->admission.trusted);
    pg_array_text(batch->conflict[10], entry->admission.ground);
    pg_array_text(batch->conflict[11],
                  entry->payload->mail ? entry->payload->mail->report_domain : NULL);
    pg_array_text(batch->conflict[12],
                  entry->payload->mail ? entry->payload->mail->submitter : NULL);
}

/* Judges a row whose key is taken by KNOWN: a duplicate, a conflict, or another sender's report, for
 * which the next variant is tried. */
static void judge(struct batch *batch, struct store_row *row, const struct known_row *known)
{
    const struct report *report = &row->entry->report;
    row->done = true;
    row->entry->outcome = OUTCOME_DUPLICATE;
    if (known->content.size == HASH_BYTES
        && memcmp(known->content.data, report->content, HASH_BYTES) == 0) {
        note_arrival(batch, row);
        bool trusted = row->entry->admission.trusted;
        row->vouches = trusted && !known->trusted;
        row->beside = row->vouches && beside(batch, row);
        row->doubtful = !trusted && !known->trusted;
        return;
    }
    /* Whoever is verified is not kept out by somebody who may only have taken his name. */
    bool trusted = row->entry->admission.trusted;
    const struct sender_marks marks = { known->contact, known->submitter,
                                        known_addresses(batch, row, known) };
    bool another = (trusted && !known->trusted) || another_sender(report, &marks);
    if (another && row->variant + 1 < (trusted ? STORE_VARIANTS : VARIANTS_UNKNOWN)) {
        row->done = false;
        row->variant++;
        store_row_identify(row, &batch->ids);
        return;
    }
    row->conflict = true;
    note_conflict(batch, row);
}

static bool judge_known(struct batch *batch, struct err *err)
{
    struct pg_values values = store_rows_keys(batch->arena, batch->rows, batch->count);
    struct rows rows;
    if (!pg_query(batch->store->pg, SQL(store_known), &values, COLUMNS(known_row, known_columns),
                  &rows, err))
        return false;
    const struct known_row *known = rows.first;
    int32_t number = 0;
    for (struct store_row *row = batch->rows; row < batch->rows + batch->count; row++) {
        if (row->done)
            continue;
        number++;
        for (size_t i = 0; i < rows.count; i++)
            if (known[i].number == number) {
                judge(batch, row, &known[i]);
                break;
            }
    }
    return true;
}

static bool any_open(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->rows[i].done)
            return true;
    return false;
}

/* Each round inserts what is open; what is there already is judged and perhaps tried again. */
static bool insert_reports(struct batch *batch, struct err *err)
{
    for (int round = 0; any_open(batch); round++) {
        if (round > STORE_VARIANTS)
            return err_set(err, ERR_AGAIN, "database: a report is being stored by another program");
        struct pg_values values =
            store_rows_report(batch->arena, batch->rows, batch->count, &batch->ids);
        struct rows inserted;
        if (!pg_query(batch->store->pg, SQL(store_report), &values, COLUMNS(key_row, key_columns),
                      &inserted, err))
            return false;
        mark_inserted(batch, &inserted);
        keep_first(batch);
        if (any_open(batch) && !judge_known(batch, err))
            return false;
    }
    return true;
}

/* --- the rest of the transaction --- */

static bool write_arrays(struct batch *batch, struct statement statement,
                         struct pg_array *const *arrays, size_t count, struct err *err)
{
    if (arrays[0]->count == 0)
        return true;
    struct pg_values values = { .arena = batch->arena };
    for (size_t i = 0; i < count; i++)
        pg_array(&values, arrays[i]);
    return pg_execute(batch->store->pg, statement, &values, NULL, err);
}

static bool write_follow(struct batch *batch, struct err *err)
{
    struct pg *pg = batch->store->pg;
    struct store_follow follow;
    bool any = false, again = batch->store->again;
    for (size_t i = 0; i < batch->count && !any; i++)
        any = batch->rows[i].inserted || batch->rows[i].promoted;
    if (!any)
        return true;
    store_rows_follow(batch->arena, batch->rows, batch->count, &batch->ids, &follow);
    return (!follow.any_domain
            || pg_execute(pg, SQL(store_report_domain), &follow.report_domain, NULL, err))
           && (!follow.failure->rows || pg_put(pg, SQL(copy_failure), follow.failure, err))
           && promote_failures(pg, batch->arena, batch->rows, batch->count, &batch->ids, err)
           && pg_execute(pg, SQL(store_tally), &follow.tally, NULL, err)
           && pg_execute(pg, again ? SQL(reingest_touched) : SQL(store_touched), &follow.touched,
                         NULL, err)
           && (again || !follow.any_mx_failed
               || pg_execute(pg, SQL(store_touched_mx), &follow.touched_mx, NULL, err))
           && pg_execute(pg, SQL(store_reporter_day), &follow.reporter_day, NULL, err)
           && (!follow.any_mx || pg_execute(pg, SQL(store_mx_day), &follow.mx_day, NULL, err));
}

static bool write_rejected(struct batch *batch, struct entry *const *entries, size_t count,
                           struct err *err)
{
    struct entry **rejected = arena_array(batch->arena, count, sizeof *rejected);
    size_t number = 0;
    for (size_t i = 0; i < count; i++)
        if (entries[i]->outcome == OUTCOME_REJECTED && !entries[i]->delivery->again)
            rejected[number++] = entries[i];
    if (!number)
        return true;
    struct store *store = batch->store;
    struct pg_values values =
        store_rows_rejected(batch->arena, rejected, number, (size_t)store->rejected_head_bytes);
    for (size_t i = 0; i < number; i++)
        store->rejected_bytes += (int64_t)rejected[i]->delivery->bytes.size + REJECTED_ROW_BYTES;
    return pg_execute(store->pg, SQL(store_rejected), &values, NULL, err);
}

static bool write_counter(struct batch *batch, struct entry *const *entries, size_t count,
                          struct err *err)
{
    struct pg_values values = store_rows_counter(batch->arena, entries, count);
    return pg_execute(batch->store->pg, SQL(store_report_counter), &values, NULL, err);
}

static bool write_policies(struct batch *batch, struct err *err)
{
    struct pg *pg = batch->store->pg;
    bool own = !batch->store->again; /* a transaction of their own */
    struct pg_values values;
    return !store_rows_policies(batch->arena, batch->rows, batch->count, &batch->ids, &values)
           || ((!own || pg_run(pg, BEGIN_RELAXED, err))
               && pg_execute(pg, SQL(store_policy), &values, NULL, err)
               && (!own || pg_run(pg, "COMMIT", err)));
}

static void start_batch(struct batch *batch, struct entry *const *entries, size_t count)
{
    static const enum pg_type arrival[] = { PG_INT4, PG_DATE, PG_INT8, PG_TEXT, PG_TIMESTAMPTZ };
    static const enum pg_type conflict[] = { PG_INT4, PG_DATE, PG_INT8, PG_BYTEA, PG_TIMESTAMPTZ,
                                             PG_TEXT, PG_TEXT, PG_TEXT, PG_BYTEA, PG_BOOL,
                                             PG_TEXT, PG_TEXT, PG_TEXT };
    for (size_t i = 0; i < ARRAY_SIZE(arrival); i++)
        batch->arrival[i] = pg_array_new(batch->arena, arrival[i]);
    for (size_t i = 0; i < ARRAY_SIZE(conflict); i++)
        batch->conflict[i] = pg_array_new(batch->arena, conflict[i]);
    batch->ids = (struct store_ids){ &batch->store->domains, &batch->store->reporters,
                                     &batch->store->mxs, &batch->store->policies };
    batch->rows = arena_array(batch->arena, count, sizeof *batch->rows);
    for (size_t i = 0; i < count; i++) {
        entries[i]->outcome = OUTCOME_REJECTED;
        if (entries[i]->err.kind != ERR_NONE)
            continue;
        struct store_row *row = &batch->rows[batch->count++];
        row->entry = entries[i];
        store_row_identify(row, &batch->ids);
    }
}

/* Only what is committed is told: an attempt that fails leaves the entries as they were. */
static void tell_entries(struct batch *batch)
{
    for (struct store_row *row = batch->rows; row < batch->rows + batch->count; row++) {
        char text[REPORT_KEY_TEXT_BYTES];
        row->entry->id =
            arena_text(&row->entry->delivery->arena, report_key_to_text(&row->key, text));
        if (row->conflict)
            err_set(
                &row->entry->err, ERR_INPUT,
                "a report of this organization, id and day is known with other content; kept as "
                "a conflict, not counted");
    }
}

static bool write_reports(struct batch *batch, struct err *err)
{
    return insert_reports(batch, err)
           && promote_reports(batch->store->pg, batch->arena, batch->rows, batch->count,
                              &batch->ids, err)
           && write_follow(batch, err)
           && write_arrays(batch, SQL(store_arrival), batch->arrival, ARRAY_SIZE(batch->arrival),
                           err)
           && write_arrays(batch, SQL(store_conflict), batch->conflict, ARRAY_SIZE(batch->conflict),
                           err);
}

static bool write_rows(struct batch *batch, struct entry *const *entries, size_t count,
                       struct err *err)
{
    struct pg *pg = batch->store->pg;
    return write_policies(batch, err) && pg_run(pg, "BEGIN", err) && write_reports(batch, err)
           && unverified_keep(pg, batch->arena, batch->rows, batch->count,
                              &batch->store->unverified, err)
           && write_rejected(batch, entries, count, err)
           && write_counter(batch, entries, count, err) && pg_run(pg, "COMMIT", err);
}

static bool write_batch(struct store *store, struct entry *const *entries, size_t count,
                        struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct batch batch = { .store = store, .arena = &arena };
    int64_t began_us = figures_now_us();
    bool written = resolve_names(store, entries, count, err);
    if (written) {
        start_batch(&batch, entries, count);
        written = write_rows(&batch, entries, count, err);
    }
    if (written) {
        figures_committed(store->figures, figures_now_us() - began_us);
        tell_entries(&batch);
    } else {
        give_up(store);
    }
    return written;
}

bool store_again(struct store *store, struct entry **entries, size_t count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct batch batch = { .store = store, .arena = &arena };
    if (!store_names(store, entries, count, err))
        return false;
    store->again = true;
    start_batch(&batch, entries, count);
    if (!write_policies(&batch, err) || !write_reports(&batch, err))
        return false;
    tell_entries(&batch);
    return true;
}

/* --- poison --- */

static bool is_poison(const struct err *err)
{
    return err->kind == ERR_INPUT || err->kind == ERR_LIMIT || err->kind == ERR_BUG;
}

static void retry_all(struct entry **entries, size_t count, const struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        entries[i]->outcome = OUTCOME_RETRY;
        entries[i]->err = *err;
    }
}

/* A server that was restarted, or a deadlock, shows itself by one failed batch: once more, at once. If
 * it was the answer to COMMIT that got lost, the second attempt finds duplicates. */
static bool write_again(struct store *store, struct entry *const *entries, size_t count,
                        struct err *err)
{
    struct err first = { 0 }, lost = { 0 };
    if (write_batch(store, entries, count, &first))
        return true;
    if (first.kind == ERR_AGAIN && pg_ready(store->pg, &lost))
        return write_batch(store, entries, count, err);
    *err = first;
    return false;
}

/* Writes what can be written of entries that failed together, by halves. */
static bool write_split(struct store *store, struct entry **entries, size_t count, struct err *err)
{
    struct err fault = { 0 };
    if (write_again(store, entries, count, &fault))
        return true;
    if (!is_poison(&fault)) {
        *err = fault;
        retry_all(entries, count, err);
        return false;
    }
    if (count > 1) {
        size_t half = count / 2;
        bool left = write_split(store, entries, half, err);
        bool right = write_split(store, entries + half, count - half, err);
        return left && right;
    }
    if (entries[0]->err.kind != ERR_NONE) { /* not even its reason could be kept */
        fault.kind = ERR_AGAIN;
        retry_all(entries, 1, &fault);
        return true; /* that is its fault, not the database's */
    }
    entries[0]->err = fault;
    entries[0]->err.kind = ERR_INPUT;
    return write_split(store, entries, 1, err);
}

bool store_batch(struct store *store, struct entry **entries, size_t count, struct err *err)
{
    if (pg_ready(store->pg, err))
        return write_split(store, entries, count, err);
    retry_all(entries, count, err);
    return false;
}
