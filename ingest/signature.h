/* What a DKIM-Signature and the key it names say (RFC 6376, RFC 8301, RFC 8463), and whether they
 * are fit for a report (RFC 8460 section 3); no cryptography, no DNS.
 *
 * Stricter than the library that verifies, and before it: that library is given nothing but what was
 * found well-formed and small here.
 *
 * SPDX-License-Identifier: MIT
 * Before: tags.h. Next: dkim.h */
#pragma once

#include "base/err.h"
#include "base/text.h"
#include "ingest/header.h"

#define SIGNATURE_BYTES 8192 /* of one field */
#define SIGNATURE_NAMES 200  /* in h= */

/* All texts are in the arena. */
struct signature {
    struct err err;            /* why it is not to be looked at further: ERR_INPUT */
    struct header_field field; /* borrowed from the mail */
    const char *domain;        /* d=, canonical; NULL when it cannot be read */
    const char *selector;      /* s=, canonical; ditto */
    const char *algorithm;     /* rsa-sha256, ed25519-sha256 */
    bool is_below;             /* i= names a domain below d= */
    struct text_list names;    /* h=: the fields that it covers */
    int64_t signed_seconds;    /* t=, or 0 */
    int64_t expires_seconds;   /* x=, or 0 */
};

void signature_read(struct arena *arena, const struct header_field *field, struct signature *out);

/* False with ERR_INPUT when it has expired, or was made in the future, at MOMENT. */
MUST_CHECK bool signature_in_time(const struct signature *signature, int64_t moment,
                                  struct err *err);

/* The name of the TXT record that holds its key. */
const char *signature_key_name(struct arena *arena, const struct signature *signature);

struct signature_key {
    const char *record;  /* the key alone ("k=rsa; p=…"), for the library */
    const char *service; /* what the key is for: "any service" or "tlsrpt" and so on */
};

/* Reads the key RECORD for SIGNATURE. SERVICES are those of which the key must name one, unless it
 * names none. False with ERR_INPUT when the key is not fit. */
MUST_CHECK bool signature_key(struct arena *arena, const struct signature *signature,
                              const char *record, const struct text_list *services,
                              struct signature_key *out, struct err *err);
