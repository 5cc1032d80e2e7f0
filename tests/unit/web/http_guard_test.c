/* Slow and greedy clients of the server, over real sockets.
 * SPDX-License-Identifier: MIT */
#include "web/http_guard.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

struct served {
    struct http *http;
    pthread_mutex_t mutex;
    pthread_cond_t came;
    struct request *held;
};

static void answer(struct request *request)
{
    http_respond(request,
                 &(struct response){ .status = request->refused ? request->refused : 200 });
}

static void handle(struct request *request, void *context)
{
    struct served *served = context;
    if (request->refused || strcmp(request->path, "/hold") != 0) {
        answer(request);
        return;
    }
    pthread_mutex_lock(&served->mutex);
    served->held = request;
    pthread_cond_broadcast(&served->came);
    pthread_mutex_unlock(&served->mutex);
}

static void serve_guarded(struct served *served, int64_t connections, int64_t per_client)
{
    static const char *const address = "127.0.0.1:0";
    struct http_settings settings = HTTP_SETTINGS_DEFAULT;
    struct err err = { 0 };
    settings.listen = (struct text_list){ &address, 1 };
    settings.connections = connections;
    settings.per_client = per_client;
    settings.handshake_seconds = settings.header_seconds = 1;
    settings.bytes_per_second = 100;
    *served = (struct served){ 0 };
    pthread_mutex_init(&served->mutex, NULL);
    pthread_cond_init(&served->came, NULL);
    assert_true(http_open(&settings, handle, served, &served->http, &err));
}

static void finish(struct served *served)
{
    http_close(&served->http);
    pthread_mutex_destroy(&served->mutex);
    pthread_cond_destroy(&served->came);
}

static int dial(const struct served *served)
{
    const char *address = http_address(served->http, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 10 };
    to.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    ssize_t sent = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)sent;
}

/* How long it takes until the server hangs up, while TEXT is sent one byte every 100 ms. */
static int64_t milliseconds_of_patience(const struct served *served, const char *begin,
                                        const char *slowly)
{
    int fd = dial(served);
    int64_t start = clock_monotonic_ms(), passed = 0;
    char byte;
    say(fd, begin);
    for (; passed < 5000; passed = clock_monotonic_ms() - start) {
        ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (got >= 0 || errno != EAGAIN)
            break;
        if (*slowly)
            got = send(fd, slowly++, 1, MSG_NOSIGNAL);
        usleep(100000);
    }
    close(fd);
    return passed;
}

/* One byte now and then holds no connection, wherever it stands in the request. */
static void test_slow_clients(void **state)
{
    (void)state;
    static const char much[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const struct {
        const char *begin, *slowly;
    } rows[] = {
        { "", "" },
        { "", much },
        { "GET /now HTTP/1.1\r\nHost: x\r\nX-A: ", much },
        { "POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n", much },
    };
    struct served served;
    serve_guarded(&served, 10, 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].begin);
        assert_in_range(milliseconds_of_patience(&served, rows[i].begin, rows[i].slowly), 900,
                        3500);
    }
    finish(&served);
}

/* Beyond its limit a client is told so; beyond twice the limit it is not even heard. */
static void test_connections_of_a_client(void **state)
{
    (void)state;
    static const char request[] = "POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
    struct served served;
    int fds[5];
    char text[2000];
    serve_guarded(&served, 100, 2);
    for (size_t i = 0; i < 5; i++) {
        fds[i] = dial(&served);
        say(fds[i], request);
        ssize_t got = recv(fds[i], text, sizeof text - 1, 0);
        text[got > 0 ? got : 0] = '\0';
        if (i < 2)
            assert_int_equal(strncmp(text, "HTTP/1.1 200", 12), 0);
        else if (i < 4)
            assert_int_equal(strncmp(text, "HTTP/1.1 429", 12), 0);
        else
            assert_true(got <= 0);
    }
    for (size_t i = 0; i < 5; i++)
        close(fds[i]);
    finish(&served);
}

/* When all places are taken, the next one gets that of who has said least. */
static void test_full(void **state)
{
    (void)state;
    struct served served;
    char byte, text[2000];
    serve_guarded(&served, 3, 0);
    int silent = dial(&served), asking = dial(&served), held = dial(&served);
    say(asking, "GET /now HTTP/1.1\r\n");
    say(held, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    pthread_mutex_lock(&served.mutex);
    while (!served.held)
        pthread_cond_wait(&served.came, &served.mutex);
    pthread_mutex_unlock(&served.mutex);
    usleep(50000);
    int next = dial(&served);
    say(next, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(recv(next, text, sizeof text, 0) > 12);
    assert_int_equal(strncmp(text, "HTTP/1.1 200", 12), 0);
    assert_int_equal(recv(silent, &byte, 1, 0), 0);
    assert_int_equal(recv(asking, &byte, 1, MSG_DONTWAIT), -1);
    answer(served.held);
    assert_true(recv(held, text, sizeof text, 0) > 12);
    close(silent), close(asking), close(held), close(next);
    finish(&served);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_clients),
        cmocka_unit_test(test_connections_of_a_client),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
