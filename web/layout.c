/* See layout.h.
 * SPDX-License-Identifier: MIT */
#include "web/layout.h"
#include "web/link.h"
#include "web/part.h"
#include <string.h>

static void print_navigation(struct html *page, const char *path)
{
    const struct {
        const char *path, *url, *label;
    } entries[] = {
        { "/", "/", "Overview" },
        { "/weeks", "/weeks", "Weeks" },
        { "/setup", "/setup", "Set-up" },
        { "/mx", "/mx", "MX hosts" },
        { "/reporters", "/reporters", "Reporters" },
        { "/reports", link_reports(page->arena, NULL, NULL), "Reports" },
        { "/rejected", link_rejected(page->arena, NULL, NULL), "Rejected" },
    };
    html(page, "<nav aria-label=\"Pages\"><ul>\n");
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
        html(page, "<li><a href=\"%s\"", entries[i].url);
        if (strcmp(path, entries[i].path) == 0)
            html(page, " aria-current=\"page\"");
        html(page, ">%s</a></li>\n", entries[i].label);
    }
    html(page, "</ul></nav>\n");
}

void layout_head(struct html *page, const char *title, const char *path)
{
    html(page,
         "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<title>%s \u00b7 tlsrptd</title>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n",
         title);
    html(page, "<link rel=\"stylesheet\" href=\"%s\">\n", link_asset(page->arena, "style.css"));
    html(page, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n",
         link_asset(page->arena, "favicon.svg"));
    html(page,
         "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the contents</a>\n"
         "<header><a class=\"brand\" href=\"%s\"><img src=\"%s\" alt=\"\" width=\"24\" "
         "height=\"24\"> tlsrptd</a>\n",
         "/", link_asset(page->arena, "favicon.svg"));
    print_navigation(page, path);
    html(page, "</header>\n<main id=\"main\">\n");
}

void layout_foot(struct html *page, const char *user)
{
    html(page, "</main>\n<footer>");
    if (user)
        html(page, "<p>Logged in as <bdi>%s</bdi>.</p>", user);
    html(page,
         "<p>tlsrptd %s. Counts are TLS sessions as senders reported them "
         "(RFC 8460); days and times are UTC.</p></footer>\n</body>\n</html>\n",
         TLSRPTD_VERSION);
}

void layout_table(struct html *page, const char *caption, const char *const *heads, size_t count)
{
    html(page,
         "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>\n"
         "<caption><span>%s</span></caption>\n<thead><tr>",
         caption, caption);
    for (size_t i = 0; i < count; i++) {
        bool number = heads[i][0] == '#';
        html(page, number ? "<th scope=\"col\" class=\"n\">%s</th>" : "<th scope=\"col\">%s</th>",
             heads[i] + number);
    }
    html(page, "</tr></thead>\n<tbody>\n");
}

void layout_table_end(struct html *page)
{
    html(page, "</tbody></table></div>\n");
}

void layout_status(struct html *page, int64_t failed, int64_t sessions)
{
    if (!sessions)
        part_badge(page, BADGE_PLAIN, "no sessions");
    else if (failed)
        part_badge(page, BADGE_BAD, "failures");
    else
        part_badge(page, BADGE_GOOD, "clean");
}

void layout_words(struct html *page, const char *words)
{
    if (!*words)
        html(page, "\u2013");
    while (*words) {
        size_t size = strcspn(words, " ");
        html(page, words[size] ? "%s, " : "%s", arena_copy(page->arena, words, size));
        words += size + (words[size] == ' ');
    }
}

void layout_more(struct html *page, const char *url, const char *text)
{
    if (url)
        html(page, "<p class=\"more\"><a href=\"%s\">%s</a></p>\n", url, text);
}
