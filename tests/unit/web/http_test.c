/* The server over real sockets: answers at once, later and from other threads, limits of bodies,
 * clients that go away, and stopping while answers are owed.
 * SPDX-License-Identifier: MIT */
#include "web/http.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <fcntl.h>
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

#define BODY_MAX 1000
#define HELD_MAX 64

/* A self-signed certificate, its key, and another key. */
static const char certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfjCCASWgAwIBAgIUUn0MyV0MeCx7eYdNCJiSV6IdgXwwCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIzNTgwOFoYDzIxMjYxMDMw\n"
    "MjM1ODA4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAASdeCZHM7fBBXU8iokIomOYtv2ZaVPecw5Xv9Ihx8O8ef1xKMzygIrT\n"
    "24LiZgyFHJYXkTcbz2tVWVC5toT4yzOoo1MwUTAdBgNVHQ4EFgQUaTp+yb5+rFZ1\n"
    "7fVcbIdn7NLMtRkwHwYDVR0jBBgwFoAUaTp+yb5+rFZ17fVcbIdn7NLMtRkwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBHspI3n6zO4KUKr4yArLjC\n"
    "Qz9ckElZP6iOhy5oHRlwSwIgS3anZbPwUV2p7dl8dlmT6QdO5pmM3oyQeFS6wcRI\n"
    "RrA=\n"
    "-----END CERTIFICATE-----\n";
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxUvNmf11saMr5EO0\n"
                              "HZA5qF9MI0i4Qnx7dS9IwPUUyyShRANCAASdeCZHM7fBBXU8iokIomOYtv2ZaVPe\n"
                              "cw5Xv9Ihx8O8ef1xKMzygIrT24LiZgyFHJYXkTcbz2tVWVC5toT4yzOo\n"
                              "-----END PRIVATE KEY-----\n";
static const char other_key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMhqkj0GsnescRDMS\n"
    "YZg3A28LfHKwP6h89TfTbga7bQOhRANCAAQRCDxzqm9moXWzJv2waaH54w0RZcjx\n"
    "ZeRBBF3m90Eb7W5OsCSWdyDGx7YRHyAgfPffP+WIG/nx98gXkOhYZF59\n"
    "-----END PRIVATE KEY-----\n";

/* --- a server that answers as its paths say --- */

struct served {
    struct http *http;
    pthread_mutex_t mutex;
    pthread_cond_t came;
    struct request *held[HELD_MAX];
    size_t held_count;
    pthread_t threads[HELD_MAX * 4];
    size_t thread_count;
};

static void answer(struct request *request)
{
    const char *header = http_header(request, "x-one"), *argument = http_argument(request, "a");
    if (request->refused) {
        http_respond(request, &(struct response){ .status = request->refused,
                                                  .type = "text/plain",
                                                  .body = { "large", 5 } });
        return;
    }
    char *text =
        arena_printf(&request->arena, "%s %s client=%s header=%s a=%s body=%zu:%.10s",
                     request->method, request->path, request->client, header ? header : "-",
                     argument ? argument : "-", request->body.size, request->body.data);
    http_respond(request, &(struct response){
                              .status = 200,
                              .type = "text/plain",
                              .body = { text, strlen(text) },
                              .headers = { { .name = "X-Two", .value = "2" } },
                          });
}

static void *answer_at_once(void *request)
{
    answer(request);
    return NULL;
}

static void *answer_later(void *request)
{
    usleep(20000);
    answer(request);
    return NULL;
}

static void hold(struct served *served, struct request *request)
{
    pthread_mutex_lock(&served->mutex);
    served->held[served->held_count++] = request;
    pthread_cond_broadcast(&served->came);
    pthread_mutex_unlock(&served->mutex);
}

static void handle(struct request *request, void *context)
{
    struct served *served = context;
    if (request->refused || strncmp(request->path, "/now", 4) == 0) {
        answer(request);
    } else if (strcmp(request->path, "/hold") == 0) {
        hold(served, request);
    } else {
        pthread_mutex_lock(&served->mutex);
        pthread_create(&served->threads[served->thread_count++], NULL,
                       strcmp(request->path, "/later") == 0 ? answer_later : answer_at_once,
                       request);
        pthread_mutex_unlock(&served->mutex);
    }
}

static void wait_for_held(struct served *served, size_t count)
{
    pthread_mutex_lock(&served->mutex);
    while (served->held_count < count)
        pthread_cond_wait(&served->came, &served->mutex);
    pthread_mutex_unlock(&served->mutex);
}

static struct http_settings settings_of(const char *const *address, int threads)
{
    struct http_settings settings = HTTP_SETTINGS_DEFAULT;
    settings.listen = (struct text_list){ address, 1 };
    settings.body_bytes = BODY_MAX;
    settings.threads = threads;
    return settings;
}

static void serve(struct served *served, int threads)
{
    static const char *const address = "127.0.0.1:0";
    struct http_settings settings = settings_of(&address, threads);
    static const struct http_field headers[] = { { .name = "X-Three", .value = "3" }, { 0 } };
    struct err err = { 0 };
    settings.headers = headers;
    *served = (struct served){ 0 };
    pthread_mutex_init(&served->mutex, NULL);
    pthread_cond_init(&served->came, NULL);
    assert_true(http_open(&settings, handle, served, &served->http, &err));
}

static void finish(struct served *served)
{
    for (size_t i = 0; i < served->thread_count; i++)
        pthread_join(served->threads[i], NULL);
    http_close(&served->http);
    pthread_mutex_destroy(&served->mutex);
    pthread_cond_destroy(&served->came);
}

/* --- a client --- */

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

static void send_text(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, text, size, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* the server has heard enough */
        text += sent;
        size -= (size_t)sent;
    }
}

/* All that comes until the server closes. */
static char *receive(int fd, char *out, size_t room)
{
    size_t size = 0;
    ssize_t got;
    while (size + 1 < room && (got = recv(fd, out + size, room - 1 - size, 0)) > 0)
        size += (size_t)got;
    out[size] = '\0';
    close(fd);
    return out;
}

#define ASK_BYTES 4096
static char *ask(const struct served *served, const char *request, char out[ASK_BYTES])
{
    int fd = dial(served);
    send_text(fd, request, strlen(request));
    return receive(fd, out, ASK_BYTES);
}

#define END "Host: x\r\nConnection: close\r\n"

/* A POST with a body of SIZE bytes; MORE are further header lines. */
static char *post(const struct served *served, size_t size, const char *more, bool chunked,
                  char out[ASK_BYTES])
{
    char head[256], *body = calloc(1, size + 1);
    memset(body, 'b', size);
    int fd = dial(served);
    if (chunked)
        snprintf(head, sizeof head,
                 "POST /now HTTP/1.1\r\n" END "%sTransfer-Encoding: chunked\r\n\r\n%zx\r\n", more,
                 size);
    else
        snprintf(head, sizeof head, "POST /now HTTP/1.1\r\n" END "%sContent-Length: %zu\r\n\r\n",
                 more, size);
    send_text(fd, head, strlen(head));
    if (!strstr(more, "Expect"))
        send_text(fd, body, size);
    if (chunked)
        send_text(fd, "\r\n0\r\n\r\n", 7);
    free(body);
    return receive(fd, out, ASK_BYTES);
}

/* --- tests --- */

static void test_hands_the_request_over(void **state)
{
    (void)state;
    struct served served;
    char got[ASK_BYTES];
    serve(&served, 1);
    ask(&served,
        "GET /now%20there?b=0&a=1%26&a=2 HTTP/1.1\r\nX-One: first\r\nX-One: second\r\n" END "\r\n",
        got);
    assert_non_null(strstr(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "GET /now there client=127.0.0.1 header=first a=1& body=0:"));
    post(&served, BODY_MAX, "", false, got);
    assert_non_null(strstr(got, "POST /now client=127.0.0.1 header=- a=- body=1000:bbbbbbbbbb"));
    post(&served, 11, "", true, got);
    assert_non_null(strstr(got, "body=11:bbbbbbbbbb"));
    finish(&served);
}

/* Lines of X-Forwarded-For count only behind proxies that may be believed, and as one list. */
static void test_client_behind_proxies(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *want;
    } rows[] = {
        { "", "client=127.0.0.1 " },
        { "X-Forwarded-For: 203.0.113.5\r\n", "client=203.0.113.5 " },
        { "X-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 203.0.113.5\r\n", "client=203.0.113.5 " },
        { "X-Forwarded-For: 1.1.1.1, 203.0.113.5\r\nX-Forwarded-For: 127.0.0.1, 127.0.0.1\r\n",
          "client=203.0.113.5 " },
        { "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: what\r\n", "client=127.0.0.1 " },
    };
    struct served served;
    char got[ASK_BYTES], request[512];
    serve(&served, 1);
    for (int trusted = 0; trusted < 2; trusted++) {
        static const struct network loopback = { { 127, 0, 0, 1 }, 32, NETWORK_FOUR };
        struct http_settings settings = HTTP_SETTINGS_DEFAULT;
        settings.trusted_proxies = (struct network_list){ &loopback, trusted };
        settings.body_bytes = BODY_MAX * 2;
        http_change(served.http, &settings);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
            snprintf(request, sizeof request, "GET /now HTTP/1.1\r\n%s" END "\r\n", rows[i].lines);
            const char *want = trusted ? rows[i].want : rows[0].want;
            if (!strstr(ask(&served, request, got), want))
                fail_msg("%s: not %s: %s", rows[i].lines, want, got);
        }
    }
    post(&served, BODY_MAX * 2, "", false, got); /* that was changed too */
    assert_non_null(strstr(got, "body=2000:"));
    finish(&served);
}

static void test_headers_of_every_answer(void **state)
{
    (void)state;
    static const char *const want[] = {
        "Content-Type: text/plain\r\n",
        "X-Two: 2\r\n",
        "X-Three: 3\r\n",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
        ("Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
         "form-action 'self'; frame-ancestors 'none'\r\n"),
    };
    struct served served;
    char got[ASK_BYTES];
    serve(&served, 1);
    ask(&served, "GET /now HTTP/1.1\r\n" END "\r\n", got);
    for (size_t i = 0; i < ARRAY_SIZE(want); i++)
        assert_non_null(strstr(got, want[i]));
    ask(&served, "HEAD /now HTTP/1.1\r\n" END "\r\n", got);
    assert_non_null(strstr(got, "X-Two: 2\r\n"));
    assert_null(strstr(got, "client="));
    finish(&served);
}

static void test_refuses_large_bodies(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        const char *more;
        bool chunked;
        bool want_answer;
    } cases[] = {
        { BODY_MAX + 1, "", false, true },
        { BODY_MAX + 1, "", true, true },
        { BODY_MAX * 4, "", false, true },
        { BODY_MAX * 4, "", true, true },
        { BODY_MAX + 1, "Expect: 100-continue\r\n", false, true },
        { BODY_MAX * 1000, "Expect: 100-continue\r\n", false, true },
        { BODY_MAX * 5, "", true, false }, /* in the middle of a body nothing can be said */
        { BODY_MAX * 1000, "", true, false },
    };
    struct served served;
    char got[ASK_BYTES];
    serve(&served, 1);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        post(&served, cases[i].size, cases[i].more, cases[i].chunked, got);
        if (cases[i].want_answer)
            assert_memory_equal(got, "HTTP/1.1 413 ", 13);
        else
            assert_string_equal(got, "");
    }
    finish(&served);
}

/* Requests that a proxy might read in another way: the connection ends with them, so that nothing
 * behind them is taken for a second one. */
static void test_refuses_what_is_unclear(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "X-One: a\rContent-Length: 60\r\n\r\n",
        "Host: other.example\r\n\r\n",
    };
    struct served served;
    char got[ASK_BYTES], request[512];
    serve(&served, 1);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        snprintf(request, sizeof request,
                 "POST /now HTTP/1.1\r\nHost: x\r\n%sGET /now HTTP/1.1\r\nHost: hidden\r\n\r\n",
                 cases[i]);
        ask(&served, request, got);
        if (strncmp(got, "HTTP/1.1 400 ", 13) != 0 || strstr(got + 1, "HTTP/1.1"))
            fail_msg("%s: %s", cases[i], got);
        assert_non_null(strstr(got, "X-Three: 3\r\n"));
    }
    finish(&served);
}

static void test_answers_from_other_threads(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads += 2) {
        struct served served;
        char got[ASK_BYTES];
        serve(&served, threads);
        for (int i = 0; i < HELD_MAX; i++) {
            ask(&served, "GET /race HTTP/1.1\r\n" END "\r\n", got);
            assert_non_null(strstr(got, "GET /race client="));
        }
        ask(&served, "GET /later HTTP/1.1\r\n" END "\r\n", got);
        assert_non_null(strstr(got, "GET /later client="));
        finish(&served);
    }
}

static void test_waiting_requests_hold_no_thread(void **state)
{
    (void)state;
    struct served served;
    char got[ASK_BYTES];
    int fds[10];
    serve(&served, 1);
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = dial(&served);
        send_text(fds[i], "GET /hold HTTP/1.1\r\n" END "\r\n",
                  strlen("GET /hold HTTP/1.1\r\n" END "\r\n"));
    }
    wait_for_held(&served, ARRAY_SIZE(fds));
    ask(&served, "GET /now HTTP/1.1\r\n" END "\r\n", got);
    assert_non_null(strstr(got, "GET /now client="));
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
        answer(served.held[i]);
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
        assert_non_null(strstr(receive(fds[i], got, sizeof got), "GET /hold client="));
    finish(&served);
}

static void test_clients_that_go_away(void **state)
{
    (void)state;
    struct served served;
    char got[ASK_BYTES];
    serve(&served, 2);
    for (size_t i = 0; i < 20; i++) {
        int fd = dial(&served);
        send_text(fd, "GET /hold HTTP/1.1\r\n" END "\r\n",
                  strlen("GET /hold HTTP/1.1\r\n" END "\r\n"));
        wait_for_held(&served, i + 1);
        close(fd);
    }
    for (size_t i = 0; i < 20; i++)
        answer(served.held[i]);
    ask(&served, "GET /now HTTP/1.1\r\n" END "\r\n", got);
    assert_non_null(strstr(got, "GET /now client="));
    finish(&served);
}

static void *answer_held(void *thing)
{
    struct served *served = thing;
    usleep(200000);
    answer(served->held[0]);
    return NULL;
}

static void test_stop_waits_for_answers(void **state)
{
    (void)state;
    struct served served;
    char got[ASK_BYTES];
    serve(&served, 2);
    int fd = dial(&served);
    send_text(fd, "GET /hold HTTP/1.1\r\n" END "\r\n", strlen("GET /hold HTTP/1.1\r\n" END "\r\n"));
    wait_for_held(&served, 1);
    pthread_create(&served.threads[served.thread_count++], NULL, answer_held, &served);
    int64_t before = clock_monotonic_ms();
    http_stop(served.http, 30);
    assert_in_range(clock_monotonic_ms() - before, 150, 10000);
    assert_non_null(strstr(receive(fd, got, sizeof got), "GET /hold client="));
    finish(&served);
}

static void test_stop_tells_those_who_still_wait(void **state)
{
    (void)state;
    struct served served;
    char got[ASK_BYTES];
    serve(&served, 1);
    int fd = dial(&served), silent = dial(&served);
    send_text(fd, "GET /hold HTTP/1.1\r\n" END "\r\n", strlen("GET /hold HTTP/1.1\r\n" END "\r\n"));
    wait_for_held(&served, 1);
    http_stop(served.http, 0);
    receive(fd, got, sizeof got);
    assert_memory_equal(got, "HTTP/1.1 503 ", 13);
    assert_non_null(strstr(got, "Retry-After: 60\r\n"));
    assert_non_null(strstr(got, "X-Three: 3\r\n")); /* that one too */
    http_close(&served.http);
    assert_null(served.http);
    answer(served.held[0]); /* too late, and in order */
    close(silent);
    finish(&served);
}

/* --- opening --- */

static const char *write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return name;
}

static void test_setup_errors_name_the_fault(void **state)
{
    (void)state;
    char directory[] = "/tmp/http_test.XXXXXX";
    assert_non_null(mkdtemp(directory));
    char certificate[64], key[64], other[64], junk[64], none[64];
    snprintf(certificate, sizeof certificate, "%s/certificate", directory);
    snprintf(key, sizeof key, "%s/key", directory);
    snprintf(other, sizeof other, "%s/other", directory);
    snprintf(junk, sizeof junk, "%s/junk", directory);
    snprintf(none, sizeof none, "%s/none", directory);
    write_file(certificate, certificate_pem);
    write_file(key, key_pem);
    write_file(other, other_key_pem);
    write_file(junk, "junk\n");
    const struct {
        const char *address, *certificate, *key;
        bool loopback_only;
        const char *want; /* in the error; NULL: it opens */
    } cases[] = {
        { "127.0.0.1:0", certificate, key, false, NULL },
        { "127.0.0.1:0", "", NULL, true, NULL },
        { "[::1]:0", "", "", true, NULL },
        { "127.0.0.1:0", none, key, false, "/none cannot be read: No such file" },
        { "127.0.0.1:0", certificate, none, false, "/none cannot be read: No such file" },
        { "127.0.0.1:0", certificate, directory, false, "cannot be read: Is a directory" },
        { "127.0.0.1:0", certificate, junk, false, "/junk is not a PEM file" },
        { "127.0.0.1:0", certificate, other, false, "cannot be used" },
        { "127.0.0.1:0", certificate, "", false, "only the certificate is set" },
        { "127.0.0.1:0", NULL, key, false, "only the key is set" },
        { "0.0.0.0:0", NULL, NULL, true, "only loopback addresses" },
        { "[::]:0", NULL, NULL, true, "only loopback addresses" },
        { "nonsense", NULL, NULL, false, "nonsense" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct http_settings settings = settings_of(&cases[i].address, 1);
        struct http *http = NULL;
        struct err err = { 0 };
        settings.certificate = cases[i].certificate;
        settings.key = cases[i].key;
        settings.loopback_only = cases[i].loopback_only ? "only loopback addresses" : NULL;
        assert_int_equal(http_open(&settings, handle, NULL, &http, &err), cases[i].want == NULL);
        if (cases[i].want) {
            assert_int_equal(err.kind, ERR_SETUP);
            if (!strstr(err.text, cases[i].want))
                fail_msg("\"%s\" is not in \"%s\"", cases[i].want, err.text);
            assert_null(http);
        }
        http_close(&http);
    }
    unlink(certificate);
    unlink(key);
    unlink(other);
    unlink(junk);
    rmdir(directory);
}

static void test_several_addresses(void **state)
{
    (void)state;
    static const char *const addresses[] = { "127.0.0.1:0", "[::1]:0" };
    struct served served = { 0 };
    struct http_settings settings = settings_of(addresses, 1);
    struct err err = { 0 };
    settings.listen.count = 2;
    assert_true(http_open(&settings, handle, &served, &served.http, &err));
    assert_memory_equal(http_address(served.http, 0), "127.0.0.1:", 10);
    assert_memory_equal(http_address(served.http, 1), "[::1]:", 6);
    assert_null(http_address(served.http, 2));
    http_close(&served.http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hands_the_request_over),
        cmocka_unit_test(test_client_behind_proxies),
        cmocka_unit_test(test_headers_of_every_answer),
        cmocka_unit_test(test_refuses_large_bodies),
        cmocka_unit_test(test_refuses_what_is_unclear),
        cmocka_unit_test(test_answers_from_other_threads),
        cmocka_unit_test(test_waiting_requests_hold_no_thread),
        cmocka_unit_test(test_clients_that_go_away),
        cmocka_unit_test(test_stop_waits_for_answers),
        cmocka_unit_test(test_stop_tells_those_who_still_wait),
        cmocka_unit_test(test_setup_errors_name_the_fault),
        cmocka_unit_test(test_several_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
