/* Verifies one DKIM signature over one mail with a key in hand (RFC 6376, RFC 8463); the only place
 * that knows libopendkim (in dkim.c).
 * SPDX-License-Identifier: MIT
 * Before: signature.h. Next: trust.h */
#pragma once

#include "ingest/signature.h"

/* False when the program was built without libopendkim; then dkim_check() must not be called. */
bool dkim_is_built_in(void);

/* True when SIGNATURE, which has no error, holds for MESSAGE with KEY. Lines of MESSAGE may end in
 * CRLF, or all in LF alone. *BITS, of an RSA key, is set once the key could be read; a key of fewer
 * than RSA_BITS fails. False with ERR_INPUT and the reason. */
MUST_CHECK bool dkim_check(struct bytes message, const struct signature *signature,
                           const struct signature_key *key, int64_t rsa_bits, int64_t *bits,
                           struct err *err);
