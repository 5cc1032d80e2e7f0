/* See http_terms.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_terms.h"
#include <stdlib.h>
#include <string.h>

static struct network_list copy(const struct network_list *from, struct network *to)
{
    if (from->count)
        memcpy(to, from->items, from->count * sizeof *to);
    return (struct network_list){ to, from->count };
}

struct http_terms *http_terms_new(const struct http_settings *settings)
{
    const struct network_list *proxies = &settings->trusted_proxies;
    const struct network_list *unlimited = &settings->unlimited;
    size_t count = proxies->count + unlimited->count;
    struct http_terms *terms = memory_new(sizeof *terms + count * sizeof *terms->networks);
    shared_init(&terms->shared, free);
    terms->body_bytes = (size_t)settings->body_bytes;
    terms->trusted_proxies = copy(proxies, terms->networks);
    terms->unlimited = copy(unlimited, terms->networks + proxies->count);
    return terms;
}

const char *http_terms_client(const struct http_terms *terms, struct request *request)
{
    request->proxied = network_list_has(&terms->trusted_proxies, request->peer);
    return network_forwarded(&request->arena, &terms->trusted_proxies, request->peer,
                             http_forwarded(request));
}
