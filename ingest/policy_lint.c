/* See policy_lint.h. The text is cut into lines as senders do, each line into key and value; what is found is told
 * by one table. The policy itself is read by policy_parse(), from the lines that count.
 *
 * SPDX-License-Identifier: MIT
 * Before: record_uri.c. Next: domains.c */
#include "ingest/policy_lint.h"
#include "ingest/policy_mx.h"
#include "ingest/policy_text.h"
#include "base/glyph.h"
#include "base/text.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES  32 /* of an unknown key, RFC 8461 section 3.2 */
#define AGE_DIGITS 10
#define SPACES     " \t"

/* What each flaw means; see enum policy_flaw_kind. Of `strict` there is at least one sender that refuses it. */
/* clang-format off */
static const struct {
    const char *code;
    bool rfc, strict;
    const char *text;
} kinds[POLICY_FLAWS] = {
    [POLICY_FLAW_LARGE] = { "pol.strict", true, true, "it is longer than 65536 bytes; senders read no more" },
    [POLICY_FLAW_BOM] = { "pol.bom", true, true, "a byte order mark stands in front; it hides the first key" },
    [POLICY_FLAW_CR] = { "pol.cr", true, true, "a line ends with CR alone; LF or CRLF end lines" },
    [POLICY_FLAW_MIXED] = { "pol.mixed-ends", false, false, "some lines end with LF, others with CRLF" },
    [POLICY_FLAW_NO_END] = { "pol.no-final-newline", false, false, "the last line is not ended" },
    [POLICY_FLAW_BLANK] = { "pol.blank-line", true, true, "a line is blank; several senders refuse the whole policy for it" },
    [POLICY_FLAW_COMMENT] = { "pol.comment", false, true, "this is a comment; a policy has none" },
    [POLICY_FLAW_LEADING] = { "pol.space", false, true, "white space stands before a key" },
    [POLICY_FLAW_TRAILING] = { "pol.space", false, true, "white space stands at the end of a line" },
    [POLICY_FLAW_COLON] = { "pol.space", false, true, "white space stands before a colon" },
    [POLICY_FLAW_LINE] = { "pol.syntax", true, true, "a line is no \"key: value\"" },
    [POLICY_FLAW_NOT_ASCII] = { "pol.nonascii", false, true, "a line is not in ASCII" },
    [POLICY_FLAW_NOT_UTF8] = { "pol.nonascii", true, true, "a line is neither in ASCII nor in UTF-8" },
    [POLICY_FLAW_SIMILAR] = { "pol.unknown-key", false, false, "a key is much like a known one, and is ignored" },
    [POLICY_FLAW_EXTENSION] = { "pol.extension", false, false, "a key is not known; senders ignore it" },
    [POLICY_FLAW_EXTENSION_COLON] = { "pol.strict", false, true, "the value of an unknown key holds a colon" },
    [POLICY_FLAW_DUPLICATE] = { "pol.dup", false, true, "a key stands twice; some senders take the first, others the last or none" },
    [POLICY_FLAW_VERSION_MISSING] = { "pol.version", true, true, "version is missing" },
    [POLICY_FLAW_VERSION] = { "pol.version", true, true, "the version is not STSv1" },
    [POLICY_FLAW_VERSION_PLACE] = { "pol.version-not-first", false, true, "version does not come first" },
    [POLICY_FLAW_MODE_MISSING] = { "pol.mode", true, true, "mode is missing" },
    [POLICY_FLAW_MODE] = { "pol.mode", true, true, "the mode is none of testing, enforce and none, in lower case" },
    [POLICY_FLAW_MAX_AGE_MISSING] = { "pol.maxage-missing", true, true, "max_age is missing" },
    [POLICY_FLAW_MAX_AGE] = { "pol.maxage-range", true, true, "max_age is no whole number of 1 to 10 digits" },
    [POLICY_FLAW_MAX_AGE_RANGE] = { "pol.maxage-range", true, true, "max_age is more than 31557600 seconds (a year)" },
    [POLICY_FLAW_MX_MISSING] = { "pol.mx-missing", true, true, "there is no mx; only mode none needs none" },
    [POLICY_FLAW_MX_NONE] = { "pol.strict", false, true, "there is no mx; some senders refuse that, also in mode none" },
    [POLICY_FLAW_MX_ADDRESS] = { "pol.mx-ip", true, true, NULL },
    [POLICY_FLAW_MX] = { "pol.mx-syntax", true, true, NULL },
    [POLICY_FLAW_MX_SINGLE] = { "pol.mx-syntax", false, false, NULL },
};
/* clang-format on */

enum key { VERSION, MODE, MAX_AGE, MX, KEYS };
static const char *const names[KEYS] = {
    [VERSION] = "version", [MODE] = "mode", [MAX_AGE] = "max_age", [MX] = "mx"
};

struct reading {
    struct arena *arena;
    struct policy_lint out;
    struct policy_flaw *flaws;
    size_t line; /* the one at hand, from 1 */
    size_t keys; /* so far */
    bool seen[KEYS], cr, lf, crlf;
    bool none; /* mode: none */
    bool refused, refused_strictly;
    struct buf taken; /* the lines that count, for policy_parse() */
};

/* --- flaws --- */

static void tell(struct reading *reading, enum policy_flaw_kind kind, struct bytes what,
                 const char *text)
{
    reading->refused = reading->refused || kinds[kind].rfc;
    reading->refused_strictly = reading->refused_strictly || kinds[kind].strict;
    if (reading->out.flaw_count == POLICY_FLAWS_MAX) {
        reading->out.left_out++;
        return;
    }
    CLEANUP(buf_done) struct buf shown = BUF(POLICY_WHAT_BYTES * 20);
    bool replaced;
    size_t size = what.size < POLICY_WHAT_BYTES * 4 ? what.size : POLICY_WHAT_BYTES * 4;
    glyph_add_text(&shown,
                   text_to_utf8(reading->arena, what.data ? what.data : "", size, &replaced),
                   POLICY_WHAT_BYTES);
    reading->flaws[reading->out.flaw_count++] =
        (struct policy_flaw){ .kind = kind,
                              .line = reading->line,
                              .rfc = kinds[kind].rfc,
                              .strict = kinds[kind].strict,
                              .what = arena_text(reading->arena, buf_get(&shown)),
                              .text = text ? text : kinds[kind].text };
}

static void tell_missing(struct reading *reading)
{
    static const enum policy_flaw_kind missing[KEYS] = { [VERSION] = POLICY_FLAW_VERSION_MISSING,
                                                         [MODE] = POLICY_FLAW_MODE_MISSING,
                                                         [MAX_AGE] = POLICY_FLAW_MAX_AGE_MISSING,
                                                         [MX] = POLICY_FLAW_MX_MISSING };
    for (enum key key = 0; key < KEYS; key++)
        if (!reading->seen[key])
            tell(reading, key == MX && reading->none ? POLICY_FLAW_MX_NONE : missing[key],
                 (struct bytes){ 0 }, NULL);
}

/* --- values --- */

static bool is(struct bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static void see_version(struct reading *reading, struct bytes value)
{
    if (!is(value, "STSv1"))
        tell(reading, POLICY_FLAW_VERSION, value, NULL);
    if (reading->keys)
        tell(reading, POLICY_FLAW_VERSION_PLACE, (struct bytes){ 0 }, NULL);
}

static void see_mode(struct reading *reading, struct bytes value)
{
    reading->none = is(value, "none");
    if (!reading->none && !is(value, "testing") && !is(value, "enforce"))
        tell(reading, POLICY_FLAW_MODE, value, NULL);
}

static void see_max_age(struct reading *reading, struct bytes value)
{
    int64_t seconds = 0;
    bool good = value.size >= 1 && value.size <= AGE_DIGITS;
    for (size_t i = 0; i < value.size && good; i++) {
        good = isdigit((unsigned char)value.data[i]);
        seconds = seconds * 10 + (value.data[i] - '0');
    }
    if (!good)
        tell(reading, POLICY_FLAW_MAX_AGE, value, NULL);
    else if (seconds > POLICY_MAX_AGE_MAX)
        tell(reading, POLICY_FLAW_MAX_AGE_RANGE, value, NULL);
}

static void see_mx(struct reading *reading, struct bytes value)
{
    enum policy_mx_flaw flaw = policy_mx_check(value);
    enum policy_flaw_kind kind = POLICY_FLAW_MX;
    if (flaw == POLICY_MX_GOOD)
        return;
    if (flaw == POLICY_MX_ADDRESS)
        kind = POLICY_FLAW_MX_ADDRESS;
    else if (flaw == POLICY_MX_SINGLE)
        kind = POLICY_FLAW_MX_SINGLE;
    tell(reading, kind, value,
         arena_printf(reading->arena, "this mx %s", policy_mx_flaw_to_text(flaw)));
}

/* --- unknown keys --- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters have to be added, taken away or changed; case makes no difference. */
static size_t distance(struct bytes key, const char *name)
{
    size_t size = strlen(name), row[16];
    for (size_t k = 0; k <= size; k++)
        row[k] = k;
    for (size_t i = 0; i < key.size; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t k = 1; k <= size; k++) {
            bool same = tolower((unsigned char)key.data[i]) == name[k - 1];
            size_t here = least(corner + !same, least(row[k], row[k - 1]) + 1);
            corner = row[k];
            row[k] = here;
        }
    }
    return row[size];
}

static const char *similar(struct bytes key)
{
    for (enum key known = 0; known < KEYS; known++)
        if (distance(key, names[known]) <= (strlen(names[known]) > 4 ? 2 : 1))
            return names[known];
    return NULL;
}

static bool is_key(struct bytes key)
{
    for (size_t i = 0; i < key.size; i++)
        if ((unsigned char)key.data[i] >= 0x80
            || (!isalnum((unsigned char)key.data[i]) && (i == 0 || !strchr("_-.", key.data[i]))))
            return false;
    return key.size > 0 && key.size <= KEY_BYTES;
}

static void see_unknown(struct reading *reading, struct bytes key, struct bytes value,
                        struct bytes line)
{
    const char *name = is_key(key) ? similar(key) : NULL;
    if (!is_key(key) || !value.size)
        tell(reading, POLICY_FLAW_LINE, line, NULL);
    else if (name)
        tell(reading, POLICY_FLAW_SIMILAR, line,
             arena_printf(reading->arena, "this key is ignored; was %s meant?", name));
    else
        tell(reading, POLICY_FLAW_EXTENSION, line, NULL);
    if (is_key(key) && value.size && memchr(value.data, ':', value.size))
        tell(reading, POLICY_FLAW_EXTENSION_COLON, line, NULL);
}

/* --- lines --- */

static struct bytes without_spaces(struct bytes bytes)
{
    while (bytes.size && strchr(SPACES, bytes.data[0]) && bytes.data[0]) {
        bytes.data++;
        bytes.size--;
    }
    while (bytes.size && strchr(SPACES, bytes.data[bytes.size - 1]) && bytes.data[bytes.size - 1])
        bytes.size--;
    return bytes;
}

/* True when it has control characters, which no line may have but white space. */
static bool see_characters(struct reading *reading, struct bytes line)
{
    bool ascii = true, control = false;
    for (size_t i = 0; i < line.size; i++) {
        unsigned char c = (unsigned char)line.data[i];
        ascii = ascii && c < 0x80;
        control = control || (c < ' ' && c != '\t') || c == 0x7f;
    }
    if (control)
        tell(reading, POLICY_FLAW_LINE, line, "a line holds control characters");
    else if (!ascii && !text_is_utf8(line.data, line.size))
        tell(reading, POLICY_FLAW_NOT_UTF8, line, NULL);
    else if (!ascii)
        tell(reading, POLICY_FLAW_NOT_ASCII, line, NULL);
    return control;
}

static void see_known(struct reading *reading, enum key key, struct bytes value)
{
    static void (*const see[KEYS])(struct reading *, struct bytes) = {
        [VERSION] = see_version, [MODE] = see_mode, [MAX_AGE] = see_max_age, [MX] = see_mx
    };
    if (reading->seen[key] && key != MX) {
        tell(reading, POLICY_FLAW_DUPLICATE, value,
             arena_printf(reading->arena,
                          "%s stands twice; some senders take the first, others the last or none",
                          names[key]));
        return;
    }
    reading->seen[key] = true;
    see[key](reading, value);
    buf_printf(&reading->taken, "%s: ", names[key]);
    buf_add(&reading->taken, value.data, value.size);
    buf_text(&reading->taken, "\n");
}

static void see_key(struct reading *reading, struct bytes line)
{
    const char *colon = memchr(line.data, ':', line.size);
    if (!colon) {
        tell(reading, POLICY_FLAW_LINE, line, NULL);
        return;
    }
    struct bytes key = { line.data, (size_t)(colon - line.data) };
    struct bytes value = without_spaces((struct bytes){ colon + 1, line.size - key.size - 1 });
    struct bytes trimmed = without_spaces(key);
    if (trimmed.size != key.size)
        tell(reading, POLICY_FLAW_COLON, line, NULL);
    for (enum key known = 0; known < KEYS; known++)
        if (is(trimmed, names[known])) {
            see_known(reading, known, value);
            reading->keys++;
            return;
        }
    see_unknown(reading, trimmed, value, line);
    reading->keys++;
}

static void see_line(struct reading *reading, struct bytes line)
{
    struct bytes rest = without_spaces(line);
    if (!rest.size) {
        tell(reading, POLICY_FLAW_BLANK, line, NULL);
        return;
    }
    if (see_characters(reading, line))
        return;
    if (*rest.data == '#' || *rest.data == ';'
        || (rest.size > 1 && memcmp(rest.data, "//", 2) == 0)) {
        tell(reading, POLICY_FLAW_COMMENT, rest, NULL);
        return;
    }
    if (rest.data != line.data)
        tell(reading, POLICY_FLAW_LEADING, line, NULL);
    if (rest.data + rest.size != line.data + line.size && rest.data[rest.size - 1] != ':')
        tell(reading, POLICY_FLAW_TRAILING, line, NULL);
    see_key(reading, rest);
}

/* The next line of TEXT, which is not empty, and how it ends; TEXT goes on behind it. */
static struct bytes next_line(struct reading *reading, struct bytes *text)
{
    size_t size = 0;
    while (size < text->size && text->data[size] != '\n' && text->data[size] != '\r')
        size++;
    struct bytes line = { text->data, size };
    reading->line++;
    if (size == text->size)
        tell(reading, POLICY_FLAW_NO_END, line, NULL);
    else if (text->data[size] == '\n')
        reading->lf = true;
    else if (size + 1 < text->size && text->data[size + 1] == '\n')
        reading->crlf = true;
    else if (!reading->cr) {
        reading->cr = true;
        tell(reading, POLICY_FLAW_CR, line, NULL);
    }
    size_t end = size < text->size && text->data[size] == '\r' && size + 1 < text->size
                 && text->data[size + 1] == '\n';
    size += size < text->size ? 1 + end : 0;
    *text = (struct bytes){ text->data + size, text->size - size };
    return line;
}

static int by_line(const void *a, const void *b)
{
    const struct policy_flaw *one = a, *other = b;
    if (one->line != other->line)
        return one->line < other->line ? -1 : 1;
    return (int)one->kind - (int)other->kind;
}

/* --- the result --- */

static struct policy parse(struct arena *arena, struct bytes text)
{
    const char *line = arena_copy(arena, text.data ? text.data : "", text.size);
    return policy_parse(arena, &line, 1);
}

static void conclude(struct reading *reading)
{
    struct policy_lint *out = &reading->out;
    out->valid = !reading->refused;
    out->strict = !reading->refused_strictly;
    struct bytes taken = { buf_get(&reading->taken), out->valid ? reading->taken.size : 0 };
    out->policy = parse(reading->arena, taken);
    qsort(reading->flaws, out->flaw_count, sizeof *reading->flaws, by_line);
    out->flaws = reading->flaws;
}

struct policy_lint policy_lint(struct arena *arena, struct bytes text)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct reading reading = { .arena = arena, .taken = BUF(SIZE_MAX / 2) };
    reading.flaws = arena_array(arena, POLICY_FLAWS_MAX, sizeof *reading.flaws);
    if (text.size > POLICY_BYTES_MAX) {
        tell(&reading, POLICY_FLAW_LARGE, (struct bytes){ 0 }, NULL);
        text.size = POLICY_BYTES_MAX;
    }
    if (text.size >= strlen(mark) && memcmp(text.data, mark, strlen(mark)) == 0) {
        tell(&reading, POLICY_FLAW_BOM, (struct bytes){ 0 }, NULL);
        text = (struct bytes){ text.data + strlen(mark), text.size - strlen(mark) };
    }
    reading.out.meant = parse(arena, text);
    for (struct bytes rest = text; rest.size;)
        see_line(&reading, next_line(&reading, &rest));
    reading.line = 0;
    if (reading.lf && reading.crlf)
        tell(&reading, POLICY_FLAW_MIXED, (struct bytes){ 0 }, NULL);
    tell_missing(&reading);
    conclude(&reading);
    buf_done(&reading.taken);
    return reading.out;
}

const char *policy_lint_code(enum policy_flaw_kind kind)
{
    return kinds[kind].code;
}
