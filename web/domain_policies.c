/* See domain_policies.h.
 * SPDX-License-Identifier: MIT */
#include "web/domain_policies.h"
#include "web/layout.h"
#include "web/part.h"
#include <inttypes.h>
#include <string.h>

#define CHANGES_BYTES 4096

/* True when WORDS, with spaces between, hold the SIZE bytes at WORD. */
static bool holds(const char *words, const char *word, size_t size)
{
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        if (length == size && memcmp(at, word, size) == 0)
            return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

static void begin_change(struct buf *out)
{
    if (out->size)
        buf_text(out, "; ");
}

/* The words of A that are not in B, behind WHAT. */
static void add_missing(struct buf *out, const char *what, const char *a, const char *b)
{
    bool any = false;
    for (const char *at = a; *at;) {
        size_t size = strcspn(at, " ");
        if (!holds(b, at, size)) {
            if (!any)
                begin_change(out);
            buf_text(out, any ? ", " : what);
            buf_add(out, at, size);
            any = true;
        }
        at += size + (at[size] == ' ');
    }
}

const char *domain_policies_changes(struct arena *arena, const struct policy_row *older,
                                    const struct policy_row *newer)
{
    CLEANUP(buf_done) struct buf out = BUF(CHANGES_BYTES);
    if (strcmp(older->mode, newer->mode) != 0)
        buf_printf(&out, "mode %s \u2192 %s", *older->mode ? older->mode : "not told",
                   *newer->mode ? newer->mode : "not told");
    if (*newer->mx && *older->mx) { /* else one of them does not tell */
        add_missing(&out, "mx added ", newer->mx, older->mx);
        add_missing(&out, "mx removed ", older->mx, newer->mx);
    }
    if (older->max_age_seconds != newer->max_age_seconds) {
        begin_change(&out);
        buf_printf(&out, "max_age %" PRId64 " \u2192 %" PRId64, older->max_age_seconds,
                   newer->max_age_seconds);
    }
    if (!out.size && strcmp(older->body, newer->body) != 0)
        buf_text(&out, "other text");
    return arena_text(arena, buf_get(&out));
}

/* The newest of the older ones of the same type, or NULL. */
static const struct policy_row *before(const struct policy_row *rows, size_t count, size_t i)
{
    for (size_t k = i + 1; k < count; k++)
        if (strcmp(rows[k].type, rows[i].type) == 0)
            return &rows[k];
    return NULL;
}

static void print_text(struct html *page, const struct policy_row *row)
{
    if (*row->body)
        html(page, "<details><summary>text</summary><pre>%s</pre></details>", row->body);
    else
        html(page, "not told");
}

static void print_row(struct html *page, const struct policy_row *row,
                      const struct policy_row *older)
{
    const char *changes = older ? domain_policies_changes(page->arena, older, row) : "";
    html(page, "<tr><th scope=\"row\">%s</th><td>%s</td><td>", row->type,
         *row->mode ? row->mode : "\u2013");
    layout_words(page, row->mx);
    html(page, "</td>");
    if (row->max_age_seconds < 0)
        html(page, "<td class=\"n\">\u2013</td>");
    else
        html_cell(page, row->max_age_seconds);
    html(page, "<td>");
    html_day(page, row->first_day);
    html(page, "</td><td>");
    html_day(page, row->last_day);
    html(page, "</td>");
    html_cell(page, row->successful);
    part_failed(page, row->failed);
    html(page, *changes ? "<td><mark>%s</mark></td><td>" : "<td>\u2013%s</td><td>", changes);
    print_text(page, row);
    html(page, "</td></tr>\n");
}

void domain_policies_print(struct html *page, const struct rows *policy_rows)
{
    const struct policy_row *rows = policy_rows->first;
    if (!policy_rows->count)
        return;
    html(page, "<section id=\"policies\"><h2>Policies that senders saw</h2>\n");
    LAYOUT_TABLE(page, "Policies quoted in reports, newest first", "Type", "Mode", "MX hosts",
                 "#max_age in seconds", "First seen", "Last seen", "#Successful", "#Failed",
                 "Differs from the one before", "Text");
    for (size_t i = 0; i < policy_rows->count; i++)
        print_row(page, &rows[i], before(rows, policy_rows->count, i));
    layout_table_end(page);
    html(page, "<p class=\"note\">Senders keep a policy for its max_age, so that an old one may be "
               "seen for a while beside the new one.</p></section>\n");
}
