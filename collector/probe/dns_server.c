/* See dns_server.h. One socket for each question, connected, so that the kernel drops what comes from
 * elsewhere; one poll() for all of them.
 *
 * An exchange goes from UDP with EDNS to UDP without it, or to TCP, each at most once, and is over with the first
 * answer that fits, a fault of the connection, or its limit.
 *
 * SPDX-License-Identifier: MIT
 * Before: dns_wire.c. Next: dns.c */
#include "probe/dns_server.h"
#include "base/clock.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT       53
#define SENDS      2 /* of one datagram, with EDNS and then without: some drop what they do not know */
#define RESEND_MS  700 /* before the second; twice that before the next */
#define TCP_PREFIX 2   /* bytes of the length in front of a message, RFC 1035 section 4.2.2 */

struct exchange {
    struct dns_server_question *question;
    struct dns_query query;
    struct sockaddr_storage to;
    socklen_t to_size;
    int fd; /* -1: none; it is over */
    bool tcp;
    int sends;
    int64_t resend_ms; /* when; only by UDP */
    unsigned char out[TCP_PREFIX + DNS_QUERY_BYTES];
    size_t out_size, sent;
    struct buf in; /* of TCP: what came so far */
};

bool dns_server_parse(const char *text, struct dns_address *out)
{
    bool bracket = *text == '[';
    const char *from = text + bracket, *end = bracket ? strchr(from, ']') : NULL;
    const char *colon = strrchr(bracket ? (end ? end : "") : from, ':');
    if (!bracket && colon && strchr(from, ':') != colon)
        colon = NULL; /* a bare IPv6 address */
    if (!bracket)
        end = colon ? colon : from + strlen(from);
    int64_t port = 0;
    if (!end || end == from || (size_t)(end - from) >= sizeof out->host
        || (bracket && end[1] && end[1] != ':')
        || (colon && !text_number(colon + 1, 1, 65535, &port)))
        return false;
    *out = (struct dns_address){ .port = (int)port };
    memcpy(out->host, from, (size_t)(end - from));
    return true;
}

/* --- an exchange ends --- */

static void hang_up(struct exchange *exchange)
{
    if (exchange->fd >= 0)
        close(exchange->fd);
    exchange->fd = -1;
}

static void end(struct exchange *exchange, enum setup_lookup status, const char *why)
{
    struct setup_answer *answer = &exchange->question->answer;
    answer->status = status;
    answer->why = why;
    answer->records = answer->aliases =
        (struct text_list){ 0 }; /* of what was cut off, or half a talk */
    answer->ttl_seconds = -1;
    hang_up(exchange);
}

/* No socket, no route, refused, reset. */
static void end_with_errno(struct arena *arena, struct exchange *exchange)
{
    bool here = errno == ENETUNREACH || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL
                || errno == EMFILE || errno == ENFILE || errno == EINVAL;
    end(exchange, here ? LOOKUP_NONE : LOOKUP_TIMEOUT,
        arena_printf(arena, "%s%s%s", here ? "no way there from here: " : "",
                     exchange->tcp ? "the answer needs TCP: " : "", strerror(errno)));
}

/* --- what an authoritative server says --- */

static bool is_below(const char *name, const char *zone)
{
    size_t size = strlen(name), tail = strlen(zone);
    return size > tail && name[size - tail - 1] == '.' && text_ends(name, zone);
}

static bool has_answer(const struct setup_answer *answer)
{
    return answer->records.count || answer->aliases.count;
}

/* What the lack of the bit AA means. */
static void take_unauthoritative(struct arena *arena, struct dns_server_question *question,
                                 const struct dns_message *message)
{
    struct setup_answer *answer = &question->answer;
    const char *cut = message->cut;
    if (message->rcode == DNS_NOERROR && cut && !has_answer(answer) && is_below(cut, question->zone)
        && (text_same(question->name, cut) || is_below(question->name, cut))) {
        answer->status = LOOKUP_NONE;
        answer->why = arena_printf(arena, "refers to the servers of %.255s", cut);
        return;
    }
    question->lame = true;
    answer->why = "lame: it does not answer as one of the zone's servers";
    if (!has_answer(answer))
        answer->status = LOOKUP_SERVFAIL;
}

static void judge(struct arena *arena, struct dns_server_question *question,
                  const struct dns_message *message)
{
    struct setup_answer *answer = &question->answer;
    question->rcode = message->rcode;
    question->authoritative = message->authoritative;
    if (!question->zone) {
        if (!message->recursion && !has_answer(answer) && answer->status != LOOKUP_SERVFAIL) {
            answer->status = LOOKUP_SERVFAIL;
            answer->why = "it is no resolver: it offers no recursion";
        }
        return;
    }
    if (message->rcode == DNS_REFUSED) {
        question->lame = true;
        answer->why = "lame: REFUSED";
    } else if (answer->status != LOOKUP_SERVFAIL && !message->authoritative) {
        take_unauthoritative(arena, question, message);
    } else if (answer->status != LOOKUP_SERVFAIL && answer->aliases.count) {
        answer->status = LOOKUP_FOUND; /* where the alias leads is not this server's to say */
    }
}

/* --- sending --- */

static bool make_query(struct exchange *exchange, struct err *err)
{
    uint16_t id;
    if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
        abort(); /* never fails once the system has started */
    exchange->query.id = id;
    size_t size = 0;
    if (!dns_wire_write(&exchange->query, exchange->out + TCP_PREFIX, &size, err))
        return false;
    exchange->out[0] = (unsigned char)(size >> 8);
    exchange->out[1] = (unsigned char)size;
    exchange->out_size = TCP_PREFIX + size;
    exchange->sent = 0;
    return true;
}

static bool send_datagram(struct exchange *exchange)
{
    exchange->sends++;
    exchange->resend_ms = clock_monotonic_ms() + (int64_t)RESEND_MS * exchange->sends;
    ssize_t sent = send(exchange->fd, exchange->out + TCP_PREFIX, exchange->out_size - TCP_PREFIX,
                        MSG_NOSIGNAL);
    return sent >= 0 || errno == EAGAIN || errno == ENOBUFS || errno == EINTR;
}

/* Opens the socket and sends, or begins to connect. */
static void begin(struct arena *arena, struct exchange *exchange)
{
    struct err err = { 0 };
    if (!make_query(exchange, &err)) {
        end(exchange, LOOKUP_SERVFAIL, arena_text(arena, err.text));
        return;
    }
    int type = (exchange->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    exchange->fd = socket(exchange->to.ss_family, type, 0);
    bool good = exchange->fd >= 0
                && (connect(exchange->fd, (struct sockaddr *)&exchange->to, exchange->to_size) == 0
                    || errno == EINPROGRESS)
                && (exchange->tcp || send_datagram(exchange));
    if (!good)
        end_with_errno(arena, exchange);
}

static void begin_again(struct arena *arena, struct exchange *exchange, bool tcp, bool edns)
{
    hang_up(exchange);
    exchange->tcp = tcp;
    exchange->query.edns = edns;
    exchange->sends = 0;
    begin(arena, exchange);
}

/* --- receiving --- */

/* A whole message came; false when it is not the answer. */
static bool take_message(struct arena *arena, struct exchange *exchange, struct bytes packet,
                         struct err *err)
{
    struct dns_server_question *question = exchange->question;
    struct dns_message message;
    if (!dns_wire_read(arena, &exchange->query, packet, &message, &question->answer, err))
        return false;
    bool no_edns =
        message.rcode == DNS_FORMERR || message.rcode == DNS_NOTIMP || message.rcode == DNS_BADVERS;
    if (message.truncated && !exchange->tcp) {
        begin_again(arena, exchange, true, exchange->query.edns);
    } else if (no_edns && exchange->query.edns) {
        begin_again(arena, exchange, exchange->tcp, false);
    } else {
        judge(arena, question, &message);
        hang_up(exchange);
    }
    return true;
}

static void receive_datagram(struct arena *arena, struct exchange *exchange)
{
    char packet[UINT16_MAX];
    ssize_t size = recv(exchange->fd, packet, sizeof packet, 0);
    struct err ignored = {
        0
    }; /* not the answer: a late or a forged one; the true one may still come */
    bool answered =
        size > 0 && take_message(arena, exchange, (struct bytes){ packet, (size_t)size }, &ignored);
    if (!answered && size < 0 && errno != EAGAIN && errno != EINTR)
        end_with_errno(arena, exchange);
}

static void send_stream(struct arena *arena, struct exchange *exchange)
{
    ssize_t sent = send(exchange->fd, exchange->out + exchange->sent,
                        exchange->out_size - exchange->sent, MSG_NOSIGNAL);
    if (sent > 0)
        exchange->sent += (size_t)sent;
    else if (errno != EAGAIN && errno != EINTR)
        end_with_errno(arena, exchange);
}

static void receive_stream(struct arena *arena, struct exchange *exchange)
{
    char some[4096];
    ssize_t size = recv(exchange->fd, some, sizeof some, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        errno = size == 0 ? ECONNRESET : errno;
        end_with_errno(arena, exchange);
        return;
    }
    buf_add(&exchange->in, some, (size_t)size);
    const unsigned char *in = (const unsigned char *)buf_get(&exchange->in);
    size_t want = exchange->in.size >= TCP_PREFIX ? (size_t)(in[0] << 8 | in[1]) : SIZE_MAX;
    if (want == SIZE_MAX || exchange->in.size < TCP_PREFIX + want)
        return;
    struct err err = { 0 };
    struct bytes packet = { exchange->in.data + TCP_PREFIX, want };
    if (!take_message(arena, exchange, packet, &err))
        end(exchange, LOOKUP_SERVFAIL, arena_text(arena, err.text));
    buf_done(&exchange->in);
}

static bool may_resend(const struct exchange *exchange)
{
    return !exchange->tcp && (exchange->sends < SENDS || exchange->query.edns);
}

static void go_on(struct arena *arena, struct exchange *exchange, bool ready)
{
    bool due = !ready && may_resend(exchange) && exchange->resend_ms <= clock_monotonic_ms();
    if (due && exchange->sends == SENDS) {
        begin_again(arena, exchange, false, false);
    } else if (due) {
        if (!send_datagram(exchange))
            end_with_errno(arena, exchange);
    } else if (ready && !exchange->tcp) {
        receive_datagram(arena, exchange);
    } else if (ready && exchange->sent < exchange->out_size) {
        send_stream(arena, exchange);
    } else if (ready) {
        receive_stream(arena, exchange);
    }
}

/* --- all of them --- */

static bool find_address(const char *text, struct exchange *exchange)
{
    struct dns_address address;
    if (!dns_server_parse(text, &address))
        return false;
    char port[8];
    snprintf(port, sizeof port, "%d", address.port ? address.port : PORT);
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_DGRAM };
    struct addrinfo *found = NULL;
    if (getaddrinfo(address.host, port, &hints, &found) != 0)
        return false;
    memcpy(&exchange->to, found->ai_addr, found->ai_addrlen);
    exchange->to_size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static void start(struct arena *arena, struct exchange *exchange,
                  struct dns_server_question *question)
{
    *exchange = (struct exchange){ .question = question,
                                   .fd = -1,
                                   .in = BUF(TCP_PREFIX + UINT16_MAX + 4096) };
    exchange->query = (struct dns_query){
        .name = question->name, .type = question->type, .recursive = !question->zone, .edns = true
    };
    question->answer = (struct setup_answer){ .name = question->name,
                                              .type = dns_type_to_text(question->type),
                                              .server = question->server,
                                              .ttl_seconds = -1 };
    question->rcode = -1;
    question->authoritative = question->lame = false;
    if (find_address(question->address, exchange))
        begin(arena, exchange);
    else
        end(exchange, LOOKUP_NONE, "this is no address");
}

/* Milliseconds until the first has to send again, at most until UNTIL_MS. */
static int time_to_wait(const struct exchange *exchanges, size_t count, int64_t until_ms)
{
    int64_t now = clock_monotonic_ms(), next = until_ms;
    for (size_t i = 0; i < count; i++)
        if (exchanges[i].fd >= 0 && may_resend(&exchanges[i]) && exchanges[i].resend_ms < next)
            next = exchanges[i].resend_ms;
    return next > now ? (int)(next - now) : 0;
}

void dns_server_ask(struct arena *arena, struct dns_server_question *questions, size_t count,
                    int64_t until_ms)
{
    CLEANUP(arena_free) struct arena own = { 0 };
    struct exchange *exchanges = arena_array(&own, count + 1, sizeof *exchanges);
    struct pollfd *waited = arena_array(&own, count + 1, sizeof *waited);
    for (size_t i = 0; i < count; i++)
        start(arena, &exchanges[i], &questions[i]);
    for (;;) {
        size_t open = 0;
        for (size_t i = 0; i < count; i++) {
            bool sending = exchanges[i].tcp && exchanges[i].sent < exchanges[i].out_size;
            waited[i] =
                (struct pollfd){ .fd = exchanges[i].fd, .events = sending ? POLLOUT : POLLIN };
            open += exchanges[i].fd >= 0;
        }
        if (!open || clock_monotonic_ms() >= until_ms)
            break;
        poll(waited, count, time_to_wait(exchanges, count, until_ms));
        for (size_t i = 0; i < count; i++)
            if (exchanges[i].fd >= 0)
                go_on(arena, &exchanges[i], waited[i].revents != 0);
    }
    for (size_t i = 0; i < count; i++) {
        if (exchanges[i].fd >= 0)
            end(&exchanges[i], LOOKUP_TIMEOUT, "no answer in time");
        buf_done(&exchanges[i].in);
    }
}
