/* See http.h.
 *
 * An exchange is a request with its connection. Two own it: the connection, until libmicrohttpd says
 * that it is completed, and the handler, from the hand-over until it answers. The last one frees it.
 * All of its state changes under the server's one mutex, so that an answer may come before, while or
 * after the connection is suspended.
 *
 * SPDX-License-Identifier: MIT */
#include "web/http.h"
#include "base/clock.h"
#include "base/listen.h"
#include "web/http_body.h"
#include "web/http_guard.h"
#include "web/http_terms.h"
#include "web/http_tls.h"
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <microhttpd.h>

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
/* A body that is too large is read on up to this many times the limit, so that a client which does
 * not wait for "100 Continue" is told the reason instead of seeing a reset connection. */
#define SWALLOW_FACTOR 4
#define LEAVING_MAX    64 /* connections that were told to go and are not gone yet */

struct listener {
    struct MHD_Daemon *daemon;
    int fd;
    char address[LISTEN_TEXT_BYTES];
};

struct http {
    http_handler *handle;
    void *context;
    struct shared_slot terms; /* struct http_terms */
    struct http_tls_slots tls;
    struct budget *budget;
    struct http_guard *guard;
    const struct http_field *headers; /* of every answer; never NULL */
    struct listener *listeners;
    size_t count;
    char trouble[160]; /* what libmicrohttpd last said; read while starting only */
    pthread_mutex_t trouble_mutex;

    pthread_mutex_t mutex; /* guards all below, and the exchanges */
    pthread_cond_t changed;
    struct exchange *waiting; /* handed over and not answered */
    size_t in_flight;         /* handed over and not completed */
    size_t exchanges;         /* alive */
    bool stopping, closed;
};

struct exchange {
    struct request request; /* first, so that one is the other */
    struct http *http;
    struct MHD_Connection *connection;
    struct exchange *next, **at; /* in `waiting`; at is NULL when not in it */
    struct http_visit *visit;
    size_t body_bytes, received_bytes; /* the limit, and what came */
    struct http_body body;
    struct MHD_Response *response;
    unsigned status;
    int owners;
    bool dispatched, suspended, answered;
};

/* --- life of an exchange; the mutex is held unless said --- */

static void http_free(struct http *http)
{
    pthread_mutex_destroy(&http->trouble_mutex);
    pthread_mutex_destroy(&http->mutex);
    pthread_cond_destroy(&http->changed);
    http_guard_free(&http->guard);
    shared_slot_done(&http->terms);
    http_tls_slots_done(&http->tls);
    free(http->listeners);
    free(http);
}

/* Takes the mutex itself. */
static void release(struct exchange *exchange)
{
    struct http *http = exchange->http;
    pthread_mutex_lock(&http->mutex);
    bool last = --exchange->owners == 0;
    bool gone = last && --http->exchanges == 0 && http->closed;
    pthread_mutex_unlock(&http->mutex);
    if (!last)
        return;
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    http_body_done(&exchange->body);
    arena_free(&exchange->request.arena);
    free(exchange);
    if (gone)
        http_free(http);
}

static void enlist(struct exchange *exchange)
{
    struct http *http = exchange->http;
    exchange->next = http->waiting;
    exchange->at = &http->waiting;
    if (exchange->next)
        exchange->next->at = &exchange->next;
    http->waiting = exchange;
}

static void delist(struct exchange *exchange)
{
    *exchange->at = exchange->next;
    if (exchange->next)
        exchange->next->at = exchange->at;
    exchange->at = NULL;
}

static void settle(struct exchange *exchange, unsigned status, struct MHD_Response *response)
{
    exchange->answered = true;
    exchange->status = status;
    exchange->response = response;
    if (exchange->at)
        delist(exchange);
    if (exchange->suspended)
        MHD_resume_connection(exchange->connection);
    exchange->suspended = false;
}

/* --- answers --- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    /* It refuses only what cannot stand in a header: then the header is left out, not forged. */
    if (MHD_add_response_header(response, name, value) != MHD_YES)
        return;
}

/* BODY must outlive the exchange's connection. */
static struct MHD_Response *response_new(const struct http *http, const struct response *from)
{
    static const struct http_field always[] = {
        { .name = "X-Content-Type-Options", .value = "nosniff" },
        { .name = "Referrer-Policy", .value = "no-referrer" },
        { .name = "Content-Security-Policy",
          .value = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
                   "form-action 'self'; frame-ancestors 'none'" },
    };
    union {
        const char *in;
        void *out; /* libmicrohttpd does not write to it */
    } body = { .in = from->body.data ? from->body.data : "" };
    struct MHD_Response *response =
        MHD_create_response_from_buffer(from->body.size, body.out, MHD_RESPMEM_PERSISTENT);
    assert(response);
    if (from->type)
        add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, from->type);
    for (size_t i = 0; i < HTTP_HEADERS && from->headers[i].name; i++)
        add_header(response, from->headers[i].name, from->headers[i].value);
    for (size_t i = 0; i < ARRAY_SIZE(always); i++)
        add_header(response, always[i].name, always[i].value);
    for (const struct http_field *field = http->headers; field->name; field++)
        add_header(response, field->name, field->value);
    return response;
}

/* The last answer on a connection. RETRY: worth trying again. */
static struct MHD_Response *last_response(const struct http *http, const char *text, bool retry)
{
    const struct response response = {
        .type = "text/plain; charset=utf-8",
        .body = { text, strlen(text) },
        .headers = { { .name = "Connection", .value = "close" },
                     { .name = retry ? "Retry-After" : NULL, .value = "60" } },
    };
    return response_new(http, &response);
}

static struct MHD_Response *stopping_response(const struct http *http)
{
    return last_response(http, "The service is stopping. Try again in a minute.\n", true);
}

void http_respond(struct request *request, const struct response *response)
{
    struct exchange *exchange = (struct exchange *)request;
    struct http *http = exchange->http;
    struct MHD_Response *made = response_new(http, response);
    pthread_mutex_lock(&http->mutex);
    bool late = exchange->answered; /* http_stop() did it */
    if (!late)
        settle(exchange, (unsigned)response->status, made);
    pthread_mutex_unlock(&http->mutex);
    if (late)
        MHD_destroy_response(made);
    release(exchange);
}

/* --- libmicrohttpd's callbacks --- */

static enum MHD_Result keep_field(void *cls, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct request *request = cls;
    struct http_field *field = arena_alloc(&request->arena, sizeof *field);
    struct http_field **list = kind == MHD_HEADER_KIND ? &request->headers : &request->arguments;
    *field = (struct http_field){ *list, arena_text(&request->arena, name),
                                  arena_text(&request->arena, value ? value : "") };
    *list = field;
    return MHD_YES;
}

static struct http_visit *visit_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *http = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        http_guard_close(*socket_context);
        *socket_context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *socket_context = http_guard_open(http->guard, info->connect_fd);
}

/* The first line of a request is here. */
static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    (void)cls, (void)uri;
    http_guard_enter(visit_of(connection), VISIT_ASKING);
    return NULL;
}

static void describe_peer(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    char peer[LISTEN_TEXT_BYTES] = "";
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info)
        listen_peer_to_text(info->connect_fd, peer);
    request->peer = arena_text(&request->arena, peer);
    info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    request->sni = info ? http_tls_name(&request->arena, info->tls_session) : NULL;
}

static struct exchange *exchange_new(struct http *http, struct MHD_Connection *connection,
                                     const char *method, const char *url)
{
    struct exchange *exchange = memory_new(sizeof *exchange);
    struct request *request = &exchange->request;
    exchange->http = http;
    exchange->connection = connection;
    exchange->owners = 1;
    exchange->visit = visit_of(connection);
    request->method = arena_text(&request->arena, method);
    request->path = arena_text(&request->arena, url);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_field, request);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, keep_field, request);
    const struct http_terms *terms = shared_take(&http->terms);
    exchange->body_bytes = terms->body_bytes;
    hold_init(&exchange->body.hold, http->budget, terms->body_bytes);
    describe_peer(exchange);
    request->client = http_terms_client(terms, request);
    shared_release(terms);
    pthread_mutex_lock(&http->mutex);
    http->exchanges++;
    pthread_mutex_unlock(&http->mutex);
    return exchange;
}

/* Hands the request to the handler, unless the server stops. */
static void dispatch(struct exchange *exchange)
{
    struct http *http = exchange->http;
    if (!exchange->request.refused && !http_body_finish(&exchange->body, &exchange->request.body))
        exchange->request.refused = MHD_HTTP_SERVICE_UNAVAILABLE;
    http_guard_enter(exchange->visit, VISIT_WAITING);
    pthread_mutex_lock(&http->mutex);
    bool stopping = http->stopping;
    exchange->dispatched = !stopping;
    if (stopping) {
        settle(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, stopping_response(http));
    } else {
        enlist(exchange);
        http->in_flight++;
        exchange->owners++;
    }
    pthread_mutex_unlock(&http->mutex);
    if (!stopping)
        http->handle(&exchange->request, http->context);
}

/* Sends the answer if it is there, else lets the connection sleep until it is. */
static enum MHD_Result answer_or_sleep(struct exchange *exchange)
{
    struct http *http = exchange->http;
    pthread_mutex_lock(&http->mutex);
    bool answered = exchange->answered;
    if (!answered) {
        MHD_suspend_connection(exchange->connection);
        exchange->suspended = true;
    }
    pthread_mutex_unlock(&http->mutex);
    if (!answered)
        return MHD_YES;
    http_guard_enter(exchange->visit, VISIT_READING);
    return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}

/* True when nobody loses by an answer that comes before the body: it says that it would not be sent
 * before, or is too large to be waited for. */
static bool may_answer_early(const struct exchange *exchange, int64_t size)
{
    return http_header(&exchange->request, MHD_HTTP_HEADER_EXPECT)
           || size > (int64_t)exchange->body_bytes * SWALLOW_FACTOR;
}

/* Nothing behind such a request is taken for another one. */
static enum MHD_Result refuse_unclear(struct exchange *exchange)
{
    struct http *http = exchange->http;
    struct MHD_Response *response =
        last_response(http, "The request can be read in two ways (RFC 9112 section 11.2).\n",
                      false);
    pthread_mutex_lock(&http->mutex);
    settle(exchange, MHD_HTTP_BAD_REQUEST, response);
    pthread_mutex_unlock(&http->mutex);
    return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}

/* The first call of a request: its headers are here, its body is not. */
static enum MHD_Result begin(struct exchange *exchange)
{
    const char *length = http_header(&exchange->request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t size = 0;
    if (!length || !text_number(length, 0, INT64_MAX, &size))
        size = length ? INT64_MAX : 0;
    http_guard_enter(exchange->visit, VISIT_SENDING);
    if (!http_is_plain(&exchange->request))
        return refuse_unclear(exchange);
    if (size > (int64_t)exchange->body_bytes)
        exchange->request.refused = MHD_HTTP_CONTENT_TOO_LARGE;
    else if (http_guard_is_excess(exchange->visit))
        exchange->request.refused = MHD_HTTP_TOO_MANY_REQUESTS;
    if (!exchange->request.refused || !may_answer_early(exchange, size))
        return MHD_YES;
    dispatch(exchange);
    assert(exchange->answered); /* what is refused is answered at once: see http.h */
    return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}

static enum MHD_Result take_bytes(struct exchange *exchange, const char *bytes, size_t size)
{
    http_guard_received(exchange->visit, size);
    exchange->received_bytes += size;
    if (exchange->received_bytes > exchange->body_bytes * SWALLOW_FACTOR)
        return MHD_NO; /* chunked: it did not say that it would be so long */
    if (!exchange->request.refused)
        hold_add(&exchange->body.hold, bytes, size);
    if (hold_state(&exchange->body.hold) == HOLD_TOO_LARGE)
        exchange->request.refused = MHD_HTTP_CONTENT_TOO_LARGE;
    return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_size, void **state)
{
    (void)version;
    struct exchange *exchange = *state;
    if (!exchange) {
        *state = exchange_new(cls, connection, method, url);
        return begin(*state);
    }
    if (*upload_size) {
        size_t size = *upload_size;
        *upload_size = 0;
        return take_bytes(exchange, upload, size);
    }
    if (!exchange->dispatched && !exchange->answered)
        dispatch(exchange);
    return answer_or_sleep(exchange);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)code;
    struct http *http = cls;
    struct exchange *exchange = *state;
    http_guard_enter(visit_of(connection), VISIT_IDLE);
    if (!exchange)
        return;
    *state = NULL;
    if (exchange->dispatched) {
        pthread_mutex_lock(&http->mutex);
        http->in_flight--;
        pthread_cond_broadcast(&http->changed);
        pthread_mutex_unlock(&http->mutex);
    }
    release(exchange);
}

__attribute__((format(printf, 2, 0))) static void on_message(void *cls, const char *format,
                                                             va_list values)
{
    struct http *http = cls;
    pthread_mutex_lock(&http->trouble_mutex);
    vsnprintf(http->trouble, sizeof http->trouble, format, values);
    http->trouble[strcspn(http->trouble, "\n")] = '\0';
    pthread_mutex_unlock(&http->trouble_mutex);
}

/* --- opening --- */

static struct MHD_Daemon *start(struct http *http, const struct http_settings *settings,
                                void *callback, int fd)
{
    unsigned flags = MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    /* By epoll, 0.9.75 spins as long as a TLS handshake is half done (READ_READY stays set). */
    flags |= callback ? MHD_USE_TLS | MHD_USE_POLL_INTERNAL_THREAD : MHD_USE_EPOLL_INTERNAL_THREAD;
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_message, http },
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, http },
        { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
        { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, http },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_request_line, http },
        { MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)http_unescape, http },
        { MHD_OPTION_CONNECTION_LIMIT, settings->connections + LEAVING_MAX, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, settings->timeout_seconds, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->header_bytes, NULL },
        { MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
        { MHD_OPTION_THREAD_POOL_SIZE, settings->threads > 1 ? settings->threads : 0, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, callback },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, (char[]){ PRIORITIES } },
        { MHD_OPTION_END, 0, NULL },
    };
    return MHD_start_daemon(flags, 0, NULL, NULL, on_access, http, MHD_OPTION_ARRAY, options,
                            callback ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls, MHD_OPTION_END);
}

static bool open_listener(struct http *http, const struct http_settings *settings, void *callback,
                          const char *address, struct err *err)
{
    int fd = -1;
    if (!listen_open(address, &fd, err))
        return false;
    struct listener *listener = &http->listeners[http->count];
    listener->fd = fd;
    listen_to_text(fd, listener->address);
    bool reachable = settings->loopback_only && !listen_is_local(listener->address);
    if (!reachable)
        listener->daemon = start(http, settings, callback, fd);
    if (listener->daemon) {
        http->count++;
        return true;
    }
    close(fd);
    if (reachable)
        return err_set(err, ERR_SETUP, "%s: %s", address, settings->loopback_only);
    return err_set(err, ERR_SETUP, "%s: cannot serve: %s", address, http->trouble);
}

static const struct http_field no_headers;

/* Takes certificate and key of SETTINGS, loaded or to be loaded, into the slot. */
static bool take_certificate(struct http *http, const struct http_settings *settings,
                             struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct http_tls *tls = settings->tls;
    if (!tls && !http_tls_load(&arena, settings->certificate, settings->key, &tls, err))
        return false;
    http_tls_put(&http->tls, tls, settings->certs);
    return true;
}

bool http_open(const struct http_settings *settings, http_handler *handle, void *context,
               struct http **out, struct err *err)
{
    struct http *http = memory_new(sizeof *http);
    *http = (struct http){ .handle = handle, .context = context };
    http->budget = settings->budget;
    http->headers = settings->headers ? settings->headers : &no_headers;
    http->listeners = memory_new((settings->listen.count + 1) * sizeof *http->listeners);
    pthread_mutex_init(&http->trouble_mutex, NULL);
    pthread_mutex_init(&http->mutex, NULL);
    pthread_cond_init(&http->changed, NULL);
    shared_slot_init(&http->terms, http_terms_new(settings));
    http_tls_slots_init(&http->tls);
    http->guard = http_guard_new(settings, &http->terms);
    bool good = take_certificate(http, settings, err);
    void *callback = good && http->tls.own.present ? http_tls_callback(&http->tls) : NULL;
    for (size_t i = 0; i < settings->listen.count && good; i++)
        good = open_listener(http, settings, callback, settings->listen.items[i], err);
    if (good)
        *out = http;
    else
        http_close(&http);
    return good;
}

void http_change(struct http *http, const struct http_settings *settings)
{
    shared_replace(&http->terms, http_terms_new(settings));
    http_guard_change(http->guard, settings);
    if (!settings->tls || !http->tls.own.present)
        return; /* plain HTTP stays plain, and TLS stays TLS */
    http_tls_put(&http->tls, settings->tls, settings->certs);
}

const char *http_address(const struct http *http, size_t index)
{
    return index < http->count ? http->listeners[index].address : NULL;
}

bool http_is_reachable(const struct http *http)
{
    for (size_t i = 0; i < http->count; i++)
        if (!listen_is_local(http->listeners[i].address))
            return true;
    return false;
}

/* --- closing --- */

/* Waits until nothing is in flight, at most SECONDS. The mutex is held. */
static void wait_for_silence(struct http *http, int seconds)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += seconds;
    int outcome = 0;
    while (http->in_flight && outcome != ETIMEDOUT)
        outcome = pthread_cond_clockwait(&http->changed, &http->mutex, CLOCK_MONOTONIC, &deadline);
}

void http_stop(struct http *http, int seconds)
{
    pthread_mutex_lock(&http->mutex);
    bool stopped = http->stopping;
    http->stopping = true;
    pthread_mutex_unlock(&http->mutex);
    if (stopped)
        return;
    /* The socket itself stays open until the end: closed, its number could be another's while a
     * thread still accepts on it. */
    for (size_t i = 0; i < http->count; i++)
        MHD_quiesce_daemon(http->listeners[i].daemon);
    pthread_mutex_lock(&http->mutex);
    wait_for_silence(http, seconds);
    while (http->waiting)
        settle(http->waiting, MHD_HTTP_SERVICE_UNAVAILABLE, stopping_response(http));
    wait_for_silence(http, 1);
    pthread_mutex_unlock(&http->mutex);
}

void http_close(struct http **http)
{
    struct http *old = *http;
    if (!old)
        return;
    *http = NULL;
    http_stop(old, 0);
    for (size_t i = 0; i < old->count; i++) {
        MHD_stop_daemon(old->listeners[i].daemon);
        close(old->listeners[i].fd);
    }
    http_tls_forget(&old->tls);
    pthread_mutex_lock(&old->mutex);
    old->closed = true;
    bool last = old->exchanges == 0; /* else the handler that still owes an answer frees it */
    pthread_mutex_unlock(&old->mutex);
    if (last)
        http_free(old);
}

struct bytes http_take_body(struct request *request, struct charge *charge)
{
    request->body = (struct bytes){ .data = "" };
    return http_body_take(&((struct exchange *)request)->body, charge);
}
