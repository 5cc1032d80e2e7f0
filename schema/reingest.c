/* See reingest.h.
 * SPDX-License-Identifier: MIT */
#include "schema/reingest.h"
#include "schema/recount.h"
#include "base/clock.h"
#include "embedded/schema.h"
#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 4 /* at one day; the last one makes writers wait */

#define BEGIN_ALONE                          \
    "BEGIN ISOLATION LEVEL REPEATABLE READ;" \
    "LOCK TABLE ledger.report IN SHARE ROW EXCLUSIVE MODE"

/* One day, in one attempt. */
struct day {
    struct reingest *reingest;
    struct pg *pg;
    struct recount recount;
    struct kept_range range;
    struct arena arena; /* of `moved` */
    struct moved *moved;
    int64_t reports, changed, corrected;
    bool unreadable;
};

/* A report, or a conflict, that is stored anew. */
struct moved {
    struct moved *next;
    const struct kept_row *row; /* with its original */
    bool conflict;
};

/* --- reading --- */

static void tell(const struct day *day, struct arena *arena, const struct recounted *report)
{
    struct kept_change change = kept_compare(arena, report->row, report->entry, &report->key);
    day->reingest->differs(day->reingest,
                           &(struct difference){ .place = kept_place(arena, "report", report->row),
                                                 .kept = change.kept,
                                                 .recounted = change.now });
}

static void move(struct day *day, const struct kept_row *row, bool conflict)
{
    struct moved *moved = arena_alloc(&day->arena, sizeof *moved);
    struct kept_row *copy = arena_alloc(&day->arena, sizeof *copy);
    const char **texts[] = {
        &copy->domain,          &copy->organization,   &copy->report_id,
        &copy->contact,         &copy->submitter,      &copy->trust_ground,
        &copy->source,          &copy->origin,         &copy->deviations,
        &copy->mail_domain,     &copy->mail_submitter, &copy->mail_from,
        &copy->mail_message_id, &copy->others,         &copy->last_arrival_source,
        &copy->sender_result,   &copy->sender_method,  &copy->sender_domain,
        &copy->sender_selector, &copy->sender_reason,
    };
    *copy = *row;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        *texts[i] = arena_text(&day->arena, *texts[i]);
    copy->content.data = arena_copy(&day->arena, row->content.data, row->content.size);
    copy->original.data = arena_copy(&day->arena, row->original.data, row->original.size);
    *moved = (struct moved){ day->moved, copy, conflict };
    day->moved = moved;
}

static bool same_key(const struct kept_row *row, const struct report_key *key)
{
    return row->domain_id == key->domain_id && row->day == key->day && row->id == key->id;
}

/* Sorts the reports of a batch: those that stay under their ids are moved to the front, and of these the
 * ones that change are copied to CHANGED. */
static size_t sort_out(struct day *day, struct arena *arena, struct recounted *reports,
                       size_t count, struct recounted *changed, size_t *changed_count)
{
    size_t staying = 0;
    for (size_t i = 0; i < count; i++) {
        const struct recounted report = reports[i];
        struct kept_change change = kept_compare(arena, report.row, report.entry, &report.key);
        if (*change.kept || *change.now) {
            day->changed++;
            tell(day, arena, &report);
        }
        if (!same_key(report.row, &report.key)) {
            move(day, report.row, false);
            continue;
        }
        reports[staying++] = report;
        if (*change.kept || *change.now)
            changed[(*changed_count)++] = report;
    }
    return staying;
}

static bool recount_batch(struct day *day, struct report_key *key, bool *more, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct recounted reports[RECOUNT_BATCH], changed[RECOUNT_BATCH];
    struct rows rows;
    size_t count = 0, changed_count = 0;
    if (!kept_next(day->pg, &arena, &day->range, key, &rows, err))
        return false;
    const struct kept_row *row = rows.first;
    for (size_t i = 0; i < rows.count; i++) {
        struct entry *entry = kept_entry(&arena, &row[i], &day->reingest->reading);
        if (entry->err.kind == ERR_NONE) {
            reports[count++] = (struct recounted){ entry, &row[i], *key };
            continue;
        }
        const struct difference difference =
            kept_unreadable(&arena, "report", &row[i], &entry->err);
        day->reingest->differs(day->reingest, &difference);
        day->unreadable = true;
    }
    if (!recount_identify(&day->recount, reports, count, err))
        return false;
    day->reports += (int64_t)rows.count;
    count = sort_out(day, &arena, reports, count, changed, &changed_count);
    if (!recount_add(&day->recount, reports, count, err))
        return false;
    struct pg_values values = recount_rows(&day->recount, &arena, changed, changed_count);
    if (changed_count && !pg_execute(day->pg, SQL(reingest_report), &values, NULL, err))
        return false;
    if (rows.count)
        *key = (struct report_key){ row[rows.count - 1].domain_id, row[rows.count - 1].day,
                                    row[rows.count - 1].id };
    *more = rows.count == RECOUNT_BATCH;
    return true;
}

static bool recount_day(struct day *day, struct err *err)
{
    struct report_key key = { 0 };
    bool more = true;
    while (more)
        if (!recount_batch(day, &key, &more, err))
            return false;
    return recount_done(&day->recount, err);
}

/* True when the report that a conflict is with is taken out. */
static bool is_moved(const struct day *day, const struct kept_row *row)
{
    const struct report_key key = { row->domain_id, row->day, row->id };
    for (const struct moved *moved = day->moved; moved; moved = moved->next)
        if (!moved->conflict && same_key(moved->row, &key))
            return true;
    return false;
}

/* *OUT: whether a conflict, as it is read now, is of another content or identity than it was. */
static bool conflict_changed(struct day *day, const struct kept_row *row, struct entry *entry,
                             bool *out, struct err *err)
{
    *out = is_moved(day, row) || row->content.size != HASH_BYTES
           || memcmp(row->content.data, entry->report.content, HASH_BYTES) != 0;
    bool same = false;
    for (int variant = 0; !*out && !same && variant < STORE_VARIANTS; variant++) {
        struct kept_row as = *row;
        as.variant = variant;
        struct recounted report = { .entry = entry, .row = &as };
        if (!recount_identify(&day->recount, &report, 1, err))
            return false;
        same = same_key(row, &report.key);
    }
    *out = *out || !same;
    return true;
}

/* Conflicts that have to be judged anew. */
static bool find_conflicts(struct day *day, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct rows rows = { .count = 1 };
    const struct kept_row *after = NULL;
    while (rows.count) {
        if (!kept_conflicts(day->pg, &arena, &day->range, after, &rows, err))
            return false;
        const struct kept_row *row = rows.first;
        for (size_t i = 0; i < rows.count; i++) {
            struct entry *entry = kept_entry(&arena, &row[i], &day->reingest->reading);
            bool changed = false;
            after = &row[i];
            if (entry->err.kind == ERR_NONE
                && !conflict_changed(day, &row[i], entry, &changed, err))
                return false;
            if (changed)
                move(day, &row[i], true);
        }
    }
    return true;
}

/* --- writing --- */

static bool take_conflict(struct day *day, const struct kept_row *row, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_number(&values, row->domain_id);
    pg_day(&values, row->day);
    pg_number(&values, row->id);
    pg_bytes(&values, row->content);
    return pg_execute(day->pg, SQL(reingest_conflict), &values, NULL, err);
}

static bool take_out(struct day *day, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct pg_array *a[] = { pg_array_new(&arena, PG_INT4), pg_array_new(&arena, PG_DATE),
                             pg_array_new(&arena, PG_INT8) };
    for (const struct moved *moved = day->moved; moved; moved = moved->next) {
        if (moved->conflict && !take_conflict(day, moved->row, err))
            return false;
        if (moved->conflict)
            continue;
        pg_array_number(a[0], moved->row->domain_id);
        pg_array_day(a[1], moved->row->day);
        pg_array_number(a[2], moved->row->id);
    }
    for (size_t i = 0; i < ARRAY_SIZE(a); i++)
        pg_array(&values, a[i]);
    return !a[0]->count || pg_execute(day->pg, SQL(reingest_take), &values, NULL, err);
}

static bool correct(struct day *day, struct statement statement, bool of_day, int64_t *rows,
                    struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    if (of_day)
        pg_day(&values, day->range.from_day);
    return pg_execute(day->pg, statement, &values, rows, err);
}

static bool correct_tables(struct day *day, struct err *err)
{
    return correct(day, SQL(reingest_policy), false, NULL, err)
           && correct(day, SQL(reingest_failure_gone), true, NULL, err)
           && correct(day, SQL(reingest_failure), false, NULL, err)
           && correct(day, SQL(reingest_domain_gone), true, NULL, err)
           && correct(day, SQL(reingest_domain), false, NULL, err)
           && correct(day, SQL(reingest_tally), true, &day->corrected, err)
           && correct(day, SQL(reingest_reporter_day), true, NULL, err)
           && correct(day, SQL(reingest_mx_day), true, NULL, err);
}

/* How often a report came before it was stored anew. */
static bool write_arrivals(struct day *day, const struct kept_row *row, const struct entry *entry,
                           struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct report_key key;
    struct pg_array *a[] = { pg_array_new(&arena, PG_INT4),        pg_array_new(&arena, PG_DATE),
                             pg_array_new(&arena, PG_INT8),        pg_array_new(&arena, PG_INT4),
                             pg_array_new(&arena, PG_TIMESTAMPTZ), pg_array_new(&arena, PG_TEXT) };
    if (!report_key_from_text(entry->id, &key))
        return true;
    pg_array_number(a[0], key.domain_id);
    pg_array_day(a[1], key.day);
    pg_array_number(a[2], key.id);
    pg_array_number(a[3], row->arrivals + (entry->outcome == OUTCOME_DUPLICATE));
    pg_array_time(a[4], row->last_arrival_seconds);
    pg_array_text(a[5], row->last_arrival_source);
    for (size_t i = 0; i < ARRAY_SIZE(a); i++)
        pg_array(&values, a[i]);
    return pg_execute(day->pg, SQL(reingest_arrivals), &values, NULL, err);
}

static int by_arrival(const void *left, const void *right)
{
    const struct moved *const *a = left, *const *b = right;
    int64_t one = (*a)->row->received_seconds, other = (*b)->row->received_seconds;
    return one < other ? -1 : one > other;
}

static bool store_batch_of(struct day *day, struct store *store, struct moved *const *moved,
                           size_t count, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct entry *entries[RECOUNT_BATCH];
    for (size_t i = 0; i < count; i++) {
        entries[i] = kept_entry(&arena, moved[i]->row, &day->reingest->reading);
        entries[i]->delivery->again = true;
    }
    bool good = store_again(store, entries, count, err);
    for (size_t i = 0; i < count && good; i++)
        if (entries[i]->err.kind == ERR_NONE)
            good = write_arrivals(day, moved[i]->row, entries[i], err);
    return good;
}

/* In the order of their arrival: the first of one identity has the plain id. */
static bool store_moved(struct day *day, struct err *err)
{
    size_t count = 0, at = 0;
    for (const struct moved *moved = day->moved; moved; moved = moved->next)
        count++;
    if (!count)
        return true;
    struct moved **sorted = arena_array(&day->arena, count, sizeof *sorted);
    for (struct moved *moved = day->moved; moved; moved = moved->next)
        sorted[at++] = moved;
    qsort(sorted, count, sizeof *sorted, by_arrival);
    struct store store;
    bool good = true;
    store_init(&store, day->pg, 0);
    for (at = 0; at < count && good; at += RECOUNT_BATCH) {
        size_t size = count - at < RECOUNT_BATCH ? count - at : RECOUNT_BATCH;
        good = store_batch_of(day, &store, sorted + at, size, err);
    }
    store_done(&store);
    return good;
}

/* --- days --- */

static bool run_day(struct day *day, struct err *err)
{
    if (!recount_day(day, err))
        return false;
    if (day->unreadable)
        return true; /* the sums would be without it */
    return find_conflicts(day, err) && take_out(day, err) && correct_tables(day, err)
           && (day->reingest->dry || store_moved(day, err));
}

/* One attempt; nothing of it is left when it fails, or when nothing may be written. */
static bool attempt(struct day *day, bool alone, struct err *err)
{
    struct pg *pg = day->pg;
    bool good = pg_run(pg, alone ? BEGIN_ALONE : "BEGIN ISOLATION LEVEL REPEATABLE READ", err)
                && recount_begin(&day->recount, pg, err);
    if (good) {
        good = run_day(day, err);
        recount_end(&day->recount);
    }
    bool kept = good && !day->reingest->dry && !day->unreadable && pg_run(pg, "COMMIT", err);
    if (!kept)
        pg_rollback(pg);
    return kept || (good && (day->reingest->dry || day->unreadable));
}

static void quiet(struct reingest *reingest, const struct difference *difference)
{
    (void)reingest;
    (void)difference; /* told by the first attempt */
}

static bool do_day(struct reingest *reingest, struct pg *pg, int32_t number, struct err *err)
{
    struct reingest told = *reingest;
    struct err fault = { 0 };
    bool good = false;
    for (int i = 0; i < ATTEMPTS && !good; i++) {
        struct day day = { .reingest = &told, .pg = pg, .range = { 0, number, number } };
        fault = (struct err){ 0 };
        good = pg_ready(pg, &fault) && attempt(&day, i + 1 == ATTEMPTS, &fault);
        arena_free(&day.arena);
        told.differs = quiet;
        if (good) {
            reingest->reports += day.reports;
            reingest->changed += day.changed;
            reingest->corrected += day.unreadable ? 0 : day.corrected;
            reingest->left += day.unreadable;
        } else if (fault.kind != ERR_AGAIN)
            break;
    }
    char text[CLOCK_TEXT_BYTES];
    *err = fault;
    err_prefix(err, "at %s: ", clock_day_to_text(number, text));
    return good;
}

struct day_row {
    int32_t day;
};
static const struct column day_columns[] = { COLUMN(day_row, day) };

bool reingest_reports(struct pg *pg, struct reingest *reingest, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    int64_t total = 0;
    pg_day(&values, reingest->range.from_day);
    pg_day(&values, reingest->range.to_day);
    pg_number(&values, reingest->range.domain_id);
    if (!kept_count(pg, &reingest->range, &total, err)
        || !pg_query(pg, SQL(reingest_days), &values, COLUMNS(day_row, day_columns), &rows, err))
        return false;
    const struct day_row *day = rows.first;
    for (size_t i = 0; i < rows.count; i++) {
        if (!do_day(reingest, pg, day[i].day, err))
            return false;
        reingest->progress(reingest, reingest->reports, total);
    }
    return true;
}
