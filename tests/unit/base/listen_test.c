/* Listening sockets of each kind, opened for real on loopback and in a directory of the test's own.
 * SPDX-License-Identifier: MIT */
#include "base/listen.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

static int listen_on(const char *address)
{
    struct err err = { 0 };
    int fd = -1;
    if (!listen_open(address, &fd, &err))
        fail_msg("%s", err.text);
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    return fd;
}

/* Must fail, leaving *fd alone, with all of WANT in the text. */
static void refuse(const char *address, const char *want)
{
    struct err err = { 0 };
    int fd = 77;
    assert_false(listen_open(address, &fd, &err));
    assert_int_equal(fd, 77);
    assert_int_equal(err.kind, ERR_SETUP);
    if (!strstr(err.text, address) || !strstr(err.text, want))
        fail_msg("%s: no \"%s\" in \"%s\"", address, want, err.text);
}

static int client_of(int listener, int family)
{
    struct sockaddr_storage address = { 0 };
    socklen_t size = sizeof address;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    if (family == AF_INET && address.ss_family == AF_INET6) { /* the same port over IPv4 */
        struct sockaddr_in four = { .sin_family = AF_INET };
        four.sin_port = ((struct sockaddr_in6 *)&address)->sin6_port;
        four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        memcpy(&address, &four, sizeof four);
        size = sizeof four;
    }
    int fd = socket(address.ss_family, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, size) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void expect_peer(int listener, int family, const char *want)
{
    char peer[LISTEN_TEXT_BYTES];
    int client = client_of(listener, family);
    assert_true(client >= 0);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    assert_string_equal(listen_peer_to_text(fd, peer), want);
    close(client);
    close(fd);
}

static bool have_ipv6(void)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool have = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return have;
}

static void test_internet(void **state)
{
    (void)state;
    static const struct {
        const char *address, *want; /* with %d for the port */
        int family;
        const char *want_peer;
        bool six;
    } rows[] = {
        { .address = "127.0.0.1:0",
          .want = "127.0.0.1:%d",
          .family = AF_INET,
          .want_peer = "127.0.0.1" },
        { .address = "[::1]:0",
          .want = "[::1]:%d",
          .family = AF_INET6,
          .want_peer = "::1",
          .six = true },
        { .address = "[::]:0",
          .want = "[::]:%d",
          .family = AF_INET,
          .want_peer = "127.0.0.1", /* not ::ffff:127.0.0.1 */
          .six = true },
        { .address = "0.0.0.0:0",
          .want = "0.0.0.0:%d",
          .family = AF_INET,
          .want_peer = "127.0.0.1" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[LISTEN_TEXT_BYTES];
        if (rows[i].six && !have_ipv6())
            continue;
        int fd = listen_on(rows[i].address);
        listen_to_text(fd, text);
        char *port = strrchr(text, ':');
        assert_non_null(port);
        assert_true(strtol(port + 1, NULL, 10) > 0);
        assert_memory_equal(text, rows[i].want, strlen(rows[i].want) - 2);
        assert_int_equal(port + 1 - text, strlen(rows[i].want) - 2);
        expect_peer(fd, rows[i].family, rows[i].want_peer);
        close(fd);
    }
}

static void test_name(void **state)
{
    (void)state;
    int fd = listen_on("localhost:0");
    int client = client_of(fd, AF_UNSPEC);
    assert_true(client >= 0);
    close(client);
    close(fd);
}

static void test_port_taken(void **state)
{
    (void)state;
    char text[LISTEN_TEXT_BYTES];
    int fd = listen_on("127.0.0.1:0");
    refuse(listen_to_text(fd, text), "Address already in use; stop the program that has it");
    int client = client_of(fd, AF_INET);
    close(accept(fd, NULL, NULL)); /* closed from our side first: the port lingers */
    close(client);
    close(fd);
    close(listen_on(text)); /* free again at once */
}

static void test_bad_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *address, *want;
    } rows[] = {
        { .address = "", .want = "no address" },
        { .address = "127.0.0.1", .want = "no address" },
        { .address = ":25", .want = "no address" },
        { .address = "127.0.0.1:", .want = "no address" },
        { .address = "127.0.0.1:65536", .want = "no address" },
        { .address = "127.0.0.1:-1", .want = "no address" },
        { .address = "127.0.0.1:25x", .want = "no address" },
        { .address = "127.0.0.1:smtp", .want = "no address" },
        { .address = "::1:25", .want = "no address" },
        { .address = "[::1]", .want = "no address" },
        { .address = "[::1:25", .want = "no address" },
        { .address = "[]:25", .want = "no address" },
        { .address = "[:25", .want = "no address" },
        { .address = "192.0.2.1:0", .want = "no interface of this machine" },
        { .address = "x123456789012345678901234567890123456789012345678901234567890123:25",
          .want = "check the name" }, /* a label too long to be asked for */
        { .address = "unix:", .want = "1 to 107 bytes" },
        { .address = "unix:/no/such/directory/socket", .want = "make the directory first" },
        { .address = "systemd:lmtp", .want = "FileDescriptorName=lmtp" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        bool form = strstr(rows[i].want, "no address") || strstr(rows[i].want, "bytes");
        struct err err = { 0 };
        refuse(rows[i].address, rows[i].want);
        assert_int_equal(listen_check(rows[i].address, &err),
                         !form); /* the rest only opening tells */
        assert_true(!form || strstr(err.text, rows[i].want));
    }

    char text[200] = "unix:/";
    memset(text + 6, 'x', 107);
    refuse(text, "1 to 107 bytes");
}

/* A directory of the test's own, and addresses in it. */
struct place {
    char directory[32], path[64], address[80];
};

static struct place place_new(void)
{
    struct place place = { .directory = "/tmp/listen_test.XXXXXX" };
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.path, sizeof place.path, "%s/socket", place.directory);
    snprintf(place.address, sizeof place.address, "unix:%s", place.path);
    return place;
}

static void place_done(struct place *place)
{
    unlink(place->path);
    assert_int_equal(rmdir(place->directory), 0);
}

static mode_t mode_of(const char *path)
{
    struct stat file;
    assert_int_equal(lstat(path, &file), 0);
    return file.st_mode;
}

static void test_unix(void **state)
{
    (void)state;
    static const mode_t masks[] = { 0, 022, 077 };
    for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
        struct place place = place_new();
        char text[LISTEN_TEXT_BYTES];
        mode_t before = umask(masks[i]);
        int fd = listen_on(place.address);
        assert_int_equal(umask(before), masks[i]); /* untouched: other threads make files too */
        assert_int_equal(mode_of(place.path), S_IFSOCK | 0660);
        assert_string_equal(listen_to_text(fd, text), place.address);
        expect_peer(fd, AF_UNIX, "unix");
        close(fd);
        place_done(&place);
    }
}

static void test_unix_socket_left_behind_is_replaced(void **state)
{
    (void)state;
    struct place place = place_new();
    close(listen_on(place.address));
    assert_int_equal(mode_of(place.path), S_IFSOCK | 0660);
    int fd = listen_on(place.address);
    expect_peer(fd, AF_UNIX, "unix");
    close(fd);
    place_done(&place);
}

static void test_unix_socket_in_use_is_left_alone(void **state)
{
    (void)state;
    struct place place = place_new();
    int fd = listen_on(place.address);
    refuse(place.address, "Address already in use");
    expect_peer(fd, AF_UNIX, "unix"); /* after the client that only looked */
    close(accept(fd, NULL, NULL));
    assert_int_equal(listen(fd, 0), 0);
    int client = client_of(fd, AF_UNIX); /* the queue is full: nobody answers, but it is in use */
    refuse(place.address, "Address already in use");
    close(client);
    close(fd);
    place_done(&place);
}

static void test_other_files_are_left_alone(void **state)
{
    (void)state;
    struct place place = place_new();
    close(open(place.path, O_CREAT | O_WRONLY, 0600));
    refuse(place.address, "Address already in use");
    assert_int_equal(mode_of(place.path), S_IFREG | 0600);
    unlink(place.path);
    assert_int_equal(symlink("elsewhere", place.path), 0);
    refuse(place.address, "Address already in use");
    assert_true(S_ISLNK(mode_of(place.path)));
    place_done(&place);
}

/* What systemd says it has passed. */
static void passed(int pid, const char *count, const char *names)
{
    char text[32];
    snprintf(text, sizeof text, "%d", pid);
    setenv("LISTEN_PID", text, 1);
    setenv("LISTEN_FDS", count, 1);
    if (names)
        setenv("LISTEN_FDNAMES", names, 1);
    else
        unsetenv("LISTEN_FDNAMES");
}

static void test_systemd(void **state)
{
    (void)state;
    /* Descriptors 3 and 4 are made what systemd would pass; what was there comes back afterwards. */
    int kept[2] = { fcntl(3, F_DUPFD, 10), fcntl(4, F_DUPFD, 10) };
    int listener = listen_on("127.0.0.1:0");
    int high = fcntl(listener, F_DUPFD, 10);
    char want[LISTEN_TEXT_BYTES], text[LISTEN_TEXT_BYTES];
    int plain = fcntl(socket(AF_INET, SOCK_STREAM, 0), F_DUPFD, 10);
    dup2(plain, 3);
    dup2(high, 4);
    fcntl(4, F_SETFL, 0);
    listen_to_text(4, want);

    passed(getpid(), "2", "web:lmtp");
    for (int i = 0; i < 2; i++) { /* twice: as after a reload */
        int fd = listen_on("systemd:lmtp");
        assert_true(fd > 4);
        assert_string_equal(listen_to_text(fd, text), want);
        assert_true(fcntl(4, F_GETFD) & FD_CLOEXEC);
        expect_peer(fd, AF_INET, "127.0.0.1");
        close(fd);
    }
    refuse("systemd:web", "not a listening stream socket");
    refuse("systemd:lmt", "no socket of this name");
    refuse("systemd:", "no socket of this name");
    passed(getpid(), "2", "lmtp:lmtp");
    refuse("systemd:lmtp", "2 sockets of this name");
    passed(getpid(), "1", "web:lmtp");
    refuse("systemd:lmtp", "no socket of this name");
    passed(getpid() + 1, "2", "web:lmtp");
    refuse("systemd:lmtp", "no socket of this name");
    passed(getpid(), "2", NULL);
    refuse("systemd:lmtp", "no socket of this name");
    dup2(4, 3);
    passed(getpid(), "1", NULL);
    close(listen_on("systemd:unknown"));

    for (int i = 0; i < 2; i++) {
        close(3 + i);
        if (kept[i] >= 0 && dup2(kept[i], 3 + i) >= 0)
            close(kept[i]);
    }
    close(high);
    close(plain);
    unsetenv("LISTEN_PID");
}

static void test_nothing_to_tell(void **state)
{
    (void)state;
    char text[LISTEN_TEXT_BYTES];
    assert_string_equal(listen_to_text(-1, text), "");
    assert_string_equal(listen_peer_to_text(-1, text), "");
}

static void refuse_reserved(const char *address)
{
    struct err err = { 0 };
    assert_false(listen_reserve(address, &err)); /* by us, already */
    assert_non_null(strstr(err.text, "in use"));
}

/* What is reserved is handed out once, and is bound meanwhile. */
static void test_reserved(void **state)
{
    (void)state;
    struct err err = { 0 };
    char text[LISTEN_TEXT_BYTES];
    assert_true(listen_reserve("127.0.0.1:0", &err));
    int first = listen_on("127.0.0.1:0");
    int second = listen_on("127.0.0.1:0");
    close(second);
    listen_to_text(first, text);
    close(first);

    assert_true(listen_reserve(text, &err));
    refuse_reserved(text);
    close(listen_on(text)); /* handed out: it cannot be bound twice */
    assert_true(listen_reserve(text, &err));
    listen_release();
    close(listen_on(text)); /* free again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_internet),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_port_taken),
        cmocka_unit_test(test_bad_addresses),
        cmocka_unit_test(test_unix),
        cmocka_unit_test(test_unix_socket_left_behind_is_replaced),
        cmocka_unit_test(test_unix_socket_in_use_is_left_alone),
        cmocka_unit_test(test_other_files_are_left_alone),
        cmocka_unit_test(test_systemd),
        cmocka_unit_test(test_nothing_to_tell),
        cmocka_unit_test(test_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
