/* See signature.h.
 * SPDX-License-Identifier: MIT
 * Before: tags.c. Next: dkim.c */
#include "ingest/signature.h"
#include "ingest/tags.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

#define CLOCKS_SECONDS 3600 /* clocks of senders that are fast */
#define RECORD_BYTES   900  /* of a key, as the library takes it: 5000 bits of RSA */

/* Algorithms, and the types of their keys. rsa-sha1 must not be used (RFC 8301 section 3.1). */
static const struct {
    const char *algorithm, *key_type;
} algorithms[] = {
    { "rsa-sha256", "rsa" },
    { "ed25519-sha256", "ed25519" },
};

/* --- signatures --- */

static bool fault(struct signature *signature, const char *text)
{
    return err_set(&signature->err, ERR_INPUT, "%s", text);
}

static bool read_version(struct signature *out, const struct tags *tags)
{
    const char *version = tags_find(tags, "v"), *query = tags_find(tags, "q");
    if (!version || strcmp(version, "1") != 0)
        return fault(out, "the signature's version (v=) is not 1");
    if (query && !tags_list_has(query, "dns/txt"))
        return fault(out, "the signature's key is not in DNS (q=)");
    return true;
}

static bool read_algorithm(struct signature *out, const struct tags *tags)
{
    const char *given = tags_find(tags, "a");
    if (!given)
        return fault(out, "the signature has no algorithm (a=)");
    for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
        if (text_same(given, algorithms[i].algorithm)) {
            out->algorithm = algorithms[i].algorithm;
            return true;
        }
    if (text_same(given, "rsa-sha1"))
        return fault(out, "rsa-sha1 must not be used (RFC 8301 section 3.1)");
    return fault(out, "the signature's algorithm (a=) is unknown");
}

static bool read_canonicalization(struct signature *out, const struct tags *tags)
{
    static const char *const known[] = { "simple",         "relaxed",        "simple/simple",
                                         "simple/relaxed", "relaxed/simple", "relaxed/relaxed" };
    const char *given = tags_find(tags, "c");
    for (size_t i = 0; given && i < ARRAY_SIZE(known); i++)
        if (text_same(given, known[i]))
            return true;
    return !given || fault(out, "the signature's canonicalization (c=) is unknown");
}

/* d=, s= and i=. */
static bool read_domain(struct arena *arena, struct signature *out, const struct tags *tags)
{
    const char *domain = tags_find(tags, "d"), *selector = tags_find(tags, "s");
    out->domain = domain && domain[0] != '*' ? text_host(arena, domain, NULL) : NULL;
    out->selector = selector && selector[0] != '*' ? text_host(arena, selector, NULL) : NULL;
    if (!out->domain || !strchr(out->domain, '.'))
        return fault(out, "the signature names no domain (d=)");
    if (!out->selector || strlen(out->selector) + strlen(out->domain) > 230)
        return fault(out, "the signature names no selector (s=)");
    const char *identity = tags_find(tags, "i");
    const char *at = identity ? strrchr(identity, '@') : NULL;
    const char *host = at ? text_host(arena, at + 1, NULL) : identity ? NULL : out->domain;
    size_t size = host ? strlen(host) : 0, own = strlen(out->domain);
    out->is_below = size > own && host[size - own - 1] == '.';
    if (!host || (size != own && !out->is_below) || strcmp(host + size - own, out->domain) != 0)
        return fault(out, "the signature's identity (i=) lies outside its domain (d=)");
    return true;
}

static bool is_field_name(const char *name)
{
    if (!*name)
        return false;
    for (; *name; name++)
        if (*name <= ' ' || *name > '~' || *name == ';')
            return false;
    return true;
}

static bool read_names(struct arena *arena, struct signature *out, const struct tags *tags)
{
    const char *list = tags_find(tags, "h");
    const char **names = arena_array(arena, SIGNATURE_NAMES, sizeof *names);
    size_t count = 0;
    bool from = false;
    for (const char *name; (name = tags_next_item(arena, &list));) {
        if (!is_field_name(name) || count == SIGNATURE_NAMES)
            return fault(out, "the signature's list of fields (h=) cannot be read");
        if (text_same(name, "DKIM-Signature")) /* see also dkim.c */
            return fault(out, "the signature covers other signatures (h=)");
        from = from || text_same(name, "From");
        names[count++] = name;
    }
    out->names = (struct text_list){ names, count };
    return from || fault(out, "the signature does not cover From (h=, RFC 6376 section 5.4)");
}

static bool is_base64(const char *text)
{
    if (!text || !*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("+/= \t\r\n", *text))
            return false;
    return true;
}

static bool read_hashes(struct signature *out, const struct tags *tags)
{
    if (!is_base64(tags_find(tags, "b")) || !is_base64(tags_find(tags, "bh")))
        return fault(out, "the signature (b=) or the body's hash (bh=) is missing or damaged");
    if (tags_find(tags, "l"))
        return fault(out, "the signature covers a part of the body only (l=), which RFC 8460 "
                          "section 3 forbids");
    return true;
}

static bool read_time(const struct tags *tags, const char *name, int64_t *out)
{
    const char *given = tags_find(tags, name);
    *out = 0;
    return !given || text_number(given, 1, INT64_C(999999999999), out);
}

static bool read_times(struct signature *out, const struct tags *tags)
{
    if (!read_time(tags, "t", &out->signed_seconds) || !read_time(tags, "x", &out->expires_seconds)
        || (out->expires_seconds && out->expires_seconds <= out->signed_seconds))
        return fault(out, "the signature's times (t=, x=) cannot be");
    return true;
}

void signature_read(struct arena *arena, const struct header_field *field, struct signature *out)
{
    struct tags tags;
    *out = (struct signature){ .field = *field };
    if (field->whole.size > SIGNATURE_BYTES) {
        fault(out, "the signature has more than 8192 bytes");
        return;
    }
    if (!tags_parse(arena, field->body, &tags, &out->err)) {
        err_prefix(&out->err, "the signature cannot be read: ");
        return;
    }
    bool good = read_domain(arena, out, &tags) && read_version(out, &tags)
                && read_algorithm(out, &tags) && read_canonicalization(out, &tags)
                && read_names(arena, out, &tags) && read_hashes(out, &tags)
                && read_times(out, &tags);
    (void)good; /* out->err says it */
}

bool signature_in_time(const struct signature *signature, int64_t moment, struct err *err)
{
    if (signature->expires_seconds && signature->expires_seconds < moment)
        return err_set(err, ERR_INPUT, "the signature had expired (x=)");
    if (signature->signed_seconds > moment + CLOCKS_SECONDS)
        return err_set(err, ERR_INPUT, "the signature is of the future (t=)");
    return true;
}

const char *signature_key_name(struct arena *arena, const struct signature *signature)
{
    return arena_printf(arena, "%s._domainkey.%s", signature->selector, signature->domain);
}

/* --- keys --- */

static const char *key_type_of(const struct signature *signature)
{
    for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
        if (strcmp(signature->algorithm, algorithms[i].algorithm) == 0)
            return algorithms[i].key_type;
    return "";
}

static bool check_kind(const struct signature *signature, const struct tags *tags, struct err *err)
{
    const char *version = tags_find(tags, "v"), *type = tags_find(tags, "k");
    const char *hashes = tags_find(tags, "h");
    if (version && (strcmp(version, "DKIM1") != 0 || strcmp(tags->items[0].name, "v") != 0))
        return err_set(err, ERR_INPUT, "the record is no key of DKIM (v=)");
    if (!text_same(type ? type : "rsa", key_type_of(signature)))
        return err_set(err, ERR_INPUT, "the key is of another type (k=) than the signature");
    if (hashes && !tags_list_has(hashes, "sha256"))
        return err_set(err, ERR_INPUT, "the key is not for SHA-256 (h=)");
    return true;
}

/* RFC 6376 section 3.6.1: a verifier must not use a key that does not name its service. */
static bool check_service(struct arena *arena, const struct tags *tags,
                          const struct text_list *services, const char **out, struct err *err)
{
    const char *given = tags_find(tags, "s");
    *out = "any service";
    if (!given || tags_list_has(given, "*"))
        return true;
    for (size_t i = 0; i < services->count; i++)
        if (tags_list_has(given, services->items[i])) {
            *out = services->items[i];
            return true;
        }
    return err_set(err, ERR_INPUT, "the key is for other services (s=%.40s), not for %s",
                   arena_text(arena, given), services->count ? services->items[0] : "any");
}

static bool check_flags(const struct signature *signature, const struct tags *tags, struct err *err)
{
    const char *flags = tags_find(tags, "t");
    if (!flags)
        return true;
    if (tags_list_has(flags, "y"))
        return err_set(err, ERR_INPUT,
                       "the key is being tested (t=y), which counts as unsigned "
                       "(RFC 6376 section 3.6.1)");
    if (signature->is_below && tags_list_has(flags, "s"))
        return err_set(err, ERR_INPUT, "the key is not for names below its domain (t=s)");
    return true;
}

static bool take_key(struct arena *arena, const struct tags *tags, const char *type,
                     const char **out, struct err *err)
{
    const char *given = tags_find(tags, "p");
    if (given && !*given)
        return err_set(err, ERR_INPUT, "the key was revoked (p= is empty)");
    if (!is_base64(given))
        return err_set(err, ERR_INPUT, "the record holds no key (p=)");
    CLEANUP(buf_done) struct buf text = BUF(RECORD_BYTES);
    buf_printf(&text, "v=DKIM1; k=%s; p=", type);
    for (; *given; given++)
        if (!isspace((unsigned char)*given))
            buf_add(&text, given, 1);
    if (text.failed)
        return err_set(err, ERR_INPUT, "the key is longer than 5000 bits");
    *out = arena_text(arena, buf_get(&text));
    return true;
}

bool signature_key(struct arena *arena, const struct signature *signature, const char *record,
                   const struct text_list *services, struct signature_key *out, struct err *err)
{
    struct tags tags;
    struct signature_key key;
    struct bytes text = { record, strlen(record) };
    if (!tags_parse(arena, text, &tags, err)) {
        err_prefix(err, "the key cannot be read: ");
        return false;
    }
    if (!check_kind(signature, &tags, err)
        || !check_service(arena, &tags, services, &key.service, err)
        || !check_flags(signature, &tags, err)
        || !take_key(arena, &tags, key_type_of(signature), &key.record, err))
        return false;
    *out = key;
    return true;
}
