/* See wire.h.
 * SPDX-License-Identifier: MIT */
#include "probe/wire.h"
#include "base/clock.h"
#include "probe/vet.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that there are, so that they can be broken: kept by whoever opens and closes them. */
static struct {
    pthread_mutex_t mutex;
    int *fds;
    size_t count, room;
    bool stopped;
} open_lines = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* False when no more are made. */
static bool enter(int fd)
{
    pthread_mutex_lock(&open_lines.mutex);
    bool stopped = open_lines.stopped;
    if (!stopped && open_lines.count == open_lines.room) {
        open_lines.room = open_lines.room * 2 + 16;
        open_lines.fds = memory_resize(open_lines.fds, open_lines.room * sizeof *open_lines.fds);
    }
    if (!stopped)
        open_lines.fds[open_lines.count++] = fd;
    pthread_mutex_unlock(&open_lines.mutex);
    return !stopped;
}

void wire_stop(void)
{
    pthread_mutex_lock(&open_lines.mutex);
    open_lines.stopped = true;
    for (size_t i = 0; i < open_lines.count; i++)
        shutdown(open_lines.fds[i], SHUT_RDWR);
    pthread_mutex_unlock(&open_lines.mutex);
}

int64_t wire_step(int64_t ms, int64_t until_ms)
{
    int64_t end = clock_monotonic_ms() + ms;
    return end < until_ms ? end : until_ms;
}

/* Until FD can do what EVENTS ask; false when the time has come first. */
static bool wait_for(int fd, short events, int64_t until_ms)
{
    struct pollfd one = { .fd = fd, .events = events };
    for (;;) {
        int64_t left = until_ms - clock_monotonic_ms();
        int ready = poll(&one, 1, left <= 0 ? 0 : left > 60000 ? 60000 : (int)left);
        if (ready > 0)
            return true;
        if (left <= 0 || (ready < 0 && errno != EINTR))
            return false;
    }
}

static enum setup_reach reach_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
        return REACH_REFUSED;
    case ETIMEDOUT:
        return REACH_TIMEOUT;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return REACH_NONE;
    default: /* no route, no such family, a firewall of our own */
        return REACH_UNREACHABLE;
    }
}

static enum setup_reach broken(int *fd, int error, struct err *err)
{
    wire_close(fd);
    err_set(err, ERR_AGAIN, "%s", strerror(error));
    return reach_of(error);
}

static socklen_t address_of(const char *address, uint16_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
        memcpy(out, &four, sizeof four);
        return sizeof four;
    }
    if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        memcpy(out, &six, sizeof six);
        return sizeof six;
    }
    return 0;
}

enum setup_reach wire_connect(const struct wire_terms *terms, const char *address, uint16_t port,
                              int *fd, struct err *err)
{
    struct sockaddr_storage to = { 0 };
    int error = 0;
    socklen_t size = address_of(address, port, &to), error_size = sizeof error;
    if (!vet_address(address, &terms->allow, err))
        return REACH_FORBIDDEN;
    int new = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (new < 0)
        return broken(&new, errno, err);
    if (!enter(new))
        return broken(&new, ECANCELED, err);
    if (connect(new, (const struct sockaddr *)&to, size) != 0 && errno != EINPROGRESS)
        return broken(&new, errno, err);
    if (!wait_for(new, POLLOUT, wire_step(terms->connect_ms, INT64_MAX))) {
        wire_close(&new);
        err_set(err, ERR_AGAIN, "no answer within %.3g seconds", (double)terms->connect_ms / 1e3);
        return REACH_TIMEOUT;
    }
    if (getsockopt(new, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0)
        error = errno;
    if (error)
        return broken(&new, error, err);
    *fd = new;
    return REACH_OPEN;
}

void wire_close(int *fd)
{
    if (*fd < 0)
        return;
    pthread_mutex_lock(&open_lines.mutex);
    for (size_t i = 0; i < open_lines.count; i++)
        if (open_lines.fds[i] == *fd)
            open_lines.fds[i] = open_lines.fds[--open_lines.count];
    close(*fd); /* with the lock held, so that its number is nobody else's while it is known here */
    pthread_mutex_unlock(&open_lines.mutex);
    *fd = -1;
}

static bool is_passing(int error)
{
    return error == EAGAIN || error == EINTR;
}

static bool out_of_time(struct err *err)
{
    return err_set(err, ERR_AGAIN, "no answer in time");
}

bool wire_write(int fd, struct bytes bytes, int64_t until_ms, struct err *err)
{
    while (bytes.size) {
        if (!wait_for(fd, POLLOUT, until_ms))
            return out_of_time(err);
        ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent < 0 && !is_passing(errno))
            return err_set(err, ERR_AGAIN, "the connection broke: %s", strerror(errno));
        if (sent > 0)
            bytes = (struct bytes){ bytes.data + sent, bytes.size - (size_t)sent };
    }
    return true;
}

bool wire_read(int fd, char *out, size_t size, int64_t until_ms, size_t *got, struct err *err)
{
    for (;;) {
        if (!wait_for(fd, POLLIN, until_ms))
            return out_of_time(err);
        ssize_t received = recv(fd, out, size, 0);
        if (received >= 0) {
            *got = (size_t)received;
            return true;
        }
        if (!is_passing(errno))
            return err_set(err, ERR_AGAIN, "the connection broke: %s", strerror(errno));
    }
}

const char *wire_text(struct arena *arena, const char *text, size_t size, size_t most)
{
    bool replaced, cut = size > most;
    if (cut)
        for (size = most; size && (text[size] & 0xc0) == 0x80; size--)
            ;
    text = text_to_utf8(arena, text, size, &replaced);
    return cut ? arena_printf(arena, "%s…", text) : text;
}
