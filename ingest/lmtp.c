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
#include "base/thread.h"
#include "base/visits.h"
#include "ingest/lmtp_log.h"
#include "ingest/lmtp_terms.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 8192
#define EVENTS     64
#define ACCEPTS    64   /* per turn, so that a flood of clients does not stop the others */
#define LOOK_MS    250  /* between two looks at everybody's times */
#define STOP_MS    3000 /* for clients to read their last replies when the door stops */

struct lmtp;

/* What epoll watches. */
struct watch {
    int fd;
    void (*ready)(struct lmtp *door, struct watch *watch, unsigned events);
};

struct connection {
    struct watch watch; /* first: a watch is cast to it */
    struct visit visit;
    struct lmtp_terms *terms; /* on which it began */
    struct lmtp_session session;
    struct ticket *ticket; /* of the message that waits for its answer, or NULL */
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
    struct lmtp_terms *terms;
    struct visits visits; /* all connections */
    int epoll, spare; /* spare: a descriptor to give up when there are no more, see turn_away() */
    struct watch bell;
    struct watch *listeners;
    size_t listener_count;
    int64_t in_flight; /* messages in the hall */
    int64_t looked_ms; /* when times were looked at last */
    bool crowded;      /* somebody made room and is to be ended */
    bool full_told;    /* the log knows that the limit was reached */
    int64_t stop_ms;   /* 0, or when stopping began */
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* for what follows */
    struct ticket *answered;
    struct lmtp_terms *fresh; /* to be taken with the next turn; NULL: none */
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

static struct connection *connection_of(struct visit *visit)
{
    return (struct connection *)((char *)visit - offsetof(struct connection, visit));
}

/* What the client is about now; a phase begins anew only with MOVED, when something was finished. */
static void connection_enter(struct connection *connection, bool moved)
{
    const struct lmtp_session *session = &connection->session;
    enum visit_phase phase = lmtp_session_waits(session)      ? VISIT_WAITING
                             : session->out.size              ? VISIT_READING
                             : lmtp_session_receives(session) ? VISIT_SENDING
                                                              : VISIT_IDLE;
    if (moved || phase != connection->visit.phase)
        visit_enter(&connection->visit, phase, clock_monotonic_ms());
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
    lmtp_log_end(connection->origin, &connection->session);
    visits_remove(&door->visits, &connection->visit);
    door->full_told = false;
    hang_up(connection->watch.fd);
    lmtp_session_done(&connection->session);
    shared_release(connection->terms);
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

/* Feeds the session what was read; what it does not take stays for later. */
static void feed(struct lmtp *door, struct connection *connection)
{
    struct bytes input = { connection->input, connection->unread };
    enum lmtp_event event;
    int64_t commands = connection->session.commands;
    do {
        event = lmtp_session_feed(&connection->session, &input);
        if (event == LMTP_MESSAGE)
            hand_over(door, connection);
        else if (event == LMTP_TOO_LARGE || event == LMTP_NO_ROOM)
            lmtp_log_refused(connection->origin, event, connection->terms->rules.message_bytes);
    } while (event != LMTP_MORE && event != LMTP_ENDED);
    connection_enter(connection, connection->session.commands != commands);
    memmove(connection->input, input.data, input.size);
    connection->unread = input.size;
}

/* Writes what can be written; false when the client has gone. */
static bool flush(struct connection *connection)
{
    struct buf *out = &connection->session.out;
    while (out->size) {
        ssize_t sent = send(connection->watch.fd, out->data, out->size, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        buf_drop(out, (size_t)sent);
        connection_enter(connection, true);
    }
    if (out->capacity > READ_BYTES)
        buf_done(out);
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
        there = flush(connection);
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
            connection->visit.bytes += got;
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

/* Ends the session as END says; the client hears of it as far as its socket lets us. */
static void connection_end(struct lmtp *door, struct connection *connection, enum lmtp_end end)
{
    lmtp_session_end(&connection->session, end);
    bool heard = flush(connection);
    (void)heard;
    connection_close(door, connection);
}

static void log_full(struct lmtp *door, const char *why)
{
    if (!door->full_told)
        log_event(LOG_LEVEL_WARNING, "connection refused", LOG_TEXT("door", "lmtp"),
                  LOG_TEXT("reason", why), LOG_NUMBER("connections", door->visits.count));
    door->full_told = true;
}

static void turn_away(struct lmtp *door, int fd, const char *why)
{
    static const char reply[] = "421 4.3.2 too many connections, try again later\r\n";
    ssize_t sent = send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL);
    (void)sent;
    hang_up(fd);
    log_full(door, why);
}

/* Finds a place for the newest; false when it was that one which had to go. */
static bool make_room(struct lmtp *door, struct connection *newest)
{
    if (newest->visit.excess) {
        log_full(door, "lmtp.per_client reached");
        connection_end(door, newest, LMTP_CROWDED);
        return false;
    }
    struct visit *victim = visits_victim(&door->visits);
    if (!victim)
        return true;
    log_full(door, "lmtp.connections reached");
    if (victim != &newest->visit) {
        door->crowded = true; /* ended later: events of this turn may still speak of it */
        return true;
    }
    connection_end(door, newest, LMTP_CROWDED);
    return false;
}

/* Ends those who made room for others in this turn. */
static void end_crowded(struct lmtp *door)
{
    bool told = door->full_told;
    for (struct visit *visit = door->visits.first, *next; visit && door->crowded; visit = next) {
        next = visit->next;
        if (visit->leaving)
            connection_end(door, connection_of(visit), LMTP_CROWDED);
    }
    door->crowded = false;
    door->full_told = told;
}

static void connection_open(struct lmtp *door, int fd)
{
    struct connection *connection = memory_new(sizeof *connection);
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* a Unix socket has none */
    connection->watch = (struct watch){ .fd = fd, .ready = connection_ready };
    listen_peer_to_text(fd, connection->origin);
    visits_add(&door->visits, &connection->visit, fd, connection->origin,
               network_list_has(&door->terms->unlimited, connection->origin), clock_monotonic_ms());
    connection->terms = door->terms;
    shared_keep(connection->terms);
    lmtp_session_init(&connection->session, &connection->terms->rules, connection->origin);
    if (!make_room(door, connection))
        return;
    struct epoll_event event = { .events = 0, .data.ptr = &connection->watch };
    epoll_ctl(door->epoll, EPOLL_CTL_ADD, fd, &event);
    converse(door, connection);
}

static void listener_ready(struct lmtp *door, struct watch *watch, unsigned events)
{
    (void)events;
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            connection_open(door, fd);
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

static void take_terms(struct lmtp *door, struct lmtp_terms *fresh)
{
    if (!fresh)
        return;
    shared_release(door->terms);
    door->terms = fresh;
    door->visits.rules = fresh->visits;
}

/* Brings the answers that have come to their clients, those that are still there; and whatever else
 * other threads have left. */
static void take_answers(struct lmtp *door)
{
    pthread_mutex_lock(&door->lock);
    struct ticket *ticket = door->answered;
    door->answered = NULL;
    if (door->stopping && !door->stop_ms)
        door->stop_ms = clock_monotonic_ms();
    struct lmtp_terms *fresh = door->fresh;
    door->fresh = NULL;
    pthread_mutex_unlock(&door->lock);
    take_terms(door, fresh);

    for (struct ticket *next; ticket; ticket = next) {
        struct connection *connection = ticket->connection;
        struct delivery *delivery = ticket->delivery;
        next = ticket->next;
        lmtp_log_answer(delivery, &ticket->answer);
        if (connection) {
            connection->ticket = NULL;
            lmtp_session_answer(&connection->session, &ticket->answer);
            connection_enter(connection, true);
        }
        delivery_free(&delivery); /* the ticket too */
        door->in_flight--;
        if (connection)
            converse(door, connection);
    }
}

/* Closes whose time is over; returns the milliseconds until the next look, or -1. */
static int end_late(struct lmtp *door)
{
    int64_t now = clock_monotonic_ms();
    struct visit *late;
    if (!door->visits.first)
        return -1;
    if (now - door->looked_ms < LOOK_MS)
        return (int)(door->looked_ms + LOOK_MS - now);
    door->looked_ms = now;
    while ((late = visits_overdue(&door->visits, now)))
        connection_end(door, connection_of(late),
                       late->phase == VISIT_SENDING ? LMTP_SLOW : LMTP_IDLE);
    return LOOK_MS;
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
    for (struct visit *visit = door->visits.first, *next; visit; visit = next) {
        struct connection *connection = connection_of(visit);
        next = visit->next;
        if (lmtp_session_waits(&connection->session))
            continue;
        lmtp_session_end(&connection->session, LMTP_SHUTDOWN);
        if (patient)
            converse(door, connection);
        else
            connection_end(door, connection, LMTP_SHUTDOWN);
    }
    return !door->visits.first && !door->in_flight;
}

static void *lmtp_run(void *state)
{
    struct lmtp *door = state;
    struct epoll_event events[EVENTS];
    for (;;) {
        take_answers(door);
        int timeout = end_late(door);
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
        end_crowded(door);
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

static bool start(struct lmtp *door, struct err *err)
{
    door->running = thread_start(&door->thread, lmtp_run, door, err);
    if (!door->running)
        err_prefix(err, "lmtp: ");
    return door->running;
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
    shared_release(door->terms);
    shared_release(door->fresh);
    free(door);
}

static struct lmtp *lmtp_new(const struct lmtp_settings *settings, const struct limits *limits,
                             struct hall *hall)
{
    struct lmtp *door = memory_new(sizeof *door);
    door->hall = hall;
    door->terms = lmtp_terms_new(settings, limits, hall->budget);
    visits_init(&door->visits, &door->terms->visits);
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

static void lmtp_reload(void *state, const void *settings, const struct limits *limits)
{
    struct lmtp *door = state;
    struct lmtp_terms *fresh = lmtp_terms_new(settings, limits, door->hall->budget);
    pthread_mutex_lock(&door->lock);
    shared_release(door->fresh);
    door->fresh = fresh;
    ring(door);
    pthread_mutex_unlock(&door->lock);
}

const struct door door_lmtp = {
    .name = "lmtp",
    .open = lmtp_open,
    .reload = lmtp_reload,
    .stop = lmtp_stop,
    .close = lmtp_close,
};
