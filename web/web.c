/* See web.h.
 *
 *   listener's thread ──► may it look? ──► no database needed? ──► page threads ──► answer
 *                             └──► log-in threads (passwords) ──────┘
 *
 * The listener's own threads answer what needs neither the database nor a password, so that a slow
 * query or a crowd of wrong passwords holds up neither a health check nor those who are logged in.
 *
 * SPDX-License-Identifier: MIT */
#include "web/web.h"
#include "web/denied.h"
#include "web/pages.h"
#include "web/workers.h"
#include <stdlib.h>
#include <string.h>

#define WORKERS_DEFAULT 4
#define WAITING_MAX     256
#define LOGINS          2 /* compared at once; each needs up to 16 MiB */
#define LOGINS_WAITING  32

struct asked {
    struct job job; /* first, so that one is the other */
    struct request *request;
    struct auth_decision decision;
};

struct web {
    struct http *http;
    struct site site;
    struct auth *auth;
    struct workers *pages, *logins;
    void (*told)(const struct auth_decision *decision, void *context);
    void *context;
};

/* Of every answer, beside those of http.c: what a browser shall not do with a page of ours. */
static const struct http_field headers[] = {
    { .name = "Strict-Transport-Security", .value = "max-age=31536000" }, /* with TLS only */
    { .name = "Cross-Origin-Opener-Policy", .value = "same-origin" },
    { .name = "Cross-Origin-Resource-Policy", .value = "same-origin" },
    { .name = "X-Frame-Options", .value = "DENY" },
    { .name = "Permissions-Policy",
      .value = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()" },
    { .name = NULL },
};

static void show(struct job *job, void *context)
{
    const struct web *web = context;
    const struct asked *asked = (struct asked *)job;
    pages_answer(asked->request, &web->site, asked->decision.user);
}

static void put(struct workers *workers, struct asked *asked)
{
    if (!workers_put(workers, &asked->job))
        pages_answer_busy(asked->request);
}

static void log_in(struct job *job, void *context)
{
    const struct web *web = context;
    struct asked *asked = (struct asked *)job;
    auth_compare(web->auth, asked->request, &asked->decision);
    if (web->told)
        web->told(&asked->decision, web->context);
    if (asked->decision.verdict == AUTH_PASSED)
        put(web->pages, asked);
    else
        denied_answer(asked->request, &asked->decision);
}

/* Files of web/static, /healthz and /readyz are for everybody who asks for a host of ours. */
static void handle(struct request *request, void *context)
{
    const struct web *web = context;
    struct asked *asked = arena_alloc(&request->arena, sizeof *asked);
    struct auth_decision *decision = &asked->decision;
    asked->request = request;
    auth_decide(web->auth, request, decision);
    if (decision->verdict == AUTH_STRANGE || decision->verdict == AUTH_PLAIN)
        denied_answer(request, decision);
    else if (pages_answer_now(request))
        return;
    else if (decision->verdict == AUTH_PASSED || pages_is_public(request, &web->site))
        put(web->pages, asked);
    else if (decision->verdict == AUTH_CHECK)
        put(web->logins, asked);
    else {
        if (decision->first && web->told)
            web->told(decision, web->context);
        denied_answer(request, decision);
    }
}

static bool listen_guarded(struct web *web, const struct web_settings *settings, struct err *err)
{
    struct http_settings http = settings->http;
    struct err why = { 0 };
    bool encrypted = http.certificate && *http.certificate;
    if (!auth_new(&settings->auth, &http.listen, encrypted, &web->auth, err))
        return false;
    http.headers = encrypted ? headers : headers + 1;
    http.loopback_only = auth_guards(web->auth, &why) ? NULL : why.text;
    if (http_open(&http, handle, web, &web->http, err))
        return true;
    err_prefix(err, "web.listen: ");
    return false;
}

static void change_site(struct site *site, const struct web_settings *settings)
{
    atomic_store(&site->takes_any_domain, settings->takes_any_domain);
    atomic_store(&site->metrics_domains, settings->metrics_domains);
    atomic_store(&site->metrics_public, settings->metrics_public);
    atomic_store(&site->changes_without_login, settings->changes_without_login);
}

bool web_open(const struct web_settings *settings, struct reader *reader, struct web **out,
              struct err *err)
{
    if (!settings->http.listen.count) {
        *out = NULL;
        return true;
    }
    struct web *web = memory_new(sizeof *web);
    *web = (struct web){
        .site = { .reader = reader,
                  .insight = settings->insight,
                  .desk = settings->desk,
                  .verdict = settings->verdict,
                  .delegation = settings->delegation ? settings->delegation : "" },
        .told = settings->told,
        .context = settings->context,
    };
    form_secret(web->site.secret);
    change_site(&web->site, settings);
    int workers = settings->workers > 0 ? settings->workers : WORKERS_DEFAULT;
    web->pages = workers_new(workers, WAITING_MAX, show, web);
    web->logins = workers_new(LOGINS, LOGINS_WAITING, log_in, web);
    if (!listen_guarded(web, settings, err)) {
        web_close(&web);
        return false;
    }
    *out = web;
    return true;
}

bool web_change(struct web *web, const struct web_settings *settings, struct err *err)
{
    if (!auth_change(web->auth, &settings->auth, &settings->http.listen,
                     http_is_reachable(web->http), err))
        return false;
    http_change(web->http, &settings->http);
    change_site(&web->site, settings);
    return true;
}

const char *web_address(const struct web *web, size_t index)
{
    return http_address(web->http, index);
}

void web_stop(struct web *web, int seconds)
{
    if (web)
        http_stop(web->http, seconds);
}

void web_close(struct web **web)
{
    struct web *old = *web;
    if (!old)
        return;
    *web = NULL;
    if (old->http)
        http_stop(old->http, 0);
    workers_free(&old->logins); /* they put what passes before those of the pages */
    workers_free(&old->pages);
    http_close(&old->http);
    auth_free(&old->auth);
    free(old);
}
