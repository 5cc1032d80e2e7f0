/* The web view: a listener, and a few threads that wait for the database in its stead.
 * SPDX-License-Identifier: MIT
 * Before: pages.h. Next: collector/service.c */
#pragma once

#include "schema/read.h"
#include "web/http.h"

struct web_settings {
    struct http_settings http; /* loopback addresses only: whoever reaches them may read all */
    int workers;               /* pages made at once; 0: four */
    bool takes_any_domain;     /* no domains are configured; the overview says so */
};

struct web;

/* READER must outlive it. *OUT is NULL when the settings name no address. ERR_SETUP as http_open(). */
MUST_CHECK bool web_open(const struct web_settings *settings, struct reader *reader,
                         struct web **out, struct err *err);

/* As http_address(). */
const char *web_address(const struct web *web, size_t index);

/* Takes nothing new; returns when all that was asked is answered, or after SECONDS. */
void web_stop(struct web *web, int seconds);

/* Frees; sets NULL; accepts NULL. */
void web_close(struct web **web);
