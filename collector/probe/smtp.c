/* See smtp.h.
 * SPDX-License-Identifier: MIT */
#include "probe/smtp.h"
#include "base/clock.h"
#include "probe/smtp_reply.h"
#include "probe/tls.h"
#include <string.h>

#define SMTP_PORT   25
#define PIECE_BYTES 2048
#define QUIT_MS     2000 /* that the answer to QUIT is waited for */

/* RFC 5321 section 4.2.3: the command, or its argument, is not known here. */
enum { REPLY_OK = 250, REPLY_READY = 220, REPLY_UNKNOWN = 500, REPLY_MISSING = 502 };

struct talk {
    struct arena *arena;
    const struct wire_terms *terms;
    struct setup_probe *out;
    int64_t until_ms;
    int fd;
    struct tls *tls; /* once hands are shaken */
    struct buf received;
    bool broken; /* nothing more can be said */
};

static bool broke(struct talk *talk, const char *where, const char *why)
{
    talk->broken = true;
    if (!talk->out->why)
        talk->out->why = arena_printf(talk->arena, "%s: %s", where, why);
    return false;
}

static bool receive(struct talk *talk, int64_t until_ms, size_t *got, struct err *err)
{
    char piece[PIECE_BYTES];
    if (talk->tls ? !tls_read(talk->tls, piece, sizeof piece, until_ms, got, err)
                  : !wire_read(talk->fd, piece, sizeof piece, until_ms, got, err))
        return false;
    buf_add(&talk->received, piece, *got);
    return true;
}

/* WHERE names what is waited for, in a sentence about its failure. */
static bool read_reply(struct talk *talk, const char *where, int64_t ms, struct smtp_reply *reply)
{
    int64_t until_ms = wire_step(ms, talk->until_ms);
    const char *why = NULL;
    size_t used, got;
    for (;;) {
        struct bytes bytes = { buf_get(&talk->received), talk->received.size };
        struct err err = { 0 };
        enum smtp_read state = smtp_reply_parse(talk->arena, bytes, reply, &used, &why);
        if (state == SMTP_WHOLE) {
            buf_drop(&talk->received, used);
            return true;
        }
        if (state == SMTP_WRONG)
            return broke(talk, where, why);
        if (!receive(talk, until_ms, &got, &err))
            return broke(talk, where, err.text);
        if (got == 0)
            return broke(talk, where, "the server closed the connection");
    }
}

static bool send_line(struct talk *talk, const char *line)
{
    struct err err = { 0 };
    int64_t until_ms = wire_step(talk->terms->step_ms, talk->until_ms);
    const char *text = arena_printf(talk->arena, "%s\r\n", line);
    struct bytes bytes = { text, strlen(text) };
    return (talk->tls ? tls_write(talk->tls, bytes, until_ms, &err)
                      : wire_write(talk->fd, bytes, until_ms, &err))
           || broke(talk, line, err.text);
}

/* Sends LINE, if it is not NULL; true when the answer is the one that is hoped for. */
static bool exchange(struct talk *talk, const char *line, const char *where, int hoped,
                     struct smtp_reply *reply)
{
    struct setup_probe *out = talk->out;
    if ((line && !send_line(talk, line)) || !read_reply(talk, where, talk->terms->step_ms, reply))
        return false;
    if (reply->code == hoped)
        return true;
    out->code = reply->code;
    out->why = arena_printf(talk->arena, "%s: the server said %d %s", where, reply->code,
                            reply->lines.items[0]);
    return false;
}

static bool greet(struct talk *talk)
{
    struct smtp_reply reply = { 0 };
    bool good = exchange(talk, NULL, "the greeting", REPLY_READY, &reply);
    if (reply.code)
        talk->out->banner = arena_printf(talk->arena, "%d %s", reply.code, reply.lines.items[0]);
    return good;
}

static bool say_hello(struct talk *talk)
{
    struct smtp_reply reply = { 0 };
    struct setup_probe *out = talk->out;
    const char *line = arena_printf(talk->arena, "EHLO %s", talk->terms->hello);
    bool good = exchange(talk, line, "EHLO", REPLY_OK, &reply);
    if (reply.code == REPLY_UNKNOWN || reply.code == REPLY_MISSING)
        out->starttls = STARTTLS_MISSING; /* without EHLO there are no extensions */
    else if (good)
        out->starttls = smtp_reply_offers(&reply, "STARTTLS") ? STARTTLS_OFFERED : STARTTLS_MISSING;
    return good && out->starttls == STARTTLS_OFFERED;
}

static bool start_tls(struct talk *talk, const struct smtp_target *target)
{
    struct smtp_reply reply = { 0 };
    struct setup_probe *out = talk->out;
    struct tls_look look = { .arena = talk->arena,
                             .roots = talk->terms->roots,
                             .name = target->host,
                             .domain = target->domain,
                             .tlsa = target->tlsa,
                             .out = &out->tls };
    if (!exchange(talk, "STARTTLS", "STARTTLS", REPLY_READY, &reply)) {
        out->starttls = reply.code ? STARTTLS_REFUSED : out->starttls;
        return false;
    }
    /* Whoever stands in between could have put it there (CVE-2011-0411 and its like). */
    if (talk->received.size) {
        out->tls.tried = true;
        out->tls.why = "the server sent more in plain text after it had agreed to STARTTLS";
        return broke(talk, "STARTTLS", out->tls.why);
    }
    bool good =
        tls_open(&look, talk->fd, wire_step(talk->terms->step_ms, talk->until_ms), &talk->tls);
    out->dane = look.dane;
    return good || broke(talk, "TLS", out->tls.why);
}

/* So that no log tells of a client that went away. */
static void quit(struct talk *talk)
{
    struct smtp_reply reply;
    const char *why = talk->out->why;
    talk->until_ms = clock_monotonic_ms() + QUIT_MS;
    if (!talk->broken && send_line(talk, "QUIT"))
        read_reply(talk, "QUIT", QUIT_MS, &reply);
    talk->out->why = why;
}

void smtp_look(struct arena *arena, const struct wire_terms *terms,
               const struct smtp_target *target, struct setup_probe *out)
{
    int64_t begin_ms = clock_monotonic_ms();
    struct err err = { 0 };
    struct talk talk = { .arena = arena,
                         .terms = terms,
                         .out = out,
                         .until_ms = begin_ms + terms->total_ms,
                         .fd = -1,
                         .received = BUF(2 * SMTP_REPLY_BYTES) };
    *out = (struct setup_probe){ .address = target->address, .at_seconds = clock_now() };
    out->reach = wire_connect(terms, target->address, SMTP_PORT, &talk.fd, &err);
    if (out->reach != REACH_OPEN)
        out->why = arena_text(arena, err.text);
    else if (greet(&talk) && say_hello(&talk) && start_tls(&talk, target))
        out->why = NULL;
    out->milliseconds = clock_monotonic_ms() - begin_ms;
    if (out->reach == REACH_OPEN)
        quit(&talk);
    tls_close(&talk.tls);
    wire_close(&talk.fd);
    buf_done(&talk.received);
}
