/* Transfers by libcurl: a page by HTTP over a connection that was made before, and mail out by SMTP. The
 * only place that knows libcurl (in transfer.c). Nothing of the environment counts: no proxy, no .netrc.
 *
 * SPDX-License-Identifier: MIT
 * Before: tls.h. Next: fetch.h, mail.h */
#pragma once

#include "base/err.h"
#include "base/text.h"
#include <stdint.h>

struct tls_look;

/* --- a page --- */

struct transfer_page {
    /* asked */
    const char *url;       /* http: or https:, without a port */
    const char *client;    /* User-Agent; "": none is sent */
    bool head;             /* HEAD, not GET */
    int fd;                /* connected, non-blocking; closed by the call */
    struct tls_look *look; /* filled in; NULL for http: */
    int64_t step_ms;       /* for the handshake */
    int64_t total_ms;      /* for all of it */
    size_t body_bytes_max; /* that are kept */
    size_t headers_bytes_max;
    /* came; all in the arena, texts bounded, NULL where there is none */
    int status;               /* 0: no answer */
    const char *location;     /* never followed */
    const char *type;         /* Content-Type */
    const char *encoding;     /* Content-Encoding: not asked for, not undone */
    const char *authenticate; /* WWW-Authenticate */
    struct bytes body;
    bool too_large; /* the body goes on; nothing more was read */
};

/* One request, one answer (HTTP/1.1). ERR_AGAIN: it did not come to its end, and what came is in PAGE
 * nonetheless; not so for what is too large. */
MUST_CHECK bool transfer_get(struct arena *arena, struct transfer_page *page, struct err *err);

/* --- mail --- */

enum transfer_tls {
    TRANSFER_PLAIN,
    TRANSFER_TLS_TRIED, /* whatever the certificate is */
    TRANSFER_TLS,       /* or not at all */
};

struct transfer_mail {
    const char *url;  /* smtp: or smtps: */
    const char *from; /* address alone */
    const char *user; /* ""; nobody logs in */
    const char *password;
    const char *ca_file; /* "": the system's */
    enum transfer_tls tls;
    int64_t timeout_seconds;
};

/* Hands MAIL over for the addresses TO, and returns when the server has taken it for all of them. ERR_AGAIN:
 * nothing was taken, try later (no connection, 4yz); ERR_INPUT: the server refuses this mail or one of its
 * recipients for good (5yz); ERR_REFUSED: it refuses the log-in; ERR_SETUP: TLS or the settings do not serve. */
MUST_CHECK bool transfer_send(const struct transfer_mail *how, const struct text_list *to,
                              struct bytes mail, struct err *err);
