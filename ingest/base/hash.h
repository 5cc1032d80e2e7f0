/* SHA-256 over fields: each is fed with its length, so that no two lists of fields read the same.
 * SPDX-License-Identifier: MIT
 * Before: text.h */
#pragma once

#include "base/buf.h"
#include <stdint.h>

#define HASH_BYTES      32
#define HASH_TEXT_BYTES (2 * HASH_BYTES + 1)

/* Collects what is to be hashed; {0} is empty. */
struct hash {
    struct buf fields;
};

void hash_text(struct hash *hash, const char *text); /* NULL differs from "" */
void hash_number(struct hash *hash, int64_t number);

/* Digest of all fields so far; frees what was collected. */
void hash_done(struct hash *hash, unsigned char out[HASH_BYTES]);

/* Digest of plain bytes. */
void hash_bytes(const void *bytes, size_t size, unsigned char out[HASH_BYTES]);

/* The same in hexadecimal digits, lower case, with NUL; returns OUT. */
char *hash_to_text(const void *bytes, size_t size, char out[HASH_TEXT_BYTES]);

/* HMAC with SHA-256 (RFC 2104): without KEY nobody can make it, nor one for a longer TEXT. */
void hash_keyed(struct bytes key, struct bytes text, unsigned char out[HASH_BYTES]);

/* The first eight bytes of a digest as a number, for 64-bit keys. */
int64_t hash_key(const unsigned char digest[HASH_BYTES]);
