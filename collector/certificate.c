/* See certificate.h.
 * SPDX-License-Identifier: MIT */
#include "collector/certificate.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define VALID_SECONDS (10L * 365 * 86400)

static bool add_extension(X509 *x509, int type, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, type, value);
    bool good = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool fill(X509 *x509, EVP_PKEY *key, const char *host)
{
    char names[300];
    uint64_t serial = 0;
    snprintf(names, sizeof names, "DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1", host);
    X509_NAME *name = X509_get_subject_name(x509);
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1
           && X509_set_version(x509, 2) == 1
           && ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1 | 1) == 1
           && X509_gmtime_adj(X509_getm_notBefore(x509), -3600)
           && X509_gmtime_adj(X509_getm_notAfter(x509), VALID_SECONDS)
           && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host, -1,
                                         -1, 0)
                  == 1
           && X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1
           && add_extension(x509, NID_subject_alt_name, names)
           && add_extension(x509, NID_basic_constraints, "critical,CA:FALSE")
           && add_extension(x509, NID_ext_key_usage, "serverAuth")
           && X509_sign(x509, key, EVP_sha256()) > 0;
}

/* Written beside its place and renamed, so that a half-written file is never taken for whole. */
static bool write_pem(const char *path, EVP_PKEY *key, X509 *x509, struct err *err)
{
    char fresh[4096];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good = file
                && (key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)
                        : PEM_write_X509(file, x509))
                       == 1;
    good = good && fflush(file) == 0 && fsync(fd) == 0;
    int why = errno;
    if (file)
        fclose(file);
    if (good && rename(fresh, path) == 0)
        return true;
    return err_set(err, ERR_SETUP, "cannot write %s: %s", path, strerror(good ? errno : why));
}

static bool make(const char *certificate, const char *key_path, struct err *err)
{
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        snprintf(host, sizeof host, "localhost");
    host[64] = '\0'; /* the longest common name, X.520 */
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    bool made = key && x509 && fill(x509, key, host);
    if (!made)
        err_set(err, ERR_SETUP, "cannot make a certificate for %s", host);
    bool good =
        made && write_pem(key_path, key, NULL, err) && write_pem(certificate, NULL, x509, err);
    X509_free(x509);
    EVP_PKEY_free(key);
    return good;
}

bool certificate_ensure(struct arena *arena, const char *directory, const char **certificate,
                        const char **key, struct err *err)
{
    const char *c = arena_printf(arena, "%s/certificate.pem", directory);
    const char *k = arena_printf(arena, "%s/key.pem", directory);
    bool there = access(c, R_OK) == 0 && access(k, R_OK) == 0;
    if (!there && !make(c, k, err))
        return false;
    *certificate = c;
    *key = k;
    return true;
}
