/* The files of a certificate and its key, as TLS takes them.
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: http.c */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct http_pem {
    char *certificate, *key; /* NULL without TLS */
};

/* Reads both files, or neither when both paths are NULL or "". The texts are in ARENA; the key is
 * wiped when that is freed. ERR_SETUP: only one is named, or a file cannot be read or is no PEM. */
MUST_CHECK bool http_pem_read(struct arena *arena, const char *certificate, const char *key,
                              struct http_pem *out, struct err *err);
