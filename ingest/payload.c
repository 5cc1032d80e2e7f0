/* See payload.h. What bytes are is decided by how they begin, in one table that also says what is
 * wrong with all that is neither gzip, a JSON object nor a mail.
 *
 * SPDX-License-Identifier: MIT
 * Before: delivery.c. Next: mime.c, gunzip.c */
#include "ingest/payload.h"
#include "ingest/gunzip.h"
#include "ingest/mime.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

#define JSON_SPACE " \t\r\n"
#define NUMBER     "0123456789+-.eE"

enum form {
    FORM_EMPTY,
    FORM_GZIP,
    FORM_OBJECT,
    FORM_OTHER_JSON,
    FORM_ZIP,
    FORM_XML,
    FORM_UTF16,
    FORM_UNKNOWN, /* perhaps a mail */
};

/* Why bytes of a form are no report; for gzip, where it is found below two layers of it. */
static const char *const faults[] = {
    [FORM_EMPTY] = "empty",
    [FORM_GZIP] = "compressed more than twice",
    [FORM_OBJECT] = NULL,
    [FORM_OTHER_JSON] = "JSON, but not an object",
    [FORM_ZIP] = "a zip archive; reports are gzip or plain JSON (RFC 8460 section 5.3)",
    [FORM_XML] = "XML: a DMARC report?",
    [FORM_UTF16] = "UTF-16 or UTF-32; JSON is UTF-8 (RFC 8259 section 8.1)",
    [FORM_UNKNOWN] = "neither JSON nor gzip",
};

static bool begins(struct bytes bytes, const char *with, size_t size)
{
    return bytes.size >= size && memcmp(bytes.data, with, size) == 0;
}

static struct bytes without(struct bytes bytes, size_t size)
{
    return (struct bytes){ .data = bytes.data + size, .size = bytes.size - size };
}

static bool has_bom(struct bytes bytes)
{
    return begins(bytes, "\xef\xbb\xbf", 3);
}

/* A byte order mark, or one of the first two bytes is NUL, as with "{" in any wide encoding. */
static bool is_wide(struct bytes bytes)
{
    return begins(bytes, "\xff\xfe", 2) || begins(bytes, "\xfe\xff", 2)
           || (bytes.size >= 2 && (!bytes.data[0] || !bytes.data[1]));
}

/* A number, true, false or null and nothing else. */
static bool is_scalar(struct bytes bytes)
{
    static const char *const words[] = { "true", "false", "null" };
    while (bytes.size && memchr(JSON_SPACE, bytes.data[bytes.size - 1], strlen(JSON_SPACE)))
        bytes.size--;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (bytes.size == strlen(words[i]) && begins(bytes, words[i], bytes.size))
            return true;
    for (size_t i = 0; i < bytes.size; i++)
        if (!memchr(NUMBER, bytes.data[i], strlen(NUMBER)))
            return false;
    return true;
}

static enum form form_of(struct bytes bytes)
{
    if (gunzip_fits(bytes))
        return FORM_GZIP;
    if (begins(bytes, "PK\3\4", 4))
        return FORM_ZIP;
    if (is_wide(bytes))
        return FORM_UTF16;
    if (has_bom(bytes))
        bytes = without(bytes, 3);
    while (bytes.size && memchr(JSON_SPACE, *bytes.data, strlen(JSON_SPACE)))
        bytes = without(bytes, 1);
    if (!bytes.size)
        return FORM_EMPTY;
    switch (*bytes.data) {
    case '{':
        return FORM_OBJECT;
    case '[':
    case '"':
        return FORM_OTHER_JSON;
    case '<':
        return FORM_XML;
    default:
        return is_scalar(bytes) ? FORM_OTHER_JSON : FORM_UNKNOWN;
    }
}

/* One payload on its way from bytes to JSON. */
struct opening {
    struct delivery *delivery;
    struct arena *arena, *texts;
    const struct limits *limits;
    struct payload *payload;
};

static void note(const struct opening *opening, enum deviation_code code)
{
    deviation_note(opening->arena, &opening->payload->deviations, code, "", NULL);
}

static bool inflate_layer(const struct opening *opening, struct bytes *bytes, bool *trailing)
{
    struct limits limits = *opening->limits; /* gunzip() sees only the texts so far */
    limits.delivery_bytes -= (int64_t)opening->arena->bytes;
    size_t size = bytes->size;
    if (!gunzip(opening->texts, *bytes, &limits, bytes, trailing, &opening->payload->err)) {
        bool bomb = opening->payload->err.kind == ERR_LIMIT; /* it went as far as it may */
        opening->delivery->read_bytes += bomb ? (size_t)limits.inflated_bytes : size;
        return false;
    }
    opening->delivery->read_bytes += bytes->size;
    if (*trailing)
        note(opening, DEVIATION_GZIP_TRAILING_BYTES);
    return true;
}

/* Takes off one layer of gzip, two if need be. */
static bool inflate_all(const struct opening *opening, struct bytes *bytes)
{
    struct bytes gzip = *bytes;
    bool trailing;
    if (!inflate_layer(opening, bytes, &trailing))
        return false;
    if (form_of(*bytes) == FORM_GZIP) {
        note(opening, DEVIATION_GZIP_TWICE);
        return inflate_layer(opening, bytes, &trailing);
    }
    if (!trailing)
        opening->payload->gzip = gzip;
    return true;
}

/* Fills the payload's JSON from gzip or plain bytes, or sets its error. */
static void open_bytes(const struct opening *opening, struct bytes bytes)
{
    struct payload *payload = opening->payload;
    bool compressed = form_of(bytes) == FORM_GZIP;
    if (compressed && !inflate_all(opening, &bytes))
        return;
    enum form form = form_of(bytes);
    if (form != FORM_OBJECT) {
        payload->gzip = (struct bytes){ 0 };
        err_set(&payload->err, ERR_INPUT, "%s", faults[form]);
        err_prefix(&payload->err, "%s", compressed ? "gzip, and inside it: " : "");
        return;
    }
    if (has_bom(bytes)) {
        note(opening, DEVIATION_BOM);
        bytes = without(bytes, 3);
    }
    payload->json = bytes;
    payload->inflated = compressed;
}

static struct payload *payload_failed(struct arena *arena, const struct mail *mail, struct err err)
{
    struct payload *payload = arena_alloc(arena, sizeof *payload);
    payload->mail = mail;
    payload->err = err;
    return payload;
}

static struct payload *payload_new(struct arena *arena, struct arena *texts)
{
    struct payload *payload = arena_alloc(arena, sizeof *payload);
    payload->texts = texts;
    return payload;
}

static void free_texts(void *texts)
{
    arena_free(texts);
}

static struct arena *texts_new(struct arena *arena)
{
    struct arena *texts = arena_alloc(arena, sizeof *texts);
    arena_on_free(arena, free_texts, texts);
    return texts;
}

static struct payload *open_part(struct delivery *delivery, struct arena *texts,
                                 const struct limits *limits, const struct mime_part *part,
                                 const struct mail *mail)
{
    struct arena *arena = &delivery->arena;
    struct payload *payload = payload_new(arena, texts);
    payload->mail = mail;
    if (!text_same(part->media_type, "application/tlsrpt+gzip")
        && !text_same(part->media_type, "application/tlsrpt+json"))
        deviation_note(arena, &payload->deviations, DEVIATION_MEDIA_TYPE, part->media_type, NULL);
    open_bytes(&(struct opening){ delivery, arena, texts, limits, payload }, part->content);
    if (payload->err.kind != ERR_NONE)
        err_prefix(&payload->err, "part %s: ", part->media_type);
    return payload;
}

static struct payload *open_mail(struct delivery *delivery, const struct limits *limits)
{
    struct arena *arena = &delivery->arena;
    struct mail *mail = arena_alloc(arena, sizeof *mail);
    struct mime_part *parts;
    struct err err = { 0 };
    if (!mime_open(arena, delivery->bytes, limits, mail, &parts, &err))
        return payload_failed(arena, NULL, err);
    if (!parts) {
        err_set(&err, ERR_INPUT,
                "a mail without a report: no part is application/tlsrpt+gzip or "
                "application/tlsrpt+json, and none begins like gzip or a JSON object");
        struct payload *failed = payload_failed(arena, mail, err);
        failed->own = mail->summary;
        return failed;
    }
    struct payload *first = NULL, **end = &first;
    struct arena *texts = texts_new(arena);
    for (const struct mime_part *part = parts; part; part = part->next) {
        *end = open_part(delivery, texts, limits, part, mail);
        end = &(*end)->next;
    }
    return first;
}

struct payload *payload_open(struct delivery *delivery, const struct limits *limits)
{
    struct err err = delivery->fault;
    delivery->read_bytes = delivery->bytes.size;
    if (err.kind != ERR_NONE)
        return payload_failed(&delivery->arena, NULL, err);
    if ((int64_t)delivery->bytes.size > limits->message_bytes) {
        err_set(&err, ERR_LIMIT, "more than %" PRId64 " bytes (limits.message_bytes)",
                limits->message_bytes);
        return payload_failed(&delivery->arena, NULL, err);
    }
    if (form_of(delivery->bytes) == FORM_UNKNOWN)
        return open_mail(delivery, limits);
    struct arena *arena = &delivery->arena, *texts = texts_new(arena);
    struct payload *payload = payload_new(arena, texts);
    open_bytes(&(struct opening){ delivery, arena, texts, limits, payload }, delivery->bytes);
    return payload;
}

void payload_settle(struct delivery *delivery, struct payload *first)
{
    struct arena *texts = first->texts;
    for (struct payload *payload = first; payload && texts; payload = payload->next) {
        if (!payload->inflated)
            continue;
        if (!payload->gzip.size)
            payload->gzip = gunzip_reverse(&delivery->arena, payload->json);
        payload->json = (struct bytes){ 0 };
    }
    if (texts)
        arena_free(texts);
}
