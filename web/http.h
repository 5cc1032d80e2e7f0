/* HTTP for both listeners; the only place that knows libmicrohttpd (in http.c).
 *
 * A request is handed to the handler once it is whole. The handler answers now or later, from any
 * thread, with http_respond(); until then the connection is suspended and holds no thread. What a
 * handler reads of a request stays valid until it answers, even when the client has gone.
 *
 * Every answer forbids content sniffing, referrers, framing and everything that a page without
 * scripts does not need (Content-Security-Policy). What libmicrohttpd itself answers to requests that
 * are damaged or too long (400, 414, 431, 505) has fixed texts and none of these headers.
 *
 * SPDX-License-Identifier: MIT
 * Before: http_request.h. Next: html.h */
#pragma once

#include "base/err.h"
#include "base/network.h"
#include "base/text.h"
#include "ingest/budget.h"
#include "web/http_request.h"
#include <stdint.h>

struct http_settings {
    struct text_list listen;   /* addresses as in base/listen.h */
    const char *loopback_only; /* NULL, or why addresses that other machines reach are refused */
    const char *certificate;   /* path of a PEM chain; NULL or "": plain HTTP */
    const char *key;           /* path of its PEM key */
    struct http_tls *tls;      /* both, loaded; NULL: http_open() loads them */
    struct http_certs *certs;  /* of other hosts that it answers for; NULL: none. See http_tls.h */
    int64_t connections;       /* at once, over all addresses */
    int64_t per_client;        /* at once from one client address; 0: no such limit */
    struct network_list unlimited;       /* clients that may have any number of connections */
    struct network_list trusted_proxies; /* who say in X-Forwarded-For for whom they ask */
    int64_t handshake_seconds;           /* until a first request line is there */
    int64_t header_seconds;   /* for the headers of a request; grace before the rate below */
    int64_t request_seconds;  /* for a request's body, and for its answer to be read */
    int64_t bytes_per_second; /* least rate of a body; 0: none */
    int64_t timeout_seconds;  /* without a byte, and between requests */
    int64_t header_bytes;     /* request line and headers, and memory of a connection */
    int64_t body_bytes;       /* of one request */
    struct budget *budget;    /* that bodies are charged to; NULL: none */
    int threads;              /* for each address */
    const struct http_field *headers; /* of every answer; NULL, or an array of the program's that
                                         ends with one without a name */
};

#define HTTP_SETTINGS_DEFAULT                                                   \
    {                                                                           \
        .connections = 1000, .handshake_seconds = 10, .header_seconds = 10,     \
        .request_seconds = 300, .bytes_per_second = 500, .timeout_seconds = 30, \
        .header_bytes = 16 << 10, .body_bytes = 64 << 10, .threads = 1,         \
    }

#define HTTP_HEADERS 8

struct response {
    int status;
    const char *type;                        /* media type; NULL: none */
    struct bytes body;                       /* in the request's arena, or never freed */
    struct http_field headers[HTTP_HEADERS]; /* more of them; up to the first without a name */
};

/* Answers REQUEST, now or later; called by threads of its own. */
typedef void http_handler(struct request *request, void *context);

struct http;

/* Opens the listeners and serves. ERR_SETUP: an address cannot be had, or the certificate and key
 * cannot be used; the text says which and what to do. SETTINGS are not needed afterwards. */
MUST_CHECK bool http_open(const struct http_settings *settings, http_handler *handle, void *context,
                          struct http **out, struct err *err);

/* Takes tls (unless NULL), body_bytes, times, per_client and networks of SETTINGS: for handshakes and
 * requests that begin from now on. No connection is closed. */
void http_change(struct http *http, const struct http_settings *settings);

/* The address of listener INDEX, with the port that it got; NULL behind the last. */
const char *http_address(const struct http *http, size_t index);

/* Whether other machines reach one of its addresses. */
bool http_is_reachable(const struct http *http);

/* Takes nothing new and returns when all requests are answered and sent, or after SECONDS: whoever
 * still waits then is told 503. A later http_respond() is in order and does nothing. */
void http_stop(struct http *http, int seconds);

/* Stops at once if it was not stopped, and frees; sets NULL; accepts NULL. */
void http_close(struct http **http);

/* Exactly once for each request, from any thread; REQUEST is gone afterwards. */
void http_respond(struct request *request, const struct response *response);

/* Hands the body's memory over, with what it is charged: free() it. REQUEST's body is empty
 * afterwards. */
struct bytes http_take_body(struct request *request, struct charge *charge);
