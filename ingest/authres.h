/* What our own mail server found out about the sender: Authentication-Results (RFC 8601).
 *
 * Anybody can write such a field. One is believed only if its authserv-id is configured, and of
 * those only the topmost: what the sender wrote stands below what our server put on top of it.
 *
 * SPDX-License-Identifier: MIT
 * Before: header.h. Next: tags.h, dns.h */
#pragma once

#include "base/err.h"
#include "base/text.h"

/* One result ("dkim=pass header.d=example.org"). Texts are UTF-8, in the arena. */
struct authres_result {
    struct authres_result *next;
    const char *method; /* "dkim", lower case */
    const char *result; /* "pass", lower case */
    const char *reason; /* NULL if none is given */
    const char *domain; /* header.d, else the domain of header.i; canonical; NULL if none or bad */
    const char *selector; /* header.s, or NULL */
};

struct authres {
    const char *authserv_id;
    struct authres_result *results; /* in order; NULL: "none" */
};

/* Reads BODY, a field without its name. False with ERR_INPUT when it departs from the grammar: then
 * nothing of it is to be believed. */
MUST_CHECK bool authres_parse(struct arena *arena, struct bytes body, struct authres *out,
                              struct err *err);

/* The topmost field of MESSAGE whose authserv-id is one of IDS (without regard to case). *FOUND is
 * false when there is none. False with ERR_INPUT when that field departs from the grammar. */
MUST_CHECK bool authres_find(struct arena *arena, struct bytes message, const struct text_list *ids,
                             struct authres *out, bool *found, struct err *err);
