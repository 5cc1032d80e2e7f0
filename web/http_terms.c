/* See http_terms.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_terms.h"
#include <stdlib.h>
#include <string.h>

struct http_terms *http_terms_new(const struct http_settings *settings)
{
    const struct network_list *proxies = &settings->trusted_proxies;
    size_t bytes = proxies->count * sizeof *proxies->items;
    struct http_terms *terms = memory_new(sizeof *terms + bytes);
    shared_init(&terms->shared, free);
    terms->body_bytes = (size_t)settings->body_bytes;
    terms->trusted_proxies = (struct network_list){ terms->proxies, proxies->count };
    if (bytes)
        memcpy(terms->proxies, proxies->items, bytes);
    return terms;
}

const char *http_terms_client(const struct http_terms *terms, struct request *request)
{
    return network_forwarded(&request->arena, &terms->trusted_proxies, request->peer,
                             http_forwarded(request));
}
