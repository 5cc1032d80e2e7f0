/* See html.h.
 * SPDX-License-Identifier: MIT */
#include "web/html.h"
#include "base/clock.h"
#include "base/glyph.h"
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DASH "\u2013"
#define THIN "\u202f"

static void text_done(void *text)
{
    buf_done(text);
}

struct html *html_new(struct arena *arena)
{
    struct html *page = arena_alloc(arena, sizeof *page);
    *page = (struct html){ .arena = arena, .text = BUF(HTML_BYTES_MAX) };
    arena_on_free(arena, text_done, &page->text);
    return page;
}

/* ASCII that needs no escaping, line ends and tabs included. */
static bool is_plain(unsigned char c)
{
    return (c >= ' ' && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'')
           || c == '\n' || c == '\r' || c == '\t';
}

static void add_ascii(struct buf *out, char c)
{
    switch (c) {
    case '&':
        buf_text(out, "&amp;");
        break;
    case '<':
        buf_text(out, "&lt;");
        break;
    case '>':
        buf_text(out, "&gt;");
        break;
    case '"':
        buf_text(out, "&quot;");
        break;
    case '\'':
        buf_text(out, "&#39;");
        break;
    default:
        buf_text(out, "\ufffd");
    }
}

static void add_escaped(struct buf *out, const char *text)
{
    struct bytes rest = { text, strlen(text) };
    int marks = 0; /* in a row */
    while (rest.size) {
        size_t size = 0;
        unsigned character = 0;
        while (size < rest.size && is_plain((unsigned char)rest.data[size]))
            size++;
        if (size)
            buf_add(out, rest.data, size);
        else if (!glyph_next(rest, &size, &character) || character < 0x80)
            add_ascii(out, *rest.data);
        else if (glyph_is_unseen(character)
                 || (glyph_is_mark(character) && marks >= GLYPH_MARKS_MAX))
            glyph_add_number(out, character);
        else
            buf_add(out, rest.data, size);
        marks = glyph_is_mark(character) ? marks + 1 : 0;
        rest = (struct bytes){ rest.data + size, rest.size - size };
    }
}

/* The length of an integer conversion: 'i' int, 'l' long, 'L' long long, 'z' size_t. */
static char length_of(const char **format)
{
    if (strncmp(*format, "ll", 2) == 0) {
        *format += 2;
        return 'L';
    }
    if (**format == 'l' || **format == 'z')
        return *(*format)++;
    return 'i';
}

static void add_signed(struct buf *out, char length, va_list *values)
{
    long long number = length == 'L'   ? va_arg(*values, long long)
                       : length == 'l' ? va_arg(*values, long)
                       : length == 'z' ? va_arg(*values, ssize_t)
                                       : va_arg(*values, int);
    buf_printf(out, "%lld", number);
}

static void add_unsigned(struct buf *out, char length, va_list *values)
{
    unsigned long long number = length == 'L'   ? va_arg(*values, unsigned long long)
                                : length == 'l' ? va_arg(*values, unsigned long)
                                : length == 'z' ? va_arg(*values, size_t)
                                                : va_arg(*values, unsigned);
    buf_printf(out, "%llu", number);
}

static void add_conversion(struct buf *out, const char **format, va_list *values)
{
    char length = length_of(format);
    switch (*(*format)++) {
    case 's': {
        const char *text = va_arg(*values, const char *);
        add_escaped(out, text ? text : "");
        break;
    }
    case 'c':
        add_escaped(out, (char[]){ (char)va_arg(*values, int), '\0' });
        break;
    case 'd':
        add_signed(out, length, values);
        break;
    case 'u':
        add_unsigned(out, length, values);
        break;
    case '%':
        buf_text(out, "%");
        break;
    default:
        assert(false && "a conversion that html() does not know");
    }
}

void html(struct html *page, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    while (*format) {
        size_t plain = strcspn(format, "%");
        buf_add(&page->text, format, plain);
        format += plain;
        if (!*format)
            break;
        format++;
        add_conversion(&page->text, &format, &values);
    }
    va_end(values);
}

void html_number(struct html *page, int64_t number)
{
    char digits[32], grouped[96] = "";
    snprintf(digits, sizeof digits, "%" PRIu64, number < 0 ? -(uint64_t)number : (uint64_t)number);
    size_t used = 0;
    for (size_t size = strlen(digits), i = 0; i < size; i++)
        used += (size_t)snprintf(grouped + used, sizeof grouped - used, "%s%c",
                                 i && (size - i) % 3 == 0 ? THIN : "", digits[i]);
    html(page, "%s%s", number < 0 ? "\u2212" : "", grouped);
}

void html_cell(struct html *page, int64_t number)
{
    html(page, "<td class=\"n\">");
    html_number(page, number);
    html(page, "</td>");
}

void html_share(struct html *page, int64_t part, int64_t whole)
{
    if (whole <= 0) {
        html(page, DASH);
        return;
    }
    double percent = 100.0 * (double)part / (double)whole;
    char text[32];
    snprintf(text, sizeof text, "%.*f", percent < 10 && part ? 2 : 1, percent);
    if (part == 0 || part == whole)
        html(page, part ? "100" THIN "%%" : "0" THIN "%%");
    else if (percent < 0.01)
        html(page, "&lt;" THIN "0.01" THIN "%%");
    else if (percent > 99.9)
        html(page, "&gt;" THIN "99.9" THIN "%%");
    else
        html(page, "%s" THIN "%%", text);
}

void html_time(struct html *page, int64_t seconds)
{
    char text[CLOCK_TEXT_BYTES];
    if (!seconds) {
        html(page, DASH);
        return;
    }
    clock_to_text(seconds, text);
    html(page, "<time datetime=\"%s\">", text);
    text[strcspn(text, "T")] = '\0';
    text[16] = '\0'; /* 2026-11-22 14:05 */
    html(page, "%s %s\u00a0UTC</time>", text, text + 11);
}

void html_day(struct html *page, int32_t day)
{
    char text[CLOCK_TEXT_BYTES];
    clock_day_to_text(day, text);
    html(page, "<time datetime=\"%s\">%s</time>", text, text);
}

void html_bytes(struct html *page, struct bytes bytes)
{
    char text[2] = "";
    for (size_t i = 0; i < bytes.size; i++) {
        text[0] = bytes.data[i];
        bool plain = (text[0] >= ' ' && text[0] < 0x7f) || text[0] == '\n';
        html(page, "%s", plain ? text : "\u00b7");
    }
}
