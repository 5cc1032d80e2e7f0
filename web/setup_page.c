/* See setup_page.h.
 * SPDX-License-Identifier: MIT
 * Before: setup_json.c. Next: page_setups.c */
#include "web/setup_page.h"
#include "base/url.h"
#include "web/part.h"
#include <string.h>

struct word {
    const char *word;
    enum badge badge;
    const char *label;
};

static const struct word states[] = {
    { "good", BADGE_GOOD, "good" },          { "warned", BADGE_WARN, "warnings" },
    { "faulty", BADGE_BAD, "faults" },       { "unknown", BADGE_PLAIN, "not known" },
    { "absent", BADGE_PLAIN, "not needed" },
};

static const struct word verdicts[] = {
    { "ready", BADGE_GOOD, "all is good" },
    { "ready-limited", BADGE_WARN, "good, with reserve" },
    { "not-yet", BADGE_BAD, "to mend" },
    { "unknown", BADGE_PLAIN, "not known" },
};

static const struct word severities[] = {
    { "error", BADGE_BAD, "error" },
    { "warning", BADGE_WARN, "warning" },
    { "unknown", BADGE_PLAIN, "not known" },
    { "info", BADGE_PLAIN, "note" },
};

static void print_word(struct html *page, const struct word *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].word, word) == 0) {
            part_badge(page, words[i].badge, words[i].label);
            return;
        }
    html(page, "\u2013");
}

const char *setup_page_link(struct arena *arena, const char *name)
{
    return url_path(arena, "/setup/", name);
}

void setup_page_state(struct html *page, const char *state)
{
    print_word(page, states, ARRAY_SIZE(states), state);
}

void setup_page_verdict(struct html *page, const char *verdict)
{
    print_word(page, verdicts, ARRAY_SIZE(verdicts), verdict);
}

void setup_page_severity(struct html *page, const char *severity)
{
    print_word(page, severities, ARRAY_SIZE(severities), severity);
}

void setup_page_command(struct html *page, const struct insight *insight, const char *name)
{
    html(page, "<pre class=\"wrap\">");
    if (insight->standalone)
        html(page, "tlsrptd --standalone %s check %s", insight->standalone, name);
    else
        html(page, "tlsrptd check %s", name);
    html(page, "</pre>\n");
}

const char *setup_page_step(struct arena *arena, const char *steps, size_t index)
{
    while (index-- && *steps) {
        steps += strcspn(steps, " ");
        steps += *steps == ' ';
    }
    return *steps ? arena_copy(arena, steps, strcspn(steps, " ")) : NULL;
}
