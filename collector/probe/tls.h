/* Handshakes as a client (TLS 1.2 or later), and what they show: version, cipher, alert, and every flaw of the
 * certificate, which never stops them: one look tells of the certificate and of what stands behind it.
 *
 * The only place that knows OpenSSL's TLS (in tls.c). Keys and signatures that are too weak are let pass and
 * told, as flaws of the certificate. No client certificate, no session is kept, no signal is raised.
 *
 * SPDX-License-Identifier: MIT
 * Before: chain.h. Next: smtp.h, transfer.h */
#pragma once

#include "base/err.h"
#include "judge/setup.h"

struct chain_roots;

/* One handshake: what is wanted, and what came. Outlives the connection; {0} but the first part. */
struct tls_look {
    struct arena *arena;
    const struct chain_roots *roots;
    const char *name;             /* the server's: of the certificate, and for SNI (RFC 6066) */
    const char *domain;           /* whose mail it takes, for DANE-TA; NULL: none */
    const struct text_list *tlsa; /* "3 1 1 <hex>", validated by DNSSEC; NULL: none */

    struct setup_tls *out;
    /* Of `tlsa`, as RFC 7672 has it: usages 0 and 1, and what is malformed, do not count; names and dates
     * count for usage 2 only. What would match the present key is "3 1 1 " + spki_sha256. */
    enum setup_dane dane;

    int alert;          /* that the server sent, + 1; 0: none */
    const char *reason; /* OpenSSL's, of a handshake that failed */
};

struct tls;

/* Shakes hands over FD (non-blocking, the caller's) until UNTIL_MS of clock_monotonic_ms(). False when that
 * failed: look->out says why, in a sentence; there is no connection then. */
MUST_CHECK bool tls_open(struct tls_look *look, int fd, int64_t until_ms, struct tls **out);

/* As wire_write() and wire_read(). */
MUST_CHECK bool tls_write(struct tls *tls, struct bytes bytes, int64_t until_ms, struct err *err);
MUST_CHECK bool tls_read(struct tls *tls, char *out, size_t size, int64_t until_ms, size_t *got,
                         struct err *err);

/* Says goodbye, without waiting for an answer. Accepts NULL; sets NULL. */
void tls_close(struct tls **tls);

/* For a library that shakes hands itself: SSL_CONTEXT is its SSL_CTX, before the handshake. LOOK, which
 * must outlive it, is filled in as above, without DANE. */
void tls_watch(struct tls_look *look, void *ssl_context);

/* Completes look->out after a handshake that failed in tls_watch(); FALLBACK is said when nothing better is known. */
void tls_explain(struct tls_look *look, const char *fallback);
