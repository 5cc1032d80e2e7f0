/* See migrate.h. To add a migration: the next number in schema/migrations and its row below.
 * SPDX-License-Identifier: MIT */
#include "schema/migrate.h"
#include "base/clock.h"
#include "embedded/schema.h"

/* An advisory lock's key; any number that nobody else uses. "tlsrptd" as bytes. */
#define LOCK_SQL "SELECT pg_advisory_xact_lock(x'746c7372707464'::bigint)"

/* Beside the schemas, so that it can be asked before there is any. */
#define TABLE_SQL                                          \
    "CREATE TABLE IF NOT EXISTS public.ledger_migration (" \
    "    number integer PRIMARY KEY, name text NOT NULL,"  \
    "    applied_at timestamptz NOT NULL DEFAULT now())"

#define MONTHS_AHEAD 2

static const struct migration {
    const char *name, *sql;
} migrations[] = {
    { "ledger", _0001_ledger_sql },
    { "views", _0002_views_sql },
    { "rejected", _0003_rejected_sql },
    { "recount", _0004_recount_sql },
    { "reader", _0005_reader_sql },
    { "counters", _0006_counters_sql },
    { "window", _0007_window_sql },
    { "accepted_domain", _0008_accepted_domain_sql },
    { "sender", _0009_sender_sql },
    { "overview", _0010_overview_sql },
    { "mx", _0011_mx_sql },
    { "newest", _0012_newest_sql },
    { "mode", _0013_mode_sql },
    { "verdict", _0014_verdict_sql },
    { "weeks", _0015_weeks_sql },
    { "lists", _0016_lists_sql },
    { "verdict_week", _0017_verdict_week_sql },
    { "hosting", _0018_hosting_sql },
    { "setup", _0019_setup_sql },
    { "urgency", _0020_urgency_sql },
    { "due", _0021_due_sql },
    { "gaps", _0022_gaps_sql },
    { "strangers", _0023_strangers_sql },
};

struct version_row {
    int32_t number;
};
static const struct column version_columns[] = { COLUMN(version_row, number) };

struct month_row {
    int32_t day;
};
static const struct column month_columns[] = { COLUMN(month_row, day) };

int migrate_newest(void)
{
    return (int)ARRAY_SIZE(migrations);
}

static bool version(struct pg *pg, int *out, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    if (!pg_query(pg, SQL(migrate_version), &values, COLUMNS(version_row, version_columns), &rows,
                  err))
        return false;
    *out = ((const struct version_row *)rows.first)->number;
    return true;
}

static bool apply(struct pg *pg, int number, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct migration *next = &migrations[number - 1];
    const char *note =
        arena_printf(&arena, "INSERT INTO ledger_migration (number, name) VALUES (%d, '%s')",
                     number, next->name);
    if (pg_run(pg, next->sql, err) && pg_run(pg, note, err))
        return true;
    err_prefix(err, "migration %d (%s): ", number, next->name);
    return false;
}

/* One migration in a transaction of its own; *MORE says whether there was one. The lock and the look
 * at the version are in it, so that of many programs one applies it and the others see it done. */
static bool step(struct pg *pg, bool *more, struct err *err)
{
    int now = 0;
    if (!pg_run(pg, "BEGIN", err) || !pg_run(pg, LOCK_SQL, err) || !pg_run(pg, TABLE_SQL, err)
        || !version(pg, &now, err))
        return false;
    if (now > migrate_newest())
        return err_set(err, ERR_SETUP,
                       "database: its schema (version %d) is newer than this program (version %d); "
                       "run the newer tlsrptd",
                       now, migrate_newest());
    *more = now < migrate_newest();
    return (!*more || apply(pg, now + 1, err)) && pg_run(pg, "COMMIT", err);
}

bool migrate(struct pg *pg, int *applied, struct err *err)
{
    bool more = true;
    for (int count = 0; more; count++) {
        if (!step(pg, &more, err)) {
            pg_rollback(pg);
            return false;
        }
        *applied = more ? count + 1 : count;
    }
    return true;
}

struct reader_row {
    bool usable;
};
static const struct column reader_columns[] = { COLUMN(reader_row, usable) };

/* At every start, for there may be new tables, and the operator may have made the role meanwhile.
 * Under the lock, as below. */
bool migrate_reader(struct pg *pg, bool *usable, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    if (!pg_run(pg, "BEGIN", err) || !pg_run(pg, LOCK_SQL, err)
        || !pg_query(pg, SQL(migrate_reader), &values, COLUMNS(reader_row, reader_columns), &rows,
                     err)
        || !pg_run(pg, "COMMIT", err)) {
        pg_rollback(pg);
        return false;
    }
    *usable = ((const struct reader_row *)rows.first)->usable;
    return true;
}

/* Under the lock, since another program may be about to do the same. */
static bool make_month(struct pg *pg, int32_t day, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    pg_day(&values, day);
    if (pg_run(pg, "BEGIN", err) && pg_run(pg, LOCK_SQL, err)
        && pg_execute(pg, SQL(migrate_month), &values, NULL, err) && pg_run(pg, "COMMIT", err))
        return true;
    pg_rollback(pg);
    return false;
}

bool migrate_months(struct pg *pg, int64_t now_seconds, int months_back, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows missing;
    int year, month, day;
    clock_date_of(clock_day(now_seconds), &year, &month, &day);
    int first = year * 12 + month - 1 - months_back; /* months since the year 0 */
    pg_day(&values, clock_day_of(first / 12, first % 12 + 1, 1));
    pg_number(&values, months_back + 1 + MONTHS_AHEAD);
    if (!pg_query(pg, SQL(migrate_months), &values, COLUMNS(month_row, month_columns), &missing,
                  err))
        return false;
    const struct month_row *row = missing.first;
    for (size_t i = 0; i < missing.count; i++)
        if (!make_month(pg, row[i].day, err))
            return false;
    return true;
}
