/* See lmtp.h. One thread does it all: it accepts, reads, feeds sessions, brings messages to the hall
 * and writes replies. Only lmtp_answered() may run in another thread (or inside hall->take); it puts
 * the answer into a list and rings `bell`, and the door's thread takes it from there.
 *
 * Whatever a client does, the door holds for it no more than one read's bytes, one message and the
 * replies to these: it reads on only when the session has taken what was read before.
 *
 *   watch ──► listener_ready ──► connection ──► session ──► ticket ──► hall ──► answers ──► session
 *
 * SPDX-License-Identifier: MIT
 * Before: lmtp_session.c. Next: maildir.c */
#include "ingest/lmtp.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/log.h"
#include "ingest/lmtp_session.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES    16384
#define EVENTS        64
#define ACCEPTS       64   /* per turn, so that a flood of clients does not stop the others */
#define STOP_MS       3000 /* for clients to read their last replies when the door stops */
#define HOSTNAME_SIZE 256

struct lmtp;

/* What epoll watches. */
struct watch {
    int fd;
    void (*ready)(struct lmtp *door, struct watch *watch, unsigned events);
};

struct connection {
    struct watch watch;             /* first: a watch is cast to it */
    struct connection *prev, *next; /* in door->connections: who was active longest ago is first */
    struct lmtp_session session;
    struct ticket *ticket; /* of the message that waits for its answer, or NULL */
    int64_t active_ms;     /* when a byte was last read or written */
    unsigned wanted;       /* what epoll watches it for */
    bool eof;              /* the client sends no more */
    char origin[LISTEN_TEXT_BYTES];
    size_t unread; /* bytes of `input` that the session has not taken */
    char input[READ_BYTES];
};

/* A message on its way through the hall; lives in its delivery's arena. */
struct ticket {
    struct lmtp *door;
    struct delivery *delivery;
    struct connection *connection; /* NULL once the client has gone; the door's thread only */
    struct answer answer;
    struct ticket *next; /* in door->answered */
};

struct lmtp {
    struct hall *hall;
    struct lmtp_rules rules;
    char hostname[HOSTNAME_SIZE];
    int64_t connections_max, idle_ms;
    int epoll, spare; /* spare: a descriptor to give up when there are no more, see turn_away() */
    struct watch bell;
    struct watch *listeners;
    size_t listener_count;
    struct connection *first, *last;
    int64_t connection_count, in_flight; /* in flight: messages in the hall */
    bool full_told;                      /* the log knows that the limit was reached */
    int64_t stop_ms;                     /* 0, or when stopping began */
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* for what follows */
    struct ticket *answered;
    bool stopping;
};

static void ring(struct lmtp *door)
{
    uint64_t one = 1;
    ssize_t written = write(door->bell.fd, &one, sizeof one);
    (void)written; /* fails only when the bell is ringing already */
}

/* The hall's answer, from any thread. The lock is held to the end: once the door's thread has seen
 * the answer, the door may go away. */
static void lmtp_answered(struct delivery *delivery, const struct answer *answer)
{
    struct ticket *ticket = delivery->door;
    struct lmtp *door = ticket->door;
    pthread_mutex_lock(&door->lock);
    ticket->answer = *answer;
    ticket->next = door->answered;
    door->answered = ticket;
    ring(door);
    pthread_mutex_unlock(&door->lock);
}

static void connection_unlink(struct lmtp *door, struct connection *connection)
{
    *(connection->prev ? &connection->prev->next : &door->first) = connection->next;
    *(connection->next ? &connection->next->prev : &door->last) = connection->prev;
}

static void connection_append(struct lmtp *door, struct connection *connection)
{
    connection->prev = door->last;
    connection->next = NULL;
    *(door->last ? &door->last->next : &door->first) = connection;
    door->last = connection;
}

/* Notes that the client did something: it moves to the end of the list. */
static void connection_active(struct lmtp *door, struct connection *connection)
{
    connection->active_ms = clock_monotonic_ms();
    connection_unlink(door, connection);
    connection_append(door, connection);
}

/* A socket that is closed with unread bytes in it is reset, and the client may lose the reply that
 * says why: so what has come meanwhile is read first, within reason. */
static void hang_up(int fd)
{
    char rest[READ_BYTES];
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < 16 && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++)
        ;
    close(fd);
}

static void connection_close(struct lmtp *door, struct connection *connection)
{
    if (connection->ticket)
        connection->ticket->connection = NULL;
    if (connection->session.end == LMTP_ERRORS || connection->session.end == LMTP_IDLE)
        log_event(LOG_LEVEL_INFO, "session closed", LOG_TEXT("door", "lmtp"),
                  LOG_TEXT("client", connection->origin),
                  LOG_TEXT("reason", lmtp_end_to_text(connection->session.end)),
                  LOG_NUMBER("errors", connection->session.errors));
    connection_unlink(door, connection);
    door->connection_count--;
    door->full_told = false;
    hang_up(connection->watch.fd);
    lmtp_session_done(&connection->session);
    free(connection);
}

static void hand_over(struct lmtp *door, struct connection *connection)
{
    struct delivery *delivery = lmtp_session_message(&connection->session);
    struct ticket *ticket = arena_alloc(&delivery->arena, sizeof *ticket);
    *ticket = (struct ticket){ .door = door, .delivery = delivery, .connection = connection };
    delivery->door = ticket;
    delivery->answered = lmtp_answered;
    connection->ticket = ticket;
    door->in_flight++;
    door->hall->take(door->hall, delivery); /* may answer at once: then the bell rings */
}

static void log_too_large(const struct lmtp *door, const struct connection *connection)
{
    log_event(LOG_LEVEL_INFO, "lmtp", LOG_TEXT("client", connection->origin),
              LOG_TEXT("result", "too-large"), LOG_NUMBER("limit", door->rules.message_bytes));
}

/* Feeds the session what was read; what it does not take stays for later. */
static void feed(struct lmtp *door, struct connection *connection)
{
    struct bytes input = { connection->input, connection->unread };
    enum lmtp_event event;
    do {
        event = lmtp_session_feed(&connection->session, &input);
        if (event == LMTP_MESSAGE)
            hand_over(door, connection);
        else if (event == LMTP_TOO_LARGE)
            log_too_large(door, connection);
    } while (event == LMTP_MESSAGE || event == LMTP_TOO_LARGE);
    memmove(connection->input, input.data, input.size);
    connection->unread = input.size;
}

/* Writes what can be written; false when the client has gone. */
static bool flush(struct lmtp *door, struct connection *connection)
{
    struct buf *out = &connection->session.out;
    while (out->size) {
        ssize_t sent = send(connection->watch.fd, out->data, out->size, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        buf_drop(out, (size_t)sent);
        connection_active(door, connection);
    }
    return true;
}

static void want(struct lmtp *door, struct connection *connection)
{
    bool room = connection->unread < READ_BYTES && !connection->eof && !connection->session.end;
    unsigned wanted = (room ? EPOLLIN : 0u) | (connection->session.out.size ? EPOLLOUT : 0u);
    if (wanted == connection->wanted)
        return;
    struct epoll_event event = { .events = wanted, .data.ptr = &connection->watch };
    epoll_ctl(door->epoll, EPOLL_CTL_MOD, connection->watch.fd, &event);
    connection->wanted = wanted;
}

/* Lets session and client talk until one of them has to wait; may close the connection. */
static void converse(struct lmtp *door, struct connection *connection)
{
    struct lmtp_session *session = &connection->session;
    bool there;
    do { /* what is left unread though nothing stands in its way was held back by a full `out` */
        feed(door, connection);
        there = flush(door, connection);
    } while (there && connection->unread && !session->out.size && !session->end
             && !lmtp_session_waits(session));

    bool over = session->end || (connection->eof && !lmtp_session_waits(session));
    if (!there || (over && !session->out.size))
        connection_close(door, connection);
    else
        want(door, connection);
}

static void connection_ready(struct lmtp *door, struct watch *watch, unsigned events)
{
    struct connection *connection = (struct connection *)watch;
    if ((events & EPOLLIN) && (connection->wanted & EPOLLIN)) {
        ssize_t got = recv(watch->fd, connection->input + connection->unread,
                           READ_BYTES - connection->unread, 0);
        if (got > 0) {
            connection->unread += (size_t)got;
            connection_active(door, connection);
        } else if (got == 0) {
            connection->eof = true;
        } else if (errno != EAGAIN && errno != EINTR) {
            events |= EPOLLERR;
        }
    } else if (events & EPOLLHUP) {
        events |= EPOLLERR; /* nothing is left to be read, and nobody to write to */
    }
    if (events & EPOLLERR)
        connection_close(door, connection);
    else
        converse(door, connection);
}

static void connection_open(struct lmtp *door, int fd)
{
    struct connection *connection = memory_new(sizeof *connection);
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* a Unix socket has none */
    connection->watch = (struct watch){ .fd = fd, .ready = connection_ready };
    connection->active_ms = clock_monotonic_ms();
    listen_peer_to_text(fd, connection->origin);
    lmtp_session_init(&connection->session, &door->rules, connection->origin);
    connection_append(door, connection);
    door->connection_count++;
    struct epoll_event event = { .events = 0, .data.ptr = &connection->watch };
    epoll_ctl(door->epoll, EPOLL_CTL_ADD, fd, &event);
    converse(door, connection);
}

static void turn_away(struct lmtp *door, int fd, const char *why)
{
    static const char reply[] = "421 4.3.2 too many connections, try again later\r\n";
    ssize_t sent = send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL);
    (void)sent;
    hang_up(fd);
    if (!door->full_told)
        log_event(LOG_LEVEL_WARNING, "connection refused", LOG_TEXT("door", "lmtp"),
                  LOG_TEXT("reason", why), LOG_NUMBER("connections", door->connection_count));
    door->full_told = true;
}

static void listener_ready(struct lmtp *door, struct watch *watch, unsigned events)
{
    (void)events;
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && door->connection_count < door->connections_max) {
            connection_open(door, fd);
        } else if (fd >= 0) {
            turn_away(door, fd, "lmtp.connections reached");
        } else if ((errno == EMFILE || errno == ENFILE) && door->spare >= 0) {
            /* Without this the client would stay in the queue and wake us for ever. */
            close(door->spare);
            fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0)
                turn_away(door, fd, "no file descriptors left");
            door->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
        } else {
            return;
        }
    }
}

static void bell_ready(struct lmtp *door, struct watch *watch, unsigned events)
{
    uint64_t rings;
    ssize_t got = read(watch->fd, &rings, sizeof rings);
    (void)door, (void)events, (void)got; /* answers and the wish to stop are looked at every turn */
}

static void log_answer(const struct ticket *ticket)
{
    const struct answer *answer = &ticket->answer;
    char reason[ERR_TEXT_BYTES] = "";
    if (answer->outcome != OUTCOME_STORED && answer->err.kind != ERR_NONE)
        err_to_text(&answer->err, reason, sizeof reason);
    log_event(LOG_LEVEL_INFO, "lmtp", LOG_TEXT("client", ticket->delivery->origin),
              LOG_TEXT("result", outcome_row(answer->outcome)->word), LOG_TEXT("id", answer->id),
              LOG_TEXT("org", answer->organization), LOG_TEXT("domain", answer->domain),
              LOG_NUMBER("sessions", answer->successful + answer->failed),
              LOG_NUMBER("failed", answer->failed),
              LOG_TEXT(reason[0] ? "reason" : NULL, reason)); /* no key: the list's end */
}

/* Brings the answers that have come to their clients, those that are still there. */
static void take_answers(struct lmtp *door)
{
    pthread_mutex_lock(&door->lock);
    struct ticket *ticket = door->answered;
    door->answered = NULL;
    if (door->stopping && !door->stop_ms)
        door->stop_ms = clock_monotonic_ms();
    pthread_mutex_unlock(&door->lock);

    for (struct ticket *next; ticket; ticket = next) {
        struct connection *connection = ticket->connection;
        struct delivery *delivery = ticket->delivery;
        next = ticket->next;
        log_answer(ticket);
        if (connection) {
            connection->ticket = NULL;
            lmtp_session_answer(&connection->session, &ticket->answer);
            connection_active(door, connection);
        }
        delivery_free(&delivery); /* the ticket too */
        door->in_flight--;
        if (connection)
            converse(door, connection);
    }
}

/* Closes who was idle for too long; returns the milliseconds until the next may be, or -1. */
static int end_idle(struct lmtp *door)
{
    int64_t now = clock_monotonic_ms(), left = -1;
    for (struct connection *connection = door->first, *next; connection; connection = next) {
        next = connection->next;
        left = connection->active_ms + door->idle_ms - now;
        if (left > 0)
            break;
        left = -1;
        if (lmtp_session_waits(&connection->session))
            continue; /* for us, not for the client */
        lmtp_session_end(&connection->session, LMTP_IDLE);
        flush(door, connection); /* as far as the client lets us */
        connection_close(door, connection);
    }
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

static void close_listeners(struct lmtp *door)
{
    for (size_t i = 0; i < door->listener_count; i++) {
        /* Closing alone would not do: of a socket that systemd passed another descriptor is open. */
        epoll_ctl(door->epoll, EPOLL_CTL_DEL, door->listeners[i].fd, NULL);
        close(door->listeners[i].fd);
    }
    door->listener_count = 0;
}

/* Says good-bye to all that do not wait for an answer; after STOP_MS without their help. True when
 * nothing is left to wait for. */
static bool wind_up(struct lmtp *door)
{
    bool patient = clock_monotonic_ms() - door->stop_ms < STOP_MS;
    close_listeners(door);
    for (struct connection *connection = door->first, *next; connection; connection = next) {
        next = connection->next;
        if (lmtp_session_waits(&connection->session))
            continue;
        lmtp_session_end(&connection->session, LMTP_SHUTDOWN);
        if (patient) {
            converse(door, connection);
        } else {
            flush(door, connection);
            connection_close(door, connection);
        }
    }
    return !door->connection_count && !door->in_flight;
}

static void *lmtp_run(void *state)
{
    struct lmtp *door = state;
    struct epoll_event events[EVENTS];
    for (;;) {
        take_answers(door);
        int timeout = end_idle(door);
        if (door->stop_ms) {
            if (wind_up(door))
                return NULL;
            timeout = timeout < 0 || timeout > 100 ? 100 : timeout;
        }
        int count = epoll_wait(door->epoll, events, EVENTS, timeout);
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            watch->ready(door, watch, events[i].events);
        }
    }
}

static void watch_add(struct lmtp *door, struct watch *watch)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };
    epoll_ctl(door->epoll, EPOLL_CTL_ADD, watch->fd, &event);
}

static bool open_listeners(struct lmtp *door, const struct text_list *addresses, struct err *err)
{
    door->listeners = memory_new(addresses->count * sizeof *door->listeners);
    for (size_t i = 0; i < addresses->count; i++) {
        struct watch *listener = &door->listeners[i];
        if (!listen_open(addresses->items[i], &listener->fd, err)) {
            err_prefix(err, "lmtp.listen: ");
            return false;
        }
        listener->ready = listener_ready;
        door->listener_count++;
        watch_add(door, listener);
    }
    return true;
}

/* Starts the thread, which gets none of the process's signals. */
static bool start(struct lmtp *door, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&door->thread, NULL, lmtp_run, door);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0)
        return err_set(err, ERR_SETUP, "lmtp: cannot start a thread: %s", strerror(code));
    door->running = true;
    return true;
}

static void lmtp_stop(void *state)
{
    struct lmtp *door = state;
    if (!door || !door->running)
        return;
    pthread_mutex_lock(&door->lock);
    door->stopping = true;
    ring(door);
    pthread_mutex_unlock(&door->lock);
    pthread_join(door->thread, NULL);
    door->running = false;
}

static void lmtp_close(void **state)
{
    struct lmtp *door = *state;
    *state = NULL;
    if (!door)
        return;
    lmtp_stop(door);
    close_listeners(door);
    close(door->bell.fd);
    close(door->spare);
    close(door->epoll);
    pthread_mutex_destroy(&door->lock);
    free(door->listeners);
    free(door);
}

static struct lmtp *lmtp_new(const struct lmtp_settings *settings, const struct limits *limits,
                             struct hall *hall)
{
    struct lmtp *door = memory_new(sizeof *door);
    if (gethostname(door->hostname, sizeof door->hostname - 1) != 0 || !door->hostname[0])
        memcpy(door->hostname, "localhost", sizeof "localhost");
    door->rules = (struct lmtp_rules){ .hostname = door->hostname,
                                       .message_bytes = limits->message_bytes,
                                       .recipients = settings->recipients,
                                       .session_errors = settings->session_errors };
    door->hall = hall;
    door->connections_max = settings->connections;
    door->idle_ms = settings->idle_seconds * 1000;
    door->epoll = epoll_create1(EPOLL_CLOEXEC);
    door->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    door->bell =
        (struct watch){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .ready = bell_ready };
    pthread_mutex_init(&door->lock, NULL);
    return door;
}

static void log_listening(const struct lmtp *door)
{
    char address[LISTEN_TEXT_BYTES];
    for (size_t i = 0; i < door->listener_count; i++)
        log_event(LOG_LEVEL_INFO, "listening", LOG_TEXT("door", "lmtp"),
                  LOG_TEXT("address", listen_to_text(door->listeners[i].fd, address)));
}

static bool lmtp_open(const void *settings, const struct limits *limits, struct hall *hall,
                      void **state, struct err *err)
{
    const struct lmtp_settings *own = settings;
    if (!own->listen.count) {
        *state = NULL;
        return true;
    }
    void *door = lmtp_new(own, limits, hall);
    struct lmtp *lmtp = door;
    bool good = lmtp->epoll >= 0 && lmtp->bell.fd >= 0 && lmtp->spare >= 0;
    if (!good)
        err_set(err, ERR_SETUP, "lmtp: no file descriptors left: %s", strerror(errno));
    else
        watch_add(lmtp, &lmtp->bell);
    if (!good || !open_listeners(lmtp, &own->listen, err)) {
        lmtp_close(&door);
        return false;
    }
    log_listening(lmtp); /* before the thread owns the listeners */
    if (!start(lmtp, err)) {
        lmtp_close(&door);
        return false;
    }
    *state = door;
    return true;
}

const struct door door_lmtp = {
    .name = "lmtp",
    .open = lmtp_open,
    .stop = lmtp_stop,
    .close = lmtp_close,
};
