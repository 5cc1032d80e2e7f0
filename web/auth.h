/* Who may look at the pages, and where from.
 *
 * Without users, and without a proxy that names them, whoever reaches the listener may read all: that
 * is why it stays on loopback then. With them, a request passes when
 *   - a trusted proxy names the user in its header, or
 *   - it carries a name and password (HTTP Basic, RFC 7617) that fit; passwords are slow to compare
 *     on purpose, so that one that was right is remembered for a few minutes, as a keyed hash.
 * In any case it has to ask for a host of ours, so that no other site's page can read this one
 * through a visitor's browser (DNS rebinding), and it may not cross the network in plain text unless
 * a trusted proxy sends it.
 *
 * SPDX-License-Identifier: MIT
 * Before: attempts.h. Next: denied.h, web.h */
#pragma once

#include "web/http.h"
#include "web/users.h"

struct auth_settings {
    struct text_list users;           /* "name:hash" */
    const char *users_file;           /* NULL or "": none */
    struct text_list trusted_proxies; /* as in base/network.h */
    const char *proxy_user_header;    /* NULL or "": proxies name no users */
    struct text_list hosts;           /* names of ours, beside localhost and the listeners' */
    int64_t failures_per_client;      /* log-ins a minute; 0: without end */
    int64_t failures;                 /* of all clients together */
};

enum auth_verdict {
    AUTH_PASSED,
    AUTH_CHECK,      /* its password is to be compared: auth_compare() */
    AUTH_STRANGE,    /* it asks for a host that is not ours */
    AUTH_PLAIN,      /* it came over the network in plain text, and not from a proxy */
    AUTH_NEEDED,     /* it names nobody */
    AUTH_WRONG,      /* no such user, or not his password */
    AUTH_LIMITED,    /* too many log-ins have failed */
    AUTH_PROXY_ONLY, /* only a proxy may name users, and none did */
};

struct auth_decision {
    enum auth_verdict verdict;
    const char
        *user; /* who passed, NULL in an open installation; or known, whose password was wrong */
    const char *client;    /* behind the proxies */
    const char *host;      /* that was asked for; "" if none */
    int64_t retry_seconds; /* when limited */
    bool first;            /* the first of those who are limited: worth a line in the log */
};

struct auth;

/* ENCRYPTED: the listener does TLS. ADDRESSES are the listeners' as in the settings, whose names are
 * hosts of ours. ERR_SETUP names the setting. SETTINGS are not needed afterwards. */
MUST_CHECK bool auth_new(const struct auth_settings *settings, const struct text_list *addresses,
                         bool encrypted, struct auth **out, struct err *err);
void auth_free(struct auth **auth); /* accepts NULL, sets NULL */

/* Puts other settings in place of the old ones, but for the rates of failures. On an error the old
 * ones stay: also when the new ones do not guard a listener that is REACHABLE for other machines. */
MUST_CHECK bool auth_change(struct auth *auth, const struct auth_settings *settings,
                            const struct text_list *addresses, bool reachable, struct err *err);

/* Whether addresses that other machines reach may be listened on. ERR_SETUP: what is missing. */
MUST_CHECK bool auth_guards(const struct auth *auth, struct err *err);

/* All but comparing a password; fast. The decision's texts live with the request. Any thread. */
void auth_decide(struct auth *auth, struct request *request, struct auth_decision *out);

/* For AUTH_CHECK: compares, which takes some 50 ms, and makes the verdict PASSED or WRONG. Any
 * thread but those of the listener. */
void auth_compare(struct auth *auth, struct request *request, struct auth_decision *decision);
