/* Passwords as hashes of crypt(3); the only place that knows libcrypt (in password.c).
 *
 * Hashes that are slow to guess are taken: yescrypt, scrypt, bcrypt, sha512crypt. What crypt(3) once
 * began with (DES, MD5) is refused, and so is a hash that was cut short.
 *
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: users.h */
#pragma once

#include "base/err.h"

#define PASSWORD_BYTES_MIN  8
#define PASSWORD_BYTES_MAX  511 /* what crypt(3) takes */
#define PASSWORD_HASH_BYTES 384

/* Whether passwords can be compared with HASH. ERR_SETUP says why not, without the hash. */
MUST_CHECK bool password_usable(const char *hash, struct err *err);

/* Whether PASSWORD is the one of HASH. Slow by design, some 50 ms, with up to 16 MiB of memory: never
 * on a thread that serves connections. The time depends on HASH alone. Any thread. */
bool password_fits(const char *password, const char *hash);

/* A new hash of PASSWORD (yescrypt, with a salt of its own). ERR_INPUT: it is too short or too long. */
MUST_CHECK bool password_hash(const char *password, char out[PASSWORD_HASH_BYTES], struct err *err);
