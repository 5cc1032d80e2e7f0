/* See pages.h. To add a page: one file that exports a `struct page`, and one row here.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: page_overview.c */
#include "web/pages.h"
#include "base/clock.h"
#include "web/api.h"
#include "web/asset.h"
#include "web/layout.h"
#include "web/notice.h"
#include "base/url.h"
#include <string.h>

/* clang-format off */
static const struct page *const pages[] = {
    &page_overview,
    &page_domain,
    &page_mx,
    &page_mx_host,
    &page_setups,
    &page_setup,
    &page_policy,
    &page_weeks,
    &page_week,
    &page_reporters,
    &page_reports,
    &page_report,
    &page_original,
    &page_rejected,
    &page_rejection,
    &page_rejection_original,
    &page_ready,
    &page_metrics,
    &api_domains,
    &api_domain,
    &api_verdict,
    &api_setup,
    &api_mx,
    &api_tally,
    &api_failures,
    &api_reports,
    &api_report,
    &api_rejected,
    &api_rejection,
    &api_document,
};
/* clang-format on */

#define HTML_TYPE "text/html; charset=utf-8"
#define TEXT_TYPE "text/plain; charset=utf-8"

/* --- answers that are no page --- */

static void respond_text(struct request *request, int status, const char *text)
{
    http_respond(request, &(struct response){
                              .status = status,
                              .type = TEXT_TYPE,
                              .body = { text, strlen(text) },
                          });
}

static void respond_page(struct request *request, int status, const struct http_field *more,
                         const struct html *page)
{
    struct response response = {
        .status = status,
        .type = HTML_TYPE,
        .body = { buf_get(&page->text), page->text.size },
        .headers = { { .name = "Cache-Control", .value = "no-store" } },
    };
    if (more)
        response.headers[1] = *more;
    http_respond(request, &response);
}

/* Ways on from a page that is none. */
static void print_ways(struct html *page, const struct request *request, int status)
{
    if (status == 400)
        html(page, "<p><a class=\"button\" href=\"%s\">Show the page without it</a></p>\n",
             url_again(page->arena, request->path));
    if (status == 404)
        html(page,
             "<form class=\"filter\" action=\"/\" method=\"get\" role=\"search\"><label>Domain "
             "begins with <input name=\"name\" maxlength=\"253\" autocomplete=\"off\" "
             "spellcheck=\"false\"></label> <button>Find</button></form>\n"
             "<p>The <a href=\"/\">overview</a> lists all domains that reports spoke of, <a "
             "href=\"/mx\">MX hosts</a> the servers. What came and could not be read stands under "
             "<a href=\"/rejected\">Rejected</a>.</p>\n");
    if (status == 503 && strcmp(request->method, "POST") != 0)
        html(page, "<p><a class=\"button\" href=\"\">Try again</a></p>\n");
}

static void answer_trouble(struct request *request, const struct trouble *trouble,
                           const struct insight *insight)
{
    if (api_owns(request->path)) {
        api_respond_problem(request, trouble);
        return;
    }
    struct html *page = html_new(&request->arena);
    layout_head(page, trouble->title, "");
    html(page, "<h1>%s</h1>\n<p>%s</p>\n", trouble->title, trouble->text);
    if (trouble->detail)
        html(page, "<pre class=\"wrap\">%s</pre>\n", trouble->detail);
    if (insight)
        notice_print(page, insight, false);
    if (trouble->form)
        form_print_again(page, trouble->form, url_again(page->arena, request->path),
                         trouble->token);
    print_ways(page, request, trouble->status);
    layout_foot(page, NULL);
    respond_page(request, trouble->status, &trouble->header, page);
}

void pages_answer_trouble(struct request *request, const struct trouble *trouble)
{
    answer_trouble(request, trouble, NULL);
}

static void respond_trouble(struct request *request, int status, const char *title,
                            const char *text, const char *detail)
{
    struct trouble trouble = { .status = status, .title = title, .text = text, .detail = detail };
    pages_answer_trouble(request, &trouble);
}

/* What passes; a reader is told what becomes of reports meanwhile, where INSIGHT is there. */
static void respond_later(struct request *request, const struct insight *insight, const char *title,
                          const char *text, const char *detail)
{
    answer_trouble(request,
                   &(struct trouble){ .status = 503,
                                      .title = title,
                                      .text = text,
                                      .detail = detail,
                                      .header = { .name = "Retry-After", .value = "10" } },
                   insight);
}

/* VISIT is NULL where no page was asked. */
static void respond_missing(struct request *request, const struct visit *visit)
{
    respond_trouble(request, 404, "Not found",
                    visit && visit->absent
                        ? visit->absent
                        : "There is nothing here: no report has spoken of this domain, or there is "
                          "no such report or page.",
                    visit ? visit->absent_lines : NULL);
}

static void respond_error(struct request *request, const struct insight *insight,
                          const struct err *err)
{
    char detail[ERR_TEXT_BYTES];
    err_to_text(err, detail, sizeof detail);
    if (err->kind == ERR_INPUT)
        pages_answer_trouble(request,
                             &(struct trouble){ .status = 400,
                                                .title = "This cannot be asked for",
                                                .text = "An argument is wrong.",
                                                .detail = detail,
                                                .argument = *err->field ? err->field : NULL });
    else if (err->kind == ERR_AGAIN)
        respond_later(
            request, insight, "The database is away",
            "Pages come from PostgreSQL, which does not answer at the moment. If it stays "
            "away, look at its log.",
            detail);
    else if (err->kind == ERR_LIMIT)
        respond_later(request, NULL, "This page took too long",
                      "Its query was given up so that it does not hold up others. Try it in a "
                      "quieter moment, ask for fewer days, or raise the setting "
                      "\u201cweb.statement_timeout_seconds\u201d.",
                      detail);
    else if (err->kind == ERR_SETUP)
        respond_later(request, insight, "The database is not set up",
                      "PostgreSQL answers but cannot be used like this. Check the setting "
                      "\u201cdatabase\u201d, and run \u201ctlsrptd migrate\u201d.",
                      detail);
    else
        respond_trouble(request, 500, "This page cannot be shown",
                        "The fault is in tlsrptd. Please report it with the line below.", detail);
}

static void respond_asset(struct request *request, const struct asset *asset)
{
    /* A link with the version may be kept: it changes with the contents. */
    const char *version = http_argument(request, "v");
    bool keep = version && strcmp(version, asset_version(&request->arena, asset)) == 0;
    http_respond(request, &(struct response){
                              .status = 200,
                              .type = asset->type,
                              .body = { asset->data, *asset->size },
                              .headers = { { .name = "Cache-Control",
                                             .value = keep ? "public, max-age=31536000, immutable"
                                                           : "no-cache" } },
                          });
}

/* --- routing --- */

/* *ARGUMENT is set to what stands for '*' in PATTERN. */
static bool path_fits(struct arena *arena, const char *pattern, const char *path,
                      const char **argument)
{
    const char *star = strchr(pattern, '*');
    if (!star)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(star - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    size_t size = strcspn(path + before, "/");
    if (!size || strcmp(path + before + size, star + 1) != 0)
        return false;
    *argument = arena_copy(arena, path + before, size);
    return true;
}

static const struct page *find_page(struct request *request, const char **argument)
{
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
        if (path_fits(&request->arena, pages[i]->path, request->path, argument))
            return pages[i];
    return NULL;
}

const struct page *pages_at(size_t index)
{
    return index < ARRAY_SIZE(pages) ? pages[index] : NULL;
}

static void respond_read_only(struct request *request, bool takes_forms)
{
    struct trouble trouble = {
        .status = request->refused ? request->refused : 405,
        .title = "Here is only to be read",
        .text = "Pages and the API are asked for with GET or HEAD, and without a body.",
        .header = { .name = "Allow", .value = takes_forms ? "GET, HEAD, POST" : "GET, HEAD" },
    };
    pages_answer_trouble(request, &trouble);
}

/* Before its body was read. */
static void respond_not_read(struct request *request)
{
    bool large = request->refused == 413;
    respond_trouble(request, request->refused, large ? "This is too long" : "Busy",
                    large ? "A form holds 64 KiB at most. Go back and shorten it."
                          : "Nothing was changed. Go back and send it again.",
                    NULL);
}

bool pages_answer_now(struct request *request)
{
    static const char folder[] = "/static/";
    const char *argument;
    const struct asset *asset = NULL;
    const struct page *page = find_page(request, &argument);
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    bool takes_forms = page && page->take;
    if (text_begins(request->path, folder))
        asset = asset_find(request->path + sizeof folder - 1);
    if (!reads && !(takes_forms && strcmp(request->method, "POST") == 0))
        respond_read_only(request, takes_forms);
    else if (!reads && request->refused)
        respond_not_read(request);
    else if (request->refused)
        respond_text(request, 413, "A page is asked for without a body.\n");
    else if (strcmp(request->path, "/healthz") == 0)
        respond_text(request, 200, "ok\n");
    else if (asset)
        respond_asset(request, asset);
    else if (!page)
        respond_missing(request, NULL);
    else
        return false;
    return true;
}

static void show(struct visit *visit, const struct page *page, int status)
{
    struct err err = { 0 };
    const void *data = NULL;
    if (!page->load(visit, &data, &err)) {
        respond_error(visit->request, visit->insight, &err);
        return;
    }
    if (!data) {
        respond_missing(visit->request, visit);
        return;
    }
    struct html *out = html_new(visit->arena);
    layout_head(out, visit->title, page->section);
    if (visit->form.fault) {
        html(out, "<div role=\"alert\">");
        form_fault(out, &visit->form);
        html(out, "</div>\n");
    }
    page->print(out, data);
    layout_foot(out, visit->user);
    if (out->text.failed)
        respond_trouble(visit->request, 500, "This page is too large",
                        "It holds more than can be shown at once.", NULL);
    else
        respond_page(visit->request, status, NULL, out);
}

static void serve(struct visit *visit, const struct page *page)
{
    struct err err = { 0 };
    struct response response = { 0 };
    if (!page->serve(visit, &response, &err))
        respond_error(visit->request, visit->insight, &err);
    else if (!response.status)
        respond_missing(visit->request, visit);
    else
        http_respond(visit->request, &response);
}

static void tell(struct visit *visit, const struct page *page)
{
    struct err err = { 0 };
    if (api_answer(visit, page->resource, &err))
        return;
    if (err.kind == ERR_NONE)
        respond_missing(visit->request, NULL);
    else
        respond_error(visit->request, NULL, &err);
}

/* --- forms --- */

/* Who is logged in; or, where nobody has to and the operator says that this will do, who asks from this
 * machine, and not by way of a proxy that says so: behind it may be anybody. */
static bool may_change(const struct request *request, const struct site *site, const char *user)
{
    static const char *const proxied[] = { "X-Forwarded-For", "Forwarded", "Via" };
    if (!user && !atomic_load(&site->changes_without_login))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(proxied) && !user; i++)
        if (http_header(request, proxied[i]))
            return false;
    return site->desk != NULL;
}

/* False, and answered, when nothing is to be read of what was sent. */
static bool is_admitted(struct visit *visit, enum form_origin origin)
{
    struct request *request = visit->request;
    if (origin == FORM_ORIGIN_OTHER)
        respond_trouble(request, 403, "Sent from another site",
                        "Your browser says that this form does not come from a page of this "
                        "service. Nothing was changed. If you wanted it, open the page itself and "
                        "send its form.",
                        NULL);
    else if (!visit->form.token)
        respond_trouble(
            request, 403, "Only to be read by you",
            "Changes are for users who have logged in, or, where nobody has to and the "
            "setting web.changes_without_login is true, for who opens the pages on this "
            "machine itself.",
            NULL);
    else if (!form_is_sent_in(request))
        respond_trouble(request, 415, "This is no form",
                        "Forms are sent as application/x-www-form-urlencoded.", NULL);
    else
        return true;
    return false;
}

static void respond_moved(struct request *request, const char *location)
{
    http_respond(request, &(struct response){
                              .status = 303,
                              .headers = { { .name = "Location", .value = location },
                                           { .name = "Cache-Control", .value = "no-store" } },
                          });
}

/* What was typed is in the answer, to be sent again. */
static void respond_not_taken(struct visit *visit, const struct err *err)
{
    char detail[ERR_TEXT_BYTES];
    bool ours = err->kind == ERR_BUG;
    pages_answer_trouble(
        visit->request,
        &(struct trouble){ .status = ours ? 500 : 503,
                           .title = "Nothing was changed",
                           .text = ours ? "The fault is in tlsrptd. Please report it with the line "
                                          "below."
                                        : "The database does not take it at the moment. What you "
                                          "typed is kept: send it again in a while.",
                           .detail = err_to_text(err, detail, sizeof detail),
                           .header = { .name = "Retry-After", .value = "10" },
                           .form = visit->form.sent,
                           .token = visit->form.token });
}

static void show_again(struct visit *visit, const struct page *page, int status,
                       const struct err *err)
{
    size_t size = strlen(err->text);
    bool sentence = size && err->text[size - 1] == '.'; /* its period stands in the page */
    visit->form.fault = arena_printf(visit->arena, "%.*s", (int)(size - sentence), err->text);
    visit->form.fault_field = arena_text(visit->arena, err->field);
    show(visit, page, status);
}

static void take(struct visit *visit, const struct page *page, const char *secret)
{
    struct err err = { 0 };
    struct form form;
    const char *location = NULL;
    enum form_origin origin = form_origin(visit->request);
    if (!is_admitted(visit, origin))
        return;
    if (!form_parse(visit->arena, visit->request->body, &form, &err)) {
        char detail[ERR_TEXT_BYTES];
        respond_trouble(visit->request, 400, "This form cannot be read", "Nothing was changed.",
                        err_to_text(&err, detail, sizeof detail));
        return;
    }
    bool fits =
        form_token_fits(secret, visit->user, visit->now_seconds, form_value(&form, "token"));
    visit->form.sent = &form;
    if (!fits && origin != FORM_ORIGIN_OURS) {
        /* What somebody else may have put together is not shown as if it had been typed here. */
        respond_trouble(visit->request, 403, "This form is not known",
                        "Forms hold a token that stands in the page. Nothing was changed. Open the "
                        "page itself and send its form.",
                        NULL);
    } else if (!fits) {
        err_set(&err, ERR_INPUT,
                "this page was opened too long ago, before tlsrptd was started anew, or by "
                "somebody else. Look at it again and send it once more");
        show_again(visit, page, 403, &err);
    } else if (page->take(visit, &location, &err)) {
        if (location)
            respond_moved(visit->request, location);
        else
            respond_missing(visit->request, visit);
    } else if (err.kind == ERR_INPUT)
        show_again(visit, page, 422, &err);
    else
        respond_not_taken(visit, &err);
}

void pages_answer(struct request *request, const struct site *site, const char *user)
{
    struct visit visit = {
        .request = request,
        .arena = &request->arena,
        .reader = site->reader,
        .takes_any_domain = atomic_load(&site->takes_any_domain),
        .insight = &site->insight,
        .verdict = site->verdict,
        .delegation = site->delegation,
        .metrics_domains = (int)atomic_load(&site->metrics_domains),
        .user = user,
        .desk = may_change(request, site, user) ? site->desk : NULL,
        .argument = "",
        .now_seconds = clock_now(),
    };
    const struct page *page = find_page(request, &visit.argument);
    if (!page) {
        respond_missing(request, NULL);
        return;
    }
    visit.title = page->title;
    if (visit.desk && page->take)
        visit.form.token = form_token(visit.arena, site->secret, user, visit.now_seconds);
    if (strcmp(request->method, "POST") == 0)
        take(&visit, page, site->secret);
    else if (page->serve)
        serve(&visit, page);
    else if (page->resource)
        tell(&visit, page);
    else
        show(&visit, page, 200);
}

void pages_answer_busy(struct request *request)
{
    respond_later(request, NULL, "Busy", "Too many pages are asked for at once.", NULL);
}

bool pages_is_public(const struct request *request, const struct site *site)
{
    return strcmp(request->path, page_ready.path) == 0
           || (atomic_load(&site->metrics_public) && strcmp(request->path, page_metrics.path) == 0);
}
