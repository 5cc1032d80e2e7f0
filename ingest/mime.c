/* See mime.h. GMime has no limits of its own: a million empty parts or headers cost gigabytes, and
 * an address header of nested groups recurses until the stack is used up. So the message is looked
 * over line by line first, and GMime sees only what stays within bounds.
 *
 * Whether a leaf is a report part is decided by its first bytes; labels and file names only decide
 * where the bytes alone would claim too much.
 *
 * SPDX-License-Identifier: MIT
 * Before: payload.c. Next: gunzip.c */
#include "ingest/mime.h"
#include "ingest/gunzip.h"
#include "base/text.h"
#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <gmime/gmime.h>

#define TEXT_BYTES   1000 /* of one header that is kept */
#define FIELD_COLONS 500  /* each may open an address group, one stack frame of GMime */
#define FENCES_BASE  64
#define FENCES_PART  4

/* What looks like structure in the message, whether it is or not. Headers may stand at the start,
 * behind a fence, and, in a mail that says it holds others, behind any blank line. */
struct survey {
    bool in_headers, has_mails;
    int64_t fences;                    /* lines that begin with "--" */
    int64_t headers;                   /* lines that begin a header field */
    bool is_apart;                     /* the field we are in is one whose inside is looked at */
    int64_t field_bytes, field_colons; /* of that field, with its folded lines */
};

/* True for the header fields whose inside GMime or we look at; COLON ends the name. */
static bool is_taken_apart(const char *name, const char *colon)
{
    static const char *const names[] = {
        "from",    "to",   "cc",         "bcc",        "sender",      "reply-to",
        "subject", "date", "message-id", "references", "in-reply-to", "mime-version"
    };
    static const char *const prefixes[] = { "content-", "resent-", "tls-report-" };
    while (colon > name && (colon[-1] == ' ' || colon[-1] == '\t'))
        colon--;
    size_t size = (size_t)(colon - name);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strlen(names[i]) == size && strncasecmp(name, names[i], size) == 0)
            return true;
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        if (strlen(prefixes[i]) < size && strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static bool survey_field(struct survey *survey, struct bytes line, const struct limits *limits,
                         struct err *err)
{
    survey->field_bytes += (int64_t)line.size;
    if (survey->field_bytes > limits->header_bytes)
        return err_set(err, ERR_LIMIT,
                       "mail: a header of more than %" PRId64 " bytes (limits.header_bytes)",
                       limits->header_bytes);
    for (size_t i = 0; i < line.size && survey->is_apart; i++)
        survey->field_colons += line.data[i] == ':';
    if (survey->field_colons > FIELD_COLONS)
        return err_set(err, ERR_LIMIT, "mail: a header with more than %d colons", FIELD_COLONS);
    return true;
}

/* "message/…" as a type, or a digest, whose parts are messages unless they say otherwise. */
static bool names_mails(struct bytes line)
{
    for (size_t i = 0; i + 6 <= line.size; i++)
        if (strncasecmp(line.data + i, "messag", 6) == 0
            || strncasecmp(line.data + i, "digest", 6) == 0)
            return true;
    return false;
}

/* A line where headers may stand. */
static bool survey_header(struct survey *survey, struct bytes line, const struct limits *limits,
                          struct err *err)
{
    const char *colon = memchr(line.data, ':', line.size);
    if (*line.data != ' ' && *line.data != '\t') {
        if (colon && ++survey->headers > limits->mime_headers)
            return err_set(err, ERR_LIMIT,
                           "mail: more than %" PRId64 " header lines (limits.mime_headers)",
                           limits->mime_headers);
        survey->field_bytes = survey->field_colons = 0;
        survey->is_apart = colon && is_taken_apart(line.data, colon);
        if (!survey->is_apart) /* perhaps no header at all; only what is folded behind it counts */
            return true;
    }
    survey->has_mails = survey->has_mails || (survey->is_apart && names_mails(line));
    return survey_field(survey, line, limits, err);
}

static bool survey_line(struct survey *survey, struct bytes line, const struct limits *limits,
                        struct err *err)
{
    int64_t parts = limits->mime_parts < INT32_MAX ? limits->mime_parts : INT32_MAX;
    if (line.size >= 2 && line.data[0] == '-' && line.data[1] == '-') {
        survey->in_headers = true;
        survey->field_bytes = survey->field_colons = 0;
        return ++survey->fences <= parts * FENCES_PART + FENCES_BASE
               || err_set(err, ERR_LIMIT, "mail: more than %" PRId64 " parts (limits.mime_parts)",
                          limits->mime_parts);
    }
    if (line.size == 0 || (line.size == 1 && *line.data == '\r')) {
        survey->in_headers = survey->has_mails;
        survey->is_apart = false;
        survey->field_bytes = survey->field_colons = 0;
        return true;
    }
    return !survey->in_headers || survey_header(survey, line, limits, err);
}

static bool is_bounded(struct bytes message, const struct limits *limits, struct err *err)
{
    if ((int64_t)message.size > limits->message_bytes)
        return err_set(err, ERR_LIMIT, "mail: more than %" PRId64 " bytes (limits.message_bytes)",
                       limits->message_bytes);
    struct survey survey = { .in_headers = true };
    const char *at = message.data, *end = message.data + message.size;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct bytes line = { .data = at, .size = (size_t)((newline ? newline : end) - at) };
        if (!survey_line(&survey, line, limits, err))
            return false;
        at += line.size + (newline != NULL);
    }
    return true;
}

/* Takes the line that separates mails in an mbox (RFC 4155) from the front. */
static struct bytes without_mbox_line(struct bytes message)
{
    if (message.size < 5 || memcmp(message.data, "From ", 5) != 0)
        return message;
    const char *newline = memchr(message.data, '\n', message.size);
    if (!newline)
        return message;
    size_t line = (size_t)(newline + 1 - message.data);
    return (struct bytes){ .data = newline + 1, .size = message.size - line };
}

static bool is_mail(struct bytes message)
{
    size_t name = 0;
    while (name < message.size
           && (isalnum((unsigned char)message.data[name]) || strchr("-_.", message.data[name]))
           && message.data[name])
        name++;
    size_t colon = name;
    while (colon < message.size && message.data[colon] == ' ')
        colon++;
    return name > 0 && colon < message.size && message.data[colon] == ':';
}

/* What hostile mail makes GLib complain about is no news; what ends the program is. */
static void quiet(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer nothing)
{
    if (level & G_LOG_FLAG_FATAL)
        g_log_default_handler(domain, level, text, nothing);
}

static void start_gmime(void)
{
    g_log_set_default_handler(quiet, NULL);
    g_mime_init();
}

static void unref(void *thing)
{
    GObject **object = thing;
    if (*object)
        g_object_unref(*object);
}

static void free_text(char **text)
{
    g_free(*text);
}

static GMimeMessage *parse(struct bytes message)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_gmime);
    CLEANUP(unref)
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(message.data, message.size);
    CLEANUP(unref) GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    return g_mime_parser_construct_message(parser, NULL);
}

/* At most TEXT_BYTES of TEXT as UTF-8, whole characters; NULL for an empty or absent one. */
static const char *keep_text(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strnlen(text, TEXT_BYTES + 1);
    if (size > TEXT_BYTES)
        for (size = TEXT_BYTES; size && ((unsigned char)text[size] & 0xc0) == 0x80;)
            size--;
    const char *trimmed = text_trim(arena, text, size);
    bool replaced;
    return *trimmed ? text_to_utf8(arena, trimmed, strlen(trimmed), &replaced) : NULL;
}

static const char *keep_header(struct arena *arena, GMimeMessage *message, const char *name)
{
    return keep_text(arena, g_mime_object_get_header(GMIME_OBJECT(message), name));
}

/* Who the report is about stands in the report mail itself, which may have been forwarded. */
static void keep_report_headers(struct arena *arena, GMimeMessage *message, struct mail *mail)
{
    if (!mail->report_domain)
        mail->report_domain = keep_header(arena, message, "TLS-Report-Domain");
    if (!mail->submitter)
        mail->submitter = keep_header(arena, message, "TLS-Report-Submitter");
    if (!mail->summary)
        mail->summary = keep_header(arena, message, MAIL_SUMMARY);
}

/* One walk through a mail. */
struct walk {
    struct arena *arena;
    const struct limits *limits;
    struct mail mail;
    struct mime_part *first, **end;
    int64_t leaves;
    struct err *err;
};

static bool has_report_type(const char *media_type)
{
    return text_begins(media_type, "application/tlsrpt+");
}

/* An archive is shown to be one only where a report was to be expected. */
static bool has_report_label(struct arena *arena, const char *media_type, const char *file_name)
{
    static const char *const types[] = {
        "application/gzip", "application/x-gzip",       "application/json",
        "application/zip",  "application/octet-stream", "application/x-zip-compressed"
    };
    static const char *const endings[] = { ".json", ".gz", ".zip" };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        if (text_same(media_type, types[i]))
            return true;
    if (!file_name)
        return false;
    char *name = arena_text(arena, file_name), *to = name; /* some wrap it inside the name */
    for (const char *from = name; *from; from++)
        if (!isspace((unsigned char)*from))
            *to++ = *from;
    *to = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
        if (text_ends(name, endings[i]))
            return true;
    return false;
}

static bool begins_like_object(struct bytes content)
{
    size_t at = content.size >= 3 && memcmp(content.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < content.size && content.data[at] && strchr(" \t\r\n", content.data[at]))
        at++;
    return at < content.size && content.data[at] == '{';
}

static bool is_report(struct arena *arena, struct bytes content, const char *media_type,
                      const char *file_name)
{
    if (gunzip_fits(content) || begins_like_object(content) || has_report_type(media_type))
        return true;
    return content.size >= 4 && memcmp(content.data, "PK\3\4", 4) == 0
           && has_report_label(arena, media_type, file_name);
}

static void take_leaf(struct walk *walk, GMimePart *part)
{
    CLEANUP(unref) GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
    if (wrapper)
        g_mime_data_wrapper_write_to_stream(wrapper, stream);
    const GByteArray *decoded = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    struct bytes content = { .data = decoded->data ? (const char *)decoded->data : "",
                             .size = decoded->len };

    CLEANUP(free_text)
    char *type =
        g_mime_content_type_get_mime_type(g_mime_object_get_content_type(GMIME_OBJECT(part)));
    char *media_type = arena_text(walk->arena, keep_text(walk->arena, type));
    for (char *c = media_type; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    const char *file_name = keep_text(walk->arena, g_mime_part_get_filename(part));
    if (!is_report(walk->arena, content, media_type ? media_type : "", file_name))
        return;

    struct mime_part *found = arena_alloc(walk->arena, sizeof *found);
    found->content.data = arena_copy(walk->arena, content.data, content.size);
    found->content.size = content.size;
    found->media_type = media_type ? media_type : "";
    found->file_name = file_name;
    *walk->end = found;
    walk->end = &found->next;
}

static bool too_deep(const struct walk *walk)
{
    return err_set(walk->err, ERR_LIMIT,
                   "mail: parts more than %" PRId64 " deep (limits.mime_depth)",
                   walk->limits->mime_depth);
}

/* Visits all leaves below OBJECT, those of forwarded mails too. */
static bool walk_object(struct walk *walk, GMimeObject *object, int64_t depth)
{
    for (; object && GMIME_IS_MESSAGE_PART(object); depth++) {
        if (depth >= walk->limits->mime_depth)
            return too_deep(walk);
        GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        if (inner)
            keep_report_headers(walk->arena, inner, &walk->mail);
        object = inner ? g_mime_message_get_mime_part(inner) : NULL;
    }
    if (object && GMIME_IS_MULTIPART(object)) {
        if (depth >= walk->limits->mime_depth)
            return too_deep(walk);
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
        for (int i = 0; i < count; i++)
            if (!walk_object(walk, g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
                             depth + 1))
                return false;
        return true;
    }
    if (walk->leaves++ >= walk->limits->mime_parts)
        return err_set(walk->err, ERR_LIMIT,
                       "mail: more than %" PRId64 " parts (limits.mime_parts)",
                       walk->limits->mime_parts);
    if (object && GMIME_IS_PART(object))
        take_leaf(walk, GMIME_PART(object));
    return true;
}

bool mime_open(struct arena *arena, struct bytes message, const struct limits *limits,
               struct mail *mail, struct mime_part **parts, struct err *err)
{
    struct bytes bare = without_mbox_line(message);
    if (!is_mail(bare))
        return err_set(err, ERR_INPUT, "neither JSON, gzip nor a mail");
    if (!is_bounded(bare, limits, err))
        return false;
    CLEANUP(unref) GMimeMessage *parsed = parse(bare);
    if (!parsed)
        return err_set(err, ERR_INPUT, "a mail that cannot be read (RFC 5322)");

    struct walk walk = { .arena = arena, .limits = limits, .err = err };
    walk.end = &walk.first;
    walk.mail.from = keep_header(arena, parsed, "From");
    walk.mail.from_is_cut = walk.mail.from && strlen(walk.mail.from) + 4 > TEXT_BYTES;
    walk.mail.subject = keep_header(arena, parsed, "Subject");
    walk.mail.message_id = keep_header(arena, parsed, "Message-ID");
    keep_report_headers(arena, parsed, &walk.mail);
    if (!walk_object(&walk, g_mime_message_get_mime_part(parsed), 0))
        return false;
    *mail = walk.mail;
    *parts = walk.first;
    return true;
}
