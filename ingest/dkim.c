/* See dkim.h. libopendkim writes beyond its memory when a signature covers all fields of a mail and
 * lists more, and its parsers end the program on some input. So it is given only the fields that one
 * signature covers and that signature, after signature.c has found it well-formed; since that may not
 * cover signatures, there is always one field more than it can choose. The key comes from us too: the
 * library would refuse one for s=tlsrpt alone, and its own DNS knows no DNSSEC.
 *
 * SPDX-License-Identifier: MIT
 * Before: signature.c. Next: trust.c */
#include "ingest/dkim.h"

#ifdef TLSRPTD_DKIM

#include "ingest/header.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <opendkim/dkim.h>

#define FIELDS_MAX    1000
#define CHUNK_BYTES   16384
#define DRIFT_SECONDS (UINT64_C(365) * 86400) /* times are checked by signature_in_time() */

static DKIM_LIB *library;

static DKIM_CBSTAT give_key(DKIM *dkim, DKIM_SIGINFO *info, unsigned char *out, size_t size)
{
    const struct signature_key *key = dkim_get_user_context(dkim);
    (void)info;
    int length = snprintf((char *)out, size, "%s", key->record);
    return length >= 0 && (size_t)length < size ? DKIM_CBSTAT_CONTINUE : DKIM_CBSTAT_ERROR;
}

static void start_library(void)
{
    uint64_t drift = DRIFT_SECONDS;
    unsigned bits = 512; /* the true floor is the caller's */
    library = dkim_init(NULL, NULL);
    assert(library);
    DKIM_STAT keys = dkim_set_key_lookup(library, give_key);
    DKIM_STAT clock =
        dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift, sizeof drift);
    DKIM_STAT size =
        dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof bits);
    assert(keys == DKIM_STAT_OK && clock == DKIM_STAT_OK && size == DKIM_STAT_OK);
}

static void free_handle(DKIM **dkim)
{
    if (*dkim)
        dkim_free(*dkim);
}

static bool fault(struct err *err, const char *text)
{
    return err_set(err, ERR_INPUT, "%s", text);
}

/* Whether a line of MESSAGE ends in LF alone, as the first one does in files. */
static bool is_bare(struct bytes message)
{
    const char *newline = memchr(message.data, '\n', message.size);
    return newline && (newline == message.data || newline[-1] != '\r');
}

/* --- the header --- */

static bool is_covered(const struct signature *signature, const struct header_field *field)
{
    for (size_t i = 0; i < signature->names.count; i++)
        if (header_is(field, signature->names.items[i]))
            return true;
    return false;
}

/* With CRLF for each line end inside, and none at the end. */
static bool give_field(DKIM *dkim, struct bytes whole, bool bare, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF(whole.size * 2 + 1);
    if (memchr(whole.data, '\0', whole.size))
        return fault(err, "the mail's header holds NUL");
    for (size_t i = 0; i < whole.size; i++)
        buf_add(&text, bare && whole.data[i] == '\n' ? "\r\n" : &whole.data[i],
                bare && whole.data[i] == '\n' ? 2 : 1);
    return dkim_header(dkim, (unsigned char *)text.data, text.size) == DKIM_STAT_OK
           || fault(err, "the mail's header cannot be read (RFC 5322)");
}

/* *REST becomes the body. The signature goes last, where the library looks for no other. */
static bool give_header(DKIM *dkim, struct bytes *rest, const struct signature *signature,
                        bool bare, struct err *err)
{
    struct header_field field;
    int fields = 0;
    while (header_next(rest, &field)) {
        if (++fields > FIELDS_MAX)
            return fault(err, "the mail has more than 1000 header fields");
        if (is_covered(signature, &field) && !give_field(dkim, field.whole, bare, err))
            return false;
    }
    return give_field(dkim, signature->field.whole, bare, err)
           && (dkim_eoh(dkim) == DKIM_STAT_OK
               || fault(err, "the mail's header cannot be read (From, RFC 5322 section 3.6)"));
}

/* --- the body --- */

static bool give_body(DKIM *dkim, struct bytes body, bool bare, struct err *err)
{
    char chunk[CHUNK_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < body.size; i++) {
        if (bare && body.data[i] == '\n')
            chunk[used++] = '\r';
        chunk[used++] = body.data[i];
        if (used + 2 <= sizeof chunk && i + 1 < body.size)
            continue;
        if (dkim_body(dkim, (unsigned char *)chunk, used) != DKIM_STAT_OK)
            return fault(err, "the mail's body cannot be hashed");
        used = 0;
    }
    return true;
}

/* --- the outcome --- */

static bool explain(DKIM_SIGINFO *info, struct err *err)
{
    if (dkim_sig_getbh(info) == DKIM_SIGBH_MISMATCH)
        return fault(err, "the body is not what was signed (bh=)");
    switch (dkim_sig_geterror(info)) {
    case DKIM_SIGERROR_BADSIG:
        return fault(err, "the signature does not fit the header and the key (b=)");
    case DKIM_SIGERROR_KEYDECODE:
        return fault(err, "the key cannot be read (p=)");
    default:
        return err_set(err, ERR_INPUT, "the signature does not hold: %s",
                       dkim_sig_geterrorstr(dkim_sig_geterror(info)));
    }
}

static bool judge(DKIM *dkim, int64_t rsa_bits, int64_t *bits, struct err *err)
{
    DKIM_SIGINFO **infos = NULL;
    int count = 0;
    dkim_alg_t algorithm;
    unsigned size = 0;
    (void)dkim_eom(dkim, NULL); /* what it says is in the signature too, and more of it */
    if (dkim_getsiglist(dkim, &infos, &count) != DKIM_STAT_OK || count != 1
        || dkim_sig_getsignalg(infos[0], &algorithm) != DKIM_STAT_OK)
        return fault(err, "the signature cannot be read");
    if (algorithm == DKIM_SIGN_RSASHA256 && dkim_sig_getkeysize(infos[0], &size) == DKIM_STAT_OK
        && size) {
        *bits = size;
        if (size < rsa_bits)
            return err_set(err, ERR_INPUT, "the key has %u bits, fewer than trust.rsa_bits", size);
    }
    bool holds = (dkim_sig_getflags(infos[0]) & DKIM_SIGFLAG_PASSED)
                 && dkim_sig_getbh(infos[0]) == DKIM_SIGBH_MATCH
                 && dkim_sig_geterror(infos[0]) == DKIM_SIGERROR_OK;
    return holds || explain(infos[0], err);
}

bool dkim_is_built_in(void)
{
    return true;
}

bool dkim_check(struct bytes message, const struct signature *signature,
                const struct signature_key *key, int64_t rsa_bits, int64_t *bits, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static const unsigned char id[] = "tlsrptd";
    DKIM_STAT made;
    pthread_once(&once, start_library);
    CLEANUP(free_handle) DKIM *dkim = dkim_verify(library, id, NULL, &made);
    assert(dkim);
    struct signature_key copy = *key; /* the library wants it without const */
    dkim_set_user_context(dkim, &copy);
    struct bytes rest = header_of(message);
    bool bare = is_bare(rest);
    return give_header(dkim, &rest, signature, bare, err) && give_body(dkim, rest, bare, err)
           && judge(dkim, rsa_bits, bits, err);
}

#else

bool dkim_is_built_in(void)
{
    return false;
}

bool dkim_check(struct bytes message, const struct signature *signature,
                const struct signature_key *key, int64_t rsa_bits, int64_t *bits, struct err *err)
{
    (void)message, (void)signature, (void)key, (void)rsa_bits, (void)bits;
    return err_set(err, ERR_BUG, "built without libopendkim");
}

#endif
