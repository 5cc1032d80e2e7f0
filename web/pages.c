/* See pages.h. To add a page: one file that exports a `struct page`, and one row here.
 * SPDX-License-Identifier: MIT
 * Before: page.h. Next: page_overview.c */
#include "web/pages.h"
#include "base/clock.h"
#include "web/api.h"
#include "web/asset.h"
#include "web/layout.h"
#include "web/url.h"
#include <string.h>

static const struct page *const pages[] = {
    &page_overview,
    &page_domain,
    &page_mx,
    &page_mx_host,
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
    &api_mx,
    &api_tally,
    &api_failures,
    &api_reports,
    &api_report,
    &api_rejected,
    &api_rejection,
    &api_document,
};

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

void pages_answer_trouble(struct request *request, const struct trouble *trouble)
{
    if (api_owns(request->path)) {
        api_respond_problem(request, trouble);
        return;
    }
    struct html *page = html_new(&request->arena);
    layout_head(page, trouble->title, "");
    html(page, "<h1>%s</h1>\n<p>%s</p>\n", trouble->title, trouble->text);
    if (trouble->detail)
        html(page, "<pre>%s</pre>\n", trouble->detail);
    if (trouble->status == 400)
        html(page, "<p>Show the page <a href=\"%s\">without it</a>.</p>\n",
             url_again(page->arena, request->path));
    if (trouble->status == 404)
        html(page, "<p>The <a href=\"/\">overview</a> finds domains by how their names begin, <a "
                   "href=\"/mx\">MX hosts</a> does so for servers. Reports that could not be read "
                   "stand under <a href=\"/rejected\">Rejected</a>.</p>\n");
    layout_foot(page, NULL);
    respond_page(request, trouble->status, &trouble->header, page);
}

static void respond_trouble(struct request *request, int status, const char *title,
                            const char *text, const char *detail)
{
    struct trouble trouble = { .status = status, .title = title, .text = text, .detail = detail };
    if (status == 503)
        trouble.header = (struct http_field){ .name = "Retry-After", .value = "10" };
    pages_answer_trouble(request, &trouble);
}

static void respond_missing(struct request *request)
{
    respond_trouble(request, 404, "Not found",
                    "There is nothing here: no report has spoken of this domain, or there is no "
                    "such report or page.",
                    NULL);
}

static void respond_error(struct request *request, const struct err *err)
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
        respond_trouble(request, 503, "The database is away",
                        "Pages come from PostgreSQL, which does not answer at the moment. Reload "
                        "this page in a few seconds; if it stays away, look at its log.",
                        detail);
    else if (err->kind == ERR_LIMIT)
        respond_trouble(request, 503, "This page took too long",
                        "Its query was given up so that it does not hold up others. Try it in a "
                        "quieter moment, ask for fewer days, or raise the setting "
                        "\u201cweb.statement_timeout_seconds\u201d.",
                        detail);
    else if (err->kind == ERR_SETUP)
        respond_trouble(request, 503, "The database is not set up",
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

bool pages_answer_now(struct request *request)
{
    static const char folder[] = "/static/";
    const char *argument;
    const struct asset *asset = NULL;
    if (text_begins(request->path, folder))
        asset = asset_find(request->path + sizeof folder - 1);
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        http_respond(request, &(struct response){
                                  .status = request->refused ? request->refused : 405,
                                  .headers = { { .name = "Allow", .value = "GET, HEAD" } },
                              });
    else if (request->refused)
        respond_text(request, 413, "A page is asked for without a body.\n");
    else if (strcmp(request->path, "/healthz") == 0)
        respond_text(request, 200, "ok\n");
    else if (asset)
        respond_asset(request, asset);
    else if (!find_page(request, &argument))
        respond_missing(request);
    else
        return false;
    return true;
}

static void show(struct visit *visit, const struct page *page)
{
    struct err err = { 0 };
    const void *data = NULL;
    if (!page->load(visit, &data, &err)) {
        respond_error(visit->request, &err);
        return;
    }
    if (!data) {
        respond_missing(visit->request);
        return;
    }
    struct html *out = html_new(visit->arena);
    layout_head(out, visit->title, page->section);
    page->print(out, data);
    layout_foot(out, visit->user);
    if (out->text.failed)
        respond_trouble(visit->request, 500, "This page is too large",
                        "It holds more than can be shown at once.", NULL);
    else
        respond_page(visit->request, 200, NULL, out);
}

static void serve(struct visit *visit, const struct page *page)
{
    struct err err = { 0 };
    struct response response = { 0 };
    if (!page->serve(visit, &response, &err))
        respond_error(visit->request, &err);
    else if (!response.status)
        respond_missing(visit->request);
    else
        http_respond(visit->request, &response);
}

static void tell(struct visit *visit, const struct page *page)
{
    struct err err = { 0 };
    if (api_answer(visit, page->resource, &err))
        return;
    if (err.kind == ERR_NONE)
        respond_missing(visit->request);
    else
        respond_error(visit->request, &err);
}

void pages_answer(struct request *request, const struct site *site, const char *user)
{
    struct visit visit = {
        .request = request,
        .arena = &request->arena,
        .reader = site->reader,
        .takes_any_domain = atomic_load(&site->takes_any_domain),
        .insight = &site->insight,
        .metrics_domains = (int)atomic_load(&site->metrics_domains),
        .user = user,
        .argument = "",
        .now_seconds = clock_now(),
    };
    const struct page *page = find_page(request, &visit.argument);
    if (!page) {
        respond_missing(request);
        return;
    }
    visit.title = page->title;
    if (page->serve)
        serve(&visit, page);
    else if (page->resource)
        tell(&visit, page);
    else
        show(&visit, page);
}

void pages_answer_busy(struct request *request)
{
    respond_trouble(request, 503, "Busy",
                    "Too many pages are asked for at once. Try again in a few seconds.", NULL);
}

bool pages_is_public(const struct request *request, const struct site *site)
{
    return strcmp(request->path, page_ready.path) == 0
           || (atomic_load(&site->metrics_public) && strcmp(request->path, page_metrics.path) == 0);
}
