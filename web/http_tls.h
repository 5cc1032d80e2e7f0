/* What a listener shows of itself in a TLS handshake: a certificate, its chain and key. The only
 * place that knows GnuTLS (in http_tls.c).
 *
 * libmicrohttpd asks for them at each handshake and they come out of a slot, so that they can be
 * replaced without a moment in which none are there; a handshake under way keeps those that it has
 * got. The session that asks says which host it wants (SNI), so that a certificate for each host is a
 * matter of what the slot holds.
 *
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: http.c */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/shared.h"
#include <stdint.h>

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

/* What libmicrohttpd is to call at each handshake (MHD_OPTION_HTTPS_CERT_CALLBACK2) to get what SLOT
 * holds then. Given back, once nobody calls it any more, by http_tls_forget(). */
void *http_tls_callback(struct shared_slot *slot);
void http_tls_forget(const struct shared_slot *slot);
