/* The addresses of a TLS-RPT record (RFC 8460 section 3): mailto: (RFC 6068) and https: URIs (RFC 3986), in which
 * "," "!" and ";" are percent-encoded.
 * SPDX-License-Identifier: MIT
 * Before: record.h. Next: policy_lint.h */
#pragma once

#include "ingest/record.h"

/* Reads TEXT, one address without white space around it. *FLAW is RECORD_FLAWS when nothing is wrong with it; *AT
 * is the byte where it is. All in ARENA. */
struct record_uri record_uri_read(struct arena *arena, const char *text, enum record_flaw *flaw,
                                  size_t *at);
