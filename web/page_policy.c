/* /setup/NAME/policy: the policy that is made here, its records, the change under way step by step, and who
 * fetched which version; a form makes another policy.
 * SPDX-License-Identifier: MIT
 * Before: page_setup.c, policy_change.c */
#include "web/guide_load.h"
#include "web/layout.h"
#include "web/link.h"
#include "web/page.h"
#include "web/part.h"
#include "web/policy_change.h"
#include "web/setup_page.h"
#include "base/words.h"
#include <string.h>

#define KIND       "policy"
#define END        "end"
#define FETCHES    50
#define VERSIONS   50
#define NOTE_BYTES 500
#define MX_BYTES   8192
#define VERSION    "version"

struct policy_page {
    struct guide_input input;
    struct guide guide;
    struct guide_records records;
    struct guide_seen seen;
    struct rows fetches;
    bool ends; /* nothing speaks against the end of MTA-STS */
    const struct form_desk *desk;
    const char *action;
    const struct insight *insight;
};

/* The domain of the page; NULL: no policy can be made for such a name. */
static const char *name_of(const struct visit *visit)
{
    const char *name = text_host(visit->arena, visit->argument, NULL);
    return name && !text_begins(name, "*") ? name : NULL;
}

static const char *newest_version(struct arena *arena, const struct guide_input *input)
{
    return arena_printf(arena, "%d", input->version_count ? input->versions[0].version : 0);
}

static bool load_input(struct visit *visit, const char *name, struct guide_input *input,
                       struct err *err)
{
    const struct domain_row *domain;
    if (!guide_load(visit->reader, visit->arena, name, visit->now_seconds, input, err)
        || !read_domain(visit->reader, visit->arena, name, &domain, err))
        return false;
    if (domain && !verdict_word_from_text(domain->verdict, &input->verdict))
        input->verdict = VERDICT_UNKNOWN;
    return true;
}

static bool load(struct visit *visit, const void **data, struct err *err)
{
    struct policy_page *policy = arena_alloc(visit->arena, sizeof *policy);
    const char *name = name_of(visit);
    if (!name)
        return true;
    if (!load_input(visit, name, &policy->input, err))
        return false;
    if (policy->input.hosted
        && !read_hosting_fetches(visit->reader, visit->arena, policy->input.hosted->domain_id,
                                 FETCHES, &policy->fetches, err))
        return false;
    policy->guide = guide_make(visit->arena, &policy->input);
    policy->records = guide_records(visit->arena, &policy->input, visit->delegation);
    policy->seen = guide_see(visit->arena, &policy->input);
    policy->ends =
        guide_current(&policy->input) && !guide_plan_objection_to_end(visit->arena, &policy->input);
    policy->desk = &visit->form;
    policy->insight = visit->insight;
    policy->action = arena_printf(visit->arena, "%s/policy", setup_page_link(visit->arena, name));
    visit->title = arena_printf(visit->arena, "Policy of %s", name);
    *data = policy;
    return true;
}

/* --- taking --- */

/* Whether FORM is of this page, and made of what is so now. */
static bool is_current(struct visit *visit, const struct guide_input *input, struct err *err)
{
    const char *kind = form_value(visit->form.sent, "kind");
    const char *seen = form_value(visit->form.sent, VERSION);
    if (!kind || (strcmp(kind, KIND) != 0 && strcmp(kind, END) != 0))
        return err_set(err, ERR_INPUT, "this is none of the forms of this page");
    if (!seen || strcmp(seen, newest_version(visit->arena, input)) != 0)
        return err_set(err, ERR_INPUT,
                       "somebody else has changed the policy since this page was opened. Look at "
                       "what it is now and send it once more");
    return true;
}

static bool read_wish(struct visit *visit, const struct guide_input *input,
                      struct policy_change_terms *out, struct err *err)
{
    const struct form *form = visit->form.sent;
    const char *mx, *age, *reason = form_value(form, "reason"), *where = form_value(form, "where");
    const char *mode = form_value(form, "mode");
    if (!mode || !where)
        return err_set(err, ERR_INPUT, "this is none of the forms of this page");
    if (!form_need(visit->arena, form, "mx", MX_BYTES, &mx, err)
        || !form_need(visit->arena, form, "max_age", 10, &age, err))
        return false;
    char *words = arena_text(visit->arena, mx);
    for (char *c = words; *c; c++)
        if (*c == '\n' || *c == '\t' || *c == ',')
            *c = ' ';
    const struct text_list typed = guide_words(visit->arena, words);
    if (!text_number(age, 0, POLICY_MAX_AGE_MAX, &out->wish.max_age_seconds))
        return err_field(err, ERR_INPUT, "max_age", "must be seconds, at most 31557600");
    out->wish.mode = mode;
    out->served = strcmp(where, "elsewhere") != 0;
    out->override = reason && *text_trim(visit->arena, reason, strlen(reason)) ? reason : NULL;
    if (out->override && strlen(out->override) > NOTE_BYTES)
        return err_field(err, ERR_INPUT, "reason", "must be shorter than %d bytes", NOTE_BYTES);
    out->by = visit->user ? visit->user : "";
    out->renew = input->version_count && form_value(form, "renew");
    return policy_change_hosts(visit->arena, &typed, &out->wish.mx, err);
}

static bool read_change(struct visit *visit, const struct guide_input *input,
                        struct policy_change_terms *terms, struct policy_change *out,
                        struct err *err)
{
    if (!is_current(visit, input, err))
        return false;
    if (strcmp(form_value(visit->form.sent, "kind"), END) != 0)
        return read_wish(visit, input, terms, err)
               && policy_change_make(visit->arena, input, terms, out, err);
    if (!guide_current(input))
        return err_set(err, ERR_INPUT, "there is no policy that could end");
    policy_change_end(visit->arena, input, visit->user ? visit->user : "", out);
    return true;
}

static bool take(struct visit *visit, const char **location, struct err *err)
{
    const char *name = name_of(visit);
    struct policy_change_terms terms = { 0 };
    struct policy_change change;
    struct guide_input input;
    if (!name)
        return true;
    if (!load_input(visit, name, &input, err) || !read_change(visit, &input, &terms, &change, err))
        return false;
    if (change.plan.refusal && !terms.override)
        return err_set(err, ERR_INPUT, "%s", change.plan.refusal);
    if (!visit->desk->change_policy(visit->desk->context, &change, err))
        return false;
    *location = arena_printf(visit->arena, "%s/policy#change", setup_page_link(visit->arena, name));
    return true;
}

/* --- printing --- */

static void print_head(struct html *page, const struct policy_page *policy)
{
    const struct hosting_version_row *current = guide_current(&policy->input);
    html(page, "<p class=\"lead\" id=\"state\">");
    if (current) {
        part_badge(page, strcmp(current->mode, "enforce") == 0 ? BADGE_GOOD : BADGE_PLAIN,
                   arena_printf(page->arena, "mode %s", current->mode));
        html(page, " ");
        part_badge(page, BADGE_PLAIN,
                   policy->input.hosted->served ? "served by tlsrptd" : "served elsewhere");
    } else {
        part_badge(page, BADGE_PLAIN,
                   policy->input.hosted ? "MTA-STS was given up" : "no policy is made here");
        if (guide_is_foreign(&policy->input)) {
            html(page, " ");
            part_badge(page, BADGE_PLAIN,
                       arena_printf(page->arena, "somebody else's is published, mode %s",
                                    policy->input.look->mode));
        }
    }
    html(
        page,
        "</p>\n<p>What is wrong with the set-up as it is now stands under <a href=\"%s\">set-up</a>; "
        "what senders report, on the <a href=\"%s\">domain's page</a>.</p>\n",
        setup_page_link(page->arena, policy->input.domain),
        link_domain(page->arena, policy->input.domain, NULL));
    if (!policy->guide.alarm)
        return;
    html(page, "<p class=\"fault\" role=\"alert\">");
    part_prose(page, policy->guide.alarm);
    html(page, "</p>\n");
}

static void print_state(struct html *page, const struct guide_step *step)
{
    static const enum badge badges[] = {
        [GUIDE_DONE] = BADGE_GOOD,   [GUIDE_NOW] = BADGE_WARN,    [GUIDE_WAITING] = BADGE_PLAIN,
        [GUIDE_REFUSED] = BADGE_BAD, [GUIDE_LATER] = BADGE_PLAIN,
    };
    static const char *const words[] = {
        [GUIDE_DONE] = "done",       [GUIDE_NOW] = "now",     [GUIDE_WAITING] = "wait",
        [GUIDE_REFUSED] = "not yet", [GUIDE_LATER] = "later",
    };
    part_badge(page, badges[step->state], words[step->state]);
}

static void print_change(struct html *page, const struct policy_page *policy)
{
    const struct guide *guide = &policy->guide;
    html(page, "<section id=\"change\"><h2>%s</h2>\n", guide->title);
    html(page, "<ol class=\"findings\">\n");
    for (size_t i = 0; i < guide->step_count; i++) {
        const struct guide_step *step = &guide->steps[i];
        html(page, "<li>");
        print_state(page, step);
        html(page, " <strong>%s</strong>", step->title);
        if (step->state == GUIDE_WAITING) {
            html(page, ", not before ");
            html_time(page, step->until_seconds);
        }
        if (step->state != GUIDE_DONE) {
            html(page, "<div%s>", step->state == GUIDE_LATER ? " class=\"quiet\"" : "");
            part_prose(page, step->text);
            html(page, "</div>");
        }
        html(page, "</li>\n");
    }
    html(page, "</ol>\n");
    if (guide->safe_to_remove_seconds) {
        html(page, "<p>Safe to remove: ");
        html_time(page, guide->safe_to_remove_seconds);
        html(page, ".</p>\n");
    }
    html(page, "</section>\n");
}

static void print_way_back(struct html *page, const struct guide *guide)
{
    if (!guide->rollback_worst_at_seconds)
        return;
    html(
        page,
        "<section id=\"way-back\"><h2>The way back</h2>\n<p>Should the policy be made testing now: "
        "senders that look again when a delivery fails have it within %lld s, the last one by ",
        (long long)guide->rollback_best_seconds);
    html_time(page, guide->rollback_worst_at_seconds);
    html(page, " (some hold an enforce policy for a week, whatever its max_age).</p>\n<ul>\n");
    for (size_t i = 0; guide_never[i]; i++)
        html(page, "<li>%s</li>\n", guide_never[i]);
    html(page, "</ul>\n</section>\n");
}

static void print_policy(struct html *page, const struct policy_page *policy)
{
    const struct hosting_version_row *current = guide_current(&policy->input);
    if (!current)
        return;
    html(page,
         "<section id=\"policy\"><h2>Policy</h2>\n<p>To be served as "
         "<code>https://mta-sts.%s/.well-known/mta-sts.txt</code>, %zu bytes, each line ended by "
         "CRLF:</p>\n<pre class=\"wrap\">",
         policy->input.domain, current->body.size);
    html(page, "%s", arena_copy(page->arena, current->body.data, current->body.size));
    html(page, "</pre>\n<dl class=\"fields\">\n<div><dt>Id</dt><dd><code>%s</code></dd></div>\n",
         current->id);
    html(page, "<div><dt>SHA-256</dt><dd><code>%s</code></dd></div>\n<div><dt>Made</dt><dd>",
         current->sha256);
    html_time(page, current->made_seconds);
    html(page, "%s%s, version %d</dd></div>\n", *current->made_by ? " by " : "", current->made_by,
         current->version);
    if (*current->note)
        html(page, "<div><dt>Against advice</dt><dd>%s</dd></div>\n", current->note);
    html(page, "</dl>\n</section>\n");
}

static void print_records(struct html *page, const struct policy_page *policy)
{
    html(page, "<section id=\"records\"><h2>Records</h2>\n");
    LAYOUT_TABLE(page, "To be published, in this order", "Name", "Type", "Value", "Note");
    for (size_t i = 0; i < policy->records.count; i++) {
        const struct guide_record *it = &policy->records.items[i];
        html(page, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td><td class=\"prose\">",
             it->name, it->type);
        html(page, *it->value ? "<code>%s</code>" : "%s", *it->value ? it->value : "\u2013");
        html(page, "</td><td class=\"prose\">%s</td></tr>\n", *it->note ? it->note : "\u2013");
    }
    layout_table_end(page);
    html(page, "</section>\n");
}

/* --- the form --- */

static void print_option(struct html *page, const char *value, const char *chosen,
                         const char *label)
{
    html(page, "<option value=\"%s\"%s>%s</option>", value,
         strcmp(value, chosen) == 0 ? " selected" : "", label);
}

static const char *lines_of(struct arena *arena, const char *words)
{
    char *lines = arena_text(arena, words);
    for (char *c = lines; *c; c++)
        if (*c == ' ')
            *c = '\n';
    return lines;
}

/* What was typed, or what is so now. */
static const char *shown(const struct form *sent, const char *name, const char *now)
{
    const char *typed = form_value(sent, name);
    return typed ? typed : now;
}

static void print_form(struct html *page, const struct policy_page *policy)
{
    const struct hosting_version_row *current = guide_current(&policy->input);
    const struct form_desk *desk = policy->desk;
    if (!desk->token)
        return;
    const struct form *sent = form_again(desk, KIND, NULL, NULL);
    const char *mode = shown(sent, "mode", current ? current->mode : "testing");
    const char *where =
        shown(sent, "where", current && !policy->input.hosted->served ? "elsewhere" : "here");
    const char *hosts = current ? lines_of(page->arena, current->mx)
                                : words_joined(page->arena, &policy->seen.mx, "", "\n");
    html(page, "<section id=\"set\"><h2>%s</h2>\n", current ? "Another policy" : "Make a policy");
    form_open(page, desk, policy->action, KIND, sent);
    form_hidden(page, VERSION, newest_version(page->arena, &policy->input));
    html(page, "<label>Mode <select name=\"mode\">");
    print_option(page, "testing", mode, "testing: senders report, and refuse nothing");
    print_option(page, "enforce", mode, "enforce: senders refuse what fails");
    print_option(page, "none", mode, "none: leaving MTA-STS");
    html(page,
         "</select></label>\n<label>Hosts, one a line <textarea name=\"mx\" rows=\"4\" "
         "required spellcheck=\"false\">%s</textarea></label>\n",
         shown(sent, "mx", hosts));
    html(page,
         "<label>max_age, seconds <input name=\"max_age\" inputmode=\"numeric\" pattern=\"[0-9]*\" "
         "maxlength=\"8\" required value=\"%s\"></label>\n",
         shown(sent, "max_age",
               arena_printf(page->arena, "%lld",
                            current ? (long long)current->max_age_seconds : 86400LL)));
    html(page, "<label>Served <select name=\"where\">");
    print_option(page, "here", where, "by tlsrptd");
    print_option(page, "elsewhere", where, "elsewhere: I put the bytes there");
    html(page, "</select></label>\n");
    if (current)
        html(
            page,
            "<label class=\"choice\"><input type=\"checkbox\" name=\"renew\" value=\"yes\"%s> Another "
            "id, also for the same bytes</label>\n",
            form_value(sent, "renew") ? " checked" : "");
    html(page,
         "<label>Against advice, because <input name=\"reason\" "
         "maxlength=\"%d\" value=\"%s\"></label>\n<button>Make it</button>\n"
         "<p class=\"note\">It is in force at once; its record comes after it. What should wait is "
         "refused, unless a reason is given, which is kept.</p></form></section>\n",
         NOTE_BYTES / 2, shown(sent, "reason", ""));
}

/* The last step of leaving, where it may be taken. */
static void print_end(struct html *page, const struct policy_page *policy)
{
    if (!policy->desk->token || !policy->ends)
        return;
    html(page, "<section id=\"end\"><h2>The end of MTA-STS</h2>\n");
    form_open(page, policy->desk, policy->action, END, form_again(policy->desk, END, NULL, NULL));
    form_hidden(page, VERSION, newest_version(page->arena, &policy->input));
    html(page,
         "<button>Give it up</button>\n<p class=\"note\">Nobody is to serve this policy any more. "
         "Then take the policy host's address and certificate away.</p></form></section>\n");
}

/* --- history --- */

static void print_versions(struct html *page, const struct policy_page *policy)
{
    const struct guide_input *input = &policy->input;
    LAYOUT_TABLE(page, "Versions", "#Version", "Mode", "#max_age", "Hosts", "Made", "By", "Id",
                 "First served", "Last served", "#Fetches");
    for (size_t i = 0; i < input->version_count && i < VERSIONS; i++) {
        const struct hosting_version_row *it = &input->versions[i];
        html(page, "<tr><th scope=\"row\" class=\"number\">%d</th><td>%s</td>", it->version,
             it->mode);
        html_cell(page, it->max_age_seconds);
        html(page, "<td class=\"prose\">");
        layout_words(page, it->mx);
        html(page, "</td><td>");
        html_time(page, it->made_seconds);
        html(page, "</td><td>%s</td><td><code>%s</code></td><td>",
             *it->made_by ? it->made_by : "\u2013", it->id);
        html_time(page, it->first_served_seconds);
        html(page, "</td><td>");
        html_time(page, it->last_served_seconds);
        html(page, "</td>");
        html_cell(page, it->fetches);
        html(page, "</tr>\n");
    }
    layout_table_end(page);
}

static void print_fetches(struct html *page, const struct policy_page *policy)
{
    const struct hosting_fetch_row *rows = policy->fetches.first;
    if (!policy->fetches.count)
        return;
    LAYOUT_TABLE(page, "Who fetched it, newest first: one line for each network and version",
                 "Client", "#Version", "#Fetches", "First", "Last", "Program");
    for (size_t i = 0; i < policy->fetches.count; i++) {
        html(page, "<tr><th scope=\"row\">%s</th>", rows[i].client);
        html_cell(page, rows[i].version);
        html_cell(page, rows[i].fetches);
        html(page, "<td>");
        html_time(page, rows[i].first_seconds);
        html(page, "</td><td>");
        html_time(page, rows[i].last_seconds);
        html(page, "</td><td class=\"prose\">%s</td></tr>\n",
             *rows[i].user_agent ? rows[i].user_agent : "\u2013");
    }
    layout_table_end(page);
}

static void print(struct html *page, const void *data)
{
    const struct policy_page *policy = data;
    part_crumbs(page, setup_page_link(page->arena, policy->input.domain), policy->input.domain,
                "Policy");
    html(page, "<h1>Policy of %s</h1>\n", policy->input.domain);
    print_head(page, policy);
    print_change(page, policy);
    print_policy(page, policy);
    print_records(page, policy);
    print_form(page, policy);
    print_end(page, policy);
    print_way_back(page, &policy->guide);
    if (!policy->input.version_count)
        return;
    html(page, "<section id=\"history\"><h2>History</h2>\n");
    print_versions(page, policy);
    print_fetches(page, policy);
    html(page, "</section>\n");
}

const struct page page_policy = {
    .path = "/setup/*/policy",
    .title = "Policy",
    .section = "/setup",
    .load = load,
    .print = print,
    .take = take,
};
