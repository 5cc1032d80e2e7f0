/* See accepted.h.
 * SPDX-License-Identifier: MIT */
#include "schema/accepted.h"
#include "embedded/schema.h"
#include <stdio.h>
#include <string.h>

#define PAGE_ROWS 20000

struct state_row {
    int64_t count;
    const char *digest;
};
static const struct column state_columns[] = { COLUMN(state_row, count),
                                               COLUMN(state_row, digest) };

struct name_row {
    const char *name;
};
static const struct column name_columns[] = { COLUMN(name_row, name) };

bool accepted_look(struct pg *pg, struct accepted_state *out, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    if (!pg_query(pg, SQL(accepted_state), &values, COLUMNS(state_row, state_columns), &rows, err))
        return false;
    const struct state_row *row = rows.first;
    *out = (struct accepted_state){ .count = row->count };
    snprintf(out->digest, sizeof out->digest, "%s", row->digest);
    return true;
}

static void add(struct accepted *accepted, const char *name)
{
    struct err err = { 0 };
    if (domains_add(accepted->domains, name, &err))
        return;
    if (!accepted->bad++)
        snprintf(accepted->first_bad, sizeof accepted->first_bad, "%s", name);
}

/* Names behind LAST, whose buffer gets the last of them; *MORE: there may be others. */
static bool read_page(struct pg *pg, struct accepted *accepted, struct buf *last, bool *more,
                      struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct pg_values values = { .arena = &arena };
    struct rows rows;
    pg_text(&values, buf_get(last));
    pg_number(&values, PAGE_ROWS);
    if (!pg_query(pg, SQL(accepted_names), &values, COLUMNS(name_row, name_columns), &rows, err))
        return false;
    const struct name_row *row = rows.first;
    for (size_t i = 0; i < rows.count; i++)
        add(accepted, row[i].name);
    *more = rows.count == PAGE_ROWS;
    if (*more) {
        last->size = 0;
        buf_text(last, row[rows.count - 1].name);
    }
    return !last->failed || err_set(err, ERR_BUG, "tlsrpt.accepted_domain: a name without end");
}

bool accepted_read(struct pg *pg, struct accepted *out, struct err *err)
{
    CLEANUP(buf_done) struct buf last = BUF(1 << 20);
    struct accepted accepted = { .domains = domains_new() };
    bool more = true;
    bool good = pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err)
                && accepted_look(pg, &accepted.state, err);
    while (good && more)
        good = read_page(pg, &accepted, &last, &more, err);
    if (good && pg_run(pg, "COMMIT", err)) {
        *out = accepted;
        return true;
    }
    pg_rollback(pg);
    shared_release(accepted.domains);
    return false;
}
