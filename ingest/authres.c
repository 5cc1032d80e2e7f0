/* See authres.h. The grammar is that of RFC 8601 section 2.2, with comments and folding wherever it
 * has CFWS. Beyond it are taken, since servers write them: a semicolon at the end, and values of
 * properties that hold any visible character but a semicolon, a parenthesis and a quote.
 *
 * SPDX-License-Identifier: MIT
 * Before: header.c. Next: tags.c */
#include "ingest/authres.h"
#include "ingest/header.h"
#include <ctype.h>
#include <string.h>

#define RESULTS_MAX 100
#define TEXT_BYTES  1000 /* of one value */

struct scan {
    struct arena *arena;
    const char *at, *end;
    struct err *err;
};

static bool fault(const struct scan *scan, const char *what)
{
    return err_set(scan->err, ERR_INPUT, "Authentication-Results: %s (RFC 8601 section 2.2)", what);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Passes a comment, those inside it too. */
static bool skip_comment(struct scan *scan)
{
    size_t depth = 0;
    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == '\\' && scan->at + 1 < scan->end)
            scan->at++;
        else if (*scan->at == '(')
            depth++;
        else if (*scan->at == ')' && --depth == 0) {
            scan->at++;
            return true;
        }
    }
    scan->at = scan->end;
    return fault(scan, "a comment without an end");
}

static bool skip_space(struct scan *scan)
{
    while (scan->at < scan->end) {
        if (is_blank(*scan->at))
            scan->at++;
        else if (*scan->at != '(')
            return true;
        else if (!skip_comment(scan))
            return false;
    }
    return true;
}

static char peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

/* Takes C, if it is there, and the space around it. */
static bool take_sign(struct scan *scan, char c, bool *taken)
{
    if (!skip_space(scan))
        return false;
    *taken = peek(scan) == c;
    scan->at += *taken;
    return !*taken || skip_space(scan);
}

static bool want_sign(struct scan *scan, char c, const char *missing)
{
    bool taken;
    return take_sign(scan, c, &taken) && (taken || fault(scan, missing));
}

static bool take_quoted(struct scan *scan, struct buf *out)
{
    for (scan->at++; scan->at < scan->end; scan->at++) {
        if (*scan->at == '"') {
            scan->at++;
            return true;
        }
        if (*scan->at == '\\' && scan->at + 1 < scan->end)
            scan->at++;
        if (*scan->at != '\r' && *scan->at != '\n')
            buf_add(out, scan->at, 1);
    }
    return fault(scan, "a quoted string without an end");
}

/* A run of visible characters and quoted strings; it ends before a blank, a comment and any of
 * ENDS. */
static bool take_value(struct scan *scan, const char *ends, const char **out)
{
    CLEANUP(buf_done) struct buf text = BUF(TEXT_BYTES);
    bool replaced, any = false;
    while (scan->at < scan->end && !is_blank(*scan->at) && !strchr(ends, *scan->at)
           && *scan->at != '(' && *scan->at != ';') {
        any = true;
        if (*scan->at == '"') {
            if (!take_quoted(scan, &text))
                return false;
        } else {
            buf_add(&text, scan->at++, 1);
        }
    }
    if (!any || text.failed)
        return fault(scan, any ? "a value of more than 1000 bytes" : "a value is missing");
    *out = text_to_utf8(scan->arena, buf_get(&text), text.size, &replaced);
    return true;
}

/* RFC 5321's Keyword: letters, digits and hyphens; in lower case. */
static bool take_keyword(struct scan *scan, const char **out)
{
    const char *from = scan->at;
    while (scan->at < scan->end
           && (isalnum((unsigned char)*scan->at) || *scan->at == '-' || *scan->at == '_'))
        scan->at++;
    char *word = arena_copy(scan->arena, from, (size_t)(scan->at - from));
    for (char *c = word; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    *out = word;
    return *word || fault(scan, "a word is missing");
}

/* --- one result --- */

/* Where a result's properties are gathered; header.d wins over header.i. */
struct found {
    struct authres_result *result;
    const char *identity;
};

static void keep_property(struct found *found, const char *type, const char *name,
                          const char *value)
{
    if (strcmp(type, "header") != 0)
        return;
    if (strcmp(name, "d") == 0 && !found->result->domain)
        found->result->domain = value;
    else if (strcmp(name, "s") == 0 && !found->result->selector)
        found->result->selector = value;
    else if (strcmp(name, "i") == 0 && !found->identity)
        found->identity = value;
}

/* ptype "." property "=" value, or "reason" "=" value; FIRST is the word that has been read. */
static bool take_property(struct scan *scan, const char *first, struct found *found)
{
    const char *name, *value;
    bool dot;
    if (!take_sign(scan, '.', &dot))
        return false;
    if (!dot) {
        if (!want_sign(scan, '=', "a property without a dot") || !take_value(scan, "", &value))
            return false;
        if (strcmp(first, "reason") == 0 && !found->result->reason)
            found->result->reason = value;
        return true;
    }
    if (!take_keyword(scan, &name) || !want_sign(scan, '=', "a property without a value")
        || !take_value(scan, "", &value))
        return false;
    keep_property(found, first, name, value);
    return true;
}

static bool take_method(struct scan *scan, struct authres_result *out)
{
    const char *version;
    bool slash;
    return take_keyword(scan, &out->method) && take_sign(scan, '/', &slash)
           && (!slash || take_keyword(scan, &version))
           && want_sign(scan, '=', "a method without a result") && take_keyword(scan, &out->result);
}

static void settle_domain(struct scan *scan, struct found *found)
{
    const char *at = found->identity ? strrchr(found->identity, '@') : NULL;
    const char *given = found->result->domain ? found->result->domain : at ? at + 1 : NULL;
    found->result->domain = given ? text_host(scan->arena, given, NULL) : NULL;
}

static bool take_result(struct scan *scan, struct authres_result *out)
{
    struct found found = { .result = out };
    const char *word;
    if (!take_method(scan, out) || !skip_space(scan))
        return false;
    while (peek(scan) && peek(scan) != ';')
        if (!take_keyword(scan, &word) || !take_property(scan, word, &found) || !skip_space(scan))
            return false;
    settle_domain(scan, &found);
    return true;
}

/* --- the field --- */

static bool take_results(struct scan *scan, struct authres_result **end)
{
    bool more;
    for (int count = 0; scan->at < scan->end; count++) {
        if (!want_sign(scan, ';', "a semicolon is missing"))
            return false;
        if (scan->at == scan->end)
            return true;
        if (count == RESULTS_MAX)
            return fault(scan, "more than 100 results");
        struct scan ahead = *scan;
        const char *word;
        if (count == 0 && take_keyword(&ahead, &word) && strcmp(word, "none") == 0
            && take_sign(&ahead, '=', &more) && !more) {
            scan->at = ahead.at;
            return ahead.at == ahead.end || fault(scan, "\"none\" and something else");
        }
        struct authres_result *result = arena_alloc(scan->arena, sizeof *result);
        if (!take_result(scan, result))
            return false;
        *end = result;
        end = &result->next;
    }
    return true;
}

/* The authserv-id and, unless it has one that we do not know, the version. */
static bool take_head(struct scan *scan, const char **authserv_id)
{
    const char *version = "1";
    if (!skip_space(scan) || !take_value(scan, "=", authserv_id) || !skip_space(scan))
        return false;
    if (peek(scan) && !strchr(";=", peek(scan))
        && (!take_value(scan, "=", &version) || !skip_space(scan)))
        return false;
    if (peek(scan) && peek(scan) != ';')
        return fault(scan, "no authserv-id stands before the first semicolon");
    return strcmp(version, "1") == 0 || fault(scan, "a version that is not 1");
}

static bool is_clean(struct bytes body)
{
    for (size_t i = 0; i < body.size; i++)
        if (iscntrl((unsigned char)body.data[i]) && !is_blank(body.data[i]))
            return false;
    return true;
}

bool authres_parse(struct arena *arena, struct bytes body, struct authres *out, struct err *err)
{
    struct scan scan = { arena, body.data, body.data + body.size, err };
    struct authres read = { 0 };
    if (!is_clean(body))
        return fault(&scan, "control characters");
    if (!take_head(&scan, &read.authserv_id) || !take_results(&scan, &read.results))
        return false;
    *out = read;
    return true;
}

/* Whose field it is, as far as that can be read: also of one that is damaged further on. */
static bool is_from(struct arena *arena, struct bytes body, const struct text_list *ids)
{
    struct err ignored = { 0 };
    struct scan scan = { arena, body.data, body.data + body.size, &ignored };
    const char *id;
    if (!skip_space(&scan) || !take_value(&scan, "=", &id))
        return false;
    for (size_t i = 0; i < ids->count; i++)
        if (text_same(ids->items[i], id))
            return true;
    return false;
}

bool authres_find(struct arena *arena, struct bytes message, const struct text_list *ids,
                  struct authres *out, bool *found, struct err *err)
{
    struct bytes rest = header_of(message);
    struct header_field field;
    *found = false;
    while (header_next(&rest, &field))
        if (header_is(&field, "Authentication-Results") && is_from(arena, field.body, ids)) {
            *found = true;
            return authres_parse(arena, field.body, out, err);
        }
    return true;
}
