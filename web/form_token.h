/* Was a form sent from a page of ours, by who looked at it?
 *
 * A browser sends the password that it knows along with whatever another site makes it send. So a form
 * counts only when the browser does not say that it comes from elsewhere (Sec-Fetch-Site, Origin), and
 * when it holds the token that stood in the page: one for each user, made by this process, good until
 * the end of the next UTC day. Another site can neither read it nor guess it.
 *
 * SPDX-License-Identifier: MIT
 * Before: form.h. Next: form_page.h */
#pragma once

#include "web/http_request.h"
#include <stdint.h>

enum form_origin {
    FORM_ORIGIN_OURS,   /* the browser says so */
    FORM_ORIGIN_OTHER,  /* the browser says that another site made it send this */
    FORM_ORIGIN_UNTOLD, /* it is no browser, or an old one */
};
enum form_origin form_origin(const struct request *request);

/* The secret of this process: random, as text. */
#define FORM_SECRET_BYTES 65
void form_secret(char out[FORM_SECRET_BYTES]);

/* USER's token (NULL: nobody had to log in), in ARENA. */
const char *form_token(struct arena *arena, const char *secret, const char *user,
                       int64_t now_seconds);

/* TOKEN may be NULL. */
bool form_token_fits(const char *secret, const char *user, int64_t now_seconds, const char *token);
