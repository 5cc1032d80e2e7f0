/* See tls.h.
 * SPDX-License-Identifier: MIT */
#include "probe/tls.h"
#include "base/clock.h"
#include "probe/chain.h"
#include "probe/wire.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES 4096
#define TLSA_BYTES  8192 /* of a record's data: a certificate at most */
#define TLSA_MAX    50   /* records that are looked at */

struct tls {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

/* --- what a handshake shows --- */

static void note_alert(struct tls_look *look, int value)
{
    int description = value & 0xff;
    if (description != SSL_AD_CLOSE_NOTIFY && description != SSL_AD_USER_CANCELLED)
        look->alert = description + 1;
}

/* What OpenSSL's queue says of a handshake that has just failed; it is asked for more bytes otherwise. */
static void note_reason(struct tls_look *look)
{
    unsigned long code = ERR_peek_error();
    if (!code || look->reason)
        return;
    int reason = ERR_GET_REASON(code);
    const char *text = ERR_reason_error_string(code);
    look->reason = arena_text(look->arena, text ? text : "an error without a name");
    if (ERR_GET_LIB(code) != ERR_LIB_SSL)
        return;
    look->out->too_old = reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_WRONG_SSL_VERSION
                         || reason == SSL_R_UNKNOWN_SSL_VERSION
                         || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION;
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG)
        look->reason = "what it sent is not TLS";
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct tls_look *look = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (where == SSL_CB_READ_ALERT)
        note_alert(look, value);
    if (where == SSL_CB_CONNECT_EXIT && value <= 0)
        note_reason(look);
    if ((where & SSL_CB_HANDSHAKE_DONE) && !look->out->done) {
        look->out->done = true;
        look->out->version = arena_text(look->arena, SSL_get_version(ssl));
        look->out->cipher = arena_text(look->arena, SSL_get_cipher_name(ssl));
    }
}

/* In the place of OpenSSL's own verification. */
static int on_certificate(X509_STORE_CTX *context, void *thing)
{
    struct tls_look *look = thing;
    X509 *leaf = X509_STORE_CTX_get0_cert(context);
    chain_judge(look->arena, look->roots, leaf, X509_STORE_CTX_get0_untrusted(context), look->name,
                &look->out->certificate);
    if (look->dane != DANE_NONE)
        look->dane = X509_verify_cert(context) == 1 ? DANE_MATCHES : DANE_MISMATCH;
    ERR_clear_error();
    return 1;
}

void tls_watch(struct tls_look *look, void *ssl_context)
{
    SSL_CTX *context = ssl_context;
    look->out->tried = true;
    SSL_CTX_set_app_data(context, look);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, 0);
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(context, on_certificate, look);
    SSL_CTX_set_info_callback(context, on_info);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

void tls_explain(struct tls_look *look, const char *fallback)
{
    struct setup_tls *out = look->out;
    if (out->done)
        return;
    if (look->alert) {
        const char *alert = SSL_alert_desc_string_long(look->alert - 1);
        out->too_old = out->too_old || look->alert - 1 == SSL_AD_PROTOCOL_VERSION;
        out->why = arena_printf(look->arena, "the server refused the handshake: alert \"%s\"%s",
                                alert, out->too_old ? "; it speaks no TLS 1.2 or later" : "");
    } else if (out->too_old) {
        out->why = "the server would only speak a version of TLS before 1.2";
    } else if (look->reason) {
        out->why = arena_printf(look->arena, "the handshake failed: %s", look->reason);
    } else {
        out->why = arena_printf(look->arena, "the handshake failed: %s", fallback);
    }
}

/* --- DANE --- */

/* The next number of a record, up to 255. */
static bool take_byte(struct arena *arena, const char **text, uint8_t *out)
{
    int64_t number;
    size_t size = strcspn(*text, " ");
    if (!text_number(arena_copy(arena, *text, size), 0, 255, &number))
        return false;
    *text += size + strspn(*text + size, " ");
    *out = (uint8_t)number;
    return true;
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Pairs of hexadecimal digits to the end, with blanks between them or not. */
static bool take_hex(struct arena *arena, const char *text, unsigned char **data, size_t *size)
{
    size_t count = 0;
    unsigned char *out = arena_alloc(arena, strlen(text) / 2 + 1);
    while (*text) {
        int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
        if (low < 0 || count == TLSA_BYTES)
            return false;
        out[count++] = (unsigned char)(high << 4 | low);
        text += 2;
        text += strspn(text, " ");
    }
    *data = out;
    *size = count;
    return count > 0;
}

enum { DANE_TA = 2, DANE_EE = 3 }; /* RFC 7218 section 2.1 */

/* Adds what counts by RFC 7672 section 3.1; false when the record does not. */
static bool add_record(struct tls_look *look, SSL *ssl, const char *text)
{
    uint8_t usage, selector, type;
    unsigned char *data;
    size_t size;
    return take_byte(look->arena, &text, &usage) && take_byte(look->arena, &text, &selector)
           && take_byte(look->arena, &text, &type) && take_hex(look->arena, text, &data, &size)
           && (usage == DANE_TA || usage == DANE_EE)
           && SSL_dane_tlsa_add(ssl, usage, selector, type, data, size) > 0;
}

static void ask_dane(struct tls_look *look, SSL_CTX *context, SSL *ssl)
{
    if (!look->tlsa || !look->tlsa->count || SSL_CTX_dane_enable(context) != 1
        || SSL_dane_enable(ssl, look->name) != 1)
        return;
    SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS); /* RFC 7672 section 3.1.1 */
    if (look->domain)
        SSL_add1_host(ssl, look->domain); /* section 3.2.2 */
    X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), clock_now());
    for (size_t i = 0; i < look->tlsa->count && i < TLSA_MAX; i++)
        if (add_record(look, ssl, look->tlsa->items[i]))
            look->dane = DANE_MISMATCH; /* until one matches */
}

/* --- a connection --- */

/* Bytes go by way of OpenSSL's memory, since its own sockets raise SIGPIPE. */
static bool flush(struct tls *tls, int64_t until_ms, struct err *err)
{
    char piece[PIECE_BYTES];
    for (;;) {
        int size = BIO_read(SSL_get_wbio(tls->ssl), piece, sizeof piece);
        if (size <= 0)
            return true;
        if (!wire_write(tls->fd, (struct bytes){ piece, (size_t)size }, until_ms, err))
            return false;
    }
}

static bool fill(struct tls *tls, int64_t until_ms, struct err *err)
{
    char piece[PIECE_BYTES];
    size_t got;
    if (!wire_read(tls->fd, piece, sizeof piece, until_ms, &got, err))
        return false;
    if (got == 0)
        return err_set(err, ERR_AGAIN, "the server closed the connection");
    BIO_write(SSL_get_rbio(tls->ssl), piece, (int)got);
    return true;
}

/* After VALUE of a function of OpenSSL: true when it is to be called again. */
static bool again(struct tls *tls, int value, int64_t until_ms, struct err *err)
{
    int what = SSL_get_error(tls->ssl, value);
    unsigned long code = ERR_peek_error();
    if (!flush(tls, until_ms, err))
        return false;
    if (what == SSL_ERROR_WANT_READ)
        return fill(tls, until_ms, err);
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    return err_set(err, ERR_AGAIN, "TLS broke: %s", text ? text : "it was closed");
}

static bool shake(struct tls *tls, int64_t until_ms, struct err *err)
{
    for (;;) {
        ERR_clear_error();
        int value = SSL_connect(tls->ssl);
        if (value == 1)
            return flush(tls, until_ms, err);
        if (!again(tls, value, until_ms, err))
            return false;
    }
}

bool tls_open(struct tls_look *look, int fd, int64_t until_ms, struct tls **out)
{
    struct err err = { 0 };
    struct tls *tls = memory_new(sizeof *tls);
    *tls = (struct tls){ .context = SSL_CTX_new(TLS_client_method()), .fd = fd };
    if (!tls->context)
        memory_exhausted();
    tls_watch(look, tls->context);
    tls->ssl = SSL_new(tls->context);
    BIO *in = BIO_new(BIO_s_mem()), *away = BIO_new(BIO_s_mem());
    if (!tls->ssl || !in || !away)
        memory_exhausted();
    SSL_set_bio(tls->ssl, in, away);
    if (!text_address(look->arena, look->name, NULL))
        SSL_set_tlsext_host_name(tls->ssl, arena_text(look->arena, look->name));
    ask_dane(look, tls->context, tls->ssl);
    if (shake(tls, until_ms, &err)) {
        *out = tls;
        return true;
    }
    look->out->done = false;
    look->dane = look->out->certificate.shown ? look->dane : DANE_NONE;
    tls_explain(look, err.text);
    tls_close(&tls);
    return false;
}

bool tls_write(struct tls *tls, struct bytes bytes, int64_t until_ms, struct err *err)
{
    for (;;) {
        ERR_clear_error();
        int value = SSL_write(tls->ssl, bytes.data, (int)bytes.size);
        if (value > 0)
            return flush(tls, until_ms, err);
        if (!again(tls, value, until_ms, err))
            return false;
    }
}

bool tls_read(struct tls *tls, char *out, size_t size, int64_t until_ms, size_t *got,
              struct err *err)
{
    for (;;) {
        ERR_clear_error();
        int value = SSL_read(tls->ssl, out, (int)size);
        if (value > 0) {
            *got = (size_t)value;
            return true;
        }
        if (SSL_get_error(tls->ssl, value) == SSL_ERROR_ZERO_RETURN) {
            *got = 0;
            return true;
        }
        if (!again(tls, value, until_ms, err))
            return false;
    }
}

void tls_close(struct tls **tls)
{
    struct err ignored = { 0 };
    if (!*tls)
        return;
    ERR_clear_error();
    if ((*tls)->ssl && SSL_is_init_finished((*tls)->ssl)) {
        SSL_shutdown((*tls)->ssl);
        if (!flush(*tls, clock_monotonic_ms(), &ignored))
            ERR_clear_error();
    }
    SSL_free((*tls)->ssl);
    SSL_CTX_free((*tls)->context);
    ERR_clear_error();
    free(*tls);
    *tls = NULL;
}
