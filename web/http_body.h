/* A request's body: received within a limit and a budget, then whole, then perhaps its handler's.
 * SPDX-License-Identifier: MIT
 * Before: http_request.h. Next: http.c */
#pragma once

#include "ingest/budget.h"

struct http_body {
    struct hold hold;     /* while it is received */
    struct bytes kept;    /* whole; NULL data: taken, or there is none */
    struct charge charge; /* of what is kept */
};

/* All of it has been received: *OUT is the body, NUL-terminated, while it is kept. False when it was
 * dropped to make room for others. */
MUST_CHECK bool http_body_finish(struct http_body *body, struct bytes *out);

/* Hands its memory over, with what it is charged: to be freed with free(). */
struct bytes http_body_take(struct http_body *body, struct charge *charge);

void http_body_done(struct http_body *body);
