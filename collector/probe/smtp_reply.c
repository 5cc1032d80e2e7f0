/* See smtp_reply.h.
 * SPDX-License-Identifier: MIT */
#include "probe/smtp_reply.h"
#include "probe/wire.h"
#include <string.h>

#define CODE_DIGITS 3

static bool is_digit(char c, char most)
{
    return c >= '0' && c <= most;
}

/* 0: LINE does not begin with a code. */
static int code_of(struct bytes line)
{
    const char *c = line.data;
    if (line.size < CODE_DIGITS || c[0] < '2' || !is_digit(c[0], '5') || !is_digit(c[1], '9')
        || !is_digit(c[2], '9'))
        return 0;
    return (c[0] - '0') * 100 + (c[1] - '0') * 10 + (c[2] - '0');
}

static enum smtp_read wrong(const char **why, const char *text)
{
    *why = text;
    return SMTP_WRONG;
}

/* The line at AT, without its end; false when that has not come. */
static bool next_line(struct bytes received, size_t at, struct bytes *line, size_t *after)
{
    const char *begin = received.data + at;
    const char *end = at < received.size ? memchr(begin, '\n', received.size - at) : NULL;
    if (!end)
        return false;
    *after = (size_t)(end - received.data) + 1;
    line->data = begin;
    line->size = (size_t)(end - begin);
    if (line->size && line->data[line->size - 1] == '\r')
        line->size--;
    return true;
}

/* Judges the lines there are, and allocates nothing: a server may send a long reply byte by byte. */
static enum smtp_read scan(struct bytes received, int *code, size_t *count, size_t *used,
                           const char **why)
{
    size_t at = 0, after;
    struct bytes line;
    for (*code = 0, *count = 0; next_line(received, at, &line, &after); at = after) {
        int here = code_of(line);
        bool last = line.size == CODE_DIGITS || (here && line.data[CODE_DIGITS] == ' ');
        if (line.size > SMTP_LINE_BYTES)
            return wrong(why, "a line of the reply is too long");
        if (!here || (!last && line.data[CODE_DIGITS] != '-'))
            return wrong(why, "what it sent is no reply of SMTP");
        if (*count && here != *code)
            return wrong(why, "the lines of one reply have different codes");
        if (++*count > SMTP_REPLY_LINES)
            return wrong(why, "the reply has too many lines");
        *code = here;
        *used = after;
        if (last)
            return SMTP_WHOLE;
    }
    if (received.size - at > SMTP_LINE_BYTES)
        return wrong(why, "a line of the reply is too long");
    return received.size > SMTP_REPLY_BYTES ? wrong(why, "the reply is too long") : SMTP_MORE;
}

enum smtp_read smtp_reply_parse(struct arena *arena, struct bytes received, struct smtp_reply *out,
                                size_t *used, const char **why)
{
    size_t count, size, at = 0;
    struct bytes line;
    int code;
    enum smtp_read state = scan(received, &code, &count, &size, why);
    if (state != SMTP_WHOLE)
        return state;
    const char **lines = arena_array(arena, count, sizeof *lines);
    for (size_t i = 0; i < count && next_line(received, at, &line, &at); i++) {
        size_t head = line.size > CODE_DIGITS ? CODE_DIGITS + 1 : CODE_DIGITS;
        lines[i] = wire_text(arena, line.data + head, line.size - head, WIRE_TEXT_BYTES);
    }
    *out = (struct smtp_reply){ code, { lines, count } };
    *used = size;
    return SMTP_WHOLE;
}

bool smtp_reply_offers(const struct smtp_reply *reply, const char *keyword)
{
    size_t size = strlen(keyword);
    for (size_t i = 1; i < reply->lines.count; i++) { /* the first greets */
        const char *line = reply->lines.items[i];
        if (text_begins(line, keyword) && (!line[size] || strchr(" =\t", line[size])))
            return true;
    }
    return false;
}
