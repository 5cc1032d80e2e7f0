/* See cause.h.
 * SPDX-License-Identifier: MIT */
#include "web/cause.h"
#include "ingest/result.h"
#include "web/layout.h"
#include "web/part.h"
#include "web/link.h"
#include "base/url.h"
#include "base/words.h"
#include <string.h>

#define COMMAND_BYTES 2048

/* Names come from reports. Whoever copies a command must not run what a stranger wrote. */
static bool is_plain_word(const char *name)
{
    static const char inside[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    return name && *name != '-' && *name != '.' && *name && !name[strspn(name, inside)];
}

static const char *value_of(const char *at, const char *host, const char *domain, size_t *size)
{
    static const char host_mark[] = "{mx}", domain_mark[] = "{domain}";
    *size = 0;
    if (strncmp(at, host_mark, sizeof host_mark - 1) == 0) {
        *size = sizeof host_mark - 1;
        return is_plain_word(host) ? host : "MX-HOST";
    }
    if (strncmp(at, domain_mark, sizeof domain_mark - 1) == 0) {
        *size = sizeof domain_mark - 1;
        return is_plain_word(domain) ? domain : "DOMAIN";
    }
    return NULL;
}

const char *cause_command(struct arena *arena, const char *result, const char *host,
                          const char *domain)
{
    const char *at = result_find(result)->example;
    if (!at)
        return NULL;
    CLEANUP(buf_done) struct buf out = BUF(COMMAND_BYTES);
    while (*at) {
        size_t size;
        const char *value = value_of(at, host, domain, &size);
        if (value)
            buf_text(&out, value);
        else
            buf_add(&out, at, size = 1);
        at += size;
    }
    return arena_text(arena, buf_get(&out));
}

/* --- the table --- */

static bool is_unexplained(const struct failure_row *row)
{
    return strcmp(row->result, "unexplained") == 0;
}

static void print_row(struct html *page, const struct failure_row *row)
{
    html(page, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td>", row->result,
         row->policy_type);
    html_cell(page, row->sessions);
    html_cell(page, row->hosts);
    html_cell(page, row->reporters);
    html(page, "<td>");
    html_day(page, row->first_day);
    html(page, "</td><td>");
    html_day(page, row->last_day);
    html(page, "</td><td>%s</td></tr>\n",
         is_unexplained(row) ? "cannot be told" : result_find(row->result)->side);
}

static void print_table(struct html *page, const struct failure_row *rows, size_t count)
{
    LAYOUT_TABLE(page, "Failed sessions by cause and policy type", "Cause", "Policy type",
                 "#Sessions", "#Hosts named", "#Reporters", "First day", "Last day", "Whose side");
    for (size_t i = 0; i < count; i++)
        print_row(page, &rows[i]);
    layout_table_end(page);
}

/* --- the reasons --- */

static void print_unexplained(struct html *page)
{
    html(page, "<p>The sender counted these sessions as failed and gave no details.</p>\n"
               "<dl class=\"fields\"><div><dt>Whose side</dt><dd>cannot be told</dd></div>\n"
               "<div><dt>What to do</dt><dd>Look whether other senders saw failures on the same "
               "days; if none did, ask this sender.</dd></div></dl>\n");
}

static void print_explained(struct html *page, const struct failure_row *row, const char *domain)
{
    const struct result *result = result_find(row->result);
    const char *command = cause_command(page->arena, row->result, row->worst_mx, domain);
    html(page, "<p>%s%s</p>\n<dl class=\"fields\">", result->meaning,
         result->blocks_under_enforce ? " A sender that enforces the policy does not deliver then."
                                      : "");
    html(page, "<div><dt>Whose side</dt><dd>%s</dd></div>\n", result->side);
    if (row->worst_mx) {
        html(page, "<div><dt>%s</dt><dd><a href=\"%s\">%s</a>",
             row->hosts > 1 ? "Named most" : "Host", link_mx(page->arena, row->worst_mx, NULL),
             row->worst_mx);
        if (row->hosts > 1)
            html(page, ", one of %lld", (long long)row->hosts);
        html(page, "</dd></div>\n");
    }
    html(page, "<div><dt>What to do</dt><dd>%s</dd></div>\n",
         domain ? words_filled(page->arena, result->remedy, "DOMAIN", domain) : result->remedy);
    if (command)
        html(page,
             "<div><dt>Try</dt><dd><pre tabindex=\"0\" aria-label=\"Example command\">%s</pre>"
             "</dd></div>\n",
             command);
    html(page, "<div><dt>Source</dt><dd>%s</dd></div></dl>\n", result->section);
}

/* One reason for all policy types: ROWS[I] is the first, and largest, of its kind. */
static void print_reason(struct html *page, const struct failure_row *rows, size_t i,
                         const char *domain)
{
    const struct failure_row *row = &rows[i];
    for (size_t k = 0; k < i; k++)
        if (strcmp(rows[k].result, row->result) == 0)
            return;
    html(page, "<li class=\"card\"><h3>");
    part_badge(page,
               is_unexplained(row)                              ? BADGE_PLAIN
               : result_find(row->result)->blocks_under_enforce ? BADGE_BAD
                                                                : BADGE_WARN,
               is_unexplained(row)                              ? "not explained"
               : result_find(row->result)->blocks_under_enforce ? "blocks under enforce"
                                                                : "does not block");
    html(page, " <code>%s</code></h3>\n", row->result);
    if (is_unexplained(row))
        print_unexplained(page);
    else
        print_explained(page, row, domain);
    html(page, "</li>\n");
}

void cause_print(struct html *page, const struct rows *failure_rows, const char *domain)
{
    const struct failure_row *rows = failure_rows->first;
    html(page, "<section id=\"failures\"><h2>Why sessions failed</h2>\n");
    if (!failure_rows->count) {
        html(page, "<p>No session failed in these days.</p></section>\n");
        return;
    }
    print_table(page, rows, failure_rows->count);
    html(page, "<ol class=\"reasons\">\n");
    for (size_t i = 0; i < failure_rows->count; i++)
        print_reason(page, rows, i, domain);
    html(page,
         "</ol>\n<p class=\"note\">Details may add up to more or less than the failed "
         "sessions: one session can fail in two ways, and some senders give no details.</p>\n");
    if (domain)
        html(page, "<p class=\"more\"><a href=\"%s\">Reports that tell of failures</a></p>\n",
             url_add(page->arena, link_reports(page->arena, domain, NULL), "failed", "1"));
    html(page, "</section>\n");
}
