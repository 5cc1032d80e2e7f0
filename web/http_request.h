/* A request as its handler reads it.
 * SPDX-License-Identifier: MIT
 * Next: http.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include <stdbool.h>

struct http_field {
    struct http_field *next;
    const char *name, *value;
};

struct request {
    struct arena arena; /* the handler's until it answers; holds all below */
    const char *method;
    const char *path; /* without query, percent-decoded */
    const char
        *client;       /* address without port, or "unix": of the peer, or behind trusted proxies */
    const char *peer;  /* the connection's */
    bool proxied;      /* that is a proxy that we trust */
    const char *sni;   /* the host of the TLS handshake, canonical; "": none; NULL: plain HTTP */
    struct bytes body; /* NUL-terminated behind its last byte */
    int refused; /* 0, or a status to answer at once, since the body is not here: 413 it is too
                           large, 429 its client has too many connections, 503 there is no memory */
    struct http_field *headers, *arguments; /* last first; see http_header(), http_argument() */
};

/* Percent-decodes TEXT, a path or an argument, in place, and returns its length, as libmicrohttpd asks for
 * it. "%00" stays as it is: decoded it would hide what stands behind it. */
struct MHD_Connection;
size_t http_unescape(void *context, struct MHD_Connection *connection, char *text);

/* First header field or query argument of that name; NULL when there is none. */
const char *http_header(const struct request *request, const char *name);
const char *http_argument(const struct request *request, const char *name);

/* Whether a proxy and we must read the same in it (RFC 9112 sections 2.2, 3.2, 5 and 6): where its body
 * ends, and for which host it is. If not, a stranger's request could hide a second one, for which
 * nobody but he would speak. */
bool http_is_plain(const struct request *request);

/* All lines of X-Forwarded-For as one list, since a proxy may append a line of its own to those of
 * strangers; NULL when there is none. */
const char *http_forwarded(struct request *request);
