/* Mail out, by SMTP or submission (RFC 5321, RFC 6409), with the settings of section `smtp`.
 *
 * SPDX-License-Identifier: MIT
 * Before: message.h. Next: cmd_summary.c */
#pragma once

#include "collector/message.h"

/* Who gets the summary of one domain. */
struct mail_domain {
    const char *domain;
    const struct mailbox *to;
    size_t to_count;
};

struct mail_settings {
    const char *url; /* "": none */
    const char *from;
    struct text_list to, domains;
    bool quiet_weeks;
    const char *tls, *ca_file;
    const char *user, *password, *password_file;
    int64_t timeout_seconds;
    bool deliver_without_tls;
    /* made of these by mail_check() */
    struct mailbox sender;
    const struct mailbox *receivers; /* of `to` */
    const struct mail_domain *per_domain;
    size_t per_domain_count; /* each domain once, in the order of `domains` */
};

/* Reads the texts of SETTINGS, as far as they are not empty. ERR_SETUP names the key and its rule. */
MUST_CHECK bool mail_check(struct mail_settings *settings, struct arena *arena, struct err *err);

/* Hands MAIL over for TO, and returns when the server has taken it for all of them. ERR_AGAIN: nothing was
 * taken, try later (no connection, 4yz); ERR_INPUT: the server refuses this mail or one of its recipients
 * for good (5yz); ERR_REFUSED: it refuses the log-in; ERR_SETUP: TLS or the settings do not serve. */
MUST_CHECK bool mail_send(const struct mail_settings *settings, const struct mailbox *to,
                          size_t to_count, struct bytes mail, struct err *err);
