/* The terms on which a listener takes requests, as far as they may change while it runs; and who asks.
 * SPDX-License-Identifier: MIT
 * Before: http_tls.h. Next: http.c */
#pragma once

#include "base/shared.h"
#include "web/http.h"

struct http_terms {
    struct shared shared; /* never changed once made */
    size_t body_bytes;    /* of one request */
    struct network_list trusted_proxies, unlimited;
    struct network networks[]; /* of both */
};

/* Of one owner; copies what it needs of SETTINGS. */
struct http_terms *http_terms_new(const struct http_settings *settings);

/* Who asks: request->peer, or who stands behind it if it is a trusted proxy (request->proxied). In the
 * request's arena. */
const char *http_terms_client(const struct http_terms *terms, struct request *request);
