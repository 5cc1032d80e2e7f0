/* See http_body.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_body.h"
#include "base/memory.h"
#include <stdlib.h>

bool http_body_finish(struct http_body *body, struct bytes *out)
{
    if (hold_state(&body->hold) == HOLD_DROPPED)
        return false;
    body->kept = hold_take(&body->hold, &body->charge);
    *out = body->kept.data ? body->kept : (struct bytes){ .data = "" };
    return true;
}

struct bytes http_body_take(struct http_body *body, struct charge *charge)
{
    struct bytes taken = body->kept;
    if (!taken.data)
        taken.data = memory_text("");
    *charge = body->charge;
    body->charge = (struct charge){ 0 };
    body->kept = (struct bytes){ 0 };
    return taken;
}

void http_body_done(struct http_body *body)
{
    union {
        const char *in;
        void *out; /* it came from malloc() */
    } memory = { .in = body->kept.data };
    hold_done(&body->hold);
    free(memory.out);
    charge_done(&body->charge);
    *body = (struct http_body){ 0 };
}
