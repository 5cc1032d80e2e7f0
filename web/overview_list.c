/* See overview_list.h.
 * SPDX-License-Identifier: MIT */
#include "web/overview_list.h"
#include "base/text.h"
#include "web/search.h"
#include "base/url.h"
#include <inttypes.h>
#include <string.h>

#define DOMAINS_AT_ONCE 50
#define NAME_BYTES      254

struct choice {
    const char *word, *label;
    int value;
};

static const struct choice orders[] = {
    { "attention", "most urgent first", DOMAIN_ORDER_URGENCY },
    { "sessions", "most sessions first", DOMAIN_ORDER_SESSIONS },
    { "name", "by name", DOMAIN_ORDER_NAME },
};
static const struct choice states[] = {
    { "", "any state", 0 },
    { "enforce-failing", "failing in enforce", ATTENTION_ENFORCED },
    { "failing", "failing otherwise", ATTENTION_FAILING },
    { "silent", "silent", ATTENTION_SILENT },
    { "clean", "clean", ATTENTION_CLEAN },
};
static const struct choice modes[] = {
    { "", "any mode", 0 },
    { "enforce", "enforce", 0 },
    { "testing", "testing", 0 },
    { "none", "none", 0 },
};

static const struct choice verdicts[] = {
    { "", "any verdict", 0 },
    { "failing", "failing", 0 },
    { "not-yet", "not yet", 0 },
    { "ready", "ready", 0 },
    { "ready-limited", "ready, limited", 0 },
    { "healthy", "healthy", 0 },
    { "unknown", "cannot be told", 0 },
};

static const char *argument(const struct request *request, const char *name)
{
    const char *value = http_argument(request, name);
    return value ? value : "";
}

static const struct choice *find(const struct choice *choices, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(choices[i].word, word) == 0)
            return &choices[i];
    return NULL;
}

/* "2-15-a.example": urgency, the number that the order goes by, and the name of the last row. */
static bool read_after(struct request *request, struct overview_list *list, struct err *err)
{
    const char *text = argument(request, "after");
    int64_t urgency, number;
    if (!*text)
        return true;
    size_t first = strcspn(text, "-");
    size_t second = text[first] ? strcspn(text + first + 1, "-") : 0;
    const char *name = text + first + 1 + second;
    if (!text[first] || *name != '-' || !name[1] || strlen(name) > NAME_BYTES
        || !text_number(arena_copy(&request->arena, text, first), 0, URGENCY_NONE, &urgency)
        || !text_number(arena_copy(&request->arena, text + first + 1, second), 0, INT64_MAX,
                        &number))
        return err_field(err, ERR_INPUT, "after", "take the link below a page as it is");
    list->after = (struct domain_row){
        .urgency = (int32_t)urgency,
        .name = name + 1,
        .failed = number,
    };
    list->domains.after = &list->after;
    return true;
}

bool overview_list_read(struct request *request, struct overview_list *out, struct err *err)
{
    const char *name;
    const char *word = argument(request, "order");
    const struct choice *order = find(orders, ARRAY_SIZE(orders), *word ? word : orders[0].word);
    const struct choice *state = find(states, ARRAY_SIZE(states), argument(request, "state"));
    const struct choice *mode = find(modes, ARRAY_SIZE(modes), argument(request, "mode"));
    const struct choice *verdict =
        find(verdicts, ARRAY_SIZE(verdicts), argument(request, "verdict"));
    if (!order)
        return err_field(err, ERR_INPUT, "order", "is attention, sessions or name");
    if (!state)
        return err_field(err, ERR_INPUT, "state", "is enforce-failing, failing, silent or clean");
    if (!mode)
        return err_field(err, ERR_INPUT, "mode", "is enforce, testing or none");
    if (!verdict)
        return err_field(err, ERR_INPUT, "verdict",
                         "is ready, ready-limited, not-yet, healthy, failing or unknown");
    if (!search_read(request, &name, err))
        return false;
    *out = (struct overview_list){
        .domains = { .order = *name ? DOMAIN_ORDER_NAME : (enum domain_order)order->value,
                     .beginning = name,
                     .attention = state->value,
                     .mode = *mode->word ? mode->word : NULL,
                     .verdict = *verdict->word ? verdict->word : NULL,
                     .limit = DOMAINS_AT_ONCE },
        .order = order->word,
        .state = state->word,
        .mode = mode->word,
        .verdict = verdict->word,
    };
    return read_after(request, out, err);
}

static void print_choices(struct html *page, const char *name, const char *label,
                          const struct choice *choices, size_t count, const char *chosen)
{
    html(page, "<label>%s <select name=\"%s\">", label, name);
    for (size_t i = 0; i < count; i++)
        html(page,
             strcmp(choices[i].word, chosen) == 0 ? "<option value=\"%s\" selected>%s</option>"
                                                  : "<option value=\"%s\">%s</option>",
             choices[i].word, choices[i].label);
    html(page, "</select></label>\n");
}

void overview_list_print(struct html *page, const struct overview_list *list)
{
    html(page,
         "<form class=\"filter\" action=\"/\" method=\"get\" role=\"search\">\n<label>Name begins "
         "with <input name=\"name\" value=\"%s\" maxlength=\"253\" autocomplete=\"off\" "
         "spellcheck=\"false\"></label>\n",
         list->domains.beginning);
    print_choices(page, "state", "State", states, ARRAY_SIZE(states), list->state);
    print_choices(page, "mode", "Mode", modes, ARRAY_SIZE(modes), list->mode);
    print_choices(page, "verdict", "Verdict", verdicts, ARRAY_SIZE(verdicts), list->verdict);
    print_choices(page, "order", "Order", orders, ARRAY_SIZE(orders), list->order);
    html(page, "<button>Show</button></form>\n");
}

const char *overview_list_caption(const struct overview_list *list)
{
    switch (list->domains.order) {
    case DOMAIN_ORDER_SESSIONS:
        return "Domains, most sessions first";
    case DOMAIN_ORDER_NAME:
        return "Domains by name";
    case DOMAIN_ORDER_URGENCY:
        break;
    }
    return "Domains, those that need somebody first";
}

const char *overview_list_next(struct arena *arena, const struct overview_list *list,
                               const struct domain_row *last)
{
    bool by_sessions = list->domains.order == DOMAIN_ORDER_SESSIONS;
    const char *url = "/";
    if (*list->domains.beginning)
        url = url_add(arena, url, "name", list->domains.beginning);
    if (*list->state)
        url = url_add(arena, url, "state", list->state);
    if (*list->mode)
        url = url_add(arena, url, "mode", list->mode);
    if (*list->verdict)
        url = url_add(arena, url, "verdict", list->verdict);
    if (list->order != orders[0].word)
        url = url_add(arena, url, "order", list->order);
    return url_add(arena, url, "after",
                   arena_printf(arena, "%d-%" PRId64 "-%s", (int)last->urgency,
                                by_sessions ? last->successful + last->failed : last->failed,
                                last->name));
}
