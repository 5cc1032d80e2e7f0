/* See lmtp_terms.h.
 * SPDX-License-Identifier: MIT */
#include "ingest/lmtp_terms.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRACE_SECONDS 10 /* of a message, before a rate is asked for */

struct lmtp_terms *lmtp_terms_new(const struct lmtp_settings *settings, const struct limits *limits,
                                  struct budget *budget)
{
    const struct network_list *unlimited = &settings->unlimited_networks;
    size_t bytes = unlimited->count * sizeof *unlimited->items;
    struct lmtp_terms *terms = memory_new(sizeof *terms + bytes);
    shared_init(&terms->shared, free);
    if (gethostname(terms->hostname, sizeof terms->hostname - 1) != 0 || !terms->hostname[0])
        memcpy(terms->hostname, "localhost", sizeof "localhost");
    terms->rules = (struct lmtp_rules){
        .hostname = terms->hostname,
        .message_bytes = limits->message_bytes,
        .recipients = settings->recipients,
        .session_errors = settings->session_errors,
        .session_commands = settings->session_commands,
        .budget = budget,
    };
    terms->visits = (struct visit_rules){
        .most = settings->connections,
        .per_client = settings->per_client,
        .seconds = { [VISIT_ARRIVED] = settings->idle_seconds,
                     [VISIT_IDLE] = settings->idle_seconds,
                     [VISIT_READING] = settings->idle_seconds,
                     [VISIT_SENDING] = settings->message_seconds },
        .session_seconds = settings->session_seconds,
        .grace_seconds = GRACE_SECONDS,
        .bytes_per_second = settings->bytes_per_second,
    };
    terms->unlimited = (struct network_list){ terms->networks, unlimited->count };
    if (bytes)
        memcpy(terms->networks, unlimited->items, bytes);
    return terms;
}
