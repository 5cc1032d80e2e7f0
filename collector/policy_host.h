/* The policy host (RFC 8461 section 3.3): GET https://mta-sts.DOMAIN/.well-known/mta-sts.txt on the public
 * listener, for every domain whose policy is made here.
 *
 * Answers come from memory. What changes in the ledger counts within two seconds; while the database is
 * away the last state stays, over a restart too. Nobody is limited by his address here: a large sender
 * has few.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy_fetches.h. Next: https.h */
#pragma once

#include "schema/writer.h"
#include "web/http_request.h"

#define POLICY_HOST_PATH "/.well-known/mta-sts.txt"

struct policy_settings {
    bool serve;
    const char *delegation; /* a name of ours; "": none */
    int64_t fetch_days;
};

struct policy_host;

/* Starts the thread that reads changes and writes fetches. DIRECTORY, which is there and ours alone, keeps a
 * copy; NULL: there is none. WRITER says which database. */
struct policy_host *policy_host_new(const struct policy_settings *settings,
                                    const struct writer_settings *writer, const char *directory);

/* Waits until the ledger was read, at most MILLISECONDS. */
void policy_host_await(struct policy_host *host, int milliseconds);

/* Answers REQUEST, or false when it is not for a policy. HOST may be NULL: none is. */
bool policy_host_answer(struct policy_host *host, struct request *request);

/* Nobody may ask any more. Writes what is still to be written, as long as stop_fd of the writer's settings
 * allows. Sets NULL; accepts NULL. */
void policy_host_free(struct policy_host **host);
