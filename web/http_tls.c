/* See http_tls.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_tls.h"
#include "web/http_certs.h"
#include "base/text.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#define PEM_BYTES (1 << 20)
#define CHAIN_MAX 16

struct http_tls {
    struct shared shared;
    gnutls_x509_crt_t *chain; /* the host's own first */
    unsigned count;
    gnutls_x509_privkey_t key;
};

/* --- reading --- */

static void forget_pem(void *text)
{
    explicit_bzero(text, PEM_BYTES);
}

/* A PEM file, in the arena, which wipes it; WHAT is "certificate" or "key". */
static bool read_pem(struct arena *arena, const char *what, const char *path, char **out,
                     struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_SETUP, "the %s %s cannot be read: %s", what, path, strerror(errno));
    char *text = arena_alloc(arena, PEM_BYTES + 1);
    arena_on_free(arena, forget_pem, text);
    size_t size = 0;
    ssize_t got = 0;
    while (size < PEM_BYTES && (got = read(fd, text + size, PEM_BYTES - size)) > 0)
        size += (size_t)got;
    int why = errno;
    close(fd);
    if (got < 0)
        return err_set(err, ERR_SETUP, "the %s %s cannot be read: %s", what, path, strerror(why));
    if (!strstr(text, "-----BEGIN "))
        return err_set(err, ERR_SETUP, "the %s %s is not a PEM file", what, path);
    *out = text;
    return true;
}

static gnutls_datum_t datum_of(char *text)
{
    return (gnutls_datum_t){ (unsigned char *)text, (unsigned)strlen(text) };
}

static bool read_chain(struct http_tls *tls, const char *path, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    char *text;
    if (!read_pem(&arena, "certificate", path, &text, err))
        return false;
    gnutls_datum_t pem = datum_of(text);
    int code = gnutls_x509_crt_list_import2(&tls->chain, &tls->count, &pem, GNUTLS_X509_FMT_PEM,
                                            GNUTLS_X509_CRT_LIST_SORT);
    if (code >= 0 && tls->count <= CHAIN_MAX)
        return true;
    return err_set(err, ERR_SETUP, "the certificate %s cannot be used: %s", path,
                   code < 0 ? gnutls_strerror(code) : "it holds too many certificates");
}

static bool read_key(struct http_tls *tls, const char *path, struct err *err)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    char *text;
    if (!read_pem(&arena, "key", path, &text, err))
        return false;
    gnutls_datum_t pem = datum_of(text);
    int code = gnutls_x509_privkey_init(&tls->key);
    if (code >= 0)
        code = gnutls_x509_privkey_import2(tls->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code >= 0)
        return true;
    if (code == GNUTLS_E_DECRYPTION_FAILED || strstr(text, "ENCRYPTED"))
        return err_set(err, ERR_SETUP,
                       "the key %s cannot be used: it has a passphrase; store it without one",
                       path);
    return err_set(err, ERR_SETUP, "the key %s cannot be used: %s", path, gnutls_strerror(code));
}

/* The digest of the public half is the same for both when they belong together. */
static bool is_pair(const struct http_tls *tls)
{
    unsigned char a[64], b[64];
    size_t a_size = sizeof a, b_size = sizeof b;
    return gnutls_x509_crt_get_key_id(tls->chain[0], GNUTLS_KEYID_USE_SHA256, a, &a_size) >= 0
           && gnutls_x509_privkey_get_key_id(tls->key, GNUTLS_KEYID_USE_SHA256, b, &b_size) >= 0
           && a_size == b_size && memcmp(a, b, a_size) == 0;
}

static void http_tls_free(void *thing)
{
    struct http_tls *tls = thing;
    for (unsigned i = 0; i < tls->count; i++)
        gnutls_x509_crt_deinit(tls->chain[i]);
    gnutls_free(tls->chain);
    gnutls_x509_privkey_deinit(tls->key);
    free(tls);
}

static void release(void *tls)
{
    shared_release(tls);
}

bool http_tls_load(struct arena *arena, const char *certificate, const char *key,
                   struct http_tls **out, struct err *err)
{
    bool have_certificate = certificate && *certificate, have_key = key && *key;
    if (have_certificate != have_key)
        return err_set(err, ERR_SETUP,
                       "a certificate needs its key and a key its certificate: only the %s is set",
                       have_key ? "key" : "certificate");
    if (!have_certificate) {
        *out = NULL;
        return true;
    }
    struct http_tls *tls = memory_new(sizeof *tls);
    shared_init(&tls->shared, http_tls_free);
    arena_on_free(arena, release, tls);
    if (!read_chain(tls, certificate, err) || !read_key(tls, key, err))
        return false;
    if (!is_pair(tls))
        return err_set(err, ERR_SETUP,
                       "the certificate %s and the key %s cannot be used: the key belongs to "
                       "another certificate",
                       certificate, key);
    *out = tls;
    return true;
}

void http_tls_describe(const struct http_tls *tls, struct http_tls_facts *out)
{
    unsigned char serial[20];
    size_t size = sizeof serial;
    *out = (struct http_tls_facts){
        .begin_seconds = gnutls_x509_crt_get_activation_time(tls->chain[0]),
        .end_seconds = gnutls_x509_crt_get_expiration_time(tls->chain[0]),
    };
    if (gnutls_x509_crt_get_serial(tls->chain[0], serial, &size) < 0)
        return; /* longer than it may be: none is shown */
    for (size_t i = 0; i < size; i++)
        snprintf(out->serial + 2 * i, 3, "%02X", serial[i]);
}

bool http_tls_fits(const struct http_tls *tls, const char *host)
{
    char name[256];
    size_t size = sizeof name;
    bool named = gnutls_x509_crt_get_subject_alt_name(tls->chain[0], 0, name, &size, NULL)
                 != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
    return named && gnutls_x509_crt_check_hostname(tls->chain[0], host);
}

/* --- handshakes --- */

const char *http_tls_name(struct arena *arena, void *session)
{
    char name[256];
    size_t size = sizeof name;
    unsigned type;
    if (!session)
        return NULL;
    if (gnutls_server_name_get(session, name, &size, &type, 0) != GNUTLS_E_SUCCESS
        || type != GNUTLS_NAME_DNS)
        return "";
    const char *host = text_host(arena, name, NULL);
    return host ? host : "";
}

/* What fits the name that is asked for, to be released; NULL: nothing does. */
static const struct http_tls *choose(struct http_tls_slots *slots, gnutls_session_t session)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    const struct http_certs *certs = shared_take(&slots->certs);
    const char *name = certs ? http_tls_name(&arena, session) : "";
    const struct http_tls *own, *found = *name ? http_certs_find(certs, name) : NULL;
    shared_release(certs);
    if (found)
        return found;
    own = shared_take(&slots->own);
    if (!text_begins(name, "mta-sts.") || http_tls_fits(own, name))
        return own;
    shared_release(own);
    return NULL;
}

struct handed {
    gnutls_pcert_st *chain;
    gnutls_privkey_t key;
};

static void take_back(struct handed *handed, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        gnutls_pcert_deinit(&handed->chain[i]);
    gnutls_free(handed->chain);
    gnutls_privkey_deinit(handed->key);
}

/* Copies, which the session frees: so nobody needs to know when a handshake is over. */
static bool hand_out(const struct http_tls *tls, struct handed *out)
{
    struct handed handed = { .chain = gnutls_calloc(tls->count, sizeof *handed.chain) };
    unsigned count = 0;
    bool good =
        handed.chain && gnutls_privkey_init(&handed.key) >= 0
        && gnutls_privkey_import_x509(handed.key, tls->key, GNUTLS_PRIVKEY_IMPORT_COPY) >= 0;
    for (; good && count < tls->count; count++)
        good = gnutls_pcert_import_x509(&handed.chain[count], tls->chain[count], 0) >= 0;
    if (good)
        *out = handed;
    else
        take_back(&handed, count);
    return good;
}

/* The library hands no context to its callback and hides the session's, so each slot has a callback
 * of its own. */
#define PORTS 8

static pthread_mutex_t ports_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct http_tls_slots *ports[PORTS]; /* an entry stays while handshakes may look at it */

static int answer(size_t port, gnutls_session_t session, struct handed *out, unsigned *count)
{
    const struct http_tls *tls = choose(ports[port], session);
    if (!tls) {
        gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_UNRECOGNIZED_NAME);
        return -1;
    }
    bool good = hand_out(tls, out);
    *count = tls->count;
    shared_release(tls);
    return good ? 0 : -1;
}

#define PORT(number)                                                                               \
    static int port_##number(gnutls_session_t session, const struct gnutls_cert_retr_st *info,     \
                             gnutls_pcert_st **chain, unsigned *count, gnutls_ocsp_data_st **ocsp, \
                             unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)         \
    {                                                                                              \
        struct handed handed = { 0 };                                                              \
        (void)info;                                                                                \
        *ocsp = NULL;                                                                              \
        *ocsp_count = 0;                                                                           \
        *flags = GNUTLS_CERT_RETR_DEINIT_ALL;                                                      \
        int code = answer(number, session, &handed, count);                                        \
        *chain = handed.chain;                                                                     \
        *key = handed.key;                                                                         \
        return code;                                                                               \
    }
PORT(0)
PORT(1)
PORT(2)
PORT(3)
PORT(4)
PORT(5)
PORT(6)
PORT(7)

static gnutls_certificate_retrieve_function3 *const callbacks[PORTS] = {
    port_0, port_1, port_2, port_3, port_4, port_5, port_6, port_7,
};

void http_tls_slots_init(struct http_tls_slots *slots)
{
    shared_slot_init(&slots->own, NULL);
    shared_slot_init(&slots->certs, NULL);
}

void http_tls_slots_done(struct http_tls_slots *slots)
{
    shared_slot_done(&slots->own);
    shared_slot_done(&slots->certs);
}

void http_tls_put(struct http_tls_slots *slots, struct http_tls *own, struct http_certs *certs)
{
    if (own)
        shared_keep(own);
    if (certs)
        shared_keep(certs);
    shared_replace(&slots->own, own);
    shared_replace(&slots->certs, certs);
}

void *http_tls_callback(struct http_tls_slots *slots)
{
    size_t port = 0;
    pthread_mutex_lock(&ports_mutex);
    while (port < PORTS && ports[port])
        port++;
    assert(port < PORTS); /* the program has two servers */
    ports[port] = slots;
    pthread_mutex_unlock(&ports_mutex);
    return (void *)(intptr_t)callbacks[port];
}

void http_tls_forget(const struct http_tls_slots *slots)
{
    pthread_mutex_lock(&ports_mutex);
    for (size_t i = 0; i < PORTS; i++)
        if (ports[i] == slots)
            ports[i] = NULL;
    pthread_mutex_unlock(&ports_mutex);
}
