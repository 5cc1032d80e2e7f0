/* See read_hosting.h.
 * SPDX-License-Identifier: MIT
 * Before: hosting.c */
#include "schema/read_hosting.h"
#include "embedded/schema.h"

static const struct column row_columns[] = {
    COLUMN(hosting_row, domain_id),     COLUMN(hosting_row, domain),
    COLUMN(hosting_row, version),       COLUMN(hosting_row, since_seconds),
    COLUMN(hosting_row, served),        COLUMN(hosting_row, ended),
    COLUMN(hosting_row, goal),          COLUMN(hosting_row, goal_mx),
    COLUMN(hosting_row, begun_seconds),
};

bool read_hosting(struct reader *reader, struct arena *arena, const char *domain,
                  struct rows *hosting_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_text(&values, domain);
    return reader_ask(reader, SQL(hosting_domain), &values, COLUMNS(hosting_row, row_columns),
                      hosting_rows, err);
}

static const struct column version_columns[] = {
    COLUMN(hosting_version_row, version),
    COLUMN(hosting_version_row, id),
    COLUMN(hosting_version_row, body),
    COLUMN(hosting_version_row, sha256),
    COLUMN(hosting_version_row, mode),
    COLUMN(hosting_version_row, mx),
    COLUMN(hosting_version_row, max_age_seconds),
    COLUMN(hosting_version_row, made_seconds),
    COLUMN(hosting_version_row, made_by),
    COLUMN(hosting_version_row, note),
    COLUMN(hosting_version_row, elsewhere),
    COLUMN(hosting_version_row, first_served_seconds),
    COLUMN(hosting_version_row, last_served_seconds),
    COLUMN(hosting_version_row, fetches),
};

bool read_hosting_versions(struct reader *reader, struct arena *arena, int32_t domain_id, int limit,
                           struct rows *hosting_version_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, domain_id);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(hosting_versions), &values,
                      COLUMNS(hosting_version_row, version_columns), hosting_version_rows, err);
}

static const struct column fetch_columns[] = {
    COLUMN(hosting_fetch_row, version),      COLUMN(hosting_fetch_row, network),
    COLUMN(hosting_fetch_row, client),       COLUMN(hosting_fetch_row, user_agent),
    COLUMN(hosting_fetch_row, sni),          COLUMN(hosting_fetch_row, first_seconds),
    COLUMN(hosting_fetch_row, last_seconds), COLUMN(hosting_fetch_row, fetches),
};

bool read_hosting_fetches(struct reader *reader, struct arena *arena, int32_t domain_id, int limit,
                          struct rows *hosting_fetch_rows, struct err *err)
{
    struct pg_values values = { .arena = arena };
    pg_number(&values, domain_id);
    pg_number(&values, limit);
    return reader_ask(reader, SQL(hosting_fetches), &values,
                      COLUMNS(hosting_fetch_row, fetch_columns), hosting_fetch_rows, err);
}
