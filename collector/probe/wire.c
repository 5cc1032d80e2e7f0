/* See wire.h.
 * SPDX-License-Identifier: MIT */
#include "probe/wire.h"
#include "base/clock.h"
#include "probe/vet.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
    if (*fd >= 0)
        close(*fd);
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
