/* See password.h.
 * SPDX-License-Identifier: MIT */
#include "web/password.h"
#include "base/arena.h"
#include <stdlib.h>
#include <string.h>
#include <crypt.h>

#define METHOD_NEW "$y$" /* Debian's own choice for /etc/shadow */

/* What stands behind the last '$': salt and digest with bcrypt, else the digest. */
static const struct method {
    const char *prefix;
    size_t tail;
} methods[] = {
    { "$y$", 43 }, { "$7$", 43 }, { "$2b$", 53 }, { "$2y$", 53 }, { "$2a$", 53 }, { "$6$", 86 },
};

bool password_usable(const char *hash, struct err *err)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./";
    const char *tail = strrchr(hash, '$');
    const struct method *found = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (strncmp(hash, methods[i].prefix, strlen(methods[i].prefix)) == 0)
            found = &methods[i];
    if (!found)
        return err_set(err, ERR_SETUP,
                       "not a hash that is taken: yescrypt ($y$), bcrypt ($2b$) and sha512crypt "
                       "($6$) are; `tlsrptd user NAME` makes one");
    if (strlen(hash) >= PASSWORD_HASH_BYTES || strspn(tail + 1, letters) != found->tail
        || tail[1 + found->tail] || crypt_checksalt(hash) == CRYPT_SALT_INVALID
        || crypt_checksalt(hash) == CRYPT_SALT_METHOD_DISABLED)
        return err_set(err, ERR_SETUP,
                       "the hash is damaged: make a new one with `tlsrptd user NAME`");
    return true;
}

/* Without telling by its time where they differ. */
static bool same(const char *a, const char *b, size_t size)
{
    volatile unsigned char differs = 0;
    for (size_t i = 0; i < size; i++)
        differs = differs | (unsigned char)(a[i] ^ b[i]);
    return differs == 0;
}

bool password_fits(const char *password, const char *hash)
{
    struct crypt_data *data = memory_new(sizeof *data);
    char got[PASSWORD_HASH_BYTES] = "", want[PASSWORD_HASH_BYTES] = "";
    const char *made = crypt_rn(password, hash, data, sizeof *data);
    bool whole = made && *made != '*' && strlen(made) < sizeof got && strlen(hash) < sizeof want;
    if (whole) {
        memcpy(got, made, strlen(made));
        memcpy(want, hash, strlen(hash));
    }
    explicit_bzero(data, sizeof *data);
    free(data);
    return same(got, want, sizeof got) && whole;
}

bool password_hash(const char *password, char out[PASSWORD_HASH_BYTES], struct err *err)
{
    size_t size = strlen(password);
    if (size < PASSWORD_BYTES_MIN)
        return err_set(err, ERR_INPUT, "a password has %d bytes or more", PASSWORD_BYTES_MIN);
    if (size > PASSWORD_BYTES_MAX)
        return err_set(err, ERR_INPUT, "a password has at most %d bytes", PASSWORD_BYTES_MAX);
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    struct crypt_data *data = memory_new(sizeof *data);
    const char *made = NULL;
    if (crypt_gensalt_rn(METHOD_NEW, 0, NULL, 0, setting, sizeof setting))
        made = crypt_rn(password, setting, data, sizeof *data);
    bool good = made && *made != '*' && strlen(made) < PASSWORD_HASH_BYTES;
    if (good)
        memcpy(out, made, strlen(made) + 1);
    explicit_bzero(data, sizeof *data);
    free(data);
    return good || err_set(err, ERR_BUG, "crypt(3) makes no yescrypt hash on this system");
}
