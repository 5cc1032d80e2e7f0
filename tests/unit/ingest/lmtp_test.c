/* The LMTP door over real sockets, before a hall that answers at once, later from a thread, or only
 * when the test says so. What it logs is read back: that is how a test learns the port.
 * SPDX-License-Identifier: MIT */
#include "ingest/lmtp.h"
#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#define PATIENCE_MS 5000
#define HELD_MAX    8

enum manner { AT_ONCE, FROM_A_THREAD, WHEN_TOLD };

/* A hall that keeps its deliveries until it answers them. */
struct fake {
    struct hall hall; /* first */
    enum manner manner;
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct delivery *held[HELD_MAX];
    size_t count; /* of deliveries that ever came */
    pthread_t threads[HELD_MAX];
    size_t thread_count;
};

static void answer(struct delivery *delivery)
{
    struct answer stored = { .outcome = OUTCOME_STORED, .reports = 1 };
    stored.id = arena_printf(&delivery->arena, "r%zu", delivery->bytes.size);
    stored.organization = "Example Org";
    stored.domain = "example.org";
    stored.successful = 5;
    stored.failed = 2;
    delivery_answer(delivery, &stored);
}

static void *answer_later(void *thing)
{
    usleep(20000);
    answer(thing);
    return NULL;
}

static void fake_take(struct hall *hall, struct delivery *delivery)
{
    struct fake *fake = (struct fake *)hall;
    pthread_mutex_lock(&fake->lock);
    size_t at = fake->count++;
    if (fake->manner == WHEN_TOLD)
        fake->held[at % HELD_MAX] = delivery;
    else if (fake->manner == FROM_A_THREAD)
        pthread_create(&fake->threads[fake->thread_count++], NULL, answer_later, delivery);
    pthread_cond_signal(&fake->came);
    pthread_mutex_unlock(&fake->lock);
    if (fake->manner == AT_ONCE)
        answer(delivery);
}

/* The delivery number AT, waited for. */
static struct delivery *held(struct fake *fake, size_t at)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->count <= at)
        pthread_cond_wait(&fake->came, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
    return fake->held[at];
}

/* A door with its hall, on a loopback port and on a Unix socket. */
struct place {
    struct fake fake;
    struct lmtp_settings settings;
    struct limits limits;
    void *door;
    char directory[32], path[64], listen[80];
    const char *items[2];
    uint16_t port;
    int log; /* what the door writes to stderr, a file */
    int true_stderr;
};

static void log_text_of(struct place *place, char out[8192])
{
    ssize_t size = pread(place->log, out, 8191, 0);
    out[size > 0 ? size : 0] = '\0';
}

/* Until TEXT stands in the log. */
static void expect_log(struct place *place, const char *text)
{
    char log[8192] = "";
    for (int i = 0; i < PATIENCE_MS / 10 && !strstr(log, text); i++) {
        usleep(10000);
        log_text_of(place, log);
    }
    if (!strstr(log, text))
        fail_msg("not logged: %s\nbut: %s", text, log);
}

static void place_open(struct place *place, enum manner manner)
{
    place->fake = (struct fake){ .hall = { .take = fake_take }, .manner = manner };
    pthread_mutex_init(&place->fake.lock, NULL);
    pthread_cond_init(&place->fake.came, NULL);
    memcpy(place->directory, "/tmp/lmtp_test.XXXXXX", 22);
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/socket", place->directory);
    snprintf(place->listen, sizeof place->listen, "unix:%s", place->path);
    place->items[0] = "127.0.0.1:0";
    place->items[1] = place->listen;
    place->settings.listen = (struct text_list){ place->items, 2 };

    place->log = open(place->directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_APPEND, 0600);
    assert_true(place->log >= 0);
    place->true_stderr = dup(STDERR_FILENO);
    dup2(place->log, STDERR_FILENO);

    struct err err = { 0 };
    if (!door_lmtp.open(&place->settings, &place->limits, &place->fake.hall, &place->door, &err))
        fail_msg("%s", err.text);
    char log[8192];
    log_text_of(place, log);
    assert_int_equal(sscanf(log, "listening door=lmtp address=127.0.0.1:%hu", &place->port), 1);
    expect_log(place, place->listen);
}

static void place_close(struct place *place)
{
    door_lmtp.stop(place->door);
    door_lmtp.close(&place->door);
    assert_null(place->door);
    for (size_t i = 0; i < place->fake.thread_count; i++)
        pthread_join(place->fake.threads[i], NULL);
    dup2(place->true_stderr, STDERR_FILENO);
    close(place->true_stderr);
    close(place->log);
    unlink(place->path);
    rmdir(place->directory);
}

#define PLACE                                \
    {                                        \
        .settings = { .connections = 10,     \
                      .idle_seconds = 60,    \
                      .message_seconds = 60, \
                      .session_errors = 5,   \
                      .recipients = 10 },    \
        .limits = LIMITS_DEFAULT,            \
    }

static int connect_tcp(const struct place *place)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(place->port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int connect_unix(const struct place *place)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", place->path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the last line begins with LAST; other lines before it may be anything. "" stands for
 * the end of the connection. All that was read is in OUT. */
static void hear(int fd, const char *last, char out[8192])
{
    size_t size = 0;
    out[0] = '\0';
    for (;;) {
        const char *line = out;
        for (const char *next = line; (next = strchr(next, '\n')) && *++next;)
            line = next;
        bool whole = size && out[size - 1] == '\n';
        if (*last && whole && strncmp(line, last, strlen(last)) == 0)
            return;
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        if (poll(&poll_fd, 1, PATIENCE_MS) != 1)
            fail_msg("no \"%s\" came, but: %s", last, out);
        ssize_t got = recv(fd, out + size, 8191 - size, 0);
        if (got == 0 && !*last)
            return;
        if (got <= 0)
            fail_msg("closed before \"%s\": %s", last, out);
        size += (size_t)got;
        out[size] = '\0';
    }
}

static void expect(int fd, const char *last)
{
    char heard[8192];
    hear(fd, last, heard);
}

#define MAIL_TO_ONE "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\nhello\r\n.\r\n"

/* A whole session sent at once; both answers must come in order, then the end. */
static void whole_session(struct place *place, int fd, const char *client)
{
    char heard[8192], line[200];
    say(fd, MAIL_TO_ONE "MAIL FROM:<>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nDATA\r\n1\r\n.\r\nQUIT\r\n");
    hear(fd, "", heard);
    assert_memory_equal(heard, "220 ", 4);
    assert_non_null(strstr(heard, " LMTP tlsrptd\r\n250-"));
    assert_non_null(strstr(heard, "354 end with <CRLF>.<CRLF>\r\n250 2.0.0 stored r7\r\n"
                                  "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n"
                                  "354 end with <CRLF>.<CRLF>\r\n250 2.0.0 stored r3\r\n"
                                  "250 2.0.0 stored r3\r\n221 2.0.0 bye\r\n"));
    snprintf(line, sizeof line,
             "lmtp client=%s result=stored id=r3 org=\"Example Org\" "
             "domain=example.org sessions=7 failed=2\n",
             client);
    expect_log(place, line);
    close(fd);
}

static void test_sessions(void **state)
{
    (void)state;
    const enum manner manners[] = { AT_ONCE, FROM_A_THREAD };
    for (size_t i = 0; i < ARRAY_SIZE(manners); i++) {
        struct place place = PLACE;
        place_open(&place, manners[i]);
        whole_session(&place, connect_tcp(&place), "127.0.0.1");
        whole_session(&place, connect_unix(&place), "unix");
        place_close(&place);
    }
}

static void test_client_that_says_nothing_more_gets_its_answers(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192];
    place_open(&place, FROM_A_THREAD);
    int fd = connect_tcp(&place);
    say(fd, MAIL_TO_ONE);
    shutdown(fd, SHUT_WR);
    hear(fd, "", heard);
    assert_non_null(strstr(heard, "250 2.0.0 stored r7\r\n"));
    close(fd);
    place_close(&place);
}

/* Whoever hangs up while his message is in the hall harms nobody. */
static void test_hang_up_while_waiting(void **state)
{
    (void)state;
    struct place place = PLACE;
    int (*const connects[])(const struct place *) = { connect_tcp, connect_unix };
    place_open(&place, WHEN_TOLD);
    for (size_t i = 0; i < ARRAY_SIZE(connects); i++) {
        struct linger reset = { .l_onoff = 1, .l_linger = 0 };
        int fd = connects[i](&place);
        say(fd, MAIL_TO_ONE "NOOP\r\n");
        struct delivery *delivery = held(&place.fake, i);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
        usleep(50000); /* the door sees it */
        answer(delivery);
        expect_log(&place, "result=stored");
    }
    int fd = connect_tcp(&place);
    expect(fd, "220 ");
    say(fd, "NOOP\r\n");
    expect(fd, "250 2.0.0");
    close(fd);
    place_close(&place);
}

static void *stop(void *thing)
{
    struct place *place = thing;
    door_lmtp.stop(place->door);
    return NULL;
}

static void test_stop_waits_for_what_is_in_flight(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192];
    pthread_t stopper;
    place_open(&place, WHEN_TOLD);
    int idle = connect_unix(&place), busy = connect_tcp(&place), gone = connect_tcp(&place);
    expect(idle, "220 ");
    say(busy, MAIL_TO_ONE);
    struct delivery *first = held(&place.fake, 0);
    say(gone, MAIL_TO_ONE);
    struct delivery *second = held(&place.fake, 1);
    close(gone);

    pthread_create(&stopper, NULL, stop, &place);
    hear(idle, "", heard);
    assert_string_equal(heard, "421 4.3.2 shutting down, try again later\r\n");
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(place.port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int late = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(late, (struct sockaddr *)&address, sizeof address), -1);

    answer(first);
    expect_log(&place, "result=stored");
    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 200000000;
    soon.tv_sec += soon.tv_nsec / 1000000000;
    soon.tv_nsec %= 1000000000;
    assert_int_equal(pthread_timedjoin_np(stopper, NULL, &soon), ETIMEDOUT); /* for the second */
    answer(second);
    pthread_join(stopper, NULL);

    hear(busy, "", heard);
    assert_non_null(strstr(heard, "250 2.0.0 stored r7\r\n421 4.3.2 shutting down"));
    close(idle);
    close(busy);
    close(late);
    place_close(&place);
}

static void test_connection_limit(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192];
    place.settings.connections = 2;
    place_open(&place, AT_ONCE);
    int first = connect_tcp(&place), second = connect_unix(&place);
    expect(first, "220 ");
    expect(second, "220 ");
    int third =
        connect_tcp(&place); /* takes the place of the one that has said nothing for longest */
    expect(third, "220 ");
    hear(first, "", heard);
    assert_string_equal(heard, "421 4.3.2 too many connections, try again later\r\n");
    expect_log(&place, "connection refused door=lmtp reason=\"lmtp.connections reached\"");
    expect_log(&place, "session closed door=lmtp client=127.0.0.1 reason=crowded");
    say(third, "QUIT\r\n");
    expect(third, "");
    int fourth = connect_tcp(&place);
    expect(fourth, "220 ");
    close(third);
    close(first);
    close(second);
    close(fourth);
    place_close(&place);
}

/* Who waits for us keeps his place, and the newest is turned away. */
static void test_all_places_wait(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192];
    place.settings.connections = 1;
    place_open(&place, WHEN_TOLD);
    int waiting = connect_tcp(&place);
    say(waiting, MAIL_TO_ONE);
    struct delivery *delivery = held(&place.fake, 0);
    int next = connect_tcp(&place);
    hear(next, "", heard);
    assert_non_null(strstr(heard, "421 4.3.2 too many connections"));
    answer(delivery);
    expect(waiting, "250 2.0.0 stored");
    close(next);
    close(waiting);
    place_close(&place);
}

/* Without a descriptor for the client it is turned away all the same, and the door goes on. */
static void test_no_descriptors_left(void **state)
{
    (void)state;
    const char *wrapper = getenv("TLSRPTD_WRAPPER");
    if (wrapper && strstr(wrapper, "valgrind"))
        skip(); /* valgrind has a limit of descriptors of its own, which stays as it is */
    struct place place = PLACE;
    struct rlimit before, none;
    char heard[8192];
    place_open(&place, AT_ONCE);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int free_fd = dup(fd);
    close(free_fd);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", place.path);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){ .rlim_cur = (rlim_t)free_fd, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int connected = connect(fd, (struct sockaddr *)&address, sizeof address);
    if (connected == 0)
        hear(fd, "", heard);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(connected, 0);
    assert_string_equal(heard, "421 4.3.2 too many connections, try again later\r\n");
    close(fd);
    fd = connect_unix(&place);
    expect(fd, "220 ");
    close(fd);
    place_close(&place);
}

static void test_idle(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192];
    place.settings.idle_seconds = 1;
    place_open(&place, WHEN_TOLD);
    int waiting = connect_tcp(&place), idle = connect_tcp(&place);
    say(waiting, MAIL_TO_ONE);
    struct delivery *delivery = held(&place.fake, 0);
    int64_t began = clock_monotonic_ms();
    expect(idle, "220 ");
    usleep(500000);
    say(idle, "NOOP\r\n");
    hear(idle, "", heard);
    assert_string_equal(heard, "250 2.0.0 OK\r\n421 4.4.2 idle for too long, closing\r\n");
    assert_in_range(clock_monotonic_ms() - began, 1450, 3500);
    expect_log(&place, "session closed door=lmtp client=127.0.0.1 reason=idle errors=0\n");

    answer(delivery); /* the one that waited for us is still there */
    expect(waiting, "250 2.0.0 stored");
    expect(waiting, "421 4.4.2");
    close(waiting);
    close(idle);
    place_close(&place);
}

/* A client that sends and never reads is held back, and closed when nothing has moved for a while. */
static void test_client_that_does_not_read(void **state)
{
    (void)state;
    struct place place = PLACE;
    place.settings.idle_seconds = 1;
    place_open(&place, AT_ONCE);
    int fd = connect_unix(&place);
    size_t sent = 0;
    struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
    while (poll(&poll_fd, 1, PATIENCE_MS) == 1 && !(poll_fd.revents & (POLLHUP | POLLERR))) {
        ssize_t size = send(fd, "LHLO c\r\nLHLO c\r\n", 16, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += size > 0 ? (size_t)size : 0;
        assert_true(sent < 16 << 20);
    }
    assert_true(poll_fd.revents & (POLLHUP | POLLERR));
    expect_log(&place, "reason=idle");
    close(fd);
    place_close(&place);
}

/* Commands that were sent in one go wait for unread replies, and none is forgotten. */
static void test_more_replies_than_are_held(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192];
    place_open(&place, AT_ONCE);
    int fd = connect_tcp(&place);
    for (int i = 0; i < 200; i++)
        say(fd, "LHLO c\r\nLHLO c\r\nLHLO c\r\nLHLO c\r\nLHLO c\r\n"
                "LHLO c\r\nLHLO c\r\nLHLO c\r\nLHLO c\r\nLHLO c\r\n");
    usleep(100000);
    say(fd, "QUIT\r\n");
    size_t lines = 0;
    for (ssize_t got; (got = recv(fd, heard, sizeof heard, 0)) > 0;)
        for (ssize_t i = 0; i < got; i++)
            lines += heard[i] == '\n';
    assert_int_equal(lines, 1 + 2000 * 6 + 1);
    close(fd);
    place_close(&place);
}

/* The reason reaches even a client that is still talking. */
static void test_errors_end_a_session(void **state)
{
    (void)state;
    struct place place = PLACE;
    char heard[8192], text[60000];
    place_open(&place, AT_ONCE);
    int fd = connect_tcp(&place);
    memset(text, 'x', sizeof text);
    memcpy(text, "A\r\nB\r\nC\r\nD\r\nE\r\nF\r\nG\r\n", 21);
    assert_int_equal(send(fd, text, sizeof text, MSG_NOSIGNAL), sizeof text);
    hear(fd, "", heard);
    assert_non_null(strstr(heard, "421 4.7.0 too many errors, closing\r\n"));
    expect_log(&place, "session closed door=lmtp client=127.0.0.1 reason=errors errors=5\n");
    close(fd);
    place_close(&place);
}

static void test_message_over_the_limit(void **state)
{
    (void)state;
    struct place place = PLACE;
    place.limits.message_bytes = 100000;
    place_open(&place, AT_ONCE);
    int fd = connect_tcp(&place);
    say(fd, "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nDATA\r\n");
    expect(fd, "354 ");
    char block[10000];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 20; i++)
        assert_int_equal(send(fd, block, sizeof block, MSG_NOSIGNAL), sizeof block);
    say(fd, "\r\n.\r\n");
    expect(fd, "552 5.3.4 message exceeds the limit of 100000 bytes");
    expect_log(&place, "lmtp client=127.0.0.1 result=too-large limit=100000\n");
    assert_int_equal(place.fake.count, 0);
    say(fd, MAIL_TO_ONE);
    expect(fd, "250 2.0.0 stored r7");
    close(fd);
    place_close(&place);
}

static void test_shut_and_bad(void **state)
{
    (void)state;
    struct place place = PLACE;
    struct err err = { 0 };
    void *door = &place;
    assert_true(door_lmtp.open(&place.settings, &place.limits, &place.fake.hall, &door, &err));
    assert_null(door);
    door_lmtp.stop(door);
    door_lmtp.close(&door);

    const char *const bad[] = { "127.0.0.1:0", "nonsense" };
    place.settings.listen = (struct text_list){ bad, 2 };
    assert_false(door_lmtp.open(&place.settings, &place.limits, &place.fake.hall, &door, &err));
    assert_int_equal(err.kind, ERR_SETUP);
    assert_non_null(strstr(err.text, "lmtp.listen: nonsense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_client_that_says_nothing_more_gets_its_answers),
        cmocka_unit_test(test_hang_up_while_waiting),
        cmocka_unit_test(test_stop_waits_for_what_is_in_flight),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_all_places_wait),
        cmocka_unit_test(test_no_descriptors_left),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_client_that_does_not_read),
        cmocka_unit_test(test_more_replies_than_are_held),
        cmocka_unit_test(test_errors_end_a_session),
        cmocka_unit_test(test_message_over_the_limit),
        cmocka_unit_test(test_shut_and_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
