/* See text.h.
 * SPDX-License-Identifier: MIT */
#include "base/text.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <idn2.h>

#define HOST_BYTES  253 /* RFC 1035 section 2.3.4, as text without the last dot */
#define LABEL_BYTES 63

#define ADDRESS_BYTES 256 /* more than any form of one needs */

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool is_host(const char *name)
{
    size_t label = 0, size = 0;
    bool letter = false; /* 192.0.2.1 is no name */
    if (name[0] == '*' && name[1] == '.')
        name += 2;
    for (const char *c = name; *c; c++, size++) {
        if (*c == '.') {
            if (label == 0)
                return false;
            label = 0;
            letter = false;
        } else if (isalnum((unsigned char)*c) || *c == '-' || *c == '_') {
            letter = letter || !isdigit((unsigned char)*c);
            if (++label > LABEL_BYTES)
                return false;
        } else {
            return false;
        }
    }
    return size > 0 && size <= HOST_BYTES && label > 0 && letter;
}

const char *text_host(struct arena *arena, const char *text, bool *odd)
{
    size_t size = strnlen(text, HOST_BYTES * 4);
    if (text[size] != '\0')
        return NULL;
    char *name = text_trim(arena, text, size);
    if (!is_ascii(name)) {
        char *ascii = NULL;
        if (idn2_lookup_u8((const unsigned char *)name, (unsigned char **)&ascii,
                           IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)
            != IDN2_OK)
            return NULL;
        name = arena_text(arena, ascii);
        idn2_free(ascii);
    }
    size = strlen(name);
    if (size && name[size - 1] == '.')
        name[size - 1] = '\0';
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (!is_host(name))
        return NULL;
    if (odd && strcmp(name, text) != 0)
        *odd = true;
    return name;
}

const char *text_address(struct arena *arena, const char *text, bool *odd)
{
    size_t size = strnlen(text, ADDRESS_BYTES);
    if (text[size] != '\0')
        return NULL;
    char *name = text_trim(arena, text, size);
    char *end;
    if (*name == '[') { /* [2001:db8::1] or [2001:db8::1]:25 */
        name++;
        if (!(end = strchr(name, ']')))
            return NULL;
        *end = '\0';
        if (strncasecmp(name, "IPv6:", 5) == 0) /* an address literal of SMTP */
            name += 5;
    } else if ((end = strchr(name, ':')) && strchr(name, '.') && strrchr(name, ':') == end) {
        *end = '\0'; /* 192.0.2.1:25 */
    }
    if ((end = strchr(name, '%')))
        *end = '\0';

    char canonical[INET6_ADDRSTRLEN];
    unsigned char six[16], four[4];
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (inet_pton(AF_INET, name, four) == 1)
        inet_ntop(AF_INET, four, canonical, sizeof canonical);
    else if (inet_pton(AF_INET6, name, six) != 1)
        return NULL;
    else if (memcmp(six, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, six + sizeof mapped, canonical, sizeof canonical);
    else
        inet_ntop(AF_INET6, six, canonical, sizeof canonical);
    if (odd && strcasecmp(canonical, text) != 0)
        *odd = true;
    return arena_text(arena, canonical);
}

/* Length of the well-formed character at AT, 0 if there is none (RFC 3629 section 4). */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char from, to, second_from, second_to, length;
    } forms[] = {
        { 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        if (*at < forms[i].from || *at > forms[i].to)
            continue;
        if (forms[i].length > left)
            return 0;
        if (forms[i].length > 1 && (at[1] < forms[i].second_from || at[1] > forms[i].second_to))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if (at[k] < 0x80 || at[k] > 0xbf)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* How many bytes at the start of TEXT are ASCII but NUL, in steps of eight. */
static size_t ascii_length(const char *text, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t at = 0;
    for (uint64_t word; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if ((word | (word - ones)) & highs)
            break;
    }
    return at;
}

bool text_is_utf8(const char *text, size_t size)
{
    for (size_t at = ascii_length(text, size); at < size;) {
        size_t length = utf8_length((const unsigned char *)text + at, size - at);
        if (!length)
            return false;
        at += length;
    }
    return true;
}

const char *text_to_utf8(struct arena *arena, const char *text, size_t size, bool *replaced)
{
    if (text_is_utf8(text, size))
        return arena_copy(arena, text, size);
    char *out = arena_alloc(arena, size * 3 + 1), *end = out;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_length((const unsigned char *)text + at, size - at);
        if (length) {
            memcpy(end, text + at, length);
            end += length;
            at += length;
        } else {
            memcpy(end, "\xef\xbf\xbd", 3);
            end += 3;
            at++;
        }
    }
    *replaced = true;
    return out;
}

bool text_number(const char *text, int64_t min, int64_t max, int64_t *out)
{
    if (!isdigit((unsigned char)*text) && !(*text == '-' && isdigit((unsigned char)text[1])))
        return false;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end || number < min || number > max)
        return false;
    *out = number;
    return true;
}

bool text_same(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool text_begins(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *suffix)
{
    size_t size = strlen(text), end = strlen(suffix);
    return size >= end && strcasecmp(text + size - end, suffix) == 0;
}

char *text_trim(struct arena *arena, const char *text, size_t size)
{
    while (size && isspace((unsigned char)text[size - 1]))
        size--;
    while (size && isspace((unsigned char)*text)) {
        text++;
        size--;
    }
    return arena_copy(arena, text, size);
}

void text_json(struct buf *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_printf(out, "\\%c", *c);
        else if (*c < ' ' || *c == 0x7f)
            buf_printf(out, "\\u%04x", *c);
        else
            buf_add(out, c, 1);
    }
}
