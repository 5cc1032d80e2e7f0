/* See form_page.h.
 * SPDX-License-Identifier: MIT
 * Before: form_token.c. Next: pages.c */
#include "web/form_page.h"
#include "web/part.h"
#include <string.h>

#define TOKEN "token"
#define KIND  "kind"

static bool has(const struct form *form, const char *name, const char *value)
{
    const char *found = form_value(form, name);
    return found && strcmp(found, value) == 0;
}

const struct form *form_again(const struct form_desk *desk, const char *kind, const char *field,
                              const char *value)
{
    const struct form *sent = desk ? desk->sent : NULL;
    return sent && has(sent, KIND, kind) && (!field || has(sent, field, value)) ? sent : NULL;
}

void form_fault(struct html *page, const struct form_desk *desk)
{
    html(page, "<p class=\"fault\">Nothing was changed: %s%s", desk->fault_field,
         *desk->fault_field ? " " : "");
    part_prose(page, desk->fault);
    html(page, ".</p>\n");
}

void form_hidden(struct html *page, const char *name, const char *value)
{
    html(page, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", name, value);
}

void form_open(struct html *page, const struct form_desk *desk, const char *action,
               const char *kind, const struct form *sent)
{
    html(page, "<form class=\"entry\" method=\"post\" action=\"%s\">", action);
    form_hidden(page, TOKEN, desk->token);
    form_hidden(page, KIND, kind);
    html(page, "\n");
    if (sent)
        form_fault(page, desk);
}

void form_print_again(struct html *page, const struct form *form, const char *action,
                      const char *token)
{
    html(page, "<form class=\"entry\" method=\"post\" action=\"%s\">\n", action);
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, TOKEN) != 0)
            form_hidden(page, form->fields[i].name, form->fields[i].value);
    form_hidden(page, TOKEN, token);
    html(page, "<button>Send it again</button></form>\n");
}
