/* A page: what it loads, which may fail, and how that is printed, which cannot.
 * SPDX-License-Identifier: MIT
 * Before: layout.h. Next: pages.h */
#pragma once

#include "schema/read.h"
#include "web/desk.h"
#include "web/form_page.h"
#include "web/form_token.h"
#include "web/html.h"
#include "web/http.h"
#include "web/insight.h"
#include "judge/verdict.h"
#include <stdatomic.h>

/* What all pages of one listener have in common. */
struct site {
    struct reader *reader;
    atomic_bool takes_any_domain; /* no domains are configured: reports for any are counted */
    struct insight insight;
    const struct desk *desk; /* NULL: nothing can be changed */
    char secret[FORM_SECRET_BYTES];
    const struct verdict_settings *verdict;
    const char *delegation;          /* setting policy.delegation; "": none */
    _Atomic int64_t metrics_domains; /* most domains and MX that /metrics tells of */
    atomic_bool metrics_public;      /* nobody has to log in for /metrics */
    atomic_bool changes_without_login;
};

/* One look at a page. All of it lives in the request's arena. */
struct visit {
    struct request *request;
    struct arena *arena; /* the request's */
    struct reader *reader;
    bool takes_any_domain;                  /* of the site */
    const struct insight *insight;          /* ditto */
    const struct verdict_settings *verdict; /* ditto */
    const char *delegation;                 /* ditto */
    int metrics_domains;                    /* ditto */
    const char *user;                       /* who looks; NULL: nobody had to log in */
    const struct desk *desk;                /* what he may change; NULL: nothing */
    struct form_desk form;                  /* for pages that take forms */
    const char *argument; /* what stands for '*' in the page's path; "" if nothing does */
    int64_t now_seconds;
    const char *title; /* the page's own at first; load() may say more */

    /* What load() says when there is no such thing, and lines that help; NULL: something general. */
    const char *absent, *absent_lines;
};

struct resource;

struct page {
    const char *path; /* one '*' stands for one segment that is not empty */
    const char *title;
    const char *section; /* path of the navigation's entry; "" for none */

    /* Fills *DATA for print(); leaves it NULL when there is no such thing (404). */
    bool (*load)(struct visit *visit, const void **data, struct err *err);
    void (*print)(struct html *page, const void *data);

    /* Takes the form visit->form.sent, which has been sent to this page by who may; true: *LOCATION is the
     * path that shows what has become of it, or NULL: there is no such page. ERR_INPUT: the page is
     * shown again with what was typed and what was not good about it. NULL: it takes none. */
    bool (*take)(struct visit *visit, const char **location, struct err *err);

    /* Instead of both, for what is no HTML page. Leaves the status 0 when there is no such thing. */
    bool (*serve)(struct visit *visit, struct response *out, struct err *err);

    /* Instead of all these, and of title and section: a resource of the API (see api.h). */
    const struct resource *resource;
};

/* What is told instead of a page. */
struct trouble {
    int status;
    const char *title, *text;
    const char *detail;       /* on lines of its own; NULL: none */
    const char *argument;     /* that is at fault; NULL: none */
    struct http_field header; /* one more; without a name: none */
    const struct form *form;  /* that may be sent again; NULL: none */
    const char *token;        /* for it */
};

extern const struct page page_overview;
extern const struct page page_domain;
extern const struct page page_mx;
extern const struct page page_mx_host;
extern const struct page page_setups;
extern const struct page page_setup;
extern const struct page page_policy;
extern const struct page page_weeks;
extern const struct page page_week;
extern const struct page page_reporters;
extern const struct page page_reports;
extern const struct page page_report;
extern const struct page page_original;
extern const struct page page_rejected;
extern const struct page page_rejection;
extern const struct page page_rejection_original;
extern const struct page page_ready;
extern const struct page page_metrics;
extern const struct page api_domains;
extern const struct page api_domain;
extern const struct page api_verdict;
extern const struct page api_setup;
extern const struct page api_mx;
extern const struct page api_tally;
extern const struct page api_failures;
extern const struct page api_reports;
extern const struct page api_report;
extern const struct page api_rejected;
extern const struct page api_rejection;
extern const struct page api_document;
