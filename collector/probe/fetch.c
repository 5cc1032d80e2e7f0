/* See fetch.h.
 * SPDX-License-Identifier: MIT */
#include "probe/fetch.h"
#include "base/clock.h"
#include "probe/tls.h"
#include "probe/transfer.h"

#define HTTPS_PORT        443
#define HTTP_PORT         80
#define HEADERS_BYTES_MAX 32768

static void take(struct arena *arena, const struct transfer_page *page, const struct tls_look *look,
                 const struct err *err, struct setup_fetch *out)
{
    bool ended = err->kind == ERR_NONE;
    out->status = page->status;
    out->location = page->location;
    out->type = page->type;
    out->encoding = page->encoding;
    out->authenticate = page->authenticate;
    out->body = page->body;
    out->too_large = page->too_large || page->body.size > SETUP_BODY_BYTES;
    out->cut = !ended && page->status != 0;
    if (!ended)
        out->why = page->look && !look->out->done ? out->tls.why : arena_text(arena, err->text);
}

void fetch_look(struct arena *arena, const struct wire_terms *terms,
                const struct fetch_target *target, struct setup_fetch *out)
{
    int64_t begin_ms = clock_monotonic_ms();
    int fd = -1;
    struct err err = { 0 };
    *out = (struct setup_fetch){
        .url = arena_printf(arena, "%s://%s%s", target->plain ? "http" : "https", target->host,
                            target->path),
        .address = target->address,
        .client = target->client,
    };
    struct tls_look look = {
        .arena = arena, .roots = terms->roots, .name = target->host, .out = &out->tls
    };
    out->reach =
        wire_connect(terms, target->address, target->plain ? HTTP_PORT : HTTPS_PORT, &fd, &err);
    if (out->reach == REACH_OPEN) {
        struct transfer_page page = { .url = out->url,
                                      .client = target->client,
                                      .head = target->head,
                                      .fd = fd,
                                      .look = target->plain ? NULL : &look,
                                      .step_ms = terms->step_ms,
                                      .total_ms = begin_ms + terms->total_ms - clock_monotonic_ms(),
                                      .body_bytes_max = SETUP_BODY_BYTES + 1,
                                      .headers_bytes_max = HEADERS_BYTES_MAX };
        if (page.total_ms < 1)
            page.total_ms = 1;
        if (!transfer_get(arena, &page, &err) && page.look)
            tls_explain(&look, err.text);
        take(arena, &page, &look, &err, out);
    } else {
        out->why = arena_text(arena, err.text);
    }
    out->milliseconds = clock_monotonic_ms() - begin_ms;
}
