/* See verdict_form.h. The form carries the newest day with the failure that its reader saw: if it has come
 * again since, nothing is acknowledged that he does not know of.
 *
 * SPDX-License-Identifier: MIT
 * Before: form_page.c. Next: page_domain.c */
#include "web/verdict_form.h"
#include "web/layout.h"
#include "base/clock.h"
#include <stdio.h>
#include <string.h>

#define ACK        "acknowledge"
#define WITHDRAW   "withdraw"
#define NOTE_BYTES 500

/* Tells the forms of one page apart; "" stands for an MX that is not named. */
static const char *key_of(struct arena *arena, const struct verdict_disposition *it)
{
    return arena_printf(arena, "%s %s", it->result, it->mx ? it->mx : "");
}

static void print_where(struct html *page, const struct verdict_disposition *it)
{
    html(page, "<code>%s</code>", it->result);
    if (it->mx)
        html(page, " at %s", it->mx);
}

static void print_who(struct html *page, const struct verdict_ack_row *ack)
{
    html(page, "%s, ", *ack->who ? ack->who : "somebody on this machine");
    html_time(page, ack->at_seconds);
}

static void print_key(struct html *page, const struct verdict_disposition *it)
{
    form_hidden(page, "failure", key_of(page->arena, it));
    form_hidden(page, "mx", it->mx ? it->mx : "");
    form_hidden(page, "result", it->result);
}

void verdict_form_print(struct html *page, const struct form_desk *desk, const char *action,
                        const struct verdict_disposition *it)
{
    if (it->ack && it->counts) {
        html(page, "<div class=\"quiet\">It was acknowledged before (");
        print_who(page, it->ack);
        html(page, ": %s) and has come again since.</div>", it->ack->note);
    }
    if (!desk || !desk->token || !it->decides || !it->counts)
        return;
    const struct form *sent = form_again(desk, ACK, "failure", key_of(page->arena, it));
    char day[CLOCK_TEXT_BYTES];
    html(page, "<details%s><summary>Do not wait for it\u2026</summary>\n", sent ? " open" : "");
    form_open(page, desk, action, ACK, sent);
    print_key(page, it);
    form_hidden(page, "until", clock_day_to_text(it->last_day, day));
    html(page,
         "<label>Why it need not be waited for <textarea name=\"note\" rows=\"2\" "
         "maxlength=\"%d\" required>%s</textarea></label>\n<button>Acknowledge</button>\n"
         "<p class=\"note\">The note is shown here to all who look. It counts again when it comes "
         "again after ",
         NOTE_BYTES / 2, form_value(sent, "note"));
    html_day(page, it->last_day);
    html(page, ".</p></form></details>");
}

void verdict_form_acknowledged(struct html *page, const struct form_desk *desk, const char *action,
                               const struct verdict *verdict)
{
    bool any = false;
    for (size_t i = 0; i < verdict->disposition_count; i++) {
        const struct verdict_disposition *it = &verdict->dispositions[i];
        if (!it->ack || it->counts || !it->decides)
            continue;
        html(page, any ? "" : "<section id=\"acknowledged\"><h3>Acknowledged</h3>\n<ul>\n");
        any = true;
        html(page, "<li>");
        print_where(page, it);
        html(page, ": %s <span class=\"quiet\">(", it->ack->note);
        print_who(page, it->ack);
        html(page, ")</span>\n");
        if (desk && desk->token) {
            form_open(page, desk, action, WITHDRAW,
                      form_again(desk, WITHDRAW, "failure", key_of(page->arena, it)));
            print_key(page, it);
            html(page, "<button>Wait for it again</button></form>");
        }
        html(page, "</li>\n");
    }
    html(page, any ? "</ul></section>\n" : "");
}

/* --- taking --- */

static bool acknowledge(struct visit *visit, const struct verdict_disposition *failure,
                        struct verdict_ack_entry *entry, bool *known, struct err *err)
{
    char day[CLOCK_TEXT_BYTES];
    const char *until = form_value(visit->form.sent, "until");
    if (!failure->decides || !failure->counts)
        return err_set(err, ERR_INPUT, "acknowledging this failure would not change anything");
    if (!until || strcmp(until, clock_day_to_text(failure->last_day, day)) != 0)
        return err_set(err, ERR_INPUT,
                       "it has come again since this page was opened, last on %s. Look at it and "
                       "send this once more",
                       clock_day_to_text(failure->last_day, day));
    if (!form_need(visit->arena, visit->form.sent, "note", NOTE_BYTES, &entry->note, err))
        return false;
    entry->last_day = failure->last_day;
    return visit->desk->acknowledge(visit->desk->context, entry, known, err);
}

bool verdict_form_take(struct visit *visit, const char *domain, const struct verdict *verdict,
                       struct err *err)
{
    const struct form *form = visit->form.sent;
    const char *kind = form_value(form, "kind"), *mx = form_value(form, "mx");
    const char *result = form_value(form, "result");
    bool known = true;
    if (!kind || !mx || !result || (strcmp(kind, ACK) != 0 && strcmp(kind, WITHDRAW) != 0))
        return err_set(err, ERR_INPUT, "this is none of the forms of this page");
    const struct verdict_disposition *failure = verdict_failure(verdict, mx, result);
    struct verdict_ack_entry entry = {
        .domain = domain, .mx = mx, .result = result, .who = visit->user ? visit->user : ""
    };
    if (strcmp(kind, WITHDRAW) == 0)
        return visit->desk->withdraw(visit->desk->context, &entry, &known, err);
    if (!failure)
        return err_set(err, ERR_INPUT, "there is no such failure any more");
    return acknowledge(visit, failure, &entry, &known, err);
}
