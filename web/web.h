/* The web view: a listener, who may look, and threads that wait for the database in its stead.
 * SPDX-License-Identifier: MIT
 * Before: denied.h, pages.h. Next: collector/service.c */
#pragma once

#include "schema/read.h"
#include "web/auth.h"
#include "web/desk.h"
#include "web/insight.h"
#include "judge/verdict.h"

struct web_settings {
    struct http_settings http;
    struct auth_settings auth; /* without users or proxies: loopback addresses only */
    int workers;               /* pages made at once; 0: four */
    bool takes_any_domain;     /* no domains are configured; the overview says so */
    struct insight insight;
    const struct desk *desk; /* what pages may change; outlives the view; NULL: nothing */
    const struct verdict_settings *verdict; /* outlive the view */
    const char *delegation;                 /* ditto; see page.h. NULL: none */
    int64_t metrics_domains;                /* most domains and MX that /metrics tells of */
    bool metrics_public;                    /* nobody has to log in for /metrics */
    bool changes_without_login;             /* where nobody has to log in, anybody may send forms */

    /* Called after a password was compared, and when a client is first told that too many were
     * wrong; by any thread. NULL: nobody wants to know. */
    void (*told)(const struct auth_decision *decision, void *context);
    void *context;
};

struct web;

/* READER must outlive it. *OUT is NULL when the settings name no address. ERR_SETUP as http_open()
 * and auth_new(). */
MUST_CHECK bool web_open(const struct web_settings *settings, struct reader *reader,
                         struct web **out, struct err *err);

/* Other users, proxies, hosts and certificate (http.tls, loaded) from now on. ERR_SETUP, and the old
 * ones stay, when they are not good, or too few for the addresses that are listened on. */
MUST_CHECK bool web_change(struct web *web, const struct web_settings *settings, struct err *err);

/* As http_address(). */
const char *web_address(const struct web *web, size_t index);

/* Takes nothing new; returns when all that was asked is answered, or after SECONDS. */
void web_stop(struct web *web, int seconds);

/* Frees; sets NULL; accepts NULL. */
void web_close(struct web **web);
