/* See hash.h.
 * SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

static void add(struct hash *hash, char type, const void *bytes, size_t size)
{
    hash->fields.max = SIZE_MAX / 2;
    char *room = buf_room(&hash->fields, 1 + sizeof size + size);
    room[0] = type;
    memcpy(room + 1, &size, sizeof size);
    memcpy(room + 1 + sizeof size, bytes, size);
    hash->fields.size += 1 + sizeof size + size;
}

void hash_text(struct hash *hash, const char *text)
{
    if (text)
        add(hash, 't', text, strlen(text));
    else
        add(hash, '0', "", 0);
}

void hash_number(struct hash *hash, int64_t number)
{
    add(hash, 'n', &number, sizeof number);
}

static pthread_once_t found = PTHREAD_ONCE_INIT;
static EVP_MD *sha256; /* looked up once: the look-up costs as much as a short digest */

static void find(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void hash_bytes(const void *bytes, size_t size, unsigned char out[HASH_BYTES])
{
    unsigned length = 0;
    pthread_once(&found, find);
    int good = sha256 ? EVP_Digest(bytes, size, out, &length, sha256, NULL) : 0;
    if (good != 1 || length != HASH_BYTES)
        abort(); /* SHA-256 is always there; without it no identity can be trusted */
}

char *hash_to_text(const void *bytes, size_t size, char out[HASH_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[HASH_BYTES];
    hash_bytes(bytes, size, hash);
    for (size_t i = 0; i < HASH_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * HASH_BYTES] = '\0';
    return out;
}

void hash_keyed(struct bytes key, struct bytes text, unsigned char out[HASH_BYTES])
{
    size_t length = 0;
    const unsigned char *made =
        EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.data, key.size,
                  (const unsigned char *)text.data, text.size, out, HASH_BYTES, &length);
    if (!made || length != HASH_BYTES)
        abort(); /* as above */
}

void hash_done(struct hash *hash, unsigned char out[HASH_BYTES])
{
    hash_bytes(buf_get(&hash->fields), hash->fields.size, out);
    buf_done(&hash->fields);
}

int64_t hash_key(const unsigned char digest[HASH_BYTES])
{
    uint64_t key = 0;
    for (int i = 0; i < 8; i++)
        key = key << 8 | digest[i];
    return (int64_t)key;
}
