/* See record.h. First the records are told apart: those that count, those that were meant to, others. If exactly
 * one is left, it is taken apart at its semicolons; else the faults of those that were meant to be one are looked
 * for, so that all of them are told at once.
 *
 * SPDX-License-Identifier: MIT
 * Before: policy_text.c. Next: record_uri.c */
#include "ingest/record.h"
#include "ingest/record_uri.h"
#include "base/glyph.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX     32
#define NAME_MAX   32 /* of a field */
#define URIS_MAX   20
#define FIELDS_MAX 100
#define SPACES     " \t"

/* What each fault means; see enum record_flaw. */
/* clang-format off */
static const struct {
    const char *code;
    bool fatal;
    bool harmless; /* the strictest sender takes the record nevertheless */
    const char *text;
} flaws[RECORD_FLAWS] = {
    [RECORD_ABSENT] = { .code = "missing", .fatal = true, .text = "there is no record that begins with its version" },
    [RECORD_SEVERAL] = { .code = "multiple", .fatal = true, .text = "more than one record counts, so senders use none" },
    [RECORD_OTHER_KIND] = { .code = "unrelated-txt", .text = "this is the record of the other standard, at the wrong name" },
    [RECORD_LEADING] = { .code = "syntax", .fatal = true, .text = "white space stands before v=" },
    [RECORD_CASE] = { .code = "syntax", .fatal = true, .text = "the version is written in other letters; upper and lower case count" },
    [RECORD_VERSION] = { .code = "syntax", .fatal = true, .text = "the version is another one, or no semicolon follows it" },
    [RECORD_VERSION_ONLY] = { .code = "syntax", .fatal = true, .text = "nothing stands behind the version" },
    [RECORD_SPACE_BEFORE] = { .code = "space-before-semicolon", .text = "white space stands between version and semicolon; some senders see no record then" },
    [RECORD_SPACE_INSIDE] = { .code = "syntax", .fatal = true, .text = "white space stands around an equals sign" },
    [RECORD_SPACE_AFTER] = { .code = "odd", .text = "white space stands at the end" },
    [RECORD_QUOTES] = { .code = "syntax", .fatal = true, .text = "quotes or backslashes are part of the text; they belong to the zone file only" },
    [RECORD_SMART_QUOTES] = { .code = "syntax", .fatal = true, .text = "typographic quotes are part of the text; a word processor put them there" },
    [RECORD_NOT_ASCII] = { .code = "syntax", .fatal = true, .text = "a character is not ASCII" },
    [RECORD_FIELD] = { .code = "syntax", .fatal = true, .text = "a field is no name=value" },
    [RECORD_EXTENSION] = { .code = "extension", .harmless = true, .text = "the standard does not know this field; senders ignore it" },
    [RECORD_ID_MISSING] = { .code = "id-invalid", .fatal = true, .text = "there is no id" },
    [RECORD_ID_EMPTY] = { .code = "id-invalid", .fatal = true, .text = "the id is empty" },
    [RECORD_ID_LONG] = { .code = "id-invalid", .fatal = true, .text = "the id is longer than 32 characters" },
    [RECORD_ID_LETTERS] = { .code = "id-invalid", .fatal = true, .text = "the id holds others than letters and digits" },
    [RECORD_ID_TWICE] = { .code = "syntax", .fatal = true, .text = "there are two ids; nothing says which one counts" },
    [RECORD_RUA_MISSING] = { .code = "rua-invalid", .fatal = true, .text = "there is no rua: no address for reports" },
    [RECORD_RUA_EMPTY] = { .code = "rua-invalid", .fatal = true, .text = "an address is empty" },
    [RECORD_RUA_TWICE] = { .code = "syntax", .fatal = true, .text = "rua stands twice; its addresses belong into one, with commas between" },
    [RECORD_RUA_MANY] = { .code = "rua-many", .harmless = true, .text = "there are several addresses; a reporter has to deliver to one of them only" },
    [RECORD_URI_SCHEME] = { .code = "rua-invalid", .text = "an address is neither mailto: nor https:" },
    [RECORD_URI_MAIL] = { .code = "rua-invalid", .text = "no mail address stands behind mailto:" },
    [RECORD_URI_HTTPS] = { .code = "rua-invalid", .text = "no host stands behind https://" },
    [RECORD_URI_ENCODING] = { .code = "rua-invalid", .text = "a character of an address has to be percent-encoded (, is %2C, ! is %21, ; is %3B)" },
    [RECORD_URI_TWICE] = { .code = "odd", .text = "an address stands twice" },
    [RECORD_UNRELATED] = { .code = "unrelated-txt", .text = "another TXT record stands beside it; some senders want one only, or read all as one" },
    [RECORD_SPF] = { .code = "unrelated-txt", .text = "an SPF record stands at this name; maybe a wildcard puts it here" },
};
/* clang-format on */

/* What a record of each kind begins with. */
static const char *const versions[] = { [RECORD_STS] = "v=STSv1", [RECORD_RPT] = "v=TLSRPTv1" };

struct reading {
    struct arena *arena;
    enum record_kind kind;
    const struct text_list *records;
    struct record_fault *faults;
    struct record_reading out;
    struct record_uri *uris;
    bool key_seen; /* id, or rua */
};

/* --- faults --- */

static void tell(struct reading *reading, enum record_flaw flaw, size_t record, size_t at,
                 const char *what)
{
    if (reading->out.fault_count == RECORD_FAULTS_MAX)
        return;
    CLEANUP(buf_done) struct buf shown = BUF(RECORD_WHAT_BYTES * 20);
    glyph_add_text(&shown, what, RECORD_WHAT_BYTES);
    reading->faults[reading->out.fault_count++] =
        (struct record_fault){ .flaw = flaw,
                               .fatal = flaws[flaw].fatal,
                               .record = record,
                               .at = at,
                               .what = arena_text(reading->arena, buf_get(&shown)),
                               .text = flaws[flaw].text };
}

static void tell_piece(struct reading *reading, enum record_flaw flaw, size_t record,
                       const char *from, size_t size)
{
    const char *text = reading->records->items[record];
    tell(reading, flaw, record, (size_t)(from - text), arena_copy(reading->arena, from, size));
}

static bool has_fatal(const struct reading *reading)
{
    for (size_t i = 0; i < reading->out.fault_count; i++)
        if (reading->faults[i].fatal)
            return true;
    return false;
}

static int by_weight(const void *a, const void *b)
{
    const struct record_fault *one = a, *other = b;
    if (one->fatal != other->fatal)
        return one->fatal ? -1 : 1;
    if (one->record != other->record)
        return one->record < other->record ? -1 : 1;
    if (one->at != other->at)
        return one->at < other->at ? -1 : 1;
    return (int)one->flaw - (int)other->flaw;
}

/* --- which of the records --- */

enum claim {
    CLAIM_NONE,   /* another text */
    CLAIM_MEANT,  /* meant to be one, and discarded by senders */
    CLAIM_SPACED, /* white space before the semicolon: by the grammar it is one */
    CLAIM_GOOD,
};

static enum claim claim_of(enum record_kind kind, const char *text)
{
    const char *version = versions[kind];
    size_t size = strlen(version);
    if (strncmp(text, version, size) == 0) {
        size_t spaces = strspn(text + size, SPACES);
        if (text[size + spaces] == ';')
            return spaces ? CLAIM_SPACED : CLAIM_GOOD;
        return CLAIM_MEANT;
    }
    /* "V = stsv2": its letters are there, in this order, before the first semicolon. */
    const char *want = kind == RECORD_STS ? "v=sts" : "v=tlsrpt";
    for (const char *c = text; *c && *c != ';' && *want; c++) {
        bool letter = isalpha((unsigned char)*c) || *c == '=';
        if (letter && tolower((unsigned char)*c) != *want)
            return CLAIM_NONE;
        want += letter;
    }
    return *want ? CLAIM_NONE : CLAIM_MEANT;
}

/* --- what is wrong with a record as a whole --- */

static void see_characters(struct reading *reading, size_t record)
{
    const char *text = reading->records->items[record];
    const char *quote = strpbrk(text, "\"'\\");
    const char *smart = strstr(text, "\xe2\x80"); /* U+2018 to U+201F among others */
    if (quote)
        tell_piece(reading, RECORD_QUOTES, record, quote, 1);
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c >= 0x80) {
            bool typographic =
                c == smart && (unsigned char)c[2] >= 0x98 && (unsigned char)c[2] <= 0x9f;
            tell_piece(reading, typographic ? RECORD_SMART_QUOTES : RECORD_NOT_ASCII, record, c,
                       strnlen(c, typographic ? 3 : 4));
            return;
        }
}

/* Why a record that was meant to be one is discarded. */
static void see_version(struct reading *reading, size_t record)
{
    const char *text = reading->records->items[record];
    const char *version = versions[reading->kind];
    size_t leading = strspn(text, SPACES), size = strcspn(text, ";");
    const char *from = text + leading;
    size_t faults = reading->out.fault_count;
    if (leading)
        tell(reading, RECORD_LEADING, record, 0, text);
    see_characters(reading, record);
    const char *equals = strchr(from, '=');
    bool spaced = equals && equals > from
                  && (strchr(SPACES, equals[-1]) || (equals[1] && strchr(SPACES, equals[1])));
    if (spaced && equals < text + size)
        tell_piece(reading, RECORD_SPACE_INSIDE, record, from, size - leading);
    else if (text_begins(from, version) && strncmp(from, version, strlen(version)) != 0)
        tell_piece(reading, RECORD_CASE, record, from, strlen(version));
    else if (strcmp(from, version) == 0)
        tell_piece(reading, RECORD_VERSION_ONLY, record, from, size - leading);
    else if (faults == reading->out.fault_count
             || (leading && strncmp(from, version, strlen(version)) != 0))
        tell_piece(reading, RECORD_VERSION, record, from, size - leading);
}

static void see_beside(struct reading *reading, size_t record)
{
    const char *text = reading->records->items[record];
    enum record_kind other = reading->kind == RECORD_STS ? RECORD_RPT : RECORD_STS;
    enum record_flaw flaw = RECORD_UNRELATED;
    if (claim_of(other, text) != CLAIM_NONE)
        flaw = RECORD_OTHER_KIND;
    else if (text_begins(text, "v=spf1"))
        flaw = RECORD_SPF;
    tell(reading, flaw, record, 0, text);
}

/* --- the fields --- */

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

/* A name and a value of RFC 8461 section 3.1, sts-ext-name and sts-ext-value; RFC 8460 has the same. */
static bool is_field(const char *field, size_t size)
{
    const char *equals = memchr(field, '=', size);
    size_t name = equals ? (size_t)(equals - field) : 0;
    if (!name || name > NAME_MAX || name + 1 == size || !is_letter(*field))
        return false;
    for (size_t i = 0; i < name; i++)
        if (!is_letter(field[i]) && !strchr("_-.", field[i]))
            return false;
    for (size_t i = name + 1; i < size; i++)
        if (field[i] <= ' ' || field[i] == '=' || field[i] == 0x7f)
            return false;
    return true;
}

static void read_id(struct reading *reading, size_t record, const char *value, size_t size)
{
    enum record_flaw flaw = RECORD_FLAWS;
    if (reading->key_seen)
        flaw = RECORD_ID_TWICE;
    else if (!size)
        flaw = RECORD_ID_EMPTY;
    for (size_t i = 0; i < size && flaw == RECORD_FLAWS; i++)
        if (!is_letter(value[i]))
            flaw = RECORD_ID_LETTERS;
    if (flaw == RECORD_FLAWS && size > ID_MAX)
        flaw = RECORD_ID_LONG;
    if (flaw != RECORD_FLAWS)
        tell_piece(reading, flaw, record, value, size);
    if (!reading->key_seen)
        reading->out.id = arena_copy(reading->arena, value, size);
    reading->key_seen = true;
}

static bool is_there(const struct reading *reading, const struct record_uri *uri)
{
    for (size_t i = 0; i < reading->out.uri_count; i++)
        if (uri->same && reading->uris[i].same && strcmp(uri->same, reading->uris[i].same) == 0)
            return true;
    return false;
}

static void read_uri(struct reading *reading, size_t record, const char *text, size_t size)
{
    enum record_flaw flaw;
    size_t at;
    struct record_uri uri =
        record_uri_read(reading->arena, arena_copy(reading->arena, text, size), &flaw, &at);
    if (flaw != RECORD_FLAWS)
        tell_piece(reading, flaw, record, text + at, size - at);
    if (is_there(reading, &uri))
        tell_piece(reading, RECORD_URI_TWICE, record, text, size);
    if (size && reading->out.uri_count < URIS_MAX)
        reading->uris[reading->out.uri_count++] = uri;
}

static void read_rua(struct reading *reading, size_t record, const char *value, size_t size)
{
    if (reading->key_seen)
        tell_piece(reading, RECORD_RUA_TWICE, record, value, size);
    reading->key_seen = true;
    for (const char *from = value, *end = value + size; from <= end;) {
        const char *comma = memchr(from, ',', (size_t)(end - from));
        const char *to = comma ? comma : end, *next = to + 1;
        while (from < to && strchr(SPACES, *from))
            from++;
        while (to > from && strchr(SPACES, to[-1]))
            to--;
        read_uri(reading, record, from, (size_t)(to - from));
        from = next;
    }
}

/* "id = 1": meant to be "id=1". */
static bool is_spaced(const char *field, size_t size, const char *name)
{
    size_t length = strlen(name);
    if (size <= length || strncmp(field, name, length) != 0)
        return false;
    size_t before = strspn(field + length, SPACES);
    const char *equals = field + length + before;
    return equals < field + size && *equals == '='
           && (before || (equals + 1 < field + size && strchr(SPACES, equals[1])));
}

static void read_field(struct reading *reading, size_t record, const char *field, size_t size)
{
    const char *name = reading->kind == RECORD_STS ? "id" : "rua";
    size_t length = strlen(name);
    if (is_spaced(field, size, name)) {
        tell_piece(reading, RECORD_SPACE_INSIDE, record, field, size);
        reading->key_seen = true;
    } else if (size > length && strncmp(field, name, length) == 0 && field[length] == '=') {
        void (*read)(struct reading *, size_t, const char *, size_t) =
            reading->kind == RECORD_STS ? read_id : read_rua;
        read(reading, record, field + length + 1, size - length - 1);
    } else if (is_field(field, size)) {
        tell_piece(reading, RECORD_EXTENSION, record, field, size);
    } else {
        tell_piece(reading, RECORD_FIELD, record, field, size);
    }
}

/* All behind the version's semicolon; a last empty field is the semicolon that may stand at the end. */
static void read_fields(struct reading *reading, size_t record)
{
    const char *text = reading->records->items[record], *end = text + strlen(text);
    const char *field = strchr(text, ';') + 1;
    for (size_t count = 0; field <= end && count < FIELDS_MAX; count++) {
        size_t size = strcspn(field, ";");
        const char *from = field + strspn(field, SPACES), *to = field + size, *next = to + 1;
        if (from > to)
            from = to;
        while (to > from && strchr(SPACES, to[-1]))
            to--;
        if (field + size == end && to != end && from != to)
            tell(reading, RECORD_SPACE_AFTER, record, (size_t)(to - text), "");
        if (from != to)
            read_field(reading, record, from, (size_t)(to - from));
        else if (next <= end)
            tell(reading, RECORD_FIELD, record, (size_t)(from - text), "");
        field = next;
    }
    if (!reading->key_seen)
        tell(reading, reading->kind == RECORD_STS ? RECORD_ID_MISSING : RECORD_RUA_MISSING, record,
             0, "");
}

/* Reports reach nobody if no address can be used. */
static void weigh_uris(struct reading *reading)
{
    bool usable = false;
    for (size_t i = 0; i < reading->out.uri_count; i++)
        usable = usable || reading->uris[i].usable;
    for (size_t i = 0; i < reading->out.fault_count; i++) {
        struct record_fault *fault = &reading->faults[i];
        bool of_uri = fault->flaw == RECORD_URI_SCHEME || fault->flaw == RECORD_URI_MAIL
                      || fault->flaw == RECORD_URI_HTTPS || fault->flaw == RECORD_URI_ENCODING;
        fault->fatal = fault->fatal || (of_uri && !usable);
    }
}

static void read_one(struct reading *reading, size_t record, bool spaced)
{
    const char *text = reading->records->items[record];
    reading->out.record = text;
    if (spaced)
        tell(reading, RECORD_SPACE_BEFORE, record, strlen(versions[reading->kind]), "");
    see_characters(reading, record);
    read_fields(reading, record);
    if (reading->kind == RECORD_STS)
        return;
    weigh_uris(reading);
    if (reading->out.uri_count > 1)
        tell(reading, RECORD_RUA_MANY, record, 0, "");
}

/* --- all of them --- */

static size_t count_of(const struct reading *reading, enum claim claim, size_t *last)
{
    size_t count = 0;
    for (size_t i = 0; i < reading->records->count; i++)
        if (claim_of(reading->kind, reading->records->items[i]) == claim) {
            *last = i;
            count++;
        }
    return count;
}

static void see_others(struct reading *reading, enum claim counting)
{
    for (size_t i = 0; i < reading->records->count; i++) {
        enum claim claim = claim_of(reading->kind, reading->records->items[i]);
        if (claim == CLAIM_NONE)
            see_beside(reading, i);
        else if (claim != counting && claim == CLAIM_SPACED)
            tell(reading, RECORD_SPACE_BEFORE, i, strlen(versions[reading->kind]),
                 reading->records->items[i]);
        else if (claim != counting)
            see_version(reading, i);
    }
}

/* A record that counts makes the faults of others harmless to those who follow the RFC. */
static void soften(struct reading *reading, size_t from)
{
    for (size_t i = from; i < reading->out.fault_count; i++)
        reading->faults[i].fatal = false;
}

static bool is_strict(const struct reading *reading)
{
    for (size_t i = 0; i < reading->out.fault_count; i++)
        if (!flaws[reading->faults[i].flaw].harmless)
            return false;
    return reading->out.valid;
}

struct record_reading record_read(struct arena *arena, enum record_kind kind,
                                  const struct text_list *records)
{
    struct reading reading = { .arena = arena, .kind = kind, .records = records };
    reading.faults = arena_array(arena, RECORD_FAULTS_MAX, sizeof *reading.faults);
    reading.uris = arena_array(arena, URIS_MAX, sizeof *reading.uris);
    size_t one = 0;
    enum claim counting = CLAIM_GOOD;
    size_t count = count_of(&reading, CLAIM_GOOD, &one);
    if (!count) {
        counting = CLAIM_SPACED;
        count = count_of(&reading, CLAIM_SPACED, &one);
    }
    if (count > 1)
        tell(&reading, RECORD_SEVERAL, one, 0, records->items[one]);
    else if (count == 1)
        read_one(&reading, one, counting == CLAIM_SPACED);
    size_t own = reading.out.fault_count;
    see_others(&reading, count ? counting : CLAIM_GOOD);
    if (count)
        soften(&reading, own);
    else if (!count_of(&reading, CLAIM_MEANT, &one))
        tell(&reading, RECORD_ABSENT, 0, 0, "");

    struct record_reading *out = &reading.out;
    out->valid = count == 1 && !has_fatal(&reading);
    out->strict = is_strict(&reading);
    if (!out->valid)
        out->id = NULL;
    out->uris = reading.uris;
    qsort(reading.faults, out->fault_count, sizeof *reading.faults, by_weight);
    out->faults = reading.faults;
    return *out;
}

int record_find(struct arena *arena, const struct record_reading *reading,
                const struct text_list *own)
{
    for (size_t i = 0; i < reading->uri_count; i++)
        for (size_t k = 0; k < own->count && reading->uris[i].same; k++) {
            enum record_flaw flaw;
            size_t at;
            struct record_uri uri = record_uri_read(arena, own->items[k], &flaw, &at);
            if (uri.same && strcmp(uri.same, reading->uris[i].same) == 0)
                return (int)i;
        }
    return -1;
}

const char *record_flaw_code(enum record_flaw flaw)
{
    return flaws[flaw].code;
}
