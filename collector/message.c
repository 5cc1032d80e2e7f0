/* See message.h.
 * SPDX-License-Identifier: MIT */
#include "collector/message.h"
#include "base/clock.h"
#include "base/hash.h"
#include "ingest/payload.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_COLUMNS   76 /* of quoted-printable and of headers that can be folded */
#define WORD_BYTES     42 /* of text in one encoded word: at most 56 characters of base64, 75 in all */
#define LOCAL_BYTES    64  /* RFC 5321 section 4.5.3.1.1 */
#define NAME_BYTES     200 /* well below the longest line */
#define MESSAGE_ID_HEX 16

/* --- addresses --- */

/* RFC 5322 section 3.2.3 */
static bool is_atom(const char *text, size_t size)
{
    static const char special[] = "!#$%&'*+-/=?^_`{|}~.";
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                     || memchr(special, c, sizeof special - 1);
        if (!plain || (c == '.' && (i == 0 || i + 1 == size || text[i + 1] == '.')))
            return false;
    }
    return size > 0 && size <= LOCAL_BYTES;
}

static bool is_name(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return strlen(text) <= NAME_BYTES && text_is_utf8(text, strlen(text));
}

static bool parse_address(struct arena *arena, const char *text, struct mailbox *out)
{
    const char *at = strrchr(text, '@');
    if (!at || !is_atom(text, (size_t)(at - text)))
        return false;
    out->domain = text_host(arena, at + 1, NULL);
    if (!out->domain || out->domain[0] == '*')
        return false;
    out->address = arena_printf(arena, "%.*s@%s", (int)(at - text), text, out->domain);
    return true;
}

bool mailbox_parse(struct arena *arena, const char *text, struct mailbox *out, struct err *err)
{
    struct mailbox mailbox = { .name = "" };
    const char *open = strrchr(text, '<'), *address = text;
    size_t size = strlen(text);
    if (open && text[size - 1] == '>') {
        mailbox.name = text_trim(arena, text, (size_t)(open - text));
        address = text_trim(arena, open + 1, size - (size_t)(open - text) - 2);
    }
    if (!is_name(mailbox.name) || !parse_address(arena, address, &mailbox))
        return err_set(err, ERR_SETUP,
                       "must be an address such as postmaster@example.org, or Name <address>");
    *out = mailbox;
    return true;
}

/* --- headers --- */

static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            return false;
    return !strstr(text, "=?");
}

static void add_base64(struct buf *out, const char *text, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        unsigned char b[3] = { 0 };
        size_t n = size - i < 3 ? size - i : 3;
        memcpy(b, text + i, n);
        unsigned bits = (unsigned)b[0] << 16 | (unsigned)b[1] << 8 | b[2];
        for (size_t k = 0; k < 4; k++)
            buf_printf(out, "%c", k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

/* TEXT as encoded words (RFC 2047), each on a line of its own and of whole characters. */
static void add_encoded(struct buf *out, const char *text)
{
    bool first = true;
    while (*text) {
        size_t size = strnlen(text, WORD_BYTES);
        while (size > 1 && ((unsigned char)text[size] & 0xc0) == 0x80)
            size--;
        buf_text(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        add_base64(out, text, size);
        buf_text(out, "?=");
        text += size;
        first = false;
    }
}

/* Printable ASCII, folded before words where lines grow long. COLUMN is where it begins. */
static void add_folded(struct buf *out, const char *text, size_t column)
{
    while (*text) {
        size_t size = strcspn(text + 1, " ") + 1; /* with the space before it */
        if (column + size > LINE_COLUMNS && *text == ' ' && text[1] && text[1] != ' ') {
            buf_text(out, "\r\n");
            column = 0;
        }
        buf_add(out, text, size);
        column += size;
        text += size;
    }
}

static void add_text_header(struct buf *out, struct arena *arena, const char *name,
                            const char *text)
{
    char *line = arena_text(arena, text);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    buf_printf(out, "%s: ", name);
    if (is_plain(line))
        add_folded(out, line, strlen(name) + 2);
    else
        add_encoded(out, line);
    buf_text(out, "\r\n");
}

static void add_mailbox(struct buf *out, const struct mailbox *mailbox)
{
    if (*mailbox->name && is_plain(mailbox->name)) {
        buf_text(out, "\"");
        for (const char *c = mailbox->name; *c; c++)
            buf_printf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
        buf_text(out, "\"\r\n ");
    } else if (*mailbox->name) {
        add_encoded(out, mailbox->name);
        buf_text(out, "\r\n ");
    }
    buf_printf(out, *mailbox->name ? "<%s>" : "%s", mailbox->address);
}

/* "Sat, 28 Nov 2026 20:01:20 +0000" */
static void add_date(struct buf *out, int64_t seconds)
{
    static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int year, month, day;
    int32_t number = clock_day(seconds);
    int64_t rest = seconds - (int64_t)number * DAY_SECONDS;
    clock_date_of(number, &year, &month, &day);
    buf_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", days[number % 7], day,
               months[month - 1], year, (int)(rest / 3600), (int)(rest / 60 % 60),
               (int)(rest % 60));
}

/* Of what makes a mail this one: 16 hexadecimal digits. */
static const char *digest_of(struct arena *arena, const struct message *message)
{
    unsigned char bytes[HASH_BYTES];
    struct hash hash = { 0 };
    hash_text(&hash, message->week);
    hash_text(&hash, message->subject);
    for (size_t i = 0; i < message->to_count; i++)
        hash_text(&hash, message->to[i].address);
    hash_done(&hash, bytes);
    return arena_printf(arena, "%0*" PRIx64, MESSAGE_ID_HEX, (uint64_t)hash_key(bytes));
}

static void add_headers(struct buf *out, struct arena *arena, const struct message *message,
                        const char *digest)
{
    const char *domain = message->from.domain;
    add_date(out, message->date_seconds);
    buf_printf(out, "Message-ID: <tlsrptd.%s.%s@%s>\r\nFrom: ", message->week, digest, domain);
    add_mailbox(out, &message->from);
    buf_text(out, "\r\nTo: ");
    for (size_t i = 0; i < message->to_count; i++) {
        buf_text(out, i ? ",\r\n " : "");
        add_mailbox(out, &message->to[i]);
    }
    buf_text(out, "\r\n");
    add_text_header(out, arena, "Subject", message->subject);
    buf_printf(out, "List-Id: Weekly TLS summary\r\n <tlsrptd-weekly.%s>\r\n", domain);
    buf_text(out, "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\n"
                  "X-Auto-Response-Suppress: All\r\n");
    buf_text(out, message->deliver_without_tls ? "TLS-Required: No\r\n" : "");
    buf_printf(out, MAIL_SUMMARY ": %s\r\nMIME-Version: 1.0\r\n", message->week);
    buf_printf(out, "Content-Type: multipart/alternative; boundary=\"=_%s\"\r\n\r\n", digest);
}

/* --- body --- */

/* How TEXT's first byte is written. FIRST of a line: "From " and a dot are not left there for others to
 * change. */
static const char *quoted(char room[4], const char *text, bool first)
{
    unsigned char c = (unsigned char)*text;
    bool blank = c == ' ' || c == '\t', ends = text[1] == '\n' || !text[1];
    bool plain = (c > ' ' && c <= '~' && c != '=') || (blank && !ends);
    if (first && (c == '.' || strncmp(text, "From ", 5) == 0))
        plain = false;
    snprintf(room, 4, plain ? "%c" : "=%02X", c);
    return room;
}

static void add_quoted_printable(struct buf *out, const char *text)
{
    size_t column = 0;
    char room[4];
    for (; *text; text++) {
        if (*text == '\n') {
            buf_text(out, "\r\n");
            column = 0;
            continue;
        }
        size_t size = strlen(quoted(room, text, column == 0));
        if (column + size > LINE_COLUMNS - 1) {
            buf_text(out, "=\r\n");
            column = 0;
            size = strlen(quoted(room, text, true));
        }
        buf_add(out, room, size);
        column += size;
    }
    buf_text(out, column ? "\r\n" : "");
}

static void add_part(struct buf *out, const char *digest, const char *type, const char *content)
{
    buf_printf(out,
               "--=_%s\r\nContent-Type: %s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
               digest, type);
    add_quoted_printable(out, content);
    buf_text(out, "\r\n");
}

void message_print(struct buf *out, struct arena *arena, const struct message *message)
{
    const char *digest = digest_of(arena, message);
    add_headers(out, arena, message, digest);
    add_part(out, digest, "text/plain", message->text);
    add_part(out, digest, "text/html", message->html);
    buf_printf(out, "--=_%s--\r\n", digest);
}
