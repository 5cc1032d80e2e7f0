/* See part.h.
 * SPDX-License-Identifier: MIT */
#include "web/part.h"
#include <string.h>

static const struct {
    const char *name, *sign;
} kinds[] = {
    [BADGE_PLAIN] = { "plain", "\u25cb" },
    [BADGE_GOOD] = { "good", "\u2713" },
    [BADGE_WARN] = { "warn", "\u25c6" },
    [BADGE_BAD] = { "bad", "\u25b2" },
};

void part_badge(struct html *page, enum badge badge, const char *text)
{
    html(page, "<span class=\"badge %s\"><span aria-hidden=\"true\">%s</span> %s</span>",
         kinds[badge].name, kinds[badge].sign, text);
}

void part_prose(struct html *page, const char *text)
{
    for (bool is_code = false; *text; is_code = !is_code) {
        size_t size = strcspn(text, "`");
        const char *part = arena_copy(page->arena, text, size);
        html(page, is_code ? "<code>%s</code>" : "%s", part);
        text += size + (text[size] == '`');
    }
}

void part_figure(struct html *page, const char *label, int64_t number)
{
    html(page, "<div><dt>%s</dt><dd>", label);
    html_number(page, number);
    html(page, "</dd></div>\n");
}

void part_figure_to(struct html *page, const char *label, int64_t number, enum badge badge,
                    const char *url)
{
    if (!number) {
        part_figure(page, label, 0);
        return;
    }
    html(page, "<div class=\"%s\"><dt>%s</dt><dd><a href=\"%s\">", kinds[badge].name, label, url);
    html_number(page, number);
    html(page, "</a></dd></div>\n");
}

void part_failed(struct html *page, int64_t number)
{
    html(page, number ? "<td class=\"n some\">" : "<td class=\"n quiet\">");
    html_number(page, number);
    html(page, "</td>");
}

void part_crumbs(struct html *page, const char *url, const char *label, const char *here)
{
    html(page,
         "<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><ol><li><a href=\"%s\">%s</a></li>"
         "<li aria-current=\"page\">%s</li></ol></nav>\n",
         url, label, here);
}

void part_left_out(struct html *page, int64_t all, size_t shown, const char *what)
{
    if (all <= (int64_t)shown)
        return;
    html(page, "<p class=\"note\">");
    html_number(page, all - (int64_t)shown);
    html(page, " %s are not listed here; the views of schema <code>tlsrpt</code> have them.</p>\n",
         what);
}
