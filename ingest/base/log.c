/* See log.h. A line is built whole and written by one write(2), so that threads never mix theirs.
 * SPDX-License-Identifier: MIT */
#include "base/log.h"
#include "base/buf.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 4000

static atomic_int most_verbose = LOG_LEVEL_INFO;

void log_level_set(enum log_level level)
{
    most_verbose = (int)level;
}

static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c & 0x80 || *c == '"' || *c == '\\' || *c == '=' || *c == 0x7f)
            return false;
    return *text != '\0';
}

/* A control character as a terminal sees it: C0, DEL, C1 (U+0080 to U+009F, of two bytes), and all
 * beyond ASCII in a text that is no UTF-8. */
static bool is_control(const unsigned char *c, bool utf8)
{
    if (*c < 0x80)
        return *c < ' ' || *c == 0x7f;
    return !utf8 || (*c == 0xc2 && c[1] < 0xa0) || (*c < 0xa0 && c[-1] == 0xc2);
}

static void add_value(struct buf *line, const char *text)
{
    if (is_plain(text)) {
        buf_text(line, text);
        return;
    }
    bool utf8 = text_is_utf8(text, strlen(text));
    buf_text(line, "\"");
    bool quoted = !line->failed;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_printf(line, "\\%c", *c);
        else if (is_control(c, utf8))
            buf_printf(line, "\\x%02x", *c);
        else
            buf_add(line, c, 1);
    }
    if (!quoted)
        return;
    bool cut = line->failed; /* the closing quote has a place even when the value was cut */
    line->max++;
    line->failed = false;
    buf_text(line, "\"");
    line->failed = cut;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    if ((int)level > most_verbose)
        return;
    CLEANUP(buf_done) struct buf line = BUF(LINE_BYTES);
    if (getenv("JOURNAL_STREAM"))
        buf_printf(&line, "<%d>", (int)level);
    else if (level <= LOG_LEVEL_WARNING)
        buf_text(&line, level == LOG_LEVEL_ERROR ? "error: " : "warning: ");
    buf_text(&line, event);
    for (; fields->key; fields++) {
        buf_printf(&line, " %s=", fields->key);
        if (fields->text)
            add_value(&line, fields->text);
        else
            buf_printf(&line, "%" PRId64, fields->number);
    }
    line.max++; /* the line's end has a place even when the line was cut */
    line.failed = false;
    buf_text(&line, "\n");
    ssize_t written = write(STDERR_FILENO, line.data, line.size);
    if (written < 0)
        return; /* nowhere is left to tell it */
}

void log_err(enum log_level level, const char *event, const struct err *err)
{
    if (err->field[0])
        log_event(level, event, LOG_TEXT("field", err->field), LOG_TEXT("reason", err->text));
    else
        log_event(level, event, LOG_TEXT("reason", err->text));
}
