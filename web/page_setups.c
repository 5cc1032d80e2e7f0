/* /setup: the set-up of all domains as it was looked at last, worst first. One row per domain shown is read.
 * SPDX-License-Identifier: MIT
 * Before: setup_page.c. Next: page_setup.c */
#include "base/text.h"
#include "base/url.h"
#include "judge/setup_judge.h"
#include "schema/read_setup.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/part.h"
#include "web/setup_page.h"
#include <string.h>

#define DOMAINS_AT_ONCE 50
#define NAME_BYTES      254

static const struct {
    const char *word, *label;
    enum badge badge;
} attentions[] = {
    [SETUP_ATTENTION_MEND] = { "to-mend", "To mend", BADGE_BAD },
    [SETUP_ATTENTION_WARNINGS] = { "warnings", "With warnings", BADGE_WARN },
    [SETUP_ATTENTION_UNKNOWN] = { "unknown", "In part not known", BADGE_PLAIN },
    [SETUP_ATTENTION_GOOD] = { "good", "Good", BADGE_GOOD },
};

struct setups {
    struct setup_list list;
    const char *state; /* the word of the URL; NULL: any */
    struct rows counts, rows;
    const struct insight *insight;
};

static bool read_state(const struct request *request, struct setups *setups, struct err *err)
{
    setups->state = http_argument(request, "state");
    if (!setups->state)
        return true;
    for (size_t i = SETUP_ATTENTION_MEND; i < ARRAY_SIZE(attentions); i++)
        if (strcmp(attentions[i].word, setups->state) == 0)
            setups->list.attention = (int32_t)i;
    return setups->list.attention
           || err_field(err, ERR_INPUT, "state", "is to-mend, warnings, unknown or good");
}

/* "?after=ATTENTION-NAME" names the last row of the page before. */
static bool read_after(struct request *request, struct setup_list *list, struct err *err)
{
    const char *text = http_argument(request, "after");
    int64_t attention;
    list->after_name = "";
    if (!text)
        return true;
    size_t size = strcspn(text, "-");
    if (!text[size] || !text[size + 1] || strlen(text + size + 1) > NAME_BYTES
        || !text_number(arena_copy(&request->arena, text, size), 0, SETUP_ATTENTION_GOOD,
                        &attention))
        return err_field(err, ERR_INPUT, "after", "take the link below a page as it is");
    list->after_attention = (int32_t)attention;
    list->after_name = text + size + 1;
    return true;
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct setups *setups = arena_alloc(visit->arena, sizeof *setups);
    setups->insight = visit->insight;
    setups->list.limit = DOMAINS_AT_ONCE;
    if (!read_state(visit->request, setups, err) || !read_after(visit->request, &setups->list, err)
        || !read_setup_counts(visit->reader, visit->arena, &setups->counts, err)
        || !read_setup_list(visit->reader, visit->arena, &setups->list, &setups->rows, err))
        return false;
    *data = setups;
    return true;
}

static void print_figures(struct html *page, const struct setups *setups)
{
    const struct setup_count_row *rows = setups->counts.first;
    int64_t oldest = 0;
    html(page, "<dl class=\"figures\" id=\"totals\">\n");
    for (size_t i = SETUP_ATTENTION_MEND; i < ARRAY_SIZE(attentions); i++) {
        int64_t domains = 0;
        for (size_t j = 0; j < setups->counts.count; j++)
            if (rows[j].attention == (int32_t)i)
                domains = rows[j].domains;
        part_figure_to(page, attentions[i].label, domains, attentions[i].badge,
                       url_add(page->arena, "/setup", "state", attentions[i].word));
    }
    for (size_t j = 0; j < setups->counts.count; j++)
        if (!oldest || rows[j].oldest_seconds < oldest)
            oldest = rows[j].oldest_seconds;
    html(page, "<div><dt>Longest not looked at</dt><dd>");
    html_time(page, oldest);
    html(page, "</dd></div>\n</dl>\n");
}

static void print_first_run(struct html *page, const struct insight *insight)
{
    html(page,
         "<section class=\"card\" id=\"first-run\"><h2>No domain was looked at yet</h2>\n"
         "<p>The domains of the setting <code>domains.names</code>, and those that reports "
         "speak of, are looked at one after the other: their DNS records and policy every "
         "hour, their mail servers four times a day. To look at one now, on this machine:</p>\n");
    setup_page_command(page, insight, "example.org");
    html(page, "<p>If nothing comes, see the setting <code>check.enabled</code>.</p></section>\n");
}

/* The steps that are in STATE, each in a frame; true when there are some. */
static bool print_steps(struct html *page, const struct setup_row *row, const char *state,
                        enum badge badge)
{
    bool any = false;
    for (int step = 0; step < SETUP_STEPS; step++) {
        const char *word = setup_page_step(page->arena, row->steps, (size_t)step);
        if (!word || strcmp(word, state) != 0)
            continue;
        part_badge(page, badge, setup_step_label((enum setup_step)step));
        html(page, " ");
        any = true;
    }
    return any;
}

static void print_row(struct html *page, const struct setup_row *row)
{
    html(page, "<tr><th scope=\"row\"><a href=\"%s\">%s</a></th><td>",
         setup_page_link(page->arena, row->name), row->name);
    setup_page_verdict(page, row->verdict);
    html(page, "</td><td>");
    bool faulty = print_steps(page, row, "faulty", BADGE_BAD);
    bool warned = print_steps(page, row, "warned", BADGE_WARN);
    if (!faulty && !warned)
        html(page, "\u2013");
    html(page, "</td><td>");
    if (!print_steps(page, row, "unknown", BADGE_PLAIN))
        html(page, "\u2013");
    html(page, "</td><td>%s</td>", *row->mode ? row->mode : "\u2013");
    part_failed(page, row->errors);
    html_cell(page, row->warnings);
    html(page, "<td>");
    html_time(page, row->checked_seconds);
    html(page, "</td><td>");
    html_time(page, row->probed_seconds);
    html(page, "</td></tr>\n");
}

static void print_rows(struct html *page, const struct setups *setups)
{
    const struct setup_row *rows = setups->rows.first;
    size_t count = setups->rows.count;
    if (!count) {
        html(page, "<p>No domain is like this. <a href=\"/setup\">Show all</a>.</p>\n");
        return;
    }
    LAYOUT_TABLE(page, "Domains, those to mend first, then by name", "Domain", "Set-up", "To mend",
                 "Not known", "Mode", "#Errors", "#Warnings", "Looked at", "Mail servers");
    for (size_t i = 0; i < count; i++)
        print_row(page, &rows[i]);
    layout_table_end(page);
    if (count == (size_t)setups->list.limit) {
        const char *url = url_add(page->arena, "/setup", "state", setups->state);
        const char *after =
            arena_printf(page->arena, "%d-%s", rows[count - 1].attention, rows[count - 1].name);
        layout_more(page, url_add(page->arena, url, "after", after), "Next domains");
    }
}

static void print(struct html *page, const void *data)
{
    const struct setups *setups = data;
    html(page,
         "<h1>Set-up</h1>\n<p class=\"lead\">What the domains have published for MTA-STS and "
         "TLS reporting, and how their mail servers answer, as it was looked at from here.</p>\n");
    if (!setups->counts.count) {
        print_first_run(page, setups->insight);
        return;
    }
    print_figures(page, setups);
    html(page, "<section id=\"domains\" aria-label=\"Domains\">\n");
    print_rows(page, setups);
    html(page, "</section>\n");
}

const struct page page_setups = {
    .path = "/setup",
    .title = "Set-up",
    .section = "/setup",
    .load = load,
    .print = print,
};
