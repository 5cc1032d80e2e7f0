/* See quotas.h.
 * SPDX-License-Identifier: MIT */
#include "collector/quotas.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/network.h"
#include <inttypes.h>

#define SIX_BITS 64

enum counted { CLIENT, RUBBISH, REPORTER };

/* The key of WHAT for this client, or for NAME beside it. */
static uint64_t key_of(enum counted what, const char *client, const char *name)
{
    struct network network;
    unsigned char digest[HASH_BYTES];
    struct hash hash = { 0 };
    hash_number(&hash, what);
    if (client) {
        network_of_client(client, SIX_BITS, &network);
        for (size_t i = 0; i < sizeof network.address; i++)
            hash_number(&hash, network.address[i]);
        hash_number(&hash, network.kind);
    }
    hash_text(&hash, name);
    hash_done(&hash, digest);
    return (uint64_t)hash_key(digest);
}

static bool is_counted(const struct delivery *delivery)
{
    return delivery->source == SOURCE_HTTPS || delivery->source == SOURCE_LMTP;
}

static bool is_limited(const struct settings *settings, const struct delivery *delivery)
{
    const struct network_list *unlimited = delivery->source == SOURCE_HTTPS
                                               ? &settings->collector.http.unlimited
                                               : &settings->lmtp.unlimited_networks;
    return is_counted(delivery) && !delivery->vouched
           && !network_list_has(unlimited, delivery->origin);
}

bool quotas_before(struct rate_table *table, const struct settings *settings,
                   const struct delivery *delivery, struct err *err)
{
    const struct rate_settings *rates = &settings->rates;
    int64_t now = clock_monotonic_ms();
    if (!is_limited(settings, delivery))
        return true;
    if (!rate_take(table, key_of(RUBBISH, delivery->origin, NULL),
                   (struct rate){ rates->rejected_per_hour, rates->burst_minutes }, 0, now))
        return err_set(err, ERR_AGAIN,
                       "too much from this address was no report (limits.rejected_per_hour)");
    return rate_take(table, key_of(CLIENT, delivery->origin, NULL),
                     (struct rate){ rates->client_per_hour, rates->burst_minutes }, 1, now)
           || err_set(err, ERR_AGAIN,
                      "more than %" PRId64 " reports an hour from this address "
                      "(limits.client_per_hour)",
                      rates->client_per_hour);
}

bool quotas_after(struct rate_table *table, const struct settings *settings,
                  const struct delivery *delivery, struct err *err)
{
    const struct rate_settings *rates = &settings->rates;
    int64_t now = clock_monotonic_ms();
    if (!is_counted(delivery))
        return true;
    bool any = false, fits = true;
    for (const struct entry *entry = delivery->entries; entry && fits; entry = entry->next) {
        if (entry->outcome == OUTCOME_REJECTED)
            continue;
        const char *client = is_limited(settings, delivery) ? delivery->origin : NULL;
        any = true;
        fits = rate_take(table, key_of(REPORTER, client, entry->report.organization),
                         (struct rate){ rates->reporter_per_hour, rates->burst_minutes }, 1, now);
    }
    if (!any && is_limited(settings, delivery))
        rate_spend(table, key_of(RUBBISH, delivery->origin, NULL),
                   (struct rate){ rates->rejected_per_hour, rates->burst_minutes },
                   1 + (int64_t)delivery->read_bytes / RATE_PIECE_BYTES, now);
    return fits
           || err_set(err, ERR_AGAIN,
                      "more than %" PRId64 " reports an hour in the name of this organization "
                      "(limits.reporter_per_hour)",
                      rates->reporter_per_hour);
}
