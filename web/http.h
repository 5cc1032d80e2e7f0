/* HTTP for both listeners; the only place that knows libmicrohttpd (in http.c).
 *
 * A request is handed to the handler once it is whole. The handler answers now or later, from any
 * thread, with http_respond(); until then the connection is suspended and holds no thread. What a
 * handler reads of a request stays valid until it answers, even when the client has gone.
 *
 * Every answer forbids content sniffing, referrers, framing and everything that a page without
 * scripts does not need (Content-Security-Policy).
 *
 * SPDX-License-Identifier: MIT
 * Next: html.h */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>

struct http_field {
    struct http_field *next;
    const char *name, *value;
};

struct http_settings {
    struct text_list listen;   /* addresses as in base/listen.h */
    const char *loopback_only; /* NULL, or why addresses that other machines reach are refused */
    const char *certificate;   /* path of a PEM chain; NULL or "": plain HTTP */
    const char *key;           /* path of its PEM key */
    int64_t connections;       /* at once, for each address */
    int64_t per_client;        /* at once from one client address; 0: no such limit */
    int64_t timeout_seconds;   /* without a byte, before a connection is closed */
    int64_t header_bytes;      /* request line and headers, and memory of a connection */
    int64_t body_bytes;        /* of one request */
    int threads;               /* for each address */
    const struct http_field *headers; /* of every answer; NULL, or an array of the program's that
                                         ends with one without a name */
};

#define HTTP_SETTINGS_DEFAULT                                                                  \
    {                                                                                          \
        .connections = 1000, .per_client = 0, .timeout_seconds = 30, .header_bytes = 32 << 10, \
        .body_bytes = 64 << 10, .threads = 1,                                                  \
    }

struct request {
    struct arena arena; /* the handler's until it answers; holds all below */
    const char *method;
    const char *path;   /* without query, percent-decoded */
    const char *client; /* address without port, or "unix" */
    struct bytes body;  /* NUL-terminated behind its last byte */
    bool too_large;     /* the body exceeds body_bytes and is not here: answer 413 at once */
    struct http_field *headers, *arguments; /* last first; see http_header(), http_argument() */
};

#define HTTP_HEADERS 4

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

/* The address of listener INDEX, with the port that it got; NULL behind the last. */
const char *http_address(const struct http *http, size_t index);

/* Takes nothing new and returns when all requests are answered and sent, or after SECONDS: whoever
 * still waits then is told 503. A later http_respond() is in order and does nothing. */
void http_stop(struct http *http, int seconds);

/* Stops at once if it was not stopped, and frees; sets NULL; accepts NULL. */
void http_close(struct http **http);

/* Exactly once for each request, from any thread; REQUEST is gone afterwards. */
void http_respond(struct request *request, const struct response *response);

/* First header field or query argument of that name; NULL when there is none. */
const char *http_header(const struct request *request, const char *name);
const char *http_argument(const struct request *request, const char *name);

/* Hands the body's memory over: free() it. REQUEST's body is empty afterwards. */
struct bytes http_take_body(struct request *request);
