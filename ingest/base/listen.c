/* See listen.h. One table maps the beginning of an address to the function that opens it.
 *
 * A Unix socket's file is replaced only when it is a socket and nobody answers on it: connect(2)
 * to a plain file is refused just as to a dead socket, so the kind of file is looked at too.
 *
 * SPDX-License-Identifier: MIT */
#include "base/listen.h"
#include "base/arena.h"
#include "base/text.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SYSTEMD_FIRST_FD 3 /* SD_LISTEN_FDS_START */
#define SOCKET_MODE      0660
#define HOST_BYTES       256

union any_address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un local;
    struct sockaddr_storage room;
};

static bool failed(const char *address, int number, struct err *err)
{
    const char *remedy = "";
    if (number == EADDRINUSE)
        remedy = "; stop the program that has it (ss -lptnx shows which) or choose another";
    else if (number == EADDRNOTAVAIL)
        remedy = "; no interface of this machine has this address";
    else if (number == EACCES || number == EPERM)
        remedy = "; the directory must be writable, and a port below 1024 needs "
                 "CAP_NET_BIND_SERVICE";
    else if (number == ENOENT || number == ENOTDIR)
        remedy = "; make the directory first";
    return err_set(err, ERR_SETUP, "cannot listen on %s: %s%s", address, strerror(number), remedy);
}

/* Binds and listens; -1 with errno set. */
static int listen_inet(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int yes = 1, no = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* Splits "[::1]:25" or "host:25"; false when it is neither. */
static bool split_port(const char *address, char host[HOST_BYTES], const char **port)
{
    const char *colon = strrchr(address, ':');
    int64_t number;
    if (!colon || !text_number(colon + 1, 0, 65535, &number))
        return false;
    const char *from = address, *to = colon;
    if (*from == '[') {
        if (to[-1] != ']')
            return false;
        from++;
        to--;
    } else if (memchr(from, ':', (size_t)(to - from))) {
        return false; /* an IPv6 address without brackets */
    }
    if (to <= from || to - from >= HOST_BYTES)
        return false;
    snprintf(host, HOST_BYTES, "%.*s", (int)(to - from), from);
    *port = colon + 1;
    return true;
}

static bool no_address(const char *address, struct err *err)
{
    return err_set(err, ERR_SETUP,
                   "%s is no address to listen on; write 127.0.0.1:2424, [::1]:2424, "
                   "localhost:2424, unix:/path or systemd:NAME",
                   address);
}

static bool check_inet(const char *address, const char *rest, struct err *err)
{
    char host[HOST_BYTES];
    const char *port;
    return split_port(rest, host, &port) || no_address(address, err);
}

static bool open_inet(const char *address, const char *rest, int *fd, struct err *err)
{
    char host[HOST_BYTES];
    const char *port;
    if (!split_port(rest, host, &port))
        return no_address(address, err);

    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0)
        return err_set(err, ERR_SETUP,
                       "cannot listen on %s: %s; check the name or write an address", address,
                       code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
    int opened = -1, number = EADDRNOTAVAIL;
    for (const struct addrinfo *info = found; info && opened < 0; info = info->ai_next) {
        opened = listen_inet(info);
        number = errno;
    }
    freeaddrinfo(found);
    if (opened < 0 && strcmp(host, "::") == 0
        && (number == EAFNOSUPPORT || number == EADDRNOTAVAIL)) {
        char anywhere[32]; /* "every address" on a machine without IPv6 */
        snprintf(anywhere, sizeof anywhere, "0.0.0.0:%s", port);
        return open_inet(address, anywhere, fd, err);
    }
    if (opened < 0)
        return failed(address, number, err);
    *fd = opened;
    return true;
}

/* True when the file at ADDRESS is a socket on which nobody listens. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat file;
    if (lstat(address->sun_path, &file) != 0 || !S_ISSOCK(file.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0
                   && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static bool bind_unix(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *any = (const struct sockaddr *)address;
    if (bind(fd, any, sizeof *address) == 0)
        return true;
    if (errno != EADDRINUSE)
        return false;
    if (!is_stale(address)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->sun_path) == 0 && bind(fd, any, sizeof *address) == 0;
}

static bool check_unix(const char *address, const char *rest, struct err *err)
{
    size_t most = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    return (*rest && strlen(rest) <= most)
           || err_set(err, ERR_SETUP, "%s: a socket's path has 1 to %zu bytes", address, most);
}

static bool open_unix(const char *address, const char *rest, int *fd, struct err *err)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    if (!check_unix(address, rest, err))
        return false;
    memcpy(local.sun_path, rest, strlen(rest) + 1);

    int opened = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (opened < 0)
        return failed(address, errno, err);
    /* bind() makes the file with the socket's own mode less the umask: never wider than wanted, not
     * even for a moment; what the umask took away is given back afterwards. */
    bool good = fchmod(opened, SOCKET_MODE) == 0 && bind_unix(opened, &local)
                && chmod(local.sun_path, SOCKET_MODE) == 0 && listen(opened, SOMAXCONN) == 0;
    if (!good) {
        int number = errno;
        close(opened);
        return failed(address, number, err);
    }
    *fd = opened;
    return true;
}

/* How many of the sockets that systemd passed to this process are called NAME; *FD is the last. */
static int find_passed(const char *name, int *fd)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    const char *names = getenv("LISTEN_FDNAMES");
    int64_t number, total;
    if (!pid || !count || !text_number(pid, 1, INT32_MAX, &number) || number != getpid()
        || !text_number(count, 1, INT16_MAX, &total))
        return 0;
    if (!names)
        names = total == 1 ? "unknown" : "";
    int found = 0;
    for (int64_t i = 0; i < total && names; i++) {
        size_t size = strcspn(names, ":");
        if (size == strlen(name) && memcmp(names, name, size) == 0) {
            *fd = (int)(SYSTEMD_FIRST_FD + i);
            found++;
        }
        names = names[size] ? names + size + 1 : NULL;
    }
    return found;
}

static bool check_systemd(const char *address, const char *rest, struct err *err)
{
    return *rest || no_address(address, err);
}

static bool open_systemd(const char *address, const char *rest, int *fd, struct err *err)
{
    int passed = -1;
    int found = find_passed(rest, &passed);
    if (found == 0)
        return err_set(err, ERR_SETUP,
                       "%s: systemd passed no socket of this name; its .socket unit needs "
                       "FileDescriptorName=%s and must be started before the service",
                       address, rest);
    if (found > 1)
        return err_set(err, ERR_SETUP,
                       "%s: systemd passed %d sockets of this name; give each a .socket unit with "
                       "a FileDescriptorName= of its own",
                       address, found);

    int type = 0, listening = 0;
    socklen_t size = sizeof type;
    if (getsockopt(passed, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM
        || getsockopt(passed, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
        return err_set(err, ERR_SETUP,
                       "%s: not a listening stream socket; its .socket unit needs ListenStream= "
                       "and Accept=no",
                       address);

    /* A duplicate is handed out: the number that systemd announced stays taken, so that the same
     * address can be opened again after a reload. */
    fcntl(passed, F_SETFD, FD_CLOEXEC);
    int opened = fcntl(passed, F_DUPFD_CLOEXEC, SYSTEMD_FIRST_FD);
    if (opened < 0)
        return failed(address, errno, err);
    fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) | O_NONBLOCK);
    *fd = opened;
    return true;
}

/* clang-format off */
static const struct kind {
    const char *prefix;
    bool (*check)(const char *address, const char *rest, struct err *err);
    bool (*open)(const char *address, const char *rest, int *fd, struct err *err);
} kinds[] = {
    { "unix:",    check_unix,    open_unix    },
    { "systemd:", check_systemd, open_systemd },
    { "",         check_inet,    open_inet    },
};
/* clang-format on */

static const struct kind *kind_of(const char *address)
{
    const struct kind *kind = kinds;
    while (strncmp(address, kind->prefix, strlen(kind->prefix)) != 0)
        kind++; /* the last one fits all */
    return kind;
}

static bool open_address(const char *address, int *fd, struct err *err)
{
    const struct kind *kind = kind_of(address);
    return kind->open(address, address + strlen(kind->prefix), fd, err);
}

bool listen_check(const char *address, struct err *err)
{
    const struct kind *kind = kind_of(address);
    return kind->check(address, address + strlen(kind->prefix), err);
}

/* Of the process, like what systemd passes to it. */
static struct reserved {
    struct reserved *next;
    int fd;
    char address[LISTEN_TEXT_BYTES];
} * reserved;

bool listen_reserve(const char *address, struct err *err)
{
    int fd;
    if (strlen(address) >= LISTEN_TEXT_BYTES || strncmp(address, "systemd:", 8) == 0)
        return true; /* too long to be good: listen_open() says so; systemd's are bound already */
    if (!open_address(address, &fd, err))
        return false;
    struct reserved *one = memory_new(sizeof *one);
    one->fd = fd;
    one->next = reserved;
    snprintf(one->address, sizeof one->address, "%s", address);
    reserved = one;
    return true;
}

void listen_release(void)
{
    while (reserved) {
        struct reserved *one = reserved;
        reserved = one->next;
        close(one->fd);
        free(one);
    }
}

static bool find_reserved(const char *address, int *fd)
{
    for (struct reserved **at = &reserved; *at; at = &(*at)->next) {
        struct reserved *one = *at;
        if (strcmp(one->address, address) != 0)
            continue;
        *fd = one->fd;
        *at = one->next;
        free(one);
        return true;
    }
    return false;
}

bool listen_open(const char *address, int *fd, struct err *err)
{
    return find_reserved(address, fd) || open_address(address, fd, err);
}

/* The address in canonical text; *PORT is 0 for a Unix socket. */
static void to_text(const union any_address *address, char out[LISTEN_TEXT_BYTES], int *port)
{
    *port = 0;
    out[0] = '\0';
    if (address->any.sa_family == AF_UNIX) {
        snprintf(out, LISTEN_TEXT_BYTES, "unix");
    } else if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->four.sin_addr, out, LISTEN_TEXT_BYTES);
        *port = ntohs(address->four.sin_port);
    } else if (address->any.sa_family == AF_INET6) {
        const struct in6_addr *six = &address->six.sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(six))
            inet_ntop(AF_INET, six->s6_addr + 12, out, LISTEN_TEXT_BYTES);
        else
            inet_ntop(AF_INET6, six, out, LISTEN_TEXT_BYTES);
        *port = ntohs(address->six.sin6_port);
    }
}

char *listen_to_text(int fd, char out[LISTEN_TEXT_BYTES])
{
    union any_address address = { .room = { 0 } };
    socklen_t size = sizeof address;
    char host[LISTEN_TEXT_BYTES];
    int port;
    out[0] = '\0';
    if (getsockname(fd, &address.any, &size) != 0)
        return out;
    to_text(&address, host, &port);
    if (address.any.sa_family == AF_UNIX)
        snprintf(out, LISTEN_TEXT_BYTES, "unix:%.*s", (int)sizeof address.local.sun_path,
                 address.local.sun_path);
    else if (strchr(host, ':'))
        snprintf(out, LISTEN_TEXT_BYTES, "[%.*s]:%d", INET6_ADDRSTRLEN, host, port);
    else
        snprintf(out, LISTEN_TEXT_BYTES, "%.*s:%d", INET6_ADDRSTRLEN, host, port);
    return out;
}

bool listen_is_local(const char *address)
{
    return text_begins(address, "127.") || text_begins(address, "[::1]:")
           || text_begins(address, "[::ffff:127.") || text_begins(address, "unix:");
}

char *listen_peer_to_text(int fd, char out[LISTEN_TEXT_BYTES])
{
    union any_address address = { .room = { 0 } };
    socklen_t size = sizeof address;
    int port;
    out[0] = '\0';
    if (getpeername(fd, &address.any, &size) == 0)
        to_text(&address, out, &port);
    return out;
}
