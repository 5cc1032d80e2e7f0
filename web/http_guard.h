/* Keeps slow and greedy clients from the server: times for each phase of a request, connections per
 * client, and room for the next one when all are taken (base/visits.h). It ends a connection by
 * shutdown(2) of its socket; libmicrohttpd sees that and cleans up.
 *
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: http.c */
#pragma once

#include "base/shared.h"
#include "base/visits.h"
#include "web/http.h"

struct http_guard;
struct http_visit;

/* Starts its thread. TERMS holds a struct http_terms: who is listed there as unlimited, or as a proxy,
 * may have any number of connections. */
struct http_guard *http_guard_new(const struct http_settings *settings, struct shared_slot *terms);
/* Takes the times and the connections of one client, but not those of all: libmicrohttpd keeps the
 * number that it began with. */
void http_guard_change(struct http_guard *guard, const struct http_settings *settings);

void http_guard_free(struct http_guard **guard); /* after the last connection; accepts NULL */

/* A connection begins, and ends; between these FD is open. From any thread. The first may end this
 * connection or another one at once. */
struct http_visit *http_guard_open(struct http_guard *guard, int fd);
void http_guard_close(struct http_visit *visit);

/* VISIT may be NULL in all below. */
void http_guard_enter(struct http_visit *visit, enum visit_phase phase);
void http_guard_received(struct http_visit *visit, size_t bytes); /* of a body */

/* True when this client has more connections than it may: its requests are answered 429. */
bool http_guard_is_excess(const struct http_visit *visit);
