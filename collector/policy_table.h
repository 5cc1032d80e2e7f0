/* The policies that are served here, by domain, in memory: whoever asks for one waits neither for the
 * database nor for a file. Filled from the ledger, kept in a file beside it, so that a policy host that
 * starts while the database is away has what it had before.
 *
 * SPDX-License-Identifier: MIT
 * Before: schema/hosting.h. Next: policy_fetches.h */
#pragma once

#include "schema/hosting.h"
#include "base/shared.h"

/* One policy in force; never changed. */
struct hosted {
    struct shared shared;
    int32_t domain_id, version;
    struct bytes body; /* as served */
    char etag[67];     /* its SHA-256, quoted */
    bool remembered;   /* it comes out of the file: the ledger has not confirmed it yet */
    const char *domain;
    char text[]; /* domain and body */
};

struct policy_table;

struct policy_table *policy_table_new(void);
void policy_table_free(struct policy_table **table); /* sets NULL; accepts NULL */

/* DOMAIN's, to be released with shared_release(); NULL: none is served. Any thread. */
const struct hosted *policy_table_find(struct policy_table *table, const char *domain);

/* How many there are. */
size_t policy_table_count(struct policy_table *table);

/* Takes what the ledger says of one domain. */
void policy_table_put(struct policy_table *table, const struct hosting_changed_row *row);

/* All of the ledger was put: what came out of the file only is not served any more. */
void policy_table_confirm(struct policy_table *table);

/* Writes all into PATH, which is replaced at once; and reads it. What is damaged is left out, and counted
 * in *DAMAGED. ERR_SETUP: the file cannot be written, or read; that there is none is no fault. */
MUST_CHECK bool policy_table_save(struct policy_table *table, const char *path, struct err *err);
MUST_CHECK bool policy_table_load(struct policy_table *table, const char *path, size_t *damaged,
                                  struct err *err);
