/* See json_check.h. One state says what may come next; a stack of bytes says what is open.
 * SPDX-License-Identifier: MIT */
#include "ingest/json_check.h"
#include "base/text.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX  256
#define NAME_BYTES 64 /* more than the longest of the names below */

/* Only these decide anything; a repeated name beside them is harmless. */
#define NAME(text)            \
    {                         \
        text, sizeof text - 1 \
    }
static const struct {
    const char *text;
    size_t size;
} names[] = {
    NAME("organization-name"),
    NAME("date-range"),
    NAME("start-datetime"),
    NAME("end-datetime"),
    NAME("contact-info"),
    NAME("report-id"),
    NAME("policies"),
    NAME("policy"),
    NAME("policy-type"),
    NAME("policy-string"),
    NAME("policy-domain"),
    NAME("mx-host"),
    NAME("mx-host-pattern"),
    NAME("summary"),
    NAME("total-successful-session-count"),
    NAME("total-failure-session-count"),
    NAME("failure-details"),
    NAME("result-type"),
    NAME("sending-mta-ip"),
    NAME("receiving-mx-hostname"),
    NAME("receiving-mx-helo"),
    NAME("receiving-ip"),
    NAME("failed-session-count"),
    NAME("additional-information"),
    NAME("failure-reason-code"),
};
#undef NAME
_Static_assert(ARRAY_SIZE(names) <= 32, "one bit for each name");

enum expect { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COLON, COMMA_OR_END, NOTHING };

struct check {
    const char *text;
    size_t size, at;
    enum expect expect;
    int open, depth;
    int64_t values, values_max;
    char closer[DEPTH_MAX];   /* ']' or '}' of each level */
    uint32_t seen[DEPTH_MAX]; /* names of each open object */
    bool *repeated;
    struct err *err;
};

static bool fault(struct check *check, const char *what)
{
    return err_set(check->err, ERR_INPUT, "not JSON: %s at byte %zu", what, check->at);
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Leaves `at` behind the closing quote. */
static bool string(struct check *check, size_t *begin, size_t *length)
{
    *begin = ++check->at;
    for (; check->at < check->size; check->at++) {
        while (check->at < check->size && is_plain(check->text[check->at]))
            check->at++;
        if (check->at == check->size)
            break;
        unsigned char c = (unsigned char)check->text[check->at];
        if (c == '"') {
            *length = check->at++ - *begin;
            return true;
        }
        if (c < 0x20)
            return fault(check, "control character in a string");
        if (++check->at >= check->size)
            break;
        c = (unsigned char)check->text[check->at];
        if (c == 'u') {
            for (int i = 0; i < 4; i++)
                if (++check->at >= check->size || !isxdigit((unsigned char)check->text[check->at]))
                    return fault(check, "bad \\u escape");
        } else if (!c || !strchr("\"\\/bfnrt", c)) {
            return fault(check, "bad escape");
        }
    }
    return fault(check, "a string without end");
}

static size_t digits(struct check *check)
{
    size_t begin = check->at;
    while (check->at < check->size && isdigit((unsigned char)check->text[check->at]))
        check->at++;
    return check->at - begin;
}

static bool next_is(struct check *check, const char *one_of)
{
    if (check->at >= check->size || !check->text[check->at]
        || !strchr(one_of, check->text[check->at]))
        return false;
    check->at++;
    return true;
}

static bool number(struct check *check)
{
    next_is(check, "-");
    if (!next_is(check, "0") && !digits(check))
        return fault(check, "bad number");
    if (next_is(check, ".") && !digits(check))
        return fault(check, "bad number");
    if (next_is(check, "eE")) {
        next_is(check, "+-");
        if (!digits(check))
            return fault(check, "bad number");
    }
    return true;
}

static bool word(struct check *check)
{
    static const char *const words[] = { "true", "false", "null" };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        size_t length = strlen(words[i]);
        if (check->size - check->at >= length
            && memcmp(check->text + check->at, words[i], length) == 0) {
            check->at += length;
            return true;
        }
    }
    return fault(check, "unexpected character");
}

/* A name may be written with escapes: "polic\u0069es". What no name of ours has is given as NUL, and
 * what is too long for any of them is cut. */
static size_t unescape(const char *text, size_t length, char out[NAME_BYTES])
{
    size_t size = 0;
    for (size_t i = 0; i < length && size < NAME_BYTES; size++) {
        unsigned long code = (unsigned char)text[i++];
        if (code == '\\' && text[i] == 'u') {
            char digits[5] = "";
            memcpy(digits, text + i + 1, 4);
            code = strtoul(digits, NULL, 16);
            i += 5;
        } else if (code == '\\') {
            code = 0;
            i++;
        }
        out[size] = code < 0x80 ? (char)code : '\0';
    }
    return size;
}

static bool name(struct check *check)
{
    size_t begin, length;
    char plain[NAME_BYTES];
    if (check->text[check->at] != '"')
        return fault(check, "a name in double quotes is missing");
    if (!string(check, &begin, &length))
        return false;
    if (!text_is_utf8(check->text + begin, length))
        return fault(check, "a name that is not UTF-8");
    const char *text = check->text + begin;
    if (memchr(text, '\\', length)) {
        length = unescape(text, length, plain);
        text = plain;
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].size != length || memcmp(names[i].text, text, length) != 0)
            continue;
        uint32_t bit = UINT32_C(1) << i;
        if (check->seen[check->open - 1] & bit)
            *check->repeated = true;
        check->seen[check->open - 1] |= bit;
        break;
    }
    check->expect = COLON;
    return true;
}

static bool enter(struct check *check, char closer)
{
    if (check->open >= check->depth)
        return err_set(check->err, ERR_LIMIT,
                       "JSON nested deeper than %d levels (limits.json_depth)", check->depth);
    check->closer[check->open] = closer;
    check->seen[check->open] = 0;
    check->open++;
    check->at++;
    check->expect = closer == '}' ? NAME_OR_END : VALUE_OR_END;
    return true;
}

static void after_value(struct check *check)
{
    check->expect = check->open ? COMMA_OR_END : NOTHING;
}

static void leave(struct check *check)
{
    check->open--;
    check->at++;
    after_value(check);
}

static bool value(struct check *check)
{
    size_t begin, length;
    char c = check->text[check->at];
    if (++check->values > check->values_max)
        return err_set(check->err, ERR_LIMIT,
                       "JSON of more than %" PRId64 " values (limits.json_values)",
                       check->values_max);
    if (c == '{' || c == '[')
        return enter(check, c == '{' ? '}' : ']');
    bool good = c == '"'                                ? string(check, &begin, &length)
                : c == '-' || isdigit((unsigned char)c) ? number(check)
                                                        : word(check);
    after_value(check);
    return good;
}

static bool step(struct check *check)
{
    char c = check->text[check->at];
    char closer = check->open ? check->closer[check->open - 1] : '\0';
    bool may_end = check->expect == VALUE_OR_END || check->expect == NAME_OR_END
                   || check->expect == COMMA_OR_END;
    if (may_end && c == closer) {
        leave(check);
        return true;
    }
    switch (check->expect) {
    case VALUE:
    case VALUE_OR_END:
        return value(check);
    case NAME:
    case NAME_OR_END:
        return name(check);
    case COLON:
        if (c != ':')
            return fault(check, "':' is missing");
        check->expect = VALUE;
        break;
    case COMMA_OR_END:
        if (c != ',')
            return fault(check, "',' is missing");
        check->expect = closer == '}' ? NAME : VALUE;
        break;
    case NOTHING:
        return fault(check, "text behind the end of the JSON");
    }
    check->at++;
    return true;
}

bool json_check(const char *text, size_t size, const struct json_bounds *bounds, bool *repeated,
                struct err *err)
{
    struct check check = { .text = text,
                           .size = size,
                           .expect = VALUE,
                           .depth = bounds->depth < DEPTH_MAX ? (int)bounds->depth : DEPTH_MAX,
                           .values_max = bounds->values,
                           .repeated = repeated,
                           .err = err };
    for (;;) {
        while (check.at < size && is_white(text[check.at]))
            check.at++;
        if (check.at >= size)
            break;
        if (!step(&check))
            return false;
    }
    return check.expect == NOTHING || fault(&check, "it ends too early");
}
