/* See chain.h.
 * SPDX-License-Identifier: MIT */
#include "probe/chain.h"
#include "base/clock.h"
#include "base/hash.h"
#include "probe/wire.h"
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM_ROOTS "/etc/ssl/certs/ca-certificates.crt"
#define NAMES_MAX    100
#define NAME_BYTES   255
#define SENT_MAX     20
/* What RSA of 2048 bits and SHA-224 have (NIST SP 800-57): less is refused by today's verifiers. */
#define SECURITY_BITS 112

/* --- roots --- */

struct chain_roots {
    X509_STORE *store;
};

bool chain_roots_load(const char *file, struct chain_roots **out, struct err *err)
{
    const char *path = *file ? file : SYSTEM_ROOTS;
    X509_STORE *store = X509_STORE_new();
    if (!store)
        return err_set(err, ERR_BUG, "OpenSSL has no room for roots");
    if (X509_STORE_load_file(store, path) != 1) {
        X509_STORE_free(store);
        return err_set(err, ERR_SETUP, "%s cannot be read as certificates in PEM", path);
    }
    struct chain_roots *roots = memory_new(sizeof *roots);
    roots->store = store;
    *out = roots;
    return true;
}

void chain_roots_free(struct chain_roots **roots)
{
    if (!*roots)
        return;
    X509_STORE_free((*roots)->store);
    free(*roots);
    *roots = NULL;
}

/* --- what stands in it --- */

static const char *name_to_text(struct arena *arena, const X509_NAME *name)
{
    char *data;
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio)
        return "";
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    long size = BIO_get_mem_data(bio, &data);
    const char *text = wire_text(arena, data, size > 0 ? (size_t)size : 0, WIRE_TEXT_BYTES);
    BIO_free(bio);
    return text;
}

static struct text_list dns_names(struct arena *arena, const X509 *leaf)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    const char **names = arena_array(arena, NAMES_MAX, sizeof *names);
    size_t count = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(all) && count < NAMES_MAX; i++) {
        int type;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);
        if (type == GEN_DNS)
            names[count++] = wire_text(arena, (const char *)ASN1_STRING_get0_data(value),
                                       (size_t)ASN1_STRING_length(value), NAME_BYTES);
    }
    GENERAL_NAMES_free(all);
    return (struct text_list){ names, count };
}

static const char *digest(struct arena *arena, unsigned char *der, int size)
{
    char *text = arena_alloc(arena, HASH_TEXT_BYTES);
    if (size <= 0)
        return "";
    hash_to_text(der, (size_t)size, text);
    OPENSSL_free(der);
    return text;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool good = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    return good ? (int64_t)days * DAY_SECONDS + seconds : 0;
}

static void describe(struct arena *arena, X509 *leaf, STACK_OF(X509) * sent,
                     struct setup_certificate *out)
{
    unsigned char *der = NULL, *key = NULL;
    const char **subjects = arena_array(arena, SENT_MAX, sizeof *subjects);
    out->shown = true;
    out->subject = name_to_text(arena, X509_get_subject_name(leaf));
    out->issuer = name_to_text(arena, X509_get_issuer_name(leaf));
    out->names = dns_names(arena, leaf);
    out->begin_seconds = seconds_of(X509_get0_notBefore(leaf));
    out->end_seconds = seconds_of(X509_get0_notAfter(leaf));
    int size = i2d_X509(leaf, &der);
    out->sha256 = digest(arena, der, size);
    size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &key);
    out->spki_sha256 = digest(arena, key, size);
    for (int i = 0; i < sk_X509_num(sent) && i < SENT_MAX; i++)
        subjects[out->chain.count++] =
            name_to_text(arena, X509_get_subject_name(sk_X509_value(sent, i)));
    out->chain.items = subjects;
}

/* --- flaws --- */

static bool is_self_signed(X509 *certificate)
{
    return (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
}

/* The first flaw has the word. */
static void add_flaw(struct setup_certificate *out, unsigned flaw, const char *why)
{
    out->flaws |= flaw;
    out->why = out->why ? out->why : why;
}

static void judge_dates(struct arena *arena, struct setup_certificate *out)
{
    char date[CLOCK_TEXT_BYTES];
    int64_t now = clock_now();
    if (out->end_seconds < now)
        add_flaw(out, FLAW_EXPIRED,
                 arena_printf(arena, "expired on %s", clock_to_text(out->end_seconds, date)));
    if (out->begin_seconds > now)
        add_flaw(out, FLAW_NOT_YET,
                 arena_printf(arena, "not valid before %s",
                              clock_to_text(out->begin_seconds, date)));
}

/* Whole labels, the subject does not count (RFC 8461 section 4.2): a "*" is all of the first label. */
static void judge_name(struct arena *arena, X509 *leaf, const char *name,
                       struct setup_certificate *out)
{
    unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    if (X509_check_host(leaf, name, 0, flags, NULL) == 1)
        return;
    add_flaw(out, FLAW_NAME,
             out->names.count ? arena_printf(arena, "it is not for %s", name)
                              : "it has no DNS name in subjectAltName");
}

static void judge_strength(struct arena *arena, X509 *certificate, struct setup_certificate *out)
{
    int digest_id = 0, bits = SECURITY_BITS;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    const char *subject = name_to_text(arena, X509_get_subject_name(certificate));
    if (key && EVP_PKEY_get_security_bits(key) < SECURITY_BITS)
        add_flaw(out, FLAW_WEAK,
                 arena_printf(arena, "a key of %d bits is too weak (%s)", EVP_PKEY_get_bits(key),
                              subject));
    if (!is_self_signed(certificate)
        && X509_get_signature_info(certificate, &digest_id, NULL, &bits, NULL) == 1
        && bits < SECURITY_BITS)
        add_flaw(out, FLAW_WEAK,
                 arena_printf(arena, "a signature with %s is too weak (%s)", OBJ_nid2sn(digest_id),
                              subject));
}

/* --- the way up --- */

struct way {
    struct arena *arena;
    struct setup_certificate *out;
    bool no_issuer;
};

/* Whether the issuer of TOP, at which the way up ended, is an intermediate that was left out; see the head
 * of chain.h. */
static bool lacks_intermediate(X509 *leaf, X509 *top)
{
    if (X509_get_ext_by_NID(leaf, NID_ct_precert_scts, -1) >= 0)
        return true;
    AUTHORITY_INFO_ACCESS *access =
        top == leaf ? X509_get_ext_d2i(leaf, NID_info_access, NULL, NULL) : NULL;
    bool found = false;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++)
        found = found
                || OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access, i)->method) == NID_ad_ca_issuers;
    AUTHORITY_INFO_ACCESS_free(access);
    return found;
}

static void note(struct way *way, int error, int depth, X509 *certificate)
{
    const char *why = X509_verify_cert_error_string(error);
    if (depth && certificate)
        why = arena_printf(way->arena, "%s (%s)", why,
                           name_to_text(way->arena, X509_get_subject_name(certificate)));
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        way->no_issuer = true;
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        add_flaw(way->out, FLAW_UNTRUSTED | FLAW_SELF_SIGNED, why);
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
        add_flaw(way->out, FLAW_UNTRUSTED, why);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        add_flaw(way->out, FLAW_EXPIRED, why);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        add_flaw(way->out, FLAW_NOT_YET, why);
        break;
    case X509_V_ERR_INVALID_PURPOSE:
        add_flaw(way->out, depth ? FLAW_OTHER : FLAW_PURPOSE, why);
        break;
    default:
        add_flaw(way->out, FLAW_OTHER, why);
    }
}

static int on_error(int good, X509_STORE_CTX *context)
{
    if (!good)
        note(X509_STORE_CTX_get_app_data(context), X509_STORE_CTX_get_error(context),
             X509_STORE_CTX_get_error_depth(context), X509_STORE_CTX_get_current_cert(context));
    return 1; /* and what else? */
}

/* Of the certificates that were walked; a root is trusted because it is there. */
static void judge_way(struct way *way, X509 *leaf, STACK_OF(X509) * walked)
{
    struct setup_certificate *out = way->out;
    int count = sk_X509_num(walked);
    out->chain_end_seconds = out->end_seconds;
    judge_strength(way->arena, leaf, out);
    for (int i = 1; i < count; i++) {
        X509 *above = sk_X509_value(walked, i);
        if (is_self_signed(above))
            continue;
        int64_t end = seconds_of(X509_get0_notAfter(above));
        out->chain_end_seconds = end < out->chain_end_seconds ? end : out->chain_end_seconds;
        judge_strength(way->arena, above, out);
    }
    if (!way->no_issuer)
        return;
    X509 *top = count > 0 ? sk_X509_value(walked, count - 1) : leaf;
    const char *issuer = name_to_text(way->arena, X509_get_issuer_name(top));
    if (lacks_intermediate(leaf, top))
        add_flaw(out, FLAW_CHAIN,
                 arena_printf(way->arena, "the certificate of its issuer was not sent (%s)",
                              issuer));
    else
        add_flaw(out, FLAW_UNTRUSTED, arena_printf(way->arena, "unknown issuer (%s)", issuer));
}

void chain_judge(struct arena *arena, const struct chain_roots *roots, X509 *leaf,
                 STACK_OF(X509) * sent, const char *name, struct setup_certificate *out)
{
    struct way way = { .arena = arena, .out = out };
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    *out = (struct setup_certificate){ 0 };
    describe(arena, leaf, sent, out);
    judge_dates(arena, out);
    judge_name(arena, leaf, name, out);
    if (!context || X509_STORE_CTX_init(context, roots->store, leaf, sent) != 1) {
        add_flaw(out, FLAW_OTHER, "OpenSSL cannot verify it");
    } else {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
        X509_VERIFY_PARAM_set_auth_level(param, 0); /* judge_strength() */
        X509_VERIFY_PARAM_set_time(param, clock_now());
        X509_STORE_CTX_set_app_data(context, &way);
        X509_STORE_CTX_set_verify_cb(context, on_error);
        if (X509_verify_cert(context) < 0 && !out->flaws)
            add_flaw(out, FLAW_OTHER, "OpenSSL cannot verify it");
        judge_way(&way, leaf, X509_STORE_CTX_get0_chain(context));
    }
    X509_STORE_CTX_free(context);
}
