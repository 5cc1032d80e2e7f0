/* See spool_head.h. To add a line: a row in `names`, its printing and its taking.
 * SPDX-License-Identifier: MIT
 * Before: delivery.c. Next: spool.c */
#include "ingest/spool_head.h"
#include "base/hash.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

#define MAGIC      "tlsrptd-spool: 1\n"
#define TEXT_BYTES 512
#define CHECK_SIZE 16 /* hexadecimal digits of `head` */

enum name { SOURCE, ORIGIN, RECEIVED, VOUCHED, BYTES, SHA256, HEAD, NAMES };
static const char *const names[NAMES] = {
    [SOURCE] = "source", [ORIGIN] = "origin", [RECEIVED] = "received", [VOUCHED] = "vouched",
    [BYTES] = "bytes",   [SHA256] = "sha256", [HEAD] = "head",
};

/* --- writing --- */

static void put_text(struct buf *out, enum name name, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size > TEXT_BYTES)
        for (size = TEXT_BYTES; size && (text[size] & 0xc0) == 0x80;) /* not inside a character */
            size--;
    buf_printf(out, "%s: ", names[name]);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte > ' ' && byte < 0x7f && byte != '%')
            buf_add(out, &byte, 1);
        else
            buf_printf(out, "%%%02X", byte);
    }
    buf_text(out, "\n");
}

static void put_number(struct buf *out, enum name name, int64_t number)
{
    buf_printf(out, "%s: %" PRId64 "\n", names[name], number);
}

void spool_head_print(const struct delivery *delivery, struct buf *out)
{
    char hex[HASH_TEXT_BYTES];
    size_t begin = out->size;
    buf_text(out, MAGIC);
    put_text(out, SOURCE, source_to_text(delivery->source));
    put_text(out, ORIGIN, delivery->origin);
    put_number(out, RECEIVED, delivery->received_seconds);
    if (delivery->vouched)
        put_text(out, VOUCHED, delivery->vouched_by);
    put_number(out, BYTES, (int64_t)delivery->bytes.size);
    hash_to_text(delivery->bytes.data, delivery->bytes.size, hex);
    put_text(out, SHA256, hex);
    hash_to_text(buf_get(out) + begin, out->size - begin, hex);
    hex[CHECK_SIZE] = '\0';
    put_text(out, HEAD, hex);
    buf_text(out, "\n");
}

/* --- reading --- */

struct head {
    const char *values[NAMES]; /* in the arena; NULL: no such line */
    size_t size;               /* of the head, with its empty line */
};

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* NULL when something is not as put_text() writes it. */
static const char *decode(struct arena *arena, const char *text, size_t size)
{
    char *out = arena_alloc(arena, size + 1);
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        int high = 0, low = text[i];
        if (text[i] == '%') {
            high = size - i > 2 ? digit(text[i + 1]) : -1;
            low = high < 0 ? -1 : digit(text[i + 2]);
            i += 2;
        }
        if (high < 0 || low < 0)
            return NULL;
        out[used++] = (char)(high * 16 + low);
    }
    return text_is_utf8(out, used) ? out : NULL;
}

/* Takes one line into HEAD; names that a later version may add are passed over. */
static bool take_line(struct arena *arena, const char *line, size_t size, struct head *head)
{
    const char *colon = memchr(line, ':', size);
    if (!colon || colon + 1 == line + size || colon[1] != ' ')
        return false;
    const char *value = colon + 2;
    for (int i = 0; i < NAMES; i++)
        if (strlen(names[i]) == (size_t)(colon - line)
            && memcmp(names[i], line, (size_t)(colon - line)) == 0)
            return (head->values[i] = decode(arena, value, (size_t)(line + size - value))) != NULL;
    return true;
}

/* Reads lines up to `head`, which must fit those above it, and the empty line. */
static bool read_head(struct arena *arena, struct bytes file, struct head *out)
{
    const char *at = file.data + strlen(MAGIC), *line = at;
    const char *end = file.data + (file.size < SPOOL_HEAD_BYTES ? file.size : SPOOL_HEAD_BYTES);
    char hex[HASH_TEXT_BYTES];
    if (file.size < strlen(MAGIC) || memcmp(file.data, MAGIC, strlen(MAGIC)) != 0)
        return false;
    while (!out->values[HEAD]) {
        line = at;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline || !take_line(arena, line, (size_t)(newline - line), out))
            return false;
        at = newline + 1;
    }
    hash_to_text(file.data, (size_t)(line - file.data), hex);
    hex[CHECK_SIZE] = '\0';
    out->size = (size_t)(at + 1 - file.data);
    return at < end && *at == '\n' && strcmp(hex, out->values[HEAD]) == 0;
}

/* What a head that is whole says; false when a line is missing or says what no head of ours does. */
static bool take_values(const struct head *head, struct delivery *delivery, int64_t *bytes)
{
    const char *const *values = head->values;
    enum source source;
    int64_t received;
    if (!values[SOURCE] || !values[ORIGIN] || !values[RECEIVED] || !values[BYTES] || !values[SHA256]
        || !source_from_text(values[SOURCE], &source)
        || !text_number(values[RECEIVED], INT64_MIN, INT64_MAX, &received)
        || !text_number(values[BYTES], 0, INT64_MAX, bytes))
        return false;
    delivery->source = source;
    delivery->origin = values[ORIGIN];
    delivery->received_seconds = received;
    delivery->vouched = values[VOUCHED] != NULL;
    delivery->vouched_by = values[VOUCHED];
    return true;
}

void spool_head_take(struct delivery *delivery)
{
    struct head head = { 0 };
    struct bytes file = delivery->bytes;
    struct err *fault = &delivery->fault;
    int64_t size = 0;
    char hex[HASH_TEXT_BYTES];
    if (!read_head(&delivery->arena, file, &head) || !take_values(&head, delivery, &size)) {
        err_set(fault, ERR_INPUT,
                "a file of the spool whose head is damaged; all of it is kept as it is");
        return;
    }
    struct bytes bytes = { file.data + head.size, file.size - head.size };
    hash_to_text(bytes.data, bytes.size, hex);
    if ((int64_t)bytes.size != size)
        err_set(fault, ERR_INPUT,
                "a file of the spool that was cut: it has %zu bytes of %" PRId64 " received",
                bytes.size, size);
    else if (strcmp(hex, head.values[SHA256]) != 0)
        err_set(fault, ERR_INPUT, "a file of the spool whose bytes are no longer those received");
    else
        delivery->bytes = bytes;
}
