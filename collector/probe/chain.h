/* What is wrong with a certificate and with its chain: every flaw is looked for by itself, so that all
 * are told at once (RFC 8461 section 4.2, RFC 6125).
 *
 * An intermediate that is missing and a root that nobody knows look alike: the way up ends at a certificate
 * whose issuer is not there. It is FLAW_CHAIN when the leaf shows that it comes from a public CA (it holds
 * timestamps of Certificate Transparency, RFC 6962 section 3.3), or when the way ends at the leaf itself and
 * it says where its issuer's certificate is (caIssuers, RFC 5280 section 4.2.2.1): a root signs no leaf, so
 * what lies there is an intermediate. Else it is FLAW_UNTRUSTED: a private CA whose root, as usual, was not sent.
 *
 * SPDX-License-Identifier: MIT
 * Before: wire.h. Next: tls.h */
#pragma once

#include "base/err.h"
#include "judge/setup.h"

struct x509_st;       /* X509 */
struct stack_st_X509; /* STACK_OF(X509) */

/* The roots that we trust: read once, then shared by all threads. */
struct chain_roots;

/* FILE has certificates in PEM; "": the system's. ERR_SETUP: it cannot be read, or holds none. */
MUST_CHECK bool chain_roots_load(const char *file, struct chain_roots **out, struct err *err);
void chain_roots_free(struct chain_roots **roots); /* accepts NULL */

/* LEAF and what was SENT with it (itself too, or not) for a server of this NAME, now. Texts are in the
 * arena, bounded, valid UTF-8. */
void chain_judge(struct arena *arena, const struct chain_roots *roots, struct x509_st *leaf,
                 struct stack_st_X509 *sent, const char *name, struct setup_certificate *out);
