/* What a listener shows of itself in a TLS handshake: a certificate, its chain and key. The only
 * place that knows GnuTLS (in http_tls.c).
 *
 * libmicrohttpd asks for them at each handshake and they come out of slots, so that they can be
 * replaced without a moment in which none are there; a handshake under way keeps those that it has
 * got. Which, says the host that the client asks for (SNI): the certificate of that host where there is
 * one (http_certs.h), else the listener's own. But a policy host (mta-sts.…) has to show a certificate
 * that fits its name or none at all (RFC 8461 section 7.1): then the handshake ends with
 * unrecognized_name.
 *
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: http_certs.h */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/shared.h"
#include <stdint.h>

struct http_certs;
struct http_tls; /* a struct shared: never changed once loaded */

/* For the log: what is in force, and until when. */
struct http_tls_facts {
    char
        serial[2 * 20 + 1]; /* hexadecimal, as `openssl x509 -serial` prints it; RFC 5280 4.1.2.2 */
    int64_t begin_seconds, end_seconds; /* of its validity */
};

/* Reads the PEM files CERTIFICATE (the chain may follow in any order) and KEY (without a passphrase).
 * *OUT goes with the arena, and is NULL when neither is named. ERR_SETUP, naming the file: only one
 * is named, cannot be read, is no PEM, or the key is another certificate's. An expired certificate is
 * none of these: senders of reports may ignore that (RFC 8460 section 5.4). */
MUST_CHECK bool http_tls_load(struct arena *arena, const char *certificate, const char *key,
                              struct http_tls **out, struct err *err);

void http_tls_describe(const struct http_tls *tls, struct http_tls_facts *out);

/* Whether one of its DNS-IDs is HOST, or a wildcard for it (RFC 6125); the common name does not count. */
bool http_tls_fits(const struct http_tls *tls, const char *host);

/* The host that the client of a session (gnutls_session_t) asked for, canonical, in the arena; "": for
 * none, or what is no host. NULL without a session. */
const char *http_tls_name(struct arena *arena, void *session);

/* What a listener may show. */
struct http_tls_slots {
    struct shared_slot own;   /* struct http_tls; empty: plain HTTP */
    struct shared_slot certs; /* struct http_certs; empty: its own for all */
};

void http_tls_slots_init(struct http_tls_slots *slots);
void http_tls_slots_done(struct http_tls_slots *slots);
void http_tls_put(struct http_tls_slots *slots, struct http_tls *own, struct http_certs *certs);

/* What libmicrohttpd is to call at each handshake (MHD_OPTION_HTTPS_CERT_CALLBACK2) to get what SLOTS
 * hold then. Given back, once nobody calls it any more, by http_tls_forget(). */
void *http_tls_callback(struct http_tls_slots *slots);
void http_tls_forget(const struct http_tls_slots *slots);
